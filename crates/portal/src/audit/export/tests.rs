//! What exports and bundles hold, and what makes a bundle be refused.

use futures::TryStreamExt;
use time::OffsetDateTime;

use super::{Export, ExportFormat};
use crate::{
    Error, OperationId, PortalRole, Problem, PublicError, Result,
    audit::{
        Action, AuditFilter, AuditQuery, BundleError, Checkpoint, Cursor, Draft, Entry, EntryActor, Outcome, Stage,
        StoredLog, VerifiedBundle, VerifierKey, append, notes_in, read_outside_checkpoints,
        sealing::{
            key_file,
            signing::{Due, sign_due},
        },
        test_log::{TestLog, somebody},
        verify_bundle,
    },
};

async fn export(log: &TestLog, search: &str, format: ExportFormat) -> Result<Export> {
    let query = AuditQuery::read(search, OffsetDateTime::now_utc()).unwrap();
    StoredLog::open(&log.data_dir(), None).await.unwrap().export("tests", &query, format).await
}

async fn written(log: &TestLog, search: &str, format: ExportFormat) -> Vec<u8> {
    let export = export(log, search, format).await.unwrap();
    let mut out = Vec::new();
    export.write_to(&mut out).await.unwrap();
    out
}

async fn bundle(log: &TestLog, search: &str) -> (Vec<u8>, VerifierKey) {
    (written(log, search, ExportFormat::Bundle).await, log_key(log).await)
}

async fn log_key(log: &TestLog) -> VerifierKey {
    StoredLog::open_read_only(&log.data_dir(), None).await.unwrap().public_key().await.unwrap()
}

fn check(bundle: &[u8], key: &VerifierKey) -> Result<VerifiedBundle, BundleError> {
    verify_bundle(bundle, key)
}

/// The entries that stand in a bundle or an export, in its order.
fn entries_in(text: &[u8]) -> Vec<Entry> {
    let lines = std::str::from_utf8(text).unwrap().lines();
    let entries = lines.filter_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        Some(serde_json::from_value(line.get("entry")?.clone()).unwrap())
    });
    entries.collect()
}

async fn all_of(log: &TestLog) -> Vec<Entry> {
    let stored = store::entries::after(&mut log.store.read().await.unwrap(), 0, 100_000).await.unwrap();
    stored.into_iter().map(|stored| store::entries::read(&stored.body.unwrap().bytes).unwrap()).collect()
}

#[tokio::test]
async fn a_bundle_proves_every_entry_at_every_size_of_the_log() {
    let log = TestLog::empty().await;
    for _ in 0..40 {
        log.grow_by(1).await;
        let (bundle, key) = bundle(&log, "").await;
        let found = check(&bundle, &key).unwrap();
        let all = all_of(&log).await;
        assert_eq!(entries_in(&bundle), all);
        assert_eq!((found.entries, found.checkpoint.size), (all.len(), all.len() as i64));
        assert_eq!(found.removed, 0);
    }
}

#[tokio::test]
async fn a_bundle_longer_than_what_is_read_at_once_holds_each_entry_once_and_in_order() {
    let log = TestLog::of(super::BATCH * 3 + 17).await;
    let (bundle, key) = bundle(&log, "").await;
    assert_eq!(check(&bundle, &key).unwrap().entries, super::BATCH * 3 + 19);
    assert_eq!(entries_in(&bundle), all_of(&log).await);
    let streamed = {
        let export = export(&log, "", ExportFormat::Bundle);
        let pieces: Vec<Vec<u8>> = export.await.unwrap().stream().try_collect().await.unwrap();
        assert!(pieces.len() > 3, "{} pieces", pieces.len());
        pieces.concat()
    };
    assert_eq!(check(&streamed, &key).unwrap().entries, super::BATCH * 3 + 20);
}

