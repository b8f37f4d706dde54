//! Verification of the audit log: it finds what was changed by hand, other programs can check an export, and no cell of
//! an export is a formula.

use std::fs;

use portal::{
    audit::{self, AuditQuery, ExportFormat, GrowingTree, OutsideCheckpoints, StoredLog, VerifyError},
    private_file,
};
use rstest::rstest;
use sandbox::Alteration;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::{ChangeKind, Installation, Targets, TestPortal, database::Database};

/// An installation whose log holds operations of every kind. Nothing serves it.
async fn written() -> Installation {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    for kind in ChangeKind::ALL {
        let change = targets.prepare(kind, &browser).await;
        change.perform(&browser).await;
    }
    portal.stop().await
}

/// The whole log, exported as the command line does it.
async fn exported(installation: &Installation, format: ExportFormat) -> Vec<u8> {
    let log = StoredLog::open(&installation.data_dir(), None).await.unwrap();
    let export = log.export("tests", &AuditQuery::default(), format).await.unwrap();
    let mut written = Vec::new();
    export.write_to(&mut written).await.unwrap();
    written
}

/// Runs the statements on a copy of the database, without its triggers, and verifies the copy.
async fn verify_after(installation: &Installation, tampering: &'static str) -> Result<audit::Verified, VerifyError> {
    let copy = TempDir::with_prefix("portal-copy-").unwrap();
    for file in ["portal.db", "signing.key", "signing.mark"] {
        fs::copy(installation.data_dir().join(file), copy.path().join(file)).unwrap();
    }
    Database::open(copy.path()).await.tamper(tampering).await;
    let log = StoredLog::open_read_only(copy.path(), None).await.unwrap();
    log.verify(OutsideCheckpoints::default()).await
}

#[tokio::test]
async fn what_no_entry_holds_is_checked_with_the_master_key() {
    let installation = Installation::new().await;
    let verified = async |with_key: bool| {
        let log = StoredLog::open_read_only(&installation.data_dir(), None).await.unwrap();
        let log = if with_key { log.with_master_key(&installation.key_file()).await.unwrap() } else { log };
        log.verify(OutsideCheckpoints::default()).await
    };
    assert!(verified(true).await.unwrap().rows.has_macs);
    let swap = "UPDATE person SET password_hash = (SELECT password_hash FROM person AS other
                                                    WHERE other.email LIKE 'viewer@%') WHERE email LIKE 'admin@%'";
    installation.database().await.try_run(swap).await.unwrap();
    assert!(!verified(false).await.unwrap().rows.has_macs);
    let found = verified(true).await.unwrap_err().to_string();
    assert!(found.contains("of the table person was not written by the portal"), "{found}");
    // Another master key is refused in one line, and not taken for a forgery.
    let other = installation.data_dir().join("other.key");
    private_file::create(&other, portal::vault::Vault::new_key().unwrap().as_bytes()).unwrap();
    let log = StoredLog::open_read_only(&installation.data_dir(), None).await.unwrap();
    let refused = log.with_master_key(&other).await.map(drop).unwrap_err().to_string();
    assert!(refused.contains("sealed with master key"), "{refused}");
}

#[tokio::test]
async fn verification_finds_the_first_entry_that_was_changed_by_hand() {
    let installation = written().await;
    let entries = installation.entries().await.len() as i64;
    assert!(entries > 12, "{entries} entries are too few to tamper with");
    let log = StoredLog::open_read_only(&installation.data_dir(), None).await.unwrap();
    assert_eq!(log.verify(OutsideCheckpoints::default()).await.unwrap().entries, entries);
    let cases = [
        (
            "its bytes do not match its leaf hash",
            "UPDATE entry_body SET body = CAST(replace(CAST(body AS TEXT), '\"portal\"', '\"Portal\"') AS BLOB)
              WHERE sequence = 7",
        ),
        ("its bytes do not match its leaf hash", "UPDATE entry SET leaf_hash = zeroblob(32) WHERE sequence = 7"),
        (
            "the tree does not follow from the entries from here to 8",
            "UPDATE entry SET subtrees = zeroblob(96) WHERE sequence = 8",
        ),
        ("more hashes of the tree", "UPDATE entry SET subtrees = zeroblob(32) WHERE sequence = 7"),
        // Two entries swapped, each with its own hashes.
        (
            "its bytes name another sequence",
            "UPDATE entry SET sequence = 70007 WHERE sequence = 7;
             UPDATE entry SET sequence = 7 WHERE sequence = 8;
             UPDATE entry SET sequence = 8 WHERE sequence = 70007;
             UPDATE entry_body SET sequence = 70007 WHERE sequence = 7;
             UPDATE entry_body SET sequence = 7 WHERE sequence = 8;
             UPDATE entry_body SET sequence = 8 WHERE sequence = 70007",
        ),
        ("is missing", "DELETE FROM entry_body WHERE sequence = 7; DELETE FROM entry WHERE sequence = 7"),
        ("its body is missing", "DELETE FROM entry_body WHERE sequence = 7"),
        (
            "what is derived from it",
            "UPDATE entry_body SET operation_id = '01900000-0000-7000-8000-000000000000' WHERE sequence = 7",
        ),
        ("what is derived from it", "UPDATE entry_body SET stage = 'denied' WHERE sequence = 7"),
    ];
    for (why, tampering) in cases {
        match verify_after(&installation, tampering).await {
            Err(VerifyError::Bad(bad)) => {
                assert_eq!(bad.sequence, 7, "{bad}: {tampering}");
                assert!(bad.why.contains(why), "{bad}: {tampering}");
            }
            other => panic!("{other:?}: {tampering}"),
        }
    }
}

