//! Somebody with the database in his hands and its triggers gone changes the log, at random places, a thousand times
//! each way. How far he goes differs: from touching one row to making the whole log anew, hashes, lists and all.

use rand::{Rng, SeedableRng, rngs::StdRng};

use evidence::{
    canonical,
    checkpoint::Checkpoint,
    tree::{GrowingTree, leaf_hash},
};
use store::{
    Entry, Write,
    testing::Value::{Bytes, Number, Text},
    tree::Tree,
};

use super::{OutsideCheckpoints, VerifyError, verify_all};
use crate::audit::{
    sealing::{
        key_file,
        signing::{introduce, sign_at},
    },
    test_log::TestLog,
};

const TIMES: usize = 1_000;
/// The log's sizes at which it was signed; the last is all of it.
const SIGNED_AT: [i64; 4] = [14, 31, 47, 60];
const ENTRIES: i64 = SIGNED_AT[3];

/// How far the tampering goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    /// The rows themselves.
    Clumsy,
    /// What stands in the same rows besides: the leaf's hash, what is derived.
    Careful,
    /// Every hash, and the list of operations, so that the log agrees with itself in all but its checkpoints.
    Thorough,
    /// And no checkpoint in the database is left that could tell.
    Complete,
}

const CARES: [Care; 4] = [Care::Clumsy, Care::Careful, Care::Thorough, Care::Complete];

struct Victim {
    log: TestLog,
    outside: OutsideCheckpoints,
    entries: Vec<Entry>,
}

/// A log that was signed now and then, with no trigger left to guard it.
async fn victim() -> Victim {
    let log = TestLog::empty().await;
    let key = key_file::in_folder(&log.data_dir(), None).unwrap();
    let mut tx = log.store.write().await.unwrap();
    introduce(&mut tx, &key).await.unwrap();
    tx.commit().await.unwrap();
    let mut kept = Vec::new();
    for size in SIGNED_AT {
        let head = store::tree::size(&mut log.store.read().await.unwrap()).await.unwrap();
        log.grow_by((size - head) as usize).await;
        let mut tx = log.store.write().await.unwrap();
        let said: Checkpoint = sign_at(&mut tx, &mut Tree::default(), &key, size).await.unwrap();
        tx.commit().await.unwrap();
        kept.push(said);
    }
    let mut attacker = log.attacker().await;
    attacker.drop_triggers().await.unwrap();
    attacker.close().await.unwrap();
    let stored = store::entries::after(&mut log.store.read().await.unwrap(), 0, 1_000).await.unwrap();
    let outside = OutsideCheckpoints::of("the witness's hands", kept, vec![key.verifier().clone()]);
    let entries = stored.into_iter().map(|stored| store::entries::read(&stored.body.unwrap().bytes).unwrap()).collect();
    Victim { log, outside, entries }
}

/// What verifying says of the log after `tamper`, which is taken back again.
async fn after(victim: &Victim, tamper: impl AsyncFnOnce(&mut Write)) -> Result<super::Verified, VerifyError> {
    let mut tx = victim.log.store.write().await.unwrap();
    tx.execute("PRAGMA defer_foreign_keys = ON").await.unwrap();
    tamper(&mut tx).await;
    verify_all(&mut tx, victim.outside.clone(), None).await
}

/// The first entry that no checkpoint up to the one before `place` covers: nearer than that, nobody can tell.
fn first_uncovered(place: i64) -> i64 {
    SIGNED_AT.into_iter().filter(|size| *size < place).max().unwrap_or(0) + 1
}

/// How early what was done at `place` may be told of: at the beginning of the earliest operation that has an entry
/// there or later, where the list of operations gives it away, of the subtree that `place` completes, or behind the
/// checkpoint before it.
fn earliest_told(victim: &Victim, place: i64) -> i64 {
    let later = victim.entries.iter().filter(|entry| entry.sequence >= place);
    let begins = later.filter_map(|later| victim.entries.iter().find(|entry| entry.operation_id == later.operation_id));
    let subtree = place - (place & -place) + 1;
    begins.map(|first| first.sequence).min().unwrap_or(place).min(subtree).min(first_uncovered(place))
}

