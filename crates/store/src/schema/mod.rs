//! How the database differs from what the migrations make. Somebody who can write the database can add a trigger that changes
//! what the portal writes, or leave rows out of an index, and no row would tell.

mod object;
pub(crate) mod postgres;
mod sqlite;

use self::object::Object;
use crate::{
    Read, StoreError, Write,
    sql::{self, Connection},
};

crate::words! {
    /// How something differs.
    pub enum SchemaFault {
        /// The migrations do not make it.
        Unexpected => "unexpected",
        /// It is not as the migrations make it.
        Changed => "changed",
        /// It is not there.
        Missing => "missing",
    }
}

/// A table, index, trigger or view that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaDifference {
    /// How.
    pub fault: SchemaFault,
    /// `table`, `index`, `trigger` or `view`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// Everything that differs, in the order of its names.
pub async fn differences(conn: &mut Read) -> Result<Vec<SchemaDifference>, StoreError> {
    let (expected, found) = match conn.database() {
        Connection::Sqlite(connection) => (sqlite::expected().await?, sqlite::objects(connection).await?),
        Connection::Postgres(connection) => (postgres::expected()?, postgres::objects(connection).await?),
    };
    let same = |one: &Object, other: &Object| (&one.0, &one.1) == (&other.0, &other.1);
    let mut differences = Vec::new();
    for object in &found {
        let fault = match expected.iter().find(|known| same(known, object)) {
            Some(known) if known == object => continue,
            Some(_) => SchemaFault::Changed,
            None => SchemaFault::Unexpected,
        };
        differences.push(SchemaDifference { fault, kind: object.0.clone(), name: object.1.clone() });
    }
    let missing = expected.iter().filter(|known| !found.iter().any(|object| same(known, object)));
    differences.extend(missing.map(|known| SchemaDifference {
        fault: SchemaFault::Missing,
        kind: known.0.clone(),
        name: known.1.clone(),
    }));
    Ok(differences)
}

/// A number that changes with each change of the schema.
pub async fn version(conn: &mut Read) -> Result<i64, StoreError> {
    Ok(sql::query_scalar(sql::each("PRAGMA schema_version", postgres::VERSION)).fetch_one(conn.database()).await?)
}

/// What SQLite finds first if it reads the whole database, such as a row that an index lacks. PostgreSQL's own tool for that is
/// `pg_amcheck`, which the portal does not run.
pub async fn damage(conn: &mut Read) -> Result<Option<String>, StoreError> {
    if conn.database().is_postgres() {
        return Ok(None);
    }
    let found: String = sql::query_scalar("PRAGMA integrity_check(1)").fetch_one(conn.database()).await?;
    Ok((found != "ok").then_some(found))
}

/// Removes triggers, indexes, views and functions that the migrations do not make, makes those that they do, and fills every
/// index again. Returns what cannot be repaired like this.
pub async fn repair(tx: &mut Write) -> Result<Vec<SchemaDifference>, StoreError> {
    let (expected, drop): (_, fn(&Object) -> String) = match tx.database() {
        Connection::Sqlite(_) => (sqlite::expected().await?, sqlite::drop),
        Connection::Postgres(_) => (postgres::expected()?, postgres::drop),
    };
    for SchemaDifference { fault, kind, name } in differences(tx).await? {
        let is_it = |object: &&Object| (&object.0, &object.1) == (&kind, &name);
        let made = expected.iter().find(is_it);
        if !["trigger", "index", "view", "function"].contains(&kind.as_str()) || name.contains('"') {
            continue;
        }
        // A function is replaced, since triggers depend on it.
        if fault != SchemaFault::Missing && !(kind == "function" && made.is_some()) {
            let found = match tx.database() {
                Connection::Sqlite(connection) => sqlite::objects(connection).await?,
                Connection::Postgres(connection) => postgres::objects(connection).await?,
            };
            if let Some(found) = found.iter().find(is_it) {
                run(tx, drop(found)).await?;
            }
        }
        if let Some(statement) = made.and_then(|made| made.3.clone()) {
            run(tx, statement).await?;
        }
    }
    if tx.database().is_postgres() {
        for table in expected.iter().filter(|object| object.0 == "table") {
            run(tx, format!("REINDEX TABLE {}", table.1)).await?;
        }
    } else {
        run(tx, "REINDEX".to_owned()).await?;
    }
    differences(tx).await
}

