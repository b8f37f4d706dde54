//! Moving between the two databases and back, stopped halfway, and onto what is there already.

use std::{collections::BTreeSet, sync::Arc};

use evidence::tree::Hash;
use tempfile::TempDir;

use super::{
    check_target, copy,
    copy::copy_new,
    tables::{CHANGING, GROWING, LEFT},
};
use crate::{
    Action, DATABASE, DataKey, Draft, EntryActor, FeedToken, FeedTokenId, KeyPurpose, KeyRing, KeyState, LockedKey,
    Person, PersonId, PortalRole, RowKey, Store, StoreError, append, checkpoints, data_keys, feed_tokens, people,
    retention,
    rows::all::bad,
    testing::{Attacker, postgres::server},
    tree,
};

/// A portal with entries, of which retention removed one, a signature, a person and a token.
async fn filled(store: &Store) {
    let mut tx = store.write().await.unwrap();
    let entry = |action| Draft::recorded(EntryActor::system(), action);
    for _ in 0..5 {
        append(&mut tx, entry(Action::SessionStart)).await.unwrap();
    }
    let told = append(&mut tx, entry(Action::AuditExpire)).await.unwrap();
    checkpoints::insert_key(&mut tx, "name+00000000+AAAA", told.at).await.unwrap();
    checkpoints::insert(&mut tx, 2, "a note", told.at).await.unwrap();
    retention::remove(&mut tx, &told, 1, 3, &[2]).await.unwrap();
    let person = Person {
        id: PersonId::new(),
        email: "ada@example.com".to_owned(),
        name: "Ada Łovelace".to_owned(),
        role: PortalRole::Admin,
        joined: true,
        subject: None,
        disabled_at: None,
        factors: Vec::new(),
        created_at: told.at,
    };
    people::insert(&mut tx, &person, None, &told).await.unwrap();
    let token = FeedToken {
        id: FeedTokenId::new(),
        name: "collector".to_owned(),
        created_at: told.at,
        created_by: "Ada".to_owned(),
        last_used_at: None,
        last_sequence: Some(i64::MAX),
        revoked_at: None,
    };
    feed_tokens::insert(&mut tx, &token, &[0xff; 32], &told).await.unwrap();
    tx.commit().await.unwrap();
}

fn data_key() -> DataKey {
    DataKey {
        id: "key".to_owned(),
        purpose: KeyPurpose::Row,
        state: KeyState::Current,
        nonce: vec![0; 24],
        ..DataKey::default()
    }
}

/// The same database with the key of its rows, which it has from the beginning.
fn with_key(store: &Store) -> Store {
    let key = RowKey::new(Arc::new(LockedKey::new(&mut [7; 32])), [], |_| ());
    store.clone().with_keys(KeyRing::new(vec![data_key()], key, |_| Err("they stay the same".to_owned())))
}

async fn portal() -> (TempDir, Store) {
    let (folder, store) = on_file().await;
    let mut tx = store.write().await.unwrap();
    data_keys::put(&mut tx, &data_key()).await.unwrap();
    tx.commit().await.unwrap();
    filled(&with_key(&store)).await;
    (folder, store)
}

async fn on_file() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_file(folder.path()).await.unwrap();
    (folder, store)
}

/// How many entries the log has, its root, and how many rows are not the portal's.
async fn facts(store: &Store) -> (i64, Hash, usize) {
    let mut conn = with_key(store).snapshot().await.unwrap();
    let size = tree::size(&mut conn).await.unwrap();
    let root = tree::Tree::default().root(&mut conn, size).await.unwrap();
    (size, root, bad(&mut conn).await.unwrap().unwrap().len())
}

#[tokio::test]
async fn a_portal_moves_to_postgresql_and_back_with_every_row_genuine() {
    let (_folder, file) = portal().await;
    let database = server().fresh().await.unwrap();
    let shared = Store::connect(&database.url()).await.unwrap();
    check_target(&file, &shared).await.unwrap();
    let there = copy(&file, &shared, |_, _| ()).await.unwrap();
    assert_eq!(there.rows, there.compared);
    let (_other_folder, other) = on_file().await;
    copy(&shared, &other, |_, _| ()).await.unwrap();
    let expected = facts(&file).await;
    assert_eq!((expected.0, expected.2), (6, 0));
    assert_eq!(facts(&shared).await, expected);
    assert_eq!(facts(&other).await, expected);
}

#[tokio::test]
async fn a_move_that_was_stopped_goes_on_and_brings_what_happened_since() {
    let (_folder, file) = portal().await;
    let database = server().fresh().await.unwrap();
    let shared = Store::connect(&database.url()).await.unwrap();
    // It is stopped after the log, before everything else.
    let mut source = file.write().await.unwrap();
    for table in GROWING {
        copy_new(&mut source, &shared, table, &mut |_, _| ()).await.unwrap();
    }
    drop(source);
    check_target(&file, &shared).await.unwrap();
    let mut tx = with_key(&file).write().await.unwrap();
    let told = append(&mut tx, Draft::recorded(EntryActor::system(), Action::AuditExpire)).await.unwrap();
    retention::remove(&mut tx, &told, 1, 3, &[1]).await.unwrap();
    tx.commit().await.unwrap();
    check_target(&file, &shared).await.unwrap();
    let rest = copy(&file, &shared, |_, _| ()).await.unwrap();
    // The five entries that were there are not copied again.
    assert!(rest.rows < rest.compared, "{rest:?}");
    assert_eq!(facts(&shared).await, facts(&file).await);
    copy(&file, &shared, |_, _| ()).await.unwrap();
}

#[tokio::test]
async fn nothing_is_moved_over_another_portal() {
    let ((_folder, file), (_other_folder, other)) = (portal().await, portal().await);
    let refused = check_target(&file, &other).await.unwrap_err();
    assert!(refused.to_string().contains("another portal"), "{refused}");
    // Nor over what is newer.
    let (_newer_folder, newer) = on_file().await;
    copy(&file, &newer, |_, _| ()).await.unwrap();
    let mut tx = with_key(&newer).write().await.unwrap();
    append(&mut tx, Draft::recorded(EntryActor::system(), Action::SessionEnd)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(check_target(&file, &newer).await, Err(StoreError::Damaged { .. })));
}

#[tokio::test]
async fn a_row_that_differs_is_noticed() {
    let (_folder, file) = portal().await;
    let (folder, other) = on_file().await;
    copy(&file, &other, |_, _| ()).await.unwrap();
    let mut attacker = Attacker::open_file(&folder.path().join(DATABASE)).await.unwrap();
    attacker.drop_triggers().await.unwrap();
    attacker.execute("UPDATE entry_body SET stage = 'intent' WHERE sequence = 3").await.unwrap();
    let noticed = copy(&file, &other, |_, _| ()).await.unwrap_err().to_string();
    assert!(noticed.contains("differ in the table entry_body"), "{noticed}");
}

#[tokio::test]
async fn no_table_is_forgotten() {
    let (folder, _store) = on_file().await;
    let mut file = Attacker::open_file(&folder.path().join(DATABASE)).await.unwrap();
    let all = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let all: BTreeSet<String> = file.column(all).await.unwrap().into_iter().collect();
    let moved = GROWING.iter().chain(CHANGING).map(|table| table.name);
    let known: BTreeSet<String> = moved.chain(LEFT.iter().map(|(name, _)| *name)).map(str::to_owned).collect();
    assert_eq!(known, all);
}
