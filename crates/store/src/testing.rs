//! For tests: raw SQL, as somebody who can write the files of the data folder would run it, and query plans.

mod dialect;
pub mod in_place;
pub mod postgres;

use std::path::Path;

use sqlx::{ConnectOptions, Connection as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{
    DATABASE, Entry, Store, StoreError, TeamId, Write,
    index::Index,
    log,
    rows::tables,
    sql::{self, Connection, Row},
    teams::seen,
    values::parsed,
};

/// Somebody who can write a database, on a connection of their own: to SQLite's file, or as PostgreSQL's superuser.
pub struct Attacker(Access);

enum Access {
    File(SqliteConnection),
    Superuser(PgConnection),
}

impl Attacker {
    /// Opens a file, such as `portal.db` in a data folder.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        let folder = file.parent().filter(|_| file.ends_with(DATABASE));
        if let Some(folder) = folder
            && let Some(database) = in_place::of(folder).await?
        {
            return Ok(Self(Access::Superuser(postgres::server().superuser(&database).await?)));
        }
        Self::open_file(file).await
    }

    /// Opens a file of SQLite, also where tests use PostgreSQL in its place.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub async fn open_file(file: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new().filename(file).busy_timeout(std::time::Duration::from_secs(5));
        Ok(Self(Access::File(options.connect().await?)))
    }

    fn connection(&mut self) -> Connection<'_> {
        match &mut self.0 {
            Access::File(connection) => Connection::Sqlite(connection),
            Access::Superuser(connection) => Connection::Postgres(connection),
        }
    }

    /// Runs statements.
    ///
    /// # Errors
    /// If one fails.
    pub async fn execute(&mut self, sql: &str) -> Result<u64, StoreError> {
        run(self.connection(), sql).await
    }

    /// The first column of every row, as text; numbers in decimal digits, bytes in hexadecimal digits.
    ///
    /// # Errors
    /// If the statement fails.
    pub async fn column(&mut self, sql: &str) -> Result<Vec<String>, StoreError> {
        let rows = sql::query(sql.to_owned()).fetch_all(self.connection()).await?;
        let text = |row: &Row| match row.value(0)? {
            None | Some(Ok(sql::Value::Null(_) | sql::Value::List(_))) => Ok(String::new()),
            Some(Ok(sql::Value::Number(number))) => Ok(number.to_string()),
            Some(Ok(sql::Value::Text(text))) => Ok(text),
            Some(Ok(sql::Value::Bytes(bytes))) => Ok(hex::encode(bytes)),
            Some(Err(why)) => Err(StoreError::damaged("value", why)),
        };
        rows.iter().map(text).collect()
    }

    /// The tables of `portal.db` in the order in which the migrations make them.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn tables(&mut self) -> Result<Vec<String>, StoreError> {
        let all = match self.connection().is_postgres() {
            true => {
                "SELECT relname::text FROM pg_class
                  WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname <> '_sqlx_migrations'
                  ORDER BY oid"
            }
            false => {
                "SELECT name FROM sqlite_schema
                  WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations' ORDER BY rowid"
            }
        };
        self.column(all).await
    }

    /// The columns of a table, in their order.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn columns(&mut self, table: &str) -> Result<Vec<TestedColumn>, StoreError> {
        let columns = match self.connection().is_postgres() {
            true => format!(
                "SELECT attname || ' ' || format_type(atttypid, atttypmod) || ' ' || CASE WHEN attnum = ANY (indkey) THEN 1 ELSE 0 END
                   FROM pg_attribute JOIN pg_index ON indrelid = attrelid AND indisprimary
                  WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
            ),
            false => format!("SELECT name || ' ' || type || ' ' || (pk > 0) FROM pragma_table_info('{table}') ORDER BY cid"),
        };
        let columns = self.column(&columns).await?;
        let read = |text: &String| {
            let mut words = text.split(' ');
            let (name, kind, is_key) = (words.next()?, words.next()?, words.next()?);
            Some(TestedColumn {
                name: name.to_owned(),
                is_number: ["INTEGER", "bigint"].contains(&kind),
                is_bytes: ["BLOB", "bytea"].contains(&kind),
                is_key: is_key == "1",
            })
        };
        Ok(columns.iter().filter_map(read).collect())
    }

    /// PostgreSQL's plan of a statement, a line per step, where reading a table from end to end is the last resort. `None` if
    /// it has no plan.
    ///
    /// # Errors
    /// If the connection is lost.
    pub async fn plan(&mut self, statement: &str) -> Result<Option<Vec<String>>, StoreError> {
        let settings = "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan";
        self.connection().run(settings).await?;
        if self.connection().run(format!("PREPARE planned AS {statement}")).await.is_err() {
            return Ok(None);
        }
        let number = |text: &str| text.split(|letter: char| !letter.is_ascii_digit()).next()?.parse::<usize>().ok();
        let parameters = statement.split('$').skip(1).filter_map(number).max().unwrap_or_default();
        let nulls = vec!["NULL"; parameters].join(", ");
        let nulls = if nulls.is_empty() { nulls } else { format!("({nulls})") };
        let steps = self.column(&format!("EXPLAIN EXECUTE planned {nulls}")).await?;
        self.connection().run("DEALLOCATE planned").await?;
        Ok(Some(steps))
    }

    /// Puts the rows of one table into another, in place of all that have a unique value of theirs.
    ///
    /// # Errors
    /// If they cannot be written.
    pub async fn replace_rows(&mut self, table: &str, from: &str) -> Result<(), StoreError> {
        if !self.connection().is_postgres() {
            self.execute(&format!("INSERT OR REPLACE INTO {table} SELECT * FROM {from}")).await?;
            return Ok(());
        }
        let unique = format!(
            "SELECT string_agg(attname, ', ') FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
              WHERE indrelid = '{table}'::regclass AND indisunique AND indexprs IS NULL GROUP BY indexrelid"
        );
        for columns in self.column(&unique).await? {
            let those = format!("DELETE FROM {table} WHERE ({columns}) IN (SELECT {columns} FROM {from})");
            self.execute(&those).await?;
        }
        self.execute(&format!("INSERT INTO {table} SELECT * FROM {from}")).await?;
        Ok(())
    }

    /// Makes the database take no further entry, or take them again.
    ///
    /// # Errors
    /// If the trigger cannot be made or removed.
    pub async fn refuse_entries(&mut self, refuse: bool) -> Result<(), StoreError> {
        let statement = match (self.connection().is_postgres(), refuse) {
            (true, true) => {
                "CREATE TRIGGER full_disk BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION refuse('full')"
            }
            (true, false) => "DROP TRIGGER full_disk ON entry",
            (false, true) => "CREATE TRIGGER full_disk BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'full'); END",
            (false, false) => "DROP TRIGGER full_disk",
        };
        self.connection().run(statement).await?;
        Ok(())
    }

    /// Removes every trigger, as somebody would who wants to change the log.
    ///
    /// # Errors
    /// If one cannot be removed.
    pub async fn drop_triggers(&mut self) -> Result<(), StoreError> {
        let all = match self.connection().is_postgres() {
            true => "SELECT tgname::text || ' ON ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal",
            false => "SELECT name FROM sqlite_schema WHERE type = 'trigger'",
        };
        for trigger in self.column(all).await? {
            self.execute(&format!("DROP TRIGGER {trigger}")).await?;
        }
        Ok(())
    }

    /// Closes the connection.
    ///
    /// # Errors
    /// If it cannot be closed.
    pub async fn close(self) -> Result<(), StoreError> {
        match self.0 {
            Access::File(connection) => connection.close().await?,
            Access::Superuser(connection) => connection.close().await?,
        }
        Ok(())
    }
}

