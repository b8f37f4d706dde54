//! The schemas for SQLite and PostgreSQL are the same: tables, columns, keys and indexes by the databases' catalogues,
//! checks and references by the text of the migrations.

use std::collections::BTreeSet;

use rstest::rstest;
use sqlx::{AssertSqlSafe, Executor, query_as, query_scalar};

use crate::{
    Store,
    testing::{Attacker, postgres},
};

/// What may differ: the same columns in another order. PostgreSQL cannot use an index from its second column on where a
/// query says that the first `IS NOT DISTINCT FROM` a parameter.
const IN_ANOTHER_ORDER: (&str, &str) =
    ("operation_by_target (team_id, target_type, target_id,", "operation_by_target (target_type, target_id, team_id,");

async fn sqlite() -> (tempfile::TempDir, Attacker) {
    let folder = tempfile::tempdir().unwrap();
    Store::open_file(folder.path()).await.unwrap().close().await;
    let file = Attacker::open_file(&folder.path().join(crate::DATABASE)).await.unwrap();
    (folder, file)
}

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let (_folder, mut file) = sqlite().await;
    let columns =
        "SELECT t.name || '.' || c.name || ' ' || CASE c.type WHEN 'INTEGER' THEN 'bigint' WHEN 'TEXT' THEN 'text C'
                          ELSE 'bytea' END || iif(c.\"notnull\" OR c.pk, ' not null', '') || ' ' || c.pk
                     FROM sqlite_schema t JOIN pragma_table_info(t.name) c
                    WHERE t.type = 'table' AND t.name <> '_sqlx_migrations'";
    let on_sqlite: BTreeSet<String> = file.column(columns).await.unwrap().into_iter().collect();
    let database = postgres::server().fresh().await.unwrap();
    let mut conn = database.superuser().await.unwrap();
    let columns =
        "SELECT c.table_name || '.' || c.column_name || ' ' || c.data_type || coalesce(' ' || c.collation_name, '')
                          || CASE c.is_nullable WHEN 'NO' THEN ' not null' ELSE '' END || ' '
                          || coalesce(array_position(i.indkey::int2[], c.ordinal_position::int2) + 1, 0)
                     FROM information_schema.columns c
                     JOIN pg_index i ON i.indrelid = c.table_name::regclass AND i.indisprimary
                    WHERE c.table_schema = 'public' AND c.table_name <> '_sqlx_migrations'";
    let on_postgres: BTreeSet<String> = query_scalar(columns).fetch_all(&mut conn).await.unwrap().into_iter().collect();
    assert!(on_sqlite.len() > 100, "{on_sqlite:?}");
    assert_eq!(on_sqlite.difference(&on_postgres).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(on_postgres.difference(&on_sqlite).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[tokio::test]
async fn both_databases_have_the_same_indexes() {
    let (_folder, mut file) = sqlite().await;
    let indexes = "SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
    let on_sqlite: BTreeSet<String> = file
        .column(indexes)
        .await
        .unwrap()
        .iter()
        .map(|sql| index(&sql.replace("IS NOT sequence", "IS DISTINCT FROM sequence")))
        .collect();
    let database = postgres::server().fresh().await.unwrap();
    let mut conn = database.superuser().await.unwrap();
    let indexes = "SELECT indexdef FROM pg_indexes i WHERE schemaname = 'public'
                      AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = i.indexname)";
    let on_postgres: Vec<String> = query_scalar(indexes).fetch_all(&mut conn).await.unwrap();
    let on_postgres: BTreeSet<String> = on_postgres.iter().map(|sql| index(sql)).collect();
    assert!(on_sqlite.len() > 20, "{on_sqlite:?}");
    assert_eq!(on_sqlite, on_postgres);
    // Without these, each would have its table's rows twice.
    let unique = "SELECT count(*) FROM pg_constraint WHERE contype = 'u' AND connamespace = 'public'::regnamespace";
    let on_postgres: i64 = query_scalar(unique).fetch_one(&mut conn).await.unwrap();
    let unique = "SELECT count(*) FROM sqlite_schema t JOIN pragma_index_list(t.name) i WHERE i.origin = 'u'";
    assert_eq!(file.column(unique).await.unwrap(), [on_postgres.to_string()]);
}

/// An index's definition, as both databases would write it.
fn index(sql: &str) -> String {
    let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ").replace("::text", "").replace(" USING btree", "");
    let sql = sql.replace("ON public.", "ON ").replace("COALESCE", "coalesce");
    let (definition, condition) = sql.split_once(" WHERE ").unwrap_or((&sql, ""));
    // PostgreSQL writes its parentheses, and a list as an array.
    let condition = condition.replace(['(', ')'], "").replace("= ANY ARRAY[", "IN ").replace(']', "");
    let (name, columns) = definition.split_once(" ON ").expect("an index is on a table");
    let name = name.rsplit(' ').next().unwrap_or_default();
    let unique = if definition.contains("UNIQUE") { "unique " } else { "" };
    let columns = columns.split_once(' ').expect("an index has columns").1;
    format!("{unique}{name} {columns} where {condition}").replace(IN_ANOTHER_ORDER.0, IN_ANOTHER_ORDER.1)
}

#[rstest]
#[case::portal(
    include_str!("../../../migrations/sqlite/0001_portal.sql"),
    include_str!("../../../migrations/postgres/0001_portal.sql")
)]
#[case::jobs(
    include_str!("../../../migrations/sqlite/0002_jobs.sql"),
    include_str!("../../../migrations/postgres/0002_jobs.sql")
)]
#[case::connectors(
    include_str!("../../../migrations/sqlite/0003_connectors.sql"),
    include_str!("../../../migrations/postgres/0003_connectors.sql")
)]
#[case::instances(
    include_str!("../../../migrations/sqlite/0004_instances.sql"),
    include_str!("../../../migrations/postgres/0004_instances.sql")
)]
fn both_migrations_say_the_same_of_every_table(#[case] sqlite: &str, #[case] postgres: &str) {
    let (sqlite, postgres) = (tables(sqlite), tables(postgres));
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, postgres);
}

