//! A file of SQLite that is opened for reading is left as it is, wherever it lies.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use tempfile::TempDir;

use crate::{Action, DATABASE, Draft, EntryActor, Store, StoreError, append, sql, tree};

async fn written() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_file(folder.path()).await.unwrap();
    add_entry(&store).await;
    (folder, store)
}

async fn add_entry(store: &Store) {
    let mut tx = store.write().await.unwrap();
    append(&mut tx, Draft::recorded(EntryActor::system(), Action::SessionStart)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn size(store: &Store) -> i64 {
    tree::size(&mut store.read().await.unwrap()).await.unwrap()
}

/// Each file with its bytes, so that nothing can change unnoticed.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let read = |file: std::io::Result<fs::DirEntry>| {
        let path = file.unwrap().path();
        (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())
    };
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(read).collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_closed_database_in_a_read_only_folder_is_read_and_nothing_is_created() {
    let (folder, store) = written().await;
    store.close().await;
    let before = files(folder.path());
    assert_eq!(before.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [DATABASE]);
    fs::set_permissions(folder.path().join(DATABASE), fs::Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let reader = Store::open_file_read_only(folder.path()).await.unwrap();
    assert_eq!(size(&reader).await, 1);
    assert!(matches!(reader.write().await, Err(StoreError::Unwritable(_))));
    reader.close().await;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(files(folder.path()), before);
}

#[tokio::test]
async fn a_database_that_is_being_served_is_read_up_to_its_last_entry() {
    let (folder, store) = written().await;
    let reader = Store::open_file_read_only(folder.path()).await.unwrap();
    assert_eq!(size(&reader).await, 1);
    add_entry(&store).await;
    assert_eq!(size(&reader).await, 2);
    reader.close().await;
    add_entry(&store).await;
    assert_eq!(size(&store).await, 3);
}

#[tokio::test]
async fn a_copy_with_its_log_is_read_whole_and_stays_as_it_is() {
    let (folder, store) = written().await;
    add_entry(&store).await;
    let copy = tempfile::tempdir().unwrap();
    for name in [DATABASE.to_owned(), format!("{DATABASE}-wal")] {
        fs::copy(folder.path().join(&name), copy.path().join(&name)).unwrap();
    }
    let before = files(copy.path());
    let reader = Store::open_file_read_only(copy.path()).await.unwrap();
    assert_eq!(size(&reader).await, 2);
    reader.close().await;
    assert_eq!(files(copy.path()), before);
}

#[tokio::test]
async fn what_is_missing_or_has_another_schema_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Store::open_file_read_only(folder.path()).await.unwrap_err();
    assert!(matches!(missing, StoreError::Missing { .. }), "{missing}");
    assert!(files(folder.path()).is_empty());

    let (folder, store) = written().await;
    let mut tx = store.write().await.unwrap();
    sql::query("UPDATE _sqlx_migrations SET version = 99 WHERE version = 1").execute(tx.database()).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let newer = Store::open_file_read_only(folder.path()).await.unwrap_err().to_string();
    assert!(newer.contains("has schema 99; this version of partner-portal reads schema 4."), "{newer}");
    assert_eq!(newer.lines().count(), 1);

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(DATABASE), b"").unwrap();
    let empty = Store::open_file_read_only(folder.path()).await.unwrap_err().to_string();
    assert!(empty.contains("has no schema"), "{empty}");
    assert_eq!(files(folder.path())[0].1.len(), 0);
}
