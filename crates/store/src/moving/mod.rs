//! Moving a portal from one database to another, SQLite's or PostgreSQL's. Every row is copied as it is, so that its HMAC stays
//! genuine, and then every row of the two databases is compared.
//!
//! The log is copied entry by entry, in transactions of a thousand rows. An interrupted copy continues after the last of them.
//! Tables that change in ordinary use are copied again from the start, in one transaction.

mod copy;
mod tables;
#[cfg(test)]
mod tests;

use self::{
    copy::{copy_anew, copy_new, digest},
    tables::{CHANGING, GROWING},
};
use crate::{Store, StoreError, connection::Write, log::tree, sql};

/// What was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Rows that were copied now.
    pub rows: u64,
    /// Rows that the databases have, all of them compared.
    pub compared: u64,
}

/// Copies everything from one database to another, and compares them. Nobody writes the first one meanwhile: its write lock
/// is held. `seen` is called after each step with the table and the number of its rows that were copied.
///
/// # Errors
/// [`StoreError::Damaged`] if the second database has anything that the first one has not.
pub async fn copy(from: &Store, to: &Store, mut seen: impl FnMut(&str, u64)) -> Result<Copied, StoreError> {
    let mut source = patient(from.write().await?).await?;
    let mut copied = Copied::default();
    for table in GROWING {
        let rows = copy_new(&mut source, to, table, &mut seen).await?;
        copied.rows += rows;
    }
    copied.rows += copy_anew(&mut source, to, CHANGING, &mut seen).await?;
    copied.compared = compare(&mut source, to).await?;
    source.leave().await?;
    Ok(copied)
}

/// A transaction that PostgreSQL does not end while the other database is at work.
async fn patient(mut tx: Write) -> Result<Write, StoreError> {
    if tx.database().is_postgres() {
        tx.database().run("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
    }
    Ok(tx)
}

async fn compare(source: &mut Write, to: &Store) -> Result<u64, StoreError> {
    let mut target = to.snapshot().await?;
    let mut compared = 0;
    for table in GROWING.iter().chain(CHANGING) {
        let (ours, theirs) = (digest(source, table).await?, digest(&mut target, table).await?);
        if ours != theirs {
            let why = format!("the two databases differ in the table {}", table.name);
            return Err(StoreError::damaged("copy", why));
        }
        compared += ours.rows;
    }
    Ok(compared)
}

/// Refuses a database that holds something, but for a part of a log that `from` has as well.
///
/// # Errors
/// [`StoreError::Damaged`] if it holds something else.
pub async fn check_target(from: &Store, to: &Store) -> Result<(), StoreError> {
    let newest = "SELECT sequence, leaf_hash FROM entry ORDER BY sequence DESC LIMIT 1";
    let theirs: Option<(i64, Vec<u8>)> = sql::query_as(newest).fetch_optional(to.read().await?.database()).await?;
    let Some((sequence, theirs)) = theirs else {
        return match anybody(to).await? {
            false => Ok(()),
            true => Err(StoreError::damaged("target", "it is the database of another portal")),
        };
    };
    match tree::leaf(&mut from.read().await?, sequence).await? {
        Some(ours) if ours == theirs => Ok(()),
        _ => Err(StoreError::damaged("target", "it is the database of another portal")),
    }
}

async fn anybody(store: &Store) -> Result<bool, StoreError> {
    let any = "SELECT EXISTS (SELECT 1 FROM person) OR EXISTS (SELECT 1 FROM data_key)";
    Ok(sql::query_scalar(any).fetch_one(store.read().await?.database()).await?)
}
