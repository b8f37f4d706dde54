//! Which tables only ever grow. A table is one of them unless it is listed here, so that a new one cannot be forgotten.

use tempfile::TempDir;

use crate::{Action, DATABASE, Draft, EntryActor, Store, append, checkpoints, retention, testing::Attacker};

/// Tables whose rows are changed or removed in the course of things, and why that is safe.
const CHANGED: &[(&str, &str)] = &[
    ("_sqlx_migrations", "which migrations were applied"),
    ("checkpoint_destination", "what destinations have taken; they know it themselves"),
    (
        "connector_code",
        "keeping code is an entry; it is sealed again when keys are rotated, and destroyed with its team",
    ),
    ("connector_pair", "choosing a counterpart is an entry"),
    ("data_key", "rotating keys is an entry"),
    ("factor", "adding and removing are entries"),
    ("feed_token", "revoking a token is an entry"),
    ("invitation", "inviting and joining are entries"),
    ("job", "starting, pausing, resuming and cancelling are entries"),
    ("job_item", "what a job acts on is bound to its entry by a hash"),
    ("log_read", "which sessions have their entry"),
    ("membership", "changes are entries"),
    ("operation", "derived from the entries"),
    ("person", "changes are entries"),
    ("promotion", "it is derived from the entry that says what is promoted"),
    ("recovery_codes", "making and using them are entries"),
    ("review", "derived from the entries"),
    ("saved_view", "sharing a view is an entry"),
    ("seen", "what was last read of Workato"),
    ("session", "signing in and out are entries"),
    ("team", "changes are entries"),
    ("team_token", "changes are entries"),
    ("watch", "what was last read of Workato"),
];

/// A database in which every append-only table has a row.
async fn filled() -> (TempDir, Attacker) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let mut tx = store.write().await.unwrap();
    let entry = |action| Draft::recorded(EntryActor::system(), action);
    append(&mut tx, entry(Action::SessionStart)).await.unwrap();
    let told = append(&mut tx, entry(Action::AuditExpire)).await.unwrap();
    append(&mut tx, entry(Action::SessionEnd)).await.unwrap();
    checkpoints::insert_key(&mut tx, "name+00000000+AAAA", told.at).await.unwrap();
    checkpoints::insert(&mut tx, 2, "a note", told.at).await.unwrap();
    retention::remove(&mut tx, &told, 1, 1, &[1]).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let attacker = Attacker::open(&folder.path().join(DATABASE)).await.unwrap();
    (folder, attacker)
}

/// The names of the append-only tables.
async fn append_only(database: &mut Attacker) -> Vec<String> {
    let all =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let mut tables = database.column(all).await.unwrap();
    for (changed, _) in CHANGED {
        assert!(tables.iter().any(|table| table == changed), "there is no table {changed}");
    }
    tables.retain(|table| CHANGED.iter().all(|(changed, _)| changed != table));
    tables
}

#[tokio::test]
async fn no_statement_changes_replaces_or_removes_a_row_of_an_append_only_table() {
    let (_folder, mut database) = filled().await;
    let tables = append_only(&mut database).await;
    assert_eq!(tables, ["checkpoint", "entry", "entry_body", "removed_body", "retention_run", "signing_key"]);
    for table in &tables {
        let columns =
            database.column(&format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")).await.unwrap();
        let key =
            database.column(&format!("SELECT name FROM pragma_table_info('{table}') WHERE pk = 1")).await.unwrap();
        let [key] = key.as_slice() else { panic!("{table} has no key of one column") };
        let sum: String =
            columns.iter().map(|column| format!("quote({column})")).collect::<Vec<_>>().join(" || ',' || ");
        let all = format!("SELECT {sum} FROM {table} ORDER BY {key}");
        let before = database.column(&all).await.unwrap();
        assert!(!before.is_empty(), "{table} is empty");

        let list = columns.join(", ");
        let mut statements = vec![
            format!("DELETE FROM {table}"),
            format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"),
            format!("REPLACE INTO {table} ({list}) SELECT {list} FROM {table} LIMIT 1"),
        ];
        for column in &columns {
            for or in ["", "OR REPLACE ", "OR IGNORE ", "OR FAIL "] {
                statements.push(format!("UPDATE {or}{table} SET {column} = {column}"));
                statements.push(format!("UPDATE {or}{table} SET {column} = (SELECT max({column}) FROM {table})"));
            }
            statements.push(format!(
                "INSERT INTO {table} ({list}) SELECT {list} FROM {table} WHERE true
                     ON CONFLICT DO UPDATE SET {column} = excluded.{column}"
            ));
        }
        for statement in statements {
            for recursive in ["OFF", "ON"] {
                database.execute(&format!("PRAGMA recursive_triggers = {recursive}")).await.unwrap();
                let refused = database.execute(&statement).await;
                let why = refused.map_or_else(|error| error.to_string(), |_| "it is done".to_owned());
                assert!(why.contains("append-only"), "{statement}: {why}");
                assert_eq!(database.column(&all).await.unwrap(), before, "{statement}");
            }
        }
    }
}

#[tokio::test]
async fn a_row_without_a_number_gets_the_next_one_in_an_append_only_table() {
    let (folder, mut database) = filled().await;
    // A row below all numbers would look as if it were the one that every new row replaces.
    assert!(
        database
            .execute("INSERT INTO checkpoint (number, size, note, at, head) VALUES (-1, 2, '', 0, 3)")
            .await
            .is_err()
    );
    let store = Store::open(folder.path()).await.unwrap();
    let mut tx = store.write().await.unwrap();
    checkpoints::insert(&mut tx, 3, "another note", time::OffsetDateTime::now_utc()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(checkpoints::last_number(&mut store.read().await.unwrap()).await.unwrap(), 2);
}