#[track_caller]
fn assert_found(victim: &Victim, found: Result<super::Verified, VerifyError>, care: Care, place: i64, seed: u64) {
    let bad = match found {
        Err(VerifyError::Bad(bad)) => bad,
        // A thief of checkpoints can be found by their gaps; that this is not the log, by nothing nearer.
        Err(VerifyError::Checkpoint { .. }) if care == Care::Complete => return,
        found => panic!("{care:?} at {place}, seed {seed}: {found:?}"),
    };
    let is_near = match care {
        Care::Clumsy | Care::Careful => (earliest_told(victim, place)..=place).contains(&bad.sequence),
        Care::Thorough | Care::Complete => bad.sequence == first_uncovered(place) || bad.why.contains("is missing"),
    };
    assert!(is_near, "{care:?} at {place}, seed {seed}: {bad}");
}

/// Makes the whole log anew of these entries.
async fn rewrite(tx: &mut Write, entries: &[Entry], care: Care) {
    tx.execute("DELETE FROM operation; DELETE FROM entry_body; DELETE FROM entry;").await.unwrap();
    if care == Care::Complete {
        tx.execute("DELETE FROM checkpoint").await.unwrap();
    }
    let mut tree = GrowingTree::default();
    for (sequence, entry) in (1..).zip(entries) {
        let entry = Entry { sequence, ..entry.clone() };
        let leaf = leaf_hash(&canonical::to_bytes(&entry).unwrap());
        let subtrees = tree.push(leaf).concat();
        tx.put_entry(&entry, &subtrees).await.unwrap();
    }
}

/// Puts an entry's row in a place, with nothing of the tree.
async fn put(tx: &mut Write, place: i64, entry: &Entry) {
    let bytes = canonical::to_bytes(entry).unwrap();
    let (leaf, operation) = (leaf_hash(&bytes), entry.operation_id.to_string());
    let parameters = [Number(place), Bytes(&leaf), Bytes(&bytes), Text(&operation), Text(entry.stage.as_str())];
    let insert = "INSERT INTO entry (sequence, leaf_hash, subtrees) VALUES (?1, ?2, x'');
                  INSERT INTO entry_body (sequence, body, operation_id, stage) VALUES (?1, ?3, ?4, ?5)";
    tx.execute_with(insert, &parameters).await.unwrap();
}

async fn remove(tx: &mut Write, place: i64) {
    for statement in ["DELETE FROM entry_body WHERE sequence = ?", "DELETE FROM entry WHERE sequence = ?"] {
        tx.execute_with(statement, &[Number(place)]).await.unwrap();
    }
}

/// Every entry from `place` on stands `by` further.
async fn shift(tx: &mut Write, place: i64, by: i64) {
    // By way of places that nobody has, since no two may ever be the same.
    for (statement, by) in [
        ("UPDATE entry SET sequence = sequence + 1000000 + ?2 WHERE sequence >= ?1", by),
        ("UPDATE entry_body SET sequence = sequence + 1000000 + ?2 WHERE sequence >= ?1", by),
        ("UPDATE entry SET sequence = sequence - 1000000 WHERE sequence >= 1000000", 0),
        ("UPDATE entry_body SET sequence = sequence - 1000000 WHERE sequence >= 1000000", 0),
    ] {
        let parameters = [Number(place), Number(by)];
        let parameters = if statement.contains("?1") { &parameters[..] } else { &[] };
        tx.execute_with(statement, parameters).await.unwrap();
    }
}

/// Runs a way of tampering a thousand times, at random places and with changing care.
async fn a_thousand_times(way: impl AsyncFn(&Victim, &mut StdRng, Care, u64)) {
    let victim = victim().await;
    let whole = after(&victim, async |_: &mut Write| {}).await.unwrap();
    assert_eq!((whole.entries, whole.checkpoints, whole.outside), (ENTRIES, 4, 4));
    let seed = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    for time in 0..TIMES {
        way(&victim, &mut random, CARES[time % CARES.len()], seed).await;
    }
}

