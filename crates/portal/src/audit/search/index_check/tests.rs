//! Somebody who can write `index.db` wants to hide an operation or to show another number.

use std::{fs, path::Path, sync::Arc};

use rstest::rstest;
use store::{
    index::{FILE, Index},
    testing::Attacker,
};
use time::OffsetDateTime;

use super::{IndexCheck, compare};
use crate::{
    Actor, Error, OperationId, PortalRole, Problem, TeamRole,
    audit::{
        Action, AuditFilter, AuditQuery, Count, Cursor, ExportFormat, FiguresQuery, Outcome, OutcomeFilter, Period,
        StoredLog, TargetType,
        search::indexer::Indexer,
        test_log::{Done, TestLog, somebody},
        verify_bundle,
    },
};

/// A log in which one of several operations would better not be found.
struct Crime {
    log: TestLog,
    aude: Actor,
    hidden: OperationId,
    sequence: i64,
}

impl Crime {
    async fn new() -> Self {
        let log = TestLog::empty().await;
        let team = log.team("payments").await;
        let olga = somebody("Olga Operator", PortalRole::Member, &[(&team, TeamRole::Operator)]);
        let mut done = Done {
            actor: &olga,
            team: Some(&team),
            action: Action::ConnectorShare,
            target: (TargetType::Connector, "3066", "Acme Connector"),
            reason: "Customers wait",
            outcome: Some(Outcome::Succeeded),
            said: "",
        };
        log.done(&done).await;
        done.outcome = Some(Outcome::Rejected);
        let hidden = log.done(&done).await;
        done.outcome = Some(Outcome::Succeeded);
        log.done(&done).await;
        log.portal.indexer.catch_up().await.expect("an index");
        let mut conn = log.store.read().await.expect("a connection");
        let sequence = store::operations::find(&mut conn, hidden).await.expect("the log").expect("it").sequence;
        drop(conn);
        Self { aude: somebody("Aude Auditor", PortalRole::Auditor, &[]), log, hidden, sequence }
    }

    async fn attack(&self, sql: &str) {
        let mut attacker = Attacker::open(&self.log.data_dir().join(FILE)).await.expect("a connection");
        attacker.execute(&sql.replace("SEQUENCE", &self.sequence.to_string())).await.expect(sql);
        attacker.close().await.expect("closed");
    }

    async fn compared(&self) -> IndexCheck {
        compare(&self.log.store, &self.log.data_dir()).await.expect("a comparison")
    }

    /// What the running portal finds, and whether it says that the index did not match.
    async fn found(&self, search: &str) -> (Vec<OperationId>, bool) {
        let query = AuditQuery::read(search, OffsetDateTime::now_utc()).expect(search);
        let filter = AuditFilter { query, cursor: Cursor::Newest };
        let page = self.log.portal.audit_page(&self.aude, &filter).await.expect("a page");
        assert_eq!(page.behind, 0);
        (page.operations.iter().map(|operation| operation.id).collect(), page.rebuilt.is_some())
    }

    /// The index as a portal has it that is started now.
    async fn restarted(&self) -> Arc<Indexer> {
        let index = Index::open(&self.log.data_dir()).await.expect("an index");
        Indexer::new(self.log.store.clone(), index)
    }
}

