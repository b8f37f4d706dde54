//! What verification says of instants that go back, and what the portal writes when its clock was set back.

use evidence::{
    canonical,
    tree::{GrowingTree, leaf_hash},
};
use store::{Action, Entry, tree::Tree};
use time::{Duration, OffsetDateTime};

use crate::audit::{
    Verified, VerifyError,
    sealing::signing::{Due, sign_at, sign_due},
    test_log::{self, TestLog},
    verify,
};

/// A log with an entry at each of these seconds from now.
async fn log_at(seconds: &[i64]) -> TestLog {
    let log = TestLog::empty().await;
    fill(&log, seconds, |_| {}).await;
    log
}

async fn fill(log: &TestLog, seconds: &[i64], alter: impl Fn(&mut Entry)) {
    let now = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap();
    let mut tx = log.store.write().await.unwrap();
    let mut tree = GrowingTree::default();
    for (sequence, seconds) in (1..).zip(seconds) {
        let entry = test_log::intent(Action::ConnectionDelete, now + Duration::seconds(*seconds));
        let mut entry = Entry { sequence, ..entry };
        alter(&mut entry);
        let subtrees = tree.push(leaf_hash(&canonical::to_bytes(&entry).unwrap())).concat();
        tx.put_entry(&entry, &subtrees).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn entries(log: &TestLog) -> Vec<Entry> {
    let stored = store::entries::after(&mut log.store.read().await.unwrap(), 0, 1_000).await.unwrap();
    stored.into_iter().map(|stored| stored.checked().unwrap().unwrap()).collect()
}

async fn set_back(log: &TestLog) -> Vec<i64> {
    let entries = entries(log).await.into_iter();
    entries.filter(|entry| entry.action == Action::AuditClockSet).map(|entry| entry.sequence).collect()
}

#[track_caller]
fn bad(found: Result<Verified, VerifyError>, sequence: i64, why: &str) {
    match found {
        Err(VerifyError::Bad(bad)) => {
            assert_eq!(bad.sequence, sequence, "{bad}");
            assert!(bad.why.contains(why), "{bad}");
        }
        found => panic!("{found:?}"),
    }
}

#[tokio::test]
async fn an_instant_that_goes_back_by_more_than_a_minute_is_found() {
    for seconds in [&[-900, -800, -800][..], &[-900, -800, -860], &[-900, -850, -830, -890, -860]] {
        let found = verify(&log_at(seconds).await.store).await.unwrap();
        assert_eq!((found.entries, found.clock_set_back), (seconds.len() as i64, 0), "{seconds:?}");
    }
    for (seconds, sequence) in [
        (&[-900, -800, -861][..], 3),
        (&[-900, -100_000], 2),
        // A little at a time goes back as well.
        (&[-900, -940, -980], 3),
        (&[-900, -100, -130, -155, -165, -90], 5),
    ] {
        let found = verify(&log_at(seconds).await.store).await;
        bad(found, sequence, "no entry says that the clock was set back");
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_is_an_entry_and_the_log_goes_on() {
    let log = log_at(&[-10, 7_200]).await;
    log.grow_by(5).await;
    assert_eq!(set_back(&log).await, [3]);
    let told = &entries(&log).await[2];
    let seconds = |name: &str| told.parameters[name].as_str().unwrap().to_owned();
    assert_eq!(seconds("from"), crate::audit::instant_text(entries(&log).await[1].at));
    assert_eq!(seconds("to"), crate::audit::instant_text(told.at));
    assert_eq!(verify(&log.store).await.unwrap().clock_set_back, 1);

    // Without its entry the same is found.
    let log = log_at(&[-10, 7_200, 0]).await;
    bad(verify(&log.store).await, 3, "and no entry says");
}

#[tokio::test]
async fn a_clock_that_was_set_back_by_seconds_is_waited_for() {
    let log = log_at(&[40]).await;
    log.grow_by(3).await;
    let entries = entries(&log).await;
    assert!(entries.iter().all(|entry| entry.at == entries[0].at && entry.action != Action::AuditClockSet));
    verify(&log.store).await.unwrap();
}

#[tokio::test]
async fn an_entry_that_says_too_little_of_the_clock_does_not_excuse_it() {
    for from in ["", "2020-01-01T00:00:00.000000Z"] {
        let log = log_at(&[-10, 7_200]).await;
        let mut tx = log.store.write().await.unwrap();
        let mut told = test_log::intent(Action::AuditClockSet, OffsetDateTime::now_utc());
        told.sequence = 3;
        told.stage = store::Stage::Recorded;
        told.outcome = Some(store::Outcome::Succeeded);
        told.parameters.insert("from".to_owned(), from.into());
        tx.put_entry(&told, &[]).await.unwrap();
        tx.commit().await.unwrap();
        bad(verify(&log.store).await, 3, "it does not say from which time");
    }
}

#[tokio::test]
async fn an_instant_outside_of_what_the_checkpoints_around_it_allow_is_found() {
    for (tampering, is_the_checkpoint) in
        [("UPDATE checkpoint SET at = at - 3600000000", true), ("UPDATE checkpoint SET at = at + 3600000000", false)]
    {
        let log = log_at(&[-7_200, -7_100, -7_000]).await;
        log.grow_by(2).await;
        sign_due(&log.store, &log.seal(), Due::News).await.unwrap();
        log.grow_by(3).await;
        verify(&log.store).await.unwrap();
        let mut attacker = log.attacker().await;
        attacker.drop_triggers().await.unwrap();
        attacker.execute(tampering).await.unwrap();
        match verify(&log.store).await {
            Err(VerifyError::Checkpoint { size: 6, why, .. }) if is_the_checkpoint => {
                assert!(why.contains("which is before the time of entry "), "{why}");
            }
            found => bad(found, 7, "before that of the checkpoint of 6 entries"),
        }
    }
}

#[tokio::test]
async fn entries_older_than_the_checkpoint_before_them_are_as_they_should_be_if_it_was_signed_late() {
    let log = TestLog::empty().await;
    let seal = log.seal();
    fill(&log, &[-7_200; 250], |entry| {
        if entry.sequence == 1 {
            entry.action = Action::AuditKeySet;
            entry.parameters.insert("verifier_key".to_owned(), seal.verifier().to_string().into());
        }
    })
    .await;
    let mut tx = log.store.write().await.unwrap();
    store::checkpoints::insert_key(&mut tx, &seal.verifier().to_string(), OffsetDateTime::now_utc()).await.unwrap();
    // A log that names a key has a checkpoint and a mark.
    sign_at(&mut tx, &mut Tree::default(), &seal.key, 1).await.unwrap();
    tx.commit().await.unwrap();
    seal.reset_mark(&mut log.store.read().await.unwrap()).await.unwrap();
    sign_due(&log.store, &seal, Due::News).await.unwrap();
    log.grow_by(10).await;
    assert_eq!(verify(&log.store).await.unwrap().checkpoints, 4);
}

#[tokio::test]
async fn a_checkpoint_of_a_wrong_clock_stops_neither_signing_nor_verifying() {
    let log = log_at(&[-10]).await;
    sign_due(&log.store, &log.seal(), Due::News).await.unwrap();
    // As if the clock had been two hours ahead then.
    log.attacker()
        .await
        .execute("DROP TRIGGER checkpoint_is_never_changed; UPDATE checkpoint SET at = at + 7200000000")
        .await
        .unwrap();
    log.grow_by(4).await;
    assert_eq!(set_back(&log).await, [3]);
    sign_due(&log.store, &log.seal(), Due::News).await.unwrap();
    assert_eq!(verify(&log.store).await.unwrap().clock_set_back, 1);

    // The same if nothing was written before the next checkpoint.
    let log = log_at(&[-10, 7_200]).await;
    sign_due(&log.store, &log.seal(), Due::News).await.unwrap();
    assert_eq!(set_back(&log).await, [3]);
    assert_eq!(verify(&log.store).await.unwrap().clock_set_back, 1);
}