#[rstest]
#[case::its_outcome("UPDATE operation SET outcome = 'rejected' WHERE outcome = 'succeeded'")]
#[case::its_actor("UPDATE operation SET actor_name = 'Somebody else'")]
#[case::its_target("UPDATE operation SET target_id = '1' WHERE target_type = 'connection'")]
#[case::its_newest_entry(
    "UPDATE operation SET last_sequence = sequence, outcome = NULL, state = 'open' WHERE last_sequence <> sequence"
)]
#[case::its_deadline("UPDATE operation SET deadline = deadline + 1 WHERE deadline IS NOT NULL")]
#[case::its_place("DELETE FROM operation WHERE sequence = (SELECT max(sequence) FROM operation)")]
#[tokio::test]
async fn verification_finds_a_list_of_operations_that_differs_from_the_log(#[case] tampering: &'static str) {
    let installation = written().await;
    let found = verify_after(&installation, tampering).await;
    assert!(matches!(found, Err(VerifyError::Bad(_))), "{found:?}");
}

#[rstest]
#[case("UPDATE entry SET leaf_hash = zeroblob(32)")]
#[case("DELETE FROM entry")]
#[case("UPDATE entry_body SET stage = 'denied'")]
#[case("DELETE FROM entry_body")]
#[tokio::test]
async fn the_log_can_only_be_appended_to(#[case] statement: &'static str) {
    let installation = Installation::new().await;
    let refused = installation.database().await.try_run(statement).await.unwrap_err();
    assert!(refused.contains("the audit log is append-only"), "{refused}");
}

#[tokio::test]
async fn an_export_holds_the_leaves_of_the_tree() {
    let installation = written().await;
    let jsonl = exported(&installation, ExportFormat::Jsonl).await;
    let log = StoredLog::open_read_only(&installation.data_dir(), None).await.unwrap();
    let verified = log.verify(OutsideCheckpoints::default()).await.unwrap();
    let mut tree = GrowingTree::default();
    let mut expected = 0;
    for line in String::from_utf8(jsonl).unwrap().lines() {
        expected += 1;
        let parsed: Value = serde_json::from_str(line).unwrap();
        let entry = line.strip_prefix("{\"entry\":").unwrap().rsplit_once(",\"leaf_hash\":").unwrap().0;
        let leaf: [u8; 32] = Sha256::new().chain_update([0]).chain_update(entry).finalize().into();
        tree.push(leaf);
        assert_eq!(parsed["leaf_hash"], hex::encode(leaf), "{line}");
        assert_eq!(parsed["entry"]["sequence"], expected);
        for part in ["operation_id", "stage", "at", "actor", "team", "action", "targets", "outcome"] {
            assert!(parsed["entry"].get(part).is_some(), "no {part}: {line}");
        }
    }
    assert_eq!((tree.size() as i64, tree.root()), (verified.entries, verified.root));
    assert_eq!(expected, verified.entries);
}

#[tokio::test]
async fn no_cell_of_a_csv_export_is_a_formula() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let id = Targets::of(&portal).unused_connection();
    let name = "=HYPERLINK(\"https://evil.example\",\"Click\")";
    let rename = Alteration::RenameConnection { connection_id: id, name: name.to_owned() };
    portal.sandbox.workspace(0).unwrap().alter(&rename).unwrap();
    let page = browser.get(&format!("/teams/payments/connections/{id}")).await;
    let form = page.form("/api/fn/delete_connection").with("confirm", name).with("reason", "@SUM(1+1)");
    assert_eq!(browser.submit(&form).await.status, 303);
    let installation = portal.stop().await;

    let exported = exported(&installation, ExportFormat::Csv).await;
    let mut reader = csv::Reader::from_reader(exported.as_slice());
    let columns = reader.headers().unwrap().clone();
    let column = |name: &str| columns.iter().position(|column| column == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let deleted = rows.iter().find(|row| &row[column("action")] == "connection.delete").unwrap();
    assert_eq!(&deleted[column("target_name")], format!("'{name}"));
    assert_eq!(&deleted[column("reason")], "'@SUM(1+1)");
    for cell in rows.iter().flatten() {
        assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell:?}");
    }
}