/// What somebody does to the index, and the statements for it. SEQUENCE is where the hidden operation begins.
const ATTACKS: [(&str, &str); 24] = [
    ("an end that is far away", "UPDATE state SET indexed = 1000000000"),
    ("a start", "UPDATE state SET indexed = 0"),
    ("a negative end", "UPDATE state SET indexed = -5"),
    ("another root", "UPDATE state SET root = zeroblob(32)"),
    ("no text", "DELETE FROM search_text WHERE rowid = SEQUENCE"),
    ("no document", "DELETE FROM document WHERE sequence = SEQUENCE"),
    ("neither", "DELETE FROM search_text WHERE rowid = SEQUENCE; DELETE FROM document WHERE sequence = SEQUENCE"),
    ("nothing at all", "INSERT INTO search_text (search_text) VALUES ('delete-all'); DELETE FROM document"),
    (
        "another text",
        "INSERT OR REPLACE INTO search_text (rowid, actor, target, words, exact, facets) VALUES (SEQUENCE, 'olga', 'x', 'x', '', '1 2 3')",
    ),
    (
        "another place",
        "INSERT OR REPLACE INTO search_text (rowid, actor, target, words, exact, facets) VALUES (999999, 'olga', 'x', 'x', '', '1 2 3'); DELETE FROM search_text WHERE rowid = SEQUENCE",
    ),
    (
        "swapped facets",
        "UPDATE facet SET word = 'x' WHERE word = 'outcome:rejected'; UPDATE facet SET word = 'outcome:rejected' WHERE word = 'outcome:succeeded'; UPDATE facet SET word = 'outcome:succeeded' WHERE word = 'x'",
    ),
    ("no facets", "DELETE FROM facet"),
    ("another team", "UPDATE document SET team_id = 'none' WHERE sequence = SEQUENCE"),
    ("another time", "UPDATE document SET at = 0 WHERE sequence = SEQUENCE"),
    ("another outcome", "UPDATE document SET outcome = 'succeeded' WHERE sequence = SEQUENCE"),
    ("other times", "UPDATE span SET earliest = 9000000000000000, latest = 0"),
    ("no times", "DELETE FROM span"),
    ("other counts", "UPDATE OR REPLACE operation_count SET outcome = 'succeeded' WHERE outcome = 'rejected'"),
    ("fewer counts", "UPDATE operation_count SET operations = 0 WHERE outcome = 'rejected'"),
    ("other durations", "UPDATE operation_took SET operations = 7"),
    ("no state", "DROP TABLE state"),
    ("no table of documents", "DROP TABLE document"),
    (
        "a trigger",
        "CREATE TRIGGER hide AFTER INSERT ON document WHEN new.outcome = 'rejected' BEGIN DELETE FROM document WHERE sequence = new.sequence; END; DELETE FROM document WHERE outcome = 'rejected'",
    ),
    ("an end that is near", "UPDATE state SET indexed = indexed - 1"),
];

#[tokio::test]
async fn an_index_that_is_changed_while_no_portal_runs_is_found_and_replaced() {
    for (attack, sql) in ATTACKS {
        let crime = Crime::new().await;
        let right = crime.compared().await;
        assert!(matches!(right, IndexCheck::Agrees { newer: 0, .. }), "{right:?}");
        crime.attack(sql).await;
        let changed = crime.compared().await;
        // An index that has less than it could says so.
        let is_behind = matches!(changed, IndexCheck::Agrees { newer: 1.., .. });
        let differs = matches!(changed, IndexCheck::Damaged | IndexCheck::OfAnotherLog | IndexCheck::Differs(_));
        assert!(differs || is_behind, "{attack}: {changed:?}");
        let restarted = crime.restarted().await;
        restarted.check().await.expect(attack);
        restarted.catch_up().await.expect(attack);
        assert!(restarted.mismatched_at().is_some(), "{attack}: it is not told");
        assert_eq!(crime.compared().await, right, "{attack}");
        restarted.index().close().await;
    }
}

#[tokio::test]
async fn an_index_that_is_changed_while_the_portal_runs_hides_nothing_and_is_told() {
    for (attack, sql) in ATTACKS {
        let crime = Crime::new().await;
        let right = crime.compared().await;
        for search in ["acme outcome:rejected", "acme -outcome:succeeded", "customers after:24h action:connector"] {
            crime.attack(sql).await;
            let (found, told) = crime.found(search).await;
            assert!(found.contains(&crime.hidden) && told, "{attack}, {search}: {found:?}, {told}");
        }
        crime.attack(sql).await;
        let asked = FiguresQuery { team: None, period: Period::Week };
        let figures = crime.log.portal.figures(&crime.aude, &asked).await.expect("figures");
        let is_rejected = |outcome: OutcomeFilter| outcome == OutcomeFilter::Rejected;
        let rejected = figures.by_outcome.iter().filter(|((_, outcome), _)| is_rejected(*outcome));
        assert_eq!(rejected.map(|(_, operations)| operations).sum::<i64>(), 1, "{attack}");
        assert!(figures.rebuilt.is_some(), "{attack}");
        assert_eq!(crime.compared().await, right, "{attack}");
    }
}

#[tokio::test]
async fn an_index_that_agrees_is_left_alone() {
    let crime = Crime::new().await;
    let restarted = crime.restarted().await;
    restarted.check().await.expect("a check");
    restarted.catch_up().await.expect("an index");
    assert_eq!(restarted.mismatched_at(), None);
    restarted.index().close().await;
    assert_eq!(crime.found("acme outcome:rejected").await, (vec![crime.hidden], false));
}

fn copy(folder: &Path, to: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let from = folder.join(format!("{FILE}{ending}"));
        if from.is_file() {
            fs::copy(&from, to.join(format!("{FILE}{ending}"))).expect("a copy");
        }
    }
}

