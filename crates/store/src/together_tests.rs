//! Group commit, with writers that meet each other, leave halfway, and lose their disk.

use std::time::Duration;

use tempfile::TempDir;
use tokio::{task::JoinSet, time::sleep};

use crate::{Action, Draft, EntryActor, Store, StoreError, Write, append, tree};

async fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    (folder, store)
}

async fn write_entry(tx: &mut Write) {
    append(tx, Draft::recorded(EntryActor::system(), Action::TeamWatch)).await.unwrap();
}

/// Ends the transaction: SQLite does so by itself when the disk is full, and PostgreSQL when the connection is lost.
async fn lose(tx: &mut Write) {
    if tx.database().is_postgres() {
        tx.database().run("SELECT pg_terminate_backend(pg_backend_pid())").await.unwrap_err();
    } else {
        tx.database().run("ROLLBACK").await.unwrap();
    }
}

async fn size(store: &Store) -> i64 {
    tree::size(&mut store.read().await.unwrap()).await.unwrap()
}

/// Somebody who has had their turn and waits for the commit, while `after`, who asked next, has theirs.
async fn one_waits_and_another_has_its_turn(store: &Store) -> (tokio::task::JoinHandle<Result<(), StoreError>>, Write) {
    let mut first = store.write_together().await.unwrap();
    write_entry(&mut first).await;
    let other = store.clone();
    let next = tokio::spawn(async move { other.write_together().await.unwrap() });
    // It has to ask before the first one is done.
    sleep(Duration::from_millis(50)).await;
    let first = tokio::spawn(first.commit());
    let next = next.await.unwrap();
    sleep(Duration::from_millis(50)).await;
    assert!(!first.is_finished(), "nobody is told before the commit");
    assert_eq!(size(store).await, 0, "nothing is there before the commit");
    (first, next)
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_write_at_once_share_commits_and_every_entry_is_there() {
    let (_folder, store) = store().await;
    let mut working = JoinSet::new();
    for _ in 0..64 {
        let store = store.clone();
        working.spawn(async move {
            let mut tx = store.write_together().await.unwrap();
            let entry = append(&mut tx, Draft::recorded(EntryActor::system(), Action::TeamWatch)).await.unwrap();
            tx.commit().await.unwrap();
            // It is told only when others can see it.
            assert!(size(&store).await >= entry.sequence);
            entry.sequence
        });
    }
    let mut sequences = working.join_all().await;
    sequences.sort_unstable();
    assert_eq!(sequences, (1..=64).collect::<Vec<_>>());
    let groups = store.groups().await;
    assert!(groups < 32, "{groups} commits");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_halfway_changes_nothing_and_harms_nobody() {
    let (_folder, store) = store().await;
    let (first, mut next) = one_waits_and_another_has_its_turn(&store).await;
    write_entry(&mut next).await;
    drop(next);
    first.await.unwrap().unwrap();
    assert_eq!(size(&store).await, 1);

    // Alone, too, and others who need the writer for themselves get it.
    let mut alone = store.write_together().await.unwrap();
    write_entry(&mut alone).await;
    drop(alone);
    store.write().await.unwrap().commit().await.unwrap();
    assert_eq!(size(&store).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_somebody_left_halfway_the_next_one_begins_where_the_others_were() {
    let (_folder, store) = store().await;
    let (first, mut next) = one_waits_and_another_has_its_turn(&store).await;
    let other = store.clone();
    let last = tokio::spawn(async move {
        let mut tx = other.write_together().await.unwrap();
        write_entry(&mut tx).await;
        tx.commit().await
    });
    write_entry(&mut next).await;
    drop(next);
    last.await.unwrap().unwrap();
    first.await.unwrap().unwrap();
    assert_eq!(size(&store).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_waits_until_what_it_saw_is_durable() {
    let (_folder, store) = store().await;
    let (first, mut next) = one_waits_and_another_has_its_turn(&store).await;
    assert_eq!(tree::size(&mut next).await.unwrap(), 1);
    next.leave().await.unwrap();
    assert_eq!(size(&store).await, 1);
    first.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn if_the_transaction_is_lost_everybody_is_told_and_nothing_is_there() {
    for leaves in [false, true] {
        let (_folder, store) = store().await;
        let (first, mut next) = one_waits_and_another_has_its_turn(&store).await;
        lose(&mut next).await;
        let next = if leaves { next.leave().await } else { next.commit().await };
        assert!(matches!(next, Err(StoreError::Unwritable(_))), "{next:?}");
        let first = first.await.unwrap();
        assert!(matches!(first, Err(StoreError::Unwritable(_))), "{first:?}");
        assert_eq!(size(&store).await, 0);

        let mut tx = store.write_together().await.unwrap();
        write_entry(&mut tx).await;
        tx.commit().await.unwrap();
        assert_eq!(size(&store).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn if_it_is_lost_between_two_turns_the_next_one_is_not_taken_for_a_part_of_it() {
    let (_folder, store) = store().await;
    let (first, mut next) = one_waits_and_another_has_its_turn(&store).await;
    let other = store.clone();
    let last = tokio::spawn(async move {
        let mut tx = other.write_together().await.unwrap();
        write_entry(&mut tx).await;
        tx.commit().await
    });
    sleep(Duration::from_millis(50)).await;
    lose(&mut next).await;
    let next = tokio::spawn(next.commit());
    last.await.unwrap().unwrap();
    assert!(next.await.unwrap().is_err());
    assert!(first.await.unwrap().is_err());
    assert_eq!(size(&store).await, 1, "only the last one's entry");
}