async fn run(tx: &mut Write, statement: String) -> Result<(), StoreError> {
    tx.database().run(statement).await.map_err(StoreError::Unwritable)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{
        SchemaFault::{self, Changed, Missing, Unexpected},
        damage, differences, repair, version,
    };
    use crate::{
        DATABASE, Store,
        testing::{Attacker, in_place::is_postgres},
    };

    /// Leaves one row out of an index, whose statement stays the same.
    const HIDDEN_FROM_INDEX: &str = "
        INSERT INTO session (id_hash, label, person_id, created_at, last_used_at, expires_at, signed_in_with,
                             second_factor, factor_at, kept, recorded_in, mac)
        VALUES (zeroblob(32), 'l', 'p', 0, 0, 0, 'password', 0, 0, 0, 1, zeroblob(32));
        DROP INDEX session_by_person; CREATE INDEX session_by_person ON session (person_id) WHERE person_id <> 'p';
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE INDEX session_by_person ON session (person_id)' WHERE name = 'session_by_person';
        PRAGMA writable_schema = RESET";

    async fn attacked(statements: &str) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let mut attacker = Attacker::open(&folder.path().join(DATABASE)).await.unwrap();
        if !is_postgres() {
            attacker.execute("PRAGMA foreign_keys = OFF").await.unwrap();
        }
        attacker.execute(statements).await.unwrap();
        attacker.close().await.unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn what_the_migrations_make_differs_in_nothing() {
        let (_folder, store) = attacked("ANALYZE").await;
        let mut conn = store.snapshot().await.unwrap();
        assert_eq!(differences(&mut conn).await.unwrap(), []);
        assert_eq!(damage(&mut conn).await.unwrap(), None);
    }

    /// A change of the schema, how it is named, and whether it can be repaired.
    type Change = (&'static str, SchemaFault, &'static str, &'static str, bool);

    const OF_BOTH: [Change; 5] = [
        ("CREATE INDEX zz ON entry (leaf_hash)", Unexpected, "index", "zz", true),
        ("CREATE VIEW zz AS SELECT 1 AS a", Unexpected, "view", "zz", true),
        ("DROP INDEX operation_by_team", Missing, "index", "operation_by_team", true),
        (
            "DROP INDEX operation_by_team; CREATE INDEX operation_by_team ON operation (team_id) WHERE sequence <> 3",
            Changed,
            "index",
            "operation_by_team",
            true,
        ),
        ("ALTER TABLE person ADD COLUMN zz TEXT", Changed, "table", "person", false),
    ];

    const OF_SQLITE: [Change; 4] = [
        ("CREATE TRIGGER zz AFTER INSERT ON entry BEGIN SELECT 1; END", Unexpected, "trigger", "zz", true),
        ("CREATE TABLE zz (a)", Unexpected, "table", "zz", false),
        ("DROP TRIGGER entry_is_never_changed", Missing, "trigger", "entry_is_never_changed", true),
        (
            "DROP TRIGGER entry_is_never_changed;
             CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry BEGIN SELECT 1; END",
            Changed,
            "trigger",
            "entry_is_never_changed",
            true,
        ),
    ];

    const OF_POSTGRES: [Change; 8] = [
        (
            "CREATE TRIGGER zz BEFORE UPDATE ON person FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            Unexpected,
            "trigger",
            "zz",
            true,
        ),
        ("CREATE TABLE zz (a BIGINT)", Unexpected, "table", "zz", false),
        ("DROP TRIGGER entry_is_never_changed ON entry", Missing, "trigger", "entry_is_never_changed", true),
        (
            "ALTER TABLE entry DISABLE TRIGGER entry_is_never_changed",
            Changed,
            "trigger",
            "entry_is_never_changed",
            true,
        ),
        (
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            Changed,
            "function",
            "refuse",
            true,
        ),
        ("CREATE FUNCTION zz() RETURNS BIGINT LANGUAGE sql AS 'SELECT 1::BIGINT'", Unexpected, "function", "zz", true),
        ("CREATE RULE zz AS ON UPDATE TO person DO INSTEAD NOTHING", Changed, "table", "person", false),
        ("ALTER TABLE person ENABLE ROW LEVEL SECURITY", Changed, "table", "person", false),
    ];

    #[tokio::test]
    async fn whatever_is_added_changed_or_removed_is_named_and_repaired_if_no_row_depends_on_it() {
        let of_one: &[Change] = if is_postgres() { &OF_POSTGRES } else { &OF_SQLITE };
        for (statements, fault, kind, name, is_repaired) in OF_BOTH.iter().chain(of_one).copied() {
            let (_folder, store) = attacked(statements).await;
            let found = differences(&mut store.read().await.unwrap()).await.unwrap();
            let [found] = &found[..] else { panic!("{found:?}: {statements}") };
            assert_eq!((found.fault, found.kind.as_str(), found.name.as_str()), (fault, kind, name));
            let mut tx = store.write().await.unwrap();
            assert_eq!(repair(&mut tx).await.unwrap().is_empty(), is_repaired, "{statements}");
        }
    }

    #[tokio::test]
    async fn each_change_of_the_schema_makes_another_version() {
        let (folder, store) = attacked("SELECT 1").await;
        let mut before = version(&mut store.read().await.unwrap()).await.unwrap();
        assert_eq!(version(&mut store.read().await.unwrap()).await.unwrap(), before);
        let of_one: &[Change] = if is_postgres() { &OF_POSTGRES } else { &OF_SQLITE };
        let mut attacker = Attacker::open(&folder.path().join(DATABASE)).await.unwrap();
        for (statements, ..) in of_one {
            if attacker.execute(statements).await.is_ok() {
                let after = version(&mut store.read().await.unwrap()).await.unwrap();
                assert_ne!(after, before, "{statements}");
                before = after;
            }
        }
    }

    #[tokio::test]
    async fn a_row_that_an_index_lacks_is_found_and_the_index_filled_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_file(folder.path()).await.unwrap();
        let mut attacker = Attacker::open_file(&folder.path().join(DATABASE)).await.unwrap();
        attacker.execute(&format!("PRAGMA foreign_keys = OFF; {HIDDEN_FROM_INDEX}")).await.unwrap();
        attacker.close().await.unwrap();
        let mut tx = store.write().await.unwrap();
        assert_eq!(differences(&mut tx).await.unwrap(), []);
        let found = damage(&mut tx).await.unwrap().unwrap();
        assert!(found.contains("session_by_person"), "{found}");
        repair(&mut tx).await.unwrap();
        assert_eq!(damage(&mut tx).await.unwrap(), None);
    }
}
