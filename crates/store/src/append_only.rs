//! Which tables only ever grow. A table is one of them unless it is listed here, so that a new one cannot be forgotten.

use tempfile::TempDir;

use crate::{
    Action, DATABASE, Draft, EntryActor, Store, append, checkpoints, retention,
    testing::{Attacker, in_place::is_postgres},
};

/// Tables whose rows are changed or removed in ordinary use, and why that is safe.
const CHANGED: &[(&str, &str)] = &[
    ("_sqlx_migrations", "which migrations were applied"),
    ("call_window", "calls that are in a window of Workato's limits"),
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
    ("lease", "which instance does what"),
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
    let all = match is_postgres() {
        true => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
        false => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        }
    };
    let mut tables = database.column(all).await.unwrap();
    for (changed, _) in CHANGED {
        assert!(tables.iter().any(|table| table == changed), "there is no table {changed}");
    }
    tables.retain(|table| CHANGED.iter().all(|(changed, _)| changed != table));
    tables
}

/// A table, the columns that it has and that of its key.
struct Columns {
    table: String,
    key: String,
    all: Vec<String>,
}

async fn columns(database: &mut Attacker, table: &str) -> Columns {
    let (all, key) = match is_postgres() {
        true => (
            format!(
                "SELECT attname::text FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 ORDER BY attnum"
            ),
            format!(
                "SELECT attname::text FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
                  WHERE indrelid = '{table}'::regclass AND indisprimary"
            ),
        ),
        false => (
            format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
            format!("SELECT name FROM pragma_table_info('{table}') WHERE pk = 1"),
        ),
    };
    let (all, key) = (database.column(&all).await.unwrap(), database.column(&key).await.unwrap());
    let [key] = key.as_slice() else { panic!("{table} has no key of one column") };
    Columns { table: table.to_owned(), key: key.clone(), all }
}

impl Columns {
    /// A statement that reads every value of every row.
    fn everything(&self) -> String {
        let Self { table, key, all } = self;
        match is_postgres() {
            true => format!("SELECT {table}::text FROM {table} ORDER BY {key}"),
            false => {
                let quoted: Vec<_> = all.iter().map(|column| format!("quote({column})")).collect();
                format!("SELECT {} FROM {table} ORDER BY {key}", quoted.join(" || ',' || "))
            }
        }
    }

    /// Statements that would change or remove rows, or put others in their place.
    fn changes(&self) -> Vec<String> {
        let Self { table, key, all } = self;
        let list = all.join(", ");
        let mut statements = vec![format!("DELETE FROM {table}")];
        if is_postgres() {
            statements.push(format!("TRUNCATE {table} CASCADE"));
            statements.push(format!("INSERT INTO {table} SELECT * FROM {table} ON CONFLICT DO NOTHING"));
            statements.push(format!("MERGE INTO {table} USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE"));
        } else {
            statements.push(format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"));
            statements.push(format!("REPLACE INTO {table} ({list}) SELECT {list} FROM {table} LIMIT 1"));
        }
        let ors: &[&str] = if is_postgres() { &[""] } else { &["", "OR REPLACE ", "OR IGNORE ", "OR FAIL "] };
        for column in all {
            for or in ors {
                statements.push(format!("UPDATE {or}{table} SET {column} = {column}"));
                let largest = format!("SELECT {column} FROM {table} ORDER BY {column} DESC LIMIT 1");
                statements.push(format!("UPDATE {or}{table} SET {column} = ({largest})"));
            }
            statements.push(format!(
                "INSERT INTO {table} ({list}) SELECT {list} FROM {table} WHERE true
                     ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"
            ));
        }
        statements
    }
}

/// Ways to run a statement that keep ordinary triggers from running.
fn evasions() -> [&'static str; 2] {
    match is_postgres() {
        true => ["SET session_replication_role = origin", "SET session_replication_role = replica"],
        false => ["PRAGMA recursive_triggers = OFF", "PRAGMA recursive_triggers = ON"],
    }
}

#[tokio::test]
async fn no_statement_changes_replaces_or_removes_a_row_of_an_append_only_table() {
    let (_folder, mut database) = filled().await;
    let tables = append_only(&mut database).await;
    assert_eq!(tables, ["checkpoint", "entry", "entry_body", "removed_body", "retention_run", "signing_key"]);
    for table in &tables {
        let columns = columns(&mut database, table).await;
        let all = columns.everything();
        let before = database.column(&all).await.unwrap();
        assert!(!before.is_empty(), "{table} is empty");
        for statement in columns.changes() {
            for evasion in evasions() {
                database.execute(evasion).await.unwrap();
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