/// The statements that create tables, without what only one of the databases says.
fn tables(migration: &str) -> Vec<String> {
    let lines = migration.lines().filter(|line| !line.trim_start().starts_with("--"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let statements = text.split("CREATE TABLE ").skip(1);
    let statements = statements.filter_map(|rest| rest.split_once(';').map(|(statement, _)| statement));
    let plain = |statement: &str| {
        let statement = statement.replace("octet_length", "length").replace(" COLLATE \"C\"", "");
        let statement = statement.replace("BIGINT", "INTEGER").replace("BYTEA", "BLOB");
        let statement = statement.replace(") STRICT, WITHOUT ROWID", ")").replace(") STRICT", ")");
        statement.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    statements.map(plain).collect()
}

#[tokio::test]
async fn both_databases_have_the_same_triggers_and_refuse_with_the_same_words() {
    let (_folder, mut file) = sqlite().await;
    let triggers = "SELECT name || ' on ' || tbl_name FROM sqlite_schema WHERE type = 'trigger'";
    let on_sqlite: BTreeSet<String> = file.column(triggers).await.unwrap().into_iter().collect();
    let database = postgres::server().fresh().await.unwrap();
    let mut conn = database.superuser().await.unwrap();
    let triggers =
        "SELECT tgname || ' on ' || tgrelid::regclass, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal";
    let all: Vec<(String, String)> = query_as(triggers).fetch_all(&mut conn).await.unwrap();
    assert!(all.iter().all(|(_, enabled)| enabled == "A"), "{all:?}");
    let (emptied, on_postgres): (BTreeSet<_>, BTreeSet<_>) =
        all.into_iter().map(|(trigger, _)| trigger).partition(|trigger| trigger.contains("_is_never_emptied"));
    assert_eq!(on_sqlite, on_postgres);
    // SQLite has no TRUNCATE.
    let guarded: BTreeSet<&str> = on_sqlite.iter().filter_map(|trigger| trigger.split(" on ").nth(1)).collect();
    assert_eq!(emptied.len(), guarded.len());

    let zeros = "decode(repeat('00', 32), 'hex')";
    conn.execute(AssertSqlSafe(format!(
        "INSERT INTO entry VALUES (1, {zeros}, '', NULL), (2, {zeros}, '', NULL), (3, {zeros}, '', NULL);
             INSERT INTO entry_body VALUES (1, '', 'a', 'b'), (2, '', 'a', 'b'), (3, '', 'a', 'b');
             INSERT INTO signing_key VALUES ('a', 1); INSERT INTO checkpoint VALUES (1, 1, '', 1, 1);
             INSERT INTO retention_run VALUES (3, 1, 2, 1); INSERT INTO removed_body VALUES (1, 'a', 3);"
    )))
    .await
    .unwrap();
    const LOG: &str = "the audit log is append-only";
    const SEALS: &str = "checkpoints are append-only";
    const RUN: &str = "retention removes only what its run names";
    let replaced = "ON CONFLICT (sequence) DO UPDATE SET mac = NULL";
    for (attack, refusal) in [
        ("UPDATE entry SET mac = NULL".to_owned(), LOG),
        ("DELETE FROM entry WHERE sequence = 3".to_owned(), LOG),
        ("TRUNCATE entry CASCADE".to_owned(), LOG),
        ("SET session_replication_role = replica; DELETE FROM entry".to_owned(), LOG),
        (format!("INSERT INTO entry VALUES (1, {zeros}, '', NULL)"), LOG),
        (format!("INSERT INTO entry VALUES (1, {zeros}, '', NULL) ON CONFLICT DO NOTHING"), LOG),
        (format!("INSERT INTO entry VALUES (1, {zeros}, '', NULL) {replaced}"), LOG),
        ("UPDATE entry_body SET stage = 'c'".to_owned(), LOG),
        ("DELETE FROM entry_body WHERE sequence = 2".to_owned(), LOG),
        ("TRUNCATE entry_body".to_owned(), LOG),
        (
            "CREATE TEMP TABLE removed_body (sequence BIGINT); INSERT INTO pg_temp.removed_body VALUES (2);
          DELETE FROM entry_body WHERE sequence = 2"
                .to_owned(),
            LOG,
        ),
        ("INSERT INTO entry_body VALUES (1, '', 'a', 'b') ON CONFLICT DO NOTHING".to_owned(), LOG),
        ("UPDATE retention_run SET days = 2".to_owned(), LOG),
        ("DELETE FROM retention_run".to_owned(), LOG),
        ("INSERT INTO retention_run VALUES (3, 1, 2, 1) ON CONFLICT DO NOTHING".to_owned(), LOG),
        ("UPDATE removed_body SET operation_id = 'b'".to_owned(), LOG),
        ("DELETE FROM removed_body".to_owned(), LOG),
        ("INSERT INTO removed_body VALUES (1, 'a', 3) ON CONFLICT DO NOTHING".to_owned(), LOG),
        ("INSERT INTO removed_body VALUES (3, 'a', 3)".to_owned(), RUN),
        ("UPDATE signing_key SET at = 2".to_owned(), SEALS),
        ("DELETE FROM signing_key".to_owned(), SEALS),
        ("INSERT INTO signing_key VALUES ('a', 2) ON CONFLICT DO NOTHING".to_owned(), SEALS),
        ("UPDATE checkpoint SET at = 2".to_owned(), SEALS),
        ("DELETE FROM checkpoint".to_owned(), SEALS),
        ("INSERT INTO checkpoint VALUES (1, 1, '', 1, 1) ON CONFLICT DO NOTHING".to_owned(), SEALS),
    ] {
        // Several statements in one message are one transaction.
        let refused = conn.execute(AssertSqlSafe(attack.clone())).await.expect_err(&attack);
        let message = refused.as_database_error().map(|error| error.message().to_owned());
        assert_eq!(message.as_deref(), Some(refusal), "{attack}: {refused}");
    }
    assert_eq!(conn.execute("DELETE FROM entry_body WHERE sequence = 1").await.unwrap().rows_affected(), 1);
}