#[rstest]
#[case::an_older_copy("older")]
#[case::that_of_another_portal("other")]
#[case::an_empty_file("empty")]
#[case::no_database("garbage")]
#[case::no_file("none")]
#[tokio::test]
async fn another_file_in_the_place_of_the_index_hides_nothing(#[case] which: &str) {
    let crime = Crime::new().await;
    let elsewhere = tempfile::tempdir().expect("a folder");
    let folder = crime.log.data_dir();
    match which {
        "older" => copy(&folder, elsewhere.path()),
        "other" => copy(&Crime::new().await.log.data_dir(), elsewhere.path()),
        "empty" => fs::write(elsewhere.path().join(FILE), b"").expect("a file"),
        "garbage" => fs::write(elsewhere.path().join(FILE), [0x5a; 9_000]).expect("a file"),
        _ => {}
    }
    let team = crime.log.team("lending").await;
    let stanko = somebody("Stanko", PortalRole::Member, &[(&team, TeamRole::Operator)]);
    let done = Done {
        actor: &stanko,
        team: Some(&team),
        action: Action::ConnectorSuppress,
        target: (TargetType::Connector, "77", "Loans"),
        reason: "",
        outcome: Some(Outcome::Succeeded),
        said: "",
    };
    let newest = crime.log.done(&done).await;
    crime.log.portal.indexer.catch_up().await.expect("an index");
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(folder.join(format!("{FILE}{ending}")));
    }
    copy(elsewhere.path(), &folder);
    assert_eq!(crime.found("loans").await.0, [newest]);
    assert_eq!(crime.found("outcome:rejected").await.0, [crime.hidden]);
    assert!(matches!(crime.compared().await, IndexCheck::Agrees { .. }));
}

async fn export(crime: &Crime, search: &str, format: ExportFormat) -> Result<String, Error> {
    let stored = StoredLog::open(&crime.log.data_dir(), None).await.expect("the log");
    let query = AuditQuery::read(search, OffsetDateTime::now_utc()).expect("a query");
    let mut out = Vec::new();
    stored.export("tests", &query, format).await?.write_to(&mut out).await.expect("an export");
    Ok(String::from_utf8(out).expect("text"))
}

#[tokio::test]
async fn no_export_leaves_out_what_the_index_hides() {
    let crime = Crime::new().await;
    crime.attack("UPDATE state SET indexed = 1000000000; DELETE FROM document WHERE sequence = SEQUENCE; DELETE FROM search_text WHERE rowid = SEQUENCE").await;
    for format in [ExportFormat::Bundle, ExportFormat::Jsonl, ExportFormat::Csv] {
        let text = export(&crime, "acme -outcome:succeeded", format).await.expect("an export");
        assert!(text.contains(&crime.hidden.to_string()), "{format}: {text}");
    }
    let text = export(&crime, "acme outcome:rejected", ExportFormat::Bundle).await.expect("a bundle");
    let key = StoredLog::open(&crime.log.data_dir(), None).await.expect("the log").public_key().await.expect("a key");
    // The operation's two entries, and the export's own.
    assert_eq!(verify_bundle(text.as_bytes(), &key).expect("a bundle").entries, 3);
}

#[rstest]
#[case::another_outcome("UPDATE operation SET outcome = 'succeeded' WHERE sequence = SEQUENCE")]
#[case::another_team("UPDATE operation SET team_id = NULL WHERE sequence = SEQUENCE")]
#[case::another_time("UPDATE operation SET at = 0 WHERE sequence = SEQUENCE")]
#[case::another_text(
    "UPDATE entry_body SET body = CAST(replace(CAST(body AS TEXT), 'Customers wait', 'Customers left') AS BLOB) WHERE sequence = SEQUENCE"
)]
#[tokio::test]
async fn no_export_is_made_from_a_search_of_a_log_that_is_not_whole(#[case] attack: &str) {
    let crime = Crime::new().await;
    let mut attacker = crime.log.attacker().await;
    attacker.drop_triggers().await.expect("no triggers");
    attacker.execute(&attack.replace("SEQUENCE", &crime.sequence.to_string())).await.expect(attack);
    for format in ExportFormat::ALL {
        match export(&crime, "acme outcome:rejected", *format).await {
            Err(Error::Invalid(problems)) => {
                assert_eq!(problems.of("format"), Some(&Problem::EntryChanged { entry: crime.sequence }), "{format}");
            }
            other => panic!("{format}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn counts_that_are_kept_in_the_sidebar_are_of_an_index_that_matches() {
    let crime = Crime::new().await;
    crime.attack("DELETE FROM search_text WHERE rowid = SEQUENCE").await;
    let query = AuditQuery::read("acme", OffsetDateTime::now_utc()).expect("a query");
    let count = crime.log.portal.count_operations(&crime.aude, &query).await.expect("a count");
    assert_eq!(count, Count::Exactly(3));
}
