//! The index is made anew whenever it cannot be trusted to be one.

use super::{FILE, Index, Progress};

async fn filled() -> (tempfile::TempDir, Index) {
    let folder = tempfile::tempdir().expect("a folder");
    let index = Index::open(folder.path()).await.expect("an index");
    index.restart(7).await.expect("a restart");
    let from = index.progress().await.expect("progress");
    index.put(&[], &from, 12, &[1; 32]).await.expect("an indexed entry");
    (folder, index)
}

#[tokio::test]
async fn progress_survives_a_restart_of_the_process() {
    let (folder, index) = filled().await;
    index.close().await;
    let progress = Index::open(folder.path()).await.expect("an index").progress().await.expect("progress");
    assert_eq!((progress.version, progress.indexed, progress.root.as_deref()), (7, 12, Some([1; 32].as_slice())));
}

#[tokio::test]
async fn a_process_that_is_behind_another_adds_nothing() {
    let (_folder, index) = filled().await;
    let stale = Progress { version: 7, indexed: 3, root: None };
    index.put(&[], &stale, 4, &[2; 32]).await.expect("nothing to do");
    assert_eq!(index.progress().await.expect("progress").indexed, 12);
}

#[tokio::test]
async fn a_file_of_another_format_or_no_database_is_replaced_when_it_is_opened() {
    for content in [b"not a database at all, and longer than a header of SQLite would be".as_slice(), &[0; 4096]] {
        let (folder, index) = filled().await;
        index.close().await;
        std::fs::write(folder.path().join(FILE), content).expect("a write");
        let index = Index::open(folder.path()).await.expect("a new index");
        assert_eq!(index.progress().await.expect("progress").indexed, 0);
    }
    let (folder, index) = filled().await;
    let mut tx = index.write().await.expect("a transaction");
    sqlx::query("PRAGMA user_version = 99").execute(&mut *tx.transaction).await.expect("a pragma");
    tx.transaction.commit().await.expect("a commit");
    drop(tx._pools);
    index.close().await;
    assert_eq!(Index::open(folder.path()).await.expect("an index").progress().await.expect("progress").indexed, 0);
}

#[tokio::test]
async fn a_file_that_is_removed_while_it_is_open_is_made_anew() {
    let (folder, index) = filled().await;
    std::fs::remove_file(folder.path().join(FILE)).expect("a removal");
    assert!(index.repair().await.expect("a repair"));
    assert_eq!(index.progress().await.expect("progress").indexed, 0);
    assert!(!index.repair().await.expect("nothing to repair"));
}

#[tokio::test]
async fn what_another_process_writes_is_noticed_and_what_this_one_writes_is_not() {
    let (folder, index) = filled().await;
    let from = index.progress().await.expect("progress");
    index.put(&[], &from, 13, &[2; 32]).await.expect("an indexed entry");
    assert!(!index.was_written_by_others().await.expect("the counter"));
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join(FILE));
    let mut other = sqlx::ConnectOptions::connect(&file).await.expect("a connection");
    sqlx::query("UPDATE state SET indexed = 1000000000").execute(&mut other).await.expect("an update");
    assert!(index.was_written_by_others().await.expect("the counter"));
    assert!(index.was_written_by_others().await.expect("the counter"), "it stays so");
    index.restart(7).await.expect("a restart");
    assert!(!index.was_written_by_others().await.expect("the counter"));
}

#[tokio::test]
async fn damage_that_shows_while_it_is_open_is_repaired() {
    let (folder, index) = filled().await;
    index.close().await;
    let file = folder.path().join(FILE);
    let mut bytes = std::fs::read(&file).expect("a file");
    bytes[4096..].fill(0xa5);
    std::fs::write(&file, bytes).expect("a write");
    let index = match Index::open(folder.path()).await {
        Ok(index) => index,
        Err(error) => panic!("{error}"),
    };
    // Whichever call meets the damage first reports it; the repair after it makes the index anew.
    let _ = index.progress().await;
    index.repair().await.expect("a repair");
    assert_eq!(index.progress().await.expect("progress").indexed, 0);
}