/// Runs statements in SQLite's dialect. PostgreSQL gets what can be translated of them.
async fn run(mut connection: Connection<'_>, sql: &str) -> Result<u64, StoreError> {
    if !connection.is_postgres() {
        return Ok(connection.run(sql).await?);
    }
    let mut rows = 0;
    for statement in dialect::for_postgres(sql) {
        rows += connection.again().run(statement).await?;
    }
    Ok(rows)
}

/// A column, as tests see it that change every one.
#[derive(Clone, Debug)]
pub struct TestedColumn {
    /// Its name.
    pub name: String,
    /// Whether it holds numbers.
    pub is_number: bool,
    /// Whether it holds bytes. If neither, it holds text.
    pub is_bytes: bool,
    /// Whether it is part of the table's key.
    pub is_key: bool,
}

/// A parameter of a statement.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// A number.
    Number(i64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Text.
    Text(&'a str),
}

impl Write {
    /// Runs statements with parameters in this transaction.
    ///
    /// # Errors
    /// If one fails.
    pub async fn execute_with(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<u64, StoreError> {
        // PostgreSQL takes one statement at a time, each with all parameters.
        let statements = match self.database().is_postgres() {
            true => sql.split(';').filter_map(|statement| dialect::statement(statement.trim())).collect(),
            false => vec![sql.to_owned()],
        };
        let mut rows = 0;
        for statement in statements {
            let query = parameters.iter().fold(sql::query(statement), |query, parameter| match *parameter {
                Value::Number(number) => query.bind(number),
                Value::Bytes(bytes) => query.bind(bytes),
                Value::Text(text) => query.bind(text),
            });
            rows += query.execute(self.database()).await?.rows_affected();
        }
        Ok(rows)
    }

    /// Writes an entry with these hashes at the sequence that it names, as [`crate::append`] writes new ones.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn put_entry(&mut self, entry: &Entry, subtrees: &[u8]) -> Result<(), StoreError> {
        log::insert_entry(self, entry, subtrees).await
    }

    /// Writes the HMACs of every row of a table again, as if the portal had written what is in them.
    ///
    /// # Errors
    /// If there is no such table, or it cannot be written.
    pub async fn write_macs(&mut self, table: &str) -> Result<(), StoreError> {
        let found = tables::all().into_iter().find(|known| known.name == table);
        let table = found.ok_or_else(|| StoreError::damaged("table", "it has no HMACs"))?;
        table.seal_all(self).await?;
        if table.name == tables::SEEN.name {
            for team in sql::query_scalar::<String>("SELECT team_id FROM watch").fetch_all(self.database()).await? {
                let team: TeamId = parsed("team id", &team)?;
                if let Some(watch) = seen::watch(self, team).await? {
                    seen::set_watch(self, team, &watch).await?;
                }
            }
        }
        Ok(())
    }

    /// Runs statements in this transaction.
    ///
    /// # Errors
    /// If one fails.
    pub async fn execute(&mut self, sql: &str) -> Result<u64, StoreError> {
        run(self.database(), sql).await
    }
}

impl Store {
    /// Runs statements as the portal's own writer.
    ///
    /// # Errors
    /// If one fails.
    pub async fn execute(&self, sql: &str) -> Result<u64, StoreError> {
        let mut tx = self.write().await?;
        let rows = tx.execute(sql).await?;
        tx.commit().await?;
        Ok(rows)
    }
}

impl Index {
    /// Runs statements as the index's own writer.
    ///
    /// # Errors
    /// If one fails.
    pub async fn execute(&self, sql: &str) -> Result<u64, StoreError> {
        self.run(sql).await
    }
}

/// A database with nothing but one table, to compare the cost of an append with.
pub struct BareDatabase(sqlx::SqlitePool);

impl BareDatabase {
    /// Opens `bare.db` in this folder, with the same durability as the portal's database.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        use sqlx::sqlite::{SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
        let options = SqliteConnectOptions::new()
            .filename(folder.join("bare.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        sqlx::query("CREATE TABLE IF NOT EXISTS entry (sequence INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")
            .execute(&pool)
            .await?;
        Ok(Self(pool))
    }

    /// Inserts a row in a transaction of its own.
    ///
    /// # Errors
    /// If it fails.
    pub async fn insert(&self, body: Vec<u8>) -> Result<(), StoreError> {
        let insert = sqlx::query("INSERT INTO entry (body) VALUES (?)").bind(body);
        let mut tx = self.0.begin_with("BEGIN IMMEDIATE").await?;
        insert.execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// Closes it.
    pub async fn close(&self) {
        self.0.close().await;
    }
}