#[tokio::test]
async fn a_filtered_bundle_holds_all_entries_of_what_matches_and_that_of_its_export() {
    let log = TestLog::of(super::BATCH * 4).await;
    let search = "action:connection.delete outcome:rejected";
    let (bundle, key) = bundle(&log, search).await;
    let found = check(&bundle, &key).unwrap();
    let all = all_of(&log).await;
    let rejected: Vec<_> = all.iter().filter(|entry| entry.outcome == Some(Outcome::Rejected)).collect();
    let of_rejected = |entry: &&Entry| rejected.iter().any(|outcome| outcome.operation_id == entry.operation_id);
    let mut expected: Vec<_> = all.iter().filter(of_rejected).chain(all.last()).cloned().collect();
    assert!(rejected.len() > 50 && expected.len() < all.len() / 2, "{} of {}", expected.len(), all.len());
    let mut entries = entries_in(&bundle);
    assert_eq!(entries.last().unwrap().action, Action::AuditExport);
    entries.sort_by_key(|entry| entry.sequence);
    expected.sort_by_key(|entry| entry.sequence);
    assert_eq!(entries, expected);
    assert_eq!(found.entries, expected.len());
    assert_eq!(found.export["parameters"]["search"], search);
    assert_eq!(found.export["parameters"]["operations"], rejected.len());
    assert_eq!(found.export["actor"]["email"], "tests");
    // The same as JSONL, without what makes it a bundle.
    let mut lines = entries_in(&written(&log, search, ExportFormat::Jsonl).await);
    lines.sort_by_key(|entry| entry.sequence);
    expected.pop();
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_bundles_own_checkpoint_leaves_out_none_that_was_due() {
    let log = TestLog::empty().await;
    for entries in [150, 90] {
        log.grow_by(entries).await;
        bundle(&log, "").await;
    }
    let signed = store::checkpoints::of_sizes(&mut log.store.read().await.unwrap(), 0, i64::MAX).await.unwrap();
    let sizes: Vec<i64> = signed.into_iter().map(|signed| signed.size).collect();
    // The key's entry and the exports' own are entries, too. A key signs nothing that was before it.
    assert_eq!(sizes, [152, 200, 243]);
}

#[tokio::test]
async fn a_bundle_of_nothing_says_so() {
    let log = TestLog::of(5).await;
    let (bundle, key) = bundle(&log, "nowhere").await;
    assert_eq!(check(&bundle, &key).unwrap().entries, 1);
}

#[tokio::test]
async fn a_bundle_with_any_byte_changed_is_refused() {
    let log = TestLog::of(6).await;
    let (bundle, key) = bundle(&log, "").await;
    check(&bundle, &key).unwrap();
    for at in 0..bundle.len() {
        // The lowest bit, the one that tells great letters from small ones, and the highest.
        for bit in [0x01, 0x20, 0x80] {
            let mut changed = bundle.clone();
            changed[at] ^= bit;
            let refused = check(&changed, &key);
            assert!(matches!(refused, Err(BundleError::Bad { .. })), "byte {at}, bit {bit:#x}: {refused:?}");
        }
        let refused = check(&bundle[..at], &key);
        assert!(refused.is_err(), "cut at {at}: {refused:?}");
    }
}

#[tokio::test]
async fn a_bundle_with_lines_removed_moved_or_added_is_refused() {
    let log = TestLog::of(9).await;
    let (bundle, key) = bundle(&log, "").await;
    let lines: Vec<&[u8]> = bundle.split_inclusive(|byte| *byte == b'\n').collect();
    for at in 0..lines.len() {
        let mut removed = lines.clone();
        removed.remove(at);
        assert!(check(&removed.concat(), &key).is_err(), "line {at} removed");
        let mut twice = lines.clone();
        twice.insert(at, lines[at]);
        assert!(check(&twice.concat(), &key).is_err(), "line {at} twice");
        let mut swapped = lines.clone();
        swapped.swap(at, (at + 1) % lines.len());
        assert!(check(&swapped.concat(), &key).is_err(), "line {at} in the next one's place");
    }
    for added in ["\n", "{}\n", " "] {
        assert!(check(&[&bundle, added.as_bytes()].concat(), &key).is_err(), "{added:?}");
    }
}

#[tokio::test]
async fn lines_of_two_bundles_do_not_make_a_third() {
    let log = TestLog::of(9).await;
    let (first, key) = bundle(&log, "").await;
    log.grow_by(3).await;
    let (second, _) = bundle(&log, "").await;
    let split =
        |bundle: &[u8]| -> Vec<Vec<u8>> { bundle.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect() };
    let (first, second) = (split(&first), split(&second));
    for at in 0..first.len() {
        let mixed = [&second[..1], &first[1..=at], &second[at + 1..]].concat().concat();
        if at > 0 {
            assert!(check(&mixed, &key).is_err(), "up to line {at}");
        }
    }
    let another_seal = [&first[..first.len() - 1], &second[second.len() - 1..]].concat().concat();
    assert!(check(&another_seal, &key).is_err());
}

#[tokio::test]
async fn another_key_than_the_logs_refuses_the_bundle() {
    let log = TestLog::of(5).await;
    let (bundle, _) = bundle(&log, "").await;
    let another = tempfile::tempdir().unwrap();
    let name = log_key(&log).await.name().to_owned();
    let another = key_file::in_folder(another.path(), Some(&name)).unwrap();
    let refused = check(&bundle, another.verifier()).unwrap_err();
    assert!(refused.to_string().starts_with("line 1: "), "{refused}");
}

#[tokio::test]
async fn the_checkpoint_of_a_bundle_is_one_of_the_logs_and_can_be_held_against_it() {
    let log = TestLog::of(30).await;
    let (bundle, key) = bundle(&log, "").await;
    let kept = log.elsewhere().join("evidence.jsonl");
    std::fs::write(&kept, &bundle).unwrap();
    let notes = notes_in(std::str::from_utf8(&bundle).unwrap());
    assert_eq!(notes.len(), 1);
    assert_eq!(Checkpoint::read(&notes[0], std::slice::from_ref(&key)).unwrap().size, 32);
    log.grow_by(10).await;
    let outside = read_outside_checkpoints(&[kept], vec![key]).unwrap();
    let verified = StoredLog::open_read_only(&log.data_dir(), None).await.unwrap().verify(outside).await.unwrap();
    assert_eq!((verified.entries, verified.checkpoints, verified.outside), (42, 1, 1));
}

#[tokio::test]
async fn a_log_that_is_not_what_was_signed_gives_no_bundle() {
    let log = TestLog::of(10).await;
    bundle(&log, "").await;
    let tampering = "DROP TRIGGER entry_is_never_changed; UPDATE entry SET subtrees = zeroblob(96) WHERE sequence = 8";
    log.attacker().await.execute(tampering).await.unwrap();
    let refused = export(&log, "", ExportFormat::Bundle).await;
    let Err(Error::Invalid(problems)) = refused else { panic!("there is a bundle") };
    assert!(matches!(problems.of("format"), Some(Problem::LogChanged { .. })), "{problems:?}");
    // Whoever looks into it needs what is there all the same.
    assert_eq!(entries_in(&written(&log, "", ExportFormat::Jsonl).await).len(), 13);
}

#[tokio::test]
async fn what_happens_while_an_export_is_handed_out_makes_it_neither_more_nor_less() {
    let log = TestLog::empty().await;
    let mut open = Vec::new();
    let mut tx = log.store.write().await.unwrap();
    for _ in 0..super::BATCH + 10 {
        let actor = EntryActor::named("Ada Lovelace");
        let intent = Draft::new(OperationId::new(), Stage::Intent, actor, Action::ConnectionDelete);
        open.push(append(&mut tx, intent).await.unwrap());
    }
    tx.commit().await.unwrap();
    let export = export(&log, "outcome:none", ExportFormat::Jsonl).await.unwrap();
    let mut pieces = std::pin::pin!(export.stream());
    let mut text: Vec<u8> = pieces.try_next().await.unwrap().unwrap();
    assert_eq!(entries_in(&text).len(), super::BATCH);

    let mut tx = log.store.write().await.unwrap();
    for intent in &open {
        let mut outcome = Draft::follows(intent, Stage::Outcome, intent.actor.clone());
        outcome.outcome = Some(Outcome::Succeeded);
        append(&mut tx, outcome).await.unwrap();
    }
    tx.commit().await.unwrap();
    log.grow_by(50).await;
    while let Some(piece) = pieces.try_next().await.unwrap() {
        text.extend(piece);
    }
    assert_eq!(entries_in(&text), open);
    let told = all_of(&log).await.into_iter().find(|entry| entry.action == Action::AuditExport).unwrap();
    assert_eq!(told.parameters["operations"], open.len());
}

/// What an export wrote before it stopped, and why it stopped.
async fn broken_off(log: &TestLog, search: &str, format: ExportFormat) -> (String, String) {
    let mut pieces = std::pin::pin!(export(log, search, format).await.unwrap().stream());
    let mut text = Vec::new();
    loop {
        match pieces.try_next().await {
            Ok(Some(piece)) => text.extend(piece),
            Ok(None) => panic!("{search:?} as {format} is whole: {}", String::from_utf8_lossy(&text)),
            Err(why) => return (String::from_utf8(text).unwrap(), why.to_string()),
        }
    }
}

#[tokio::test]
async fn an_entry_that_was_changed_ends_every_export_and_is_named() {
    const BODY: &str = "DROP TRIGGER entry_body_is_never_changed;
         UPDATE entry_body SET body = CAST(replace(CAST(body AS TEXT), 'Ada', 'Bob') AS BLOB) WHERE sequence = 9";
    const NAMED: &str = "DROP TRIGGER entry_body_is_never_changed;
         UPDATE entry_body SET operation_id = (SELECT operation_id FROM entry_body WHERE sequence = 1) WHERE sequence = 9";
    const SWAPPED: &str = "DROP TRIGGER entry_body_is_never_changed; DROP TRIGGER entry_is_never_changed;
         UPDATE entry_body SET body = (SELECT body FROM entry_body WHERE sequence = 10) WHERE sequence = 9;
         UPDATE entry SET leaf_hash = (SELECT leaf_hash FROM entry WHERE sequence = 10) WHERE sequence = 9";
    const REMOVED: &str = "DROP TRIGGER entry_body_is_never_deleted; DELETE FROM entry_body WHERE sequence = 9";
    const CUT_OUT: &str = "PRAGMA foreign_keys = OFF;
         DROP TRIGGER entry_body_is_never_deleted; DROP TRIGGER entry_is_never_deleted;
         DELETE FROM entry_body WHERE sequence = 9; DELETE FROM entry WHERE sequence = 9";
    for tampering in [BODY, NAMED, SWAPPED, REMOVED, CUT_OUT] {
        let log = TestLog::of(20).await;
        sign_due(&log.store, &log.seal(), Due::News).await.unwrap();
        log.portal.indexer.catch_up().await.unwrap();
        log.attacker().await.execute(tampering).await.unwrap();
        for format in ExportFormat::ALL {
            let (text, why) = broken_off(&log, "", *format).await;
            assert!(why.starts_with("entry 9: "), "{format}: {why}: {tampering}");
            // Whoever has only the file learns it, too.
            let last = text.lines().last().unwrap();
            assert!(last.contains(&why), "{format}: {last}");
            assert!(!text.contains("\"seal\"") && !text.contains("Bob"), "{format}");
            match format {
                ExportFormat::Csv => assert!(last.starts_with("\"BROKEN OFF"), "{last}"),
                _ => assert!(last.starts_with("{\"broken_off\":"), "{last}"),
            }
        }
    }
}

#[tokio::test]
async fn a_changed_entry_with_a_changed_hash_gives_no_bundle() {
    let log = TestLog::of(20).await;
    sign_due(&log.store, &log.seal(), Due::News).await.unwrap();
    let mut tx = log.store.write().await.unwrap();
    tx.execute("DROP TRIGGER entry_body_is_never_changed; DROP TRIGGER entry_is_never_changed").await.unwrap();
    let mut entry = store::entries::after(&mut tx, 8, 1).await.unwrap()[0].checked().unwrap().unwrap();
    entry.actor.name = "Bob".to_owned();
    let bytes = evidence::canonical::to_bytes(&entry).unwrap();
    let leaf = evidence::tree::leaf_hash(&bytes);
    use store::testing::Value::Bytes;
    tx.execute_with("UPDATE entry_body SET body = ? WHERE sequence = 9", &[Bytes(&bytes)]).await.unwrap();
    tx.execute_with("UPDATE entry SET leaf_hash = ? WHERE sequence = 9", &[Bytes(&leaf)]).await.unwrap();
    tx.execute("UPDATE operation SET actor_name = 'Bob' WHERE sequence = 9").await.unwrap();
    tx.commit().await.unwrap();
    let (text, why) = broken_off(&log, "", ExportFormat::Bundle).await;
    assert!(why.starts_with("entry 9: ") && !text.contains("\"seal\""), "{why}");
    let refused = log.portal.operation(&auditor(), entry.operation_id).await.unwrap_err();
    assert_eq!(refused.public(), PublicError::EntryChanged { entry: 9 });
}

#[tokio::test]
async fn an_export_from_a_search_is_refused_if_an_operations_last_entry_is_hidden() {
    let log = TestLog::of(40).await;
    log.portal.indexer.catch_up().await.unwrap();
    let outcome = all_of(&log).await.into_iter().rfind(|entry| entry.stage == Stage::Outcome).unwrap().sequence;
    let hiding = format!(
        "DROP TRIGGER entry_body_is_never_changed;
         UPDATE entry_body SET operation_id = (SELECT operation_id FROM entry_body WHERE stage = 'recorded' LIMIT 1) WHERE sequence = {outcome}"
    );
    log.attacker().await.execute(&hiding).await.unwrap();
    for format in ExportFormat::ALL {
        let refused = export(&log, "action:connection.delete", *format).await;
        let Err(Error::Invalid(problems)) = refused else { panic!("there is an export as {format}") };
        assert_eq!(problems.of("format"), Some(&Problem::EntryChanged { entry: outcome }), "{format}");
    }
}

fn auditor() -> crate::Actor {
    somebody("Aude Auditor", PortalRole::Auditor, &[])
}

#[tokio::test]
async fn an_operation_that_was_changed_is_marked_in_the_list_and_cannot_be_opened_or_reviewed() {
    let all = all_of(&TestLog::of(20).await).await;
    let intent = all.iter().find(|entry| entry.stage == Stage::Intent).unwrap().sequence;
    for (tampering, named) in [
        ("UPDATE operation SET actor_name = 'Bob' WHERE sequence = ?", 0),
        ("UPDATE operation SET outcome = 'failed' WHERE sequence = ?", 1),
        ("UPDATE operation SET target_name = 'Another' WHERE sequence = ?", 1),
        ("UPDATE operation SET action = 'connection.update' WHERE sequence = ?", 0),
        ("UPDATE operation SET state = 'waiting' WHERE sequence = ?", 1),
        ("UPDATE operation SET at = at - 1 WHERE sequence = ?", 0),
        ("UPDATE operation SET team_name = 'Lending' WHERE sequence = ?", 0),
        ("UPDATE entry_body SET body = CAST(replace(CAST(body AS TEXT), 'Ada', 'Bob') AS BLOB) WHERE sequence = ?", 0),
        ("UPDATE entry SET leaf_hash = zeroblob(32) WHERE sequence = ?", 0),
    ] {
        let log = TestLog::of(20).await;
        let mut attacker = log.attacker().await;
        attacker
            .execute("DROP TRIGGER entry_body_is_never_changed; DROP TRIGGER entry_is_never_changed")
            .await
            .unwrap();
        attacker.execute(&tampering.replace('?', &intent.to_string())).await.unwrap();
        let filter = AuditFilter { query: AuditQuery::default(), cursor: Cursor::Newest };
        let page = log.portal.audit_page(&auditor(), &filter).await.unwrap();
        let (changed, rest): (Vec<_>, Vec<_>) = page.operations.into_iter().partition(|one| one.changed.is_some());
        assert!(rest.len() > 5 && changed.len() == 1, "{tampering}: {changed:?}");
        let expected = if named == 0 { changed[0].sequence } else { changed[0].last_sequence };
        assert_eq!(changed[0].changed.as_ref().unwrap().sequence, expected, "{tampering}");
        let id = changed[0].id;
        let refused = log.portal.operation(&auditor(), id).await.unwrap_err().public();
        assert_eq!(refused, PublicError::EntryChanged { entry: expected }, "{tampering}");
        let reviewer = log.portal.reviewer(&auditor(), Action::OperationReview, None).await.unwrap();
        let refused = log.portal.review(&reviewer, id).await.unwrap_err().public();
        assert_eq!(refused, PublicError::EntryChanged { entry: expected }, "{tampering}");
        log.portal.operation(&auditor(), rest[0].id).await.unwrap();
    }
}
