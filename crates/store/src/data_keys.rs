//! The table `data_key`: the random keys that rows, hashes and sealed secrets depend on, each sealed with a master key.
//! What they are used for is up to the caller.

use crate::{
    Read, StoreError, Write,
    log::tree,
    sql::{self, Row},
    values::parsed,
    words,
};

words! {
    /// What a data key is for.
    #[derive(Default)]
    pub enum KeyPurpose {
        #[default]
        /// Keyed hashes of secrets that the database must not hold, and fingerprints.
        Hash => "hash",
        /// HMACs of rows.
        Row => "row",
        /// Sealing secrets that the portal must be able to read again.
        Seal => "seal",
    }
}

words! {
    /// Where a data key stands.
    #[derive(Default)]
    pub enum KeyState {
        #[default]
        /// It is new. Nothing is written with it until every process knows it.
        Announced => "announced",
        /// It is used for everything that is written.
        Current => "current",
        /// It was replaced. What was written with it is moved to the current one.
        Old => "old",
    }
}

/// A sealed data key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataKey {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Where it stands.
    pub state: KeyState,
    /// The id of the master key that sealed it.
    pub key_id: String,
    /// 24 random bytes.
    pub nonce: Vec<u8>,
    /// The ciphertext.
    pub sealed: Vec<u8>,
    /// When it was made, in microseconds.
    pub created_at: i64,
}

/// Every data key.
///
/// # Errors
/// [`StoreError::Damaged`] if there is a log and no key: somebody removed it.
pub async fn all(conn: &mut Read) -> Result<Vec<DataKey>, StoreError> {
    let rows = sql::query("SELECT id, purpose, state, key_id, nonce, sealed, created_at FROM data_key ORDER BY id")
        .fetch_all(conn.database())
        .await?;
    if rows.is_empty() && tree::size(conn).await? > 0 {
        return Err(StoreError::damaged("data key", "all are missing, though the audit log has entries"));
    }
    rows.iter().map(data_key).collect()
}

/// Refuses what was sealed with a key that is not the current one any more: nothing would seal it again.
///
/// # Errors
/// [`StoreError::SealedWithOldKey`].
pub(crate) async fn check_sealed(tx: &mut Write, key_id: &str) -> Result<(), StoreError> {
    let is_current: bool = sql::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM data_key WHERE id = ? AND purpose = 'seal' AND state = 'current')",
    )
    .bind(key_id)
    .fetch_one(tx.database())
    .await?;
    if is_current { Ok(()) } else { Err(StoreError::SealedWithOldKey) }
}

/// Writes a key, in place of one with the same id.
pub async fn put(tx: &mut Write, key: &DataKey) -> Result<(), StoreError> {
    sql::query(
        "INSERT INTO data_key (id, purpose, state, key_id, nonce, sealed, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE
             SET state = excluded.state, key_id = excluded.key_id, nonce = excluded.nonce, sealed = excluded.sealed",
    )
    .bind(&key.id)
    .bind(key.purpose.as_str())
    .bind(key.state.as_str())
    .bind(&key.key_id)
    .bind(&key.nonce)
    .bind(&key.sealed)
    .bind(key.created_at)
    .execute(tx.database())
    .await?;
    Ok(())
}

/// Removes a key. What depends on it can be neither read nor checked any more.
pub async fn remove(tx: &mut Write, id: &str) -> Result<(), StoreError> {
    sql::query("DELETE FROM data_key WHERE id = ?").bind(id).execute(tx.database()).await?;
    Ok(())
}

fn data_key(row: &Row) -> Result<DataKey, StoreError> {
    Ok(DataKey {
        id: row.try_get("id")?,
        purpose: parsed("purpose of a data key", row.try_get("purpose")?)?,
        state: parsed("state of a data key", row.try_get("state")?)?,
        key_id: row.try_get("key_id")?,
        nonce: row.try_get("nonce")?,
        sealed: row.try_get("sealed")?,
        created_at: row.try_get("created_at")?,
    })
}
