//! Opening a database on a PostgreSQL server: one writer, a few readers, for each instance.

use std::{str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, Postgres,
    migrate::Migrator,
    pool::PoolOptions,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{error::StoreError, schema};

/// The oldest version that is tested.
const OLDEST: u32 = 14;
const READERS: u32 = 8;
/// How long an instance waits for the others' writes, and for a connection.
const BUSY: Duration = Duration::from_secs(10);
/// How many statements a connection keeps prepared. The store has about three hundred.
const PREPARED: usize = 512;
/// After this long without use, a connection is tried before it is used.
const FRESH: Duration = Duration::from_secs(5);
/// A writer that is silent for five seconds in the middle of a transaction loses it: its process may be frozen or cut off, and
/// others wait for its lock, for longer than that.
const WRITING: [(&str, &str); 2] = [("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "5s")];
const READING: [(&str, &str); 1] = [("default_transaction_read_only", "on")];
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// An open database.
pub(crate) struct Opened {
    /// `None` if it was opened for reading only.
    pub writer: Option<PgPool>,
    pub readers: PgPool,
    /// How the readers were opened.
    pub reading: PgConnectOptions,
}

/// Opens the database at this URL, and migrates it.
pub(crate) async fn connect(url: &str) -> Result<Opened, StoreError> {
    let options = options(url)?;
    let mut first = options.connect().await?;
    let is_forgetful = check_server(&mut first).await?;
    // Not `run`: what it takes is known for one lifetime only, so that no task could be spawned that opens a database.
    MIGRATIONS.run_direct(None, &mut first, false).await.map_err(StoreError::Migration)?;
    schema::postgres::learn(&mut first, &MIGRATIONS).await?;
    first.close().await?;
    let writing = options.clone().options(WRITING);
    let writing = if is_forgetful { writing.options([("synchronous_commit", "on")]) } else { writing };
    let writer = pool(1).idle_timeout(None).connect_with(writing).await?;
    let reading = options.options(READING);
    let readers = pool(READERS).connect_with(reading.clone()).await?;
    Ok(Opened { writer: Some(writer), readers, reading })
}

/// Opens the database at this URL for reading. Changes nothing.
pub(crate) async fn connect_read_only(url: &str) -> Result<Opened, StoreError> {
    let options = options(url)?;
    let reading = options.clone().options(READING);
    let mut first = options.connect().await?;
    check_server(&mut first).await?;
    check_schema(&mut first, &options).await?;
    if let Err(error) = schema::postgres::learn(&mut first, &MIGRATIONS).await {
        tracing::warn!(%error, "the schema of the database is not checked");
    }
    first.close().await?;
    let readers = pool(READERS).connect_with(reading.clone()).await?;
    Ok(Opened { writer: None, readers, reading })
}

fn options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(url)?;
    Ok(options.application_name("partner-portal").statement_cache_capacity(PREPARED))
}

/// Connections that may have been lost since they were last used, as when the server was started again.
fn pool(connections: u32) -> PoolOptions<Postgres> {
    PgPoolOptions::new().max_connections(connections).acquire_timeout(BUSY).test_before_acquire(false).before_acquire(
        |connection, about| {
            Box::pin(async move {
                if about.idle_for > FRESH {
                    connection.ping().await?;
                }
                Ok(true)
            })
        },
    )
}

/// Whether the server would answer COMMIT before the disk has what was written, so that a crash could lose entries.
async fn check_server(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let (version, encoding, commits): (String, String, String) = sqlx::query_as(
        "SELECT current_setting('server_version'), current_setting('server_encoding'),
                current_setting('synchronous_commit')",
    )
    .fetch_one(connection)
    .await?;
    let unsuitable = |why| Err(StoreError::Unsuitable { why });
    if !is_new_enough(&version) {
        return unsuitable(format!("PostgreSQL {version} is too old; {OLDEST} or newer is required"));
    }
    if encoding != "UTF8" {
        return unsuitable(format!("its encoding is {encoding}; create it with ENCODING 'UTF8'"));
    }
    Ok(commits == "off")
}

async fn check_schema(connection: &mut PgConnection, options: &PgConnectOptions) -> Result<(), StoreError> {
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    let is_there: bool =
        sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(&mut *connection).await?;
    let newest = "SELECT max(version) FROM _sqlx_migrations WHERE success";
    let applied: Option<i64> = if is_there { sqlx::query_scalar(newest).fetch_one(connection).await? } else { None };
    let found = match applied {
        Some(version) if version == known => return Ok(()),
        Some(version) => format!("schema {version}"),
        None => "no schema".to_owned(),
    };
    let database = options.get_database().unwrap_or(options.get_username());
    Err(StoreError::Schema { path: format!("{database} on {}", options.get_host()), found, known })
}

fn is_new_enough(version: &str) -> bool {
    let major = version.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
    major.parse::<u32>().is_ok_and(|major| major >= OLDEST)
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn a_postgresql_that_is_too_old_is_refused() {
        for old in ["9.6.24", "13.14 (Debian 13.14-0+deb11u1)", ""] {
            assert!(!is_new_enough(old), "{old}");
        }
        for new in ["14.0", "15.14 (Debian 15.14-0+deb12u1)", "18beta1"] {
            assert!(is_new_enough(new), "{new}");
        }
    }
}
