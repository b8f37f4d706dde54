//! Writing the HMACs of every row again, with the current key, while the key is rotated.

use super::{
    cells::Cell,
    row_key::IsCurrent,
    tables::{self, SEEN, WATCH},
};
use crate::{Read, Store, StoreError, teams::seen};

/// How many rows are written in one transaction, so that nobody waits for it.
const AT_ONCE: i64 = 100;

/// Writes every row again that the portal wrote with another key. Others may write meanwhile. It can be stopped at any
/// point and begun again.
///
/// # Errors
/// If the database cannot be written.
pub async fn follow_keys(store: &Store) -> Result<(), StoreError> {
    for table in tables::all() {
        if [SEEN.name, WATCH.name].contains(&table.name) {
            continue;
        }
        let mut last: Option<Vec<Cell>> = None;
        loop {
            let mut tx = store.write().await?;
            let next = table.follow_keys(&mut tx, last.as_deref(), AT_ONCE).await?;
            tx.commit().await?;
            match next {
                Some(key) => last = Some(key),
                None => break,
            }
        }
    }
    let watched = seen::watched(&mut store.read().await?).await?;
    for team in watched {
        let mut tx = store.write().await?;
        seen::follow_keys(&mut tx, team).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// How many rows the portal wrote with another key than the current one.
///
/// # Errors
/// If the database cannot be read.
pub async fn of_other_keys(conn: &mut Read) -> Result<usize, StoreError> {
    let key = conn.row_key().ok_or(StoreError::NoRowKey)?;
    let mut count = 0;
    for table in tables::all() {
        let rows = table.all(conn).await?;
        count += rows.iter().filter(|row| table.verify(&key, row) == Some(IsCurrent(false))).count();
    }
    Ok(count)
}