#[tokio::test]
async fn an_entry_that_was_changed_is_found() {
    a_thousand_times(async |victim, random, care, seed| {
        let place = random.random_range(1..=ENTRIES);
        let entry = &victim.entries[place as usize - 1];
        let mut changed = entry.clone();
        // Whose name it is, when it was, or why: whatever somebody may wish otherwise.
        match random.random_range(0..3) {
            0 => changed.actor.name.push('!'),
            1 => changed.at += time::Duration::microseconds(1),
            _ => changed.reason = Some(format!("as agreed, {}", random.random::<u32>())),
        }
        let mut bytes = canonical::to_bytes(entry).unwrap();
        let at = random.random_range(0..bytes.len());
        bytes[at] ^= 1 << random.random_range(0..8);
        let found = after(victim, async |tx: &mut Write| match care {
            Care::Clumsy => {
                let update = "UPDATE entry_body SET body = ? WHERE sequence = ?";
                tx.execute_with(update, &[Bytes(&bytes), Number(place)]).await.unwrap();
            }
            Care::Careful => {
                remove(tx, place).await;
                put(tx, place, &changed).await;
            }
            Care::Thorough | Care::Complete => {
                let mut entries = victim.entries.clone();
                entries[place as usize - 1] = changed;
                rewrite(tx, &entries, care).await;
            }
        })
        .await;
        if let (Care::Clumsy, Err(VerifyError::Bad(bad))) = (care, &found) {
            assert_eq!(bad.sequence, place, "seed {seed}: {bad}");
        }
        assert_found(victim, found, care, place, seed);
    })
    .await;
}

#[tokio::test]
async fn an_entry_that_was_deleted_is_found() {
    a_thousand_times(async |victim, random, care, seed| {
        let place = random.random_range(1..=ENTRIES);
        let operation = victim.entries[place as usize - 1].operation_id;
        let found = after(victim, async |tx: &mut Write| match care {
            Care::Clumsy => remove(tx, place).await,
            Care::Careful => {
                remove(tx, place).await;
                shift(tx, place + 1, -1).await;
            }
            // An operation without its beginning would be conspicuous.
            Care::Thorough | Care::Complete => {
                let left: Vec<_> =
                    victim.entries.iter().filter(|entry| entry.operation_id != operation).cloned().collect();
                rewrite(tx, &left, care).await;
            }
        })
        .await;
        let first = victim.entries.iter().find(|entry| entry.operation_id == operation).unwrap().sequence;
        let place = if matches!(care, Care::Thorough | Care::Complete) { first } else { place };
        assert_found(victim, found, care, place, seed);
    })
    .await;
}

#[tokio::test]
async fn entries_in_each_others_place_are_found() {
    a_thousand_times(async |victim, random, care, seed| {
        let (place, other, entries) = loop {
            let place = random.random_range(1..ENTRIES);
            let other = random.random_range(place + 1..=ENTRIES);
            let mut entries = victim.entries.clone();
            entries.swap(place as usize - 1, other as usize - 1);
            // Its operation has to begin before it ends, or the list could not be made.
            let begins_before = |(at, entry): (usize, &Entry)| {
                entry.begins() || entries[..at].iter().any(|first| first.operation_id == entry.operation_id)
            };
            if matches!(care, Care::Clumsy | Care::Careful) || entries.iter().enumerate().all(begins_before) {
                break (place, other, entries);
            }
        };
        let found = after(victim, async |tx: &mut Write| match care {
            Care::Clumsy => {
                let swap = "UPDATE entry_body
                               SET body = (SELECT body FROM entry_body AS other
                                            WHERE other.sequence = CASE entry_body.sequence WHEN ?1 THEN ?2 ELSE ?1 END)
                             WHERE sequence IN (?1, ?2)";
                tx.execute_with(swap, &[Number(place), Number(other)]).await.unwrap();
            }
            Care::Careful => {
                for (at, entry) in [(place, &entries[place as usize - 1]), (other, &entries[other as usize - 1])] {
                    remove(tx, at).await;
                    put(tx, at, &Entry { sequence: at, ..entry.clone() }).await;
                }
            }
            Care::Thorough | Care::Complete => rewrite(tx, &entries, care).await,
        })
        .await;
        assert_found(victim, found, care, place, seed);
    })
    .await;
}

#[tokio::test]
async fn an_entry_that_was_inserted_is_found() {
    a_thousand_times(async |victim, random, care, seed| {
        let place = random.random_range(1..=ENTRIES);
        let mut new = victim.entries.iter().find(|entry| entry.begins()).unwrap().clone();
        new.operation_id = crate::OperationId::new();
        new.sequence = place;
        let found = after(victim, async |tx: &mut Write| match care {
            Care::Clumsy => {
                let at = random.random_range(ENTRIES + 2..ENTRIES + 1_000);
                put(tx, at, &new).await;
            }
            Care::Careful => {
                shift(tx, place, 1).await;
                put(tx, place, &new).await;
            }
            Care::Thorough | Care::Complete => {
                let mut entries = victim.entries.clone();
                entries.insert(place as usize - 1, new);
                rewrite(tx, &entries, care).await;
            }
        })
        .await;
        let place = if care == Care::Clumsy { ENTRIES + 1 } else { place };
        assert_found(victim, found, care, place, seed);
    })
    .await;
}

#[tokio::test]
async fn entries_that_were_cut_off_are_found_where_a_checkpoint_from_outside_covers_them() {
    a_thousand_times(async |victim, random, care, seed| {
        let place = random.random_range(1..=ENTRIES);
        let found = after(victim, async |tx: &mut Write| match care {
            Care::Clumsy | Care::Careful => {
                for statement in [
                    "DELETE FROM operation WHERE sequence >= ?",
                    "DELETE FROM entry_body WHERE sequence >= ?",
                    "DELETE FROM entry WHERE sequence >= ?",
                ] {
                    tx.execute_with(statement, &[Number(place)]).await.unwrap();
                }
            }
            Care::Thorough | Care::Complete => rewrite(tx, &victim.entries[..place as usize - 1], care).await,
        })
        .await;
        let missing = match found {
            Err(VerifyError::Bad(bad)) => bad,
            Err(VerifyError::Checkpoint { .. }) if care == Care::Complete => return,
            found => panic!("{care:?} at {place}, seed {seed}: {found:?}"),
        };
        let is_near = match care {
            Care::Clumsy | Care::Careful => (earliest_told(victim, place)..=place).contains(&missing.sequence),
            Care::Thorough | Care::Complete => missing.sequence == place,
        };
        assert!(is_near, "{care:?} at {place}, seed {seed}: {missing}");
        if care == Care::Complete {
            assert!(missing.why.contains("the witness's hands"), "{missing}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_log_that_was_cut_off_with_its_newer_checkpoints_looks_whole_without_a_mark_or_a_witness() {
    let mut victim = victim().await;
    victim.outside = OutsideCheckpoints::default();
    let cut_off = async |tx: &mut Write, checkpoints: &str| {
        rewrite(tx, &victim.entries[..20], Care::Thorough).await;
        tx.execute(checkpoints).await.unwrap();
    };
    let found =
        after(&victim, async |tx: &mut Write| cut_off(tx, "DELETE FROM checkpoint WHERE size > 20").await).await;
    assert_eq!(found.unwrap().entries, 20);
    // The log says that a key began to sign.
    let found = after(&victim, async |tx: &mut Write| cut_off(tx, "DELETE FROM checkpoint").await).await;
    assert!(matches!(&found, Err(VerifyError::Checkpoint { why, .. }) if why.contains("were removed")), "{found:?}");
}
