//! The table `factor`: second factors. Which of a person's rows count is in the person's own row.

use time::OffsetDateTime;

use crate::{
    Entry, FactorId, Person, PersonId, Read, Sealed, StoreError, Write,
    rows::{
        cells::{Cell, Checked, Fields},
        tables::FACTOR,
    },
    sql,
    values::micros,
    words,
};

words! {
    /// The kind of a second factor.
    pub enum FactorKind {
        /// Codes of an authenticator app (RFC 6238).
        Totp => "totp",
        /// A passkey (WebAuthn).
        Passkey => "passkey",
    }
}

/// A second factor, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// Its id.
    pub id: FactorId,
    /// Whose it is.
    pub person: PersonId,
    /// Its kind.
    pub kind: FactorKind,
    /// The name that the person gave it.
    pub name: String,
    /// When it was added.
    pub created_at: OffsetDateTime,
    /// When it was last used.
    pub last_used_at: Option<OffsetDateTime>,
}

/// A second factor with what checks it.
#[derive(Clone, Debug)]
pub struct StoredFactor {
    pub factor: Factor,
    pub sealed: Sealed,
    /// The time step of the newest code that was used, or the passkey's signature counter.
    pub used_up_to: i64,
}

/// The second factors of a person, oldest first: those that the person's row names and that the portal wrote.
pub async fn of_person(conn: &mut Read, person: &Person) -> Result<Vec<StoredFactor>, StoreError> {
    let rows = sql::query("SELECT * FROM factor WHERE person_id = ? ORDER BY id")
        .bind(person.id.to_string())
        .fetch_all(conn.database())
        .await?;
    let key = conn.row_key();
    let mut factors = Vec::new();
    for row in &rows {
        let Some(row) = FACTOR.check(key.as_ref(), Fields::of(row)?) else { continue };
        let found = stored(&row)?;
        let counts = person.factors.contains(&found.factor.id);
        factors.extend(FACTOR.only_if(key.as_ref(), row, counts).map(|_| found));
    }
    Ok(factors)
}

/// Adds a second factor. `credential_hash` is a passkey's, and is unique in the portal.
pub async fn insert(
    tx: &mut Write,
    stored: &StoredFactor,
    credential_hash: Option<&[u8]>,
    told: &Entry,
) -> Result<(), StoreError> {
    let StoredFactor { factor, sealed, used_up_to } = stored;
    sql::query(
        "INSERT INTO factor (id, person_id, kind, name, key_id, nonce, sealed, credential_hash, used_up_to, created_at,
                             last_used_at, recorded_in, mac)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, zeroblob(32))",
    )
    .bind(factor.id.to_string())
    .bind(factor.person.to_string())
    .bind(factor.kind.as_str())
    .bind(&factor.name)
    .bind(&sealed.key_id)
    .bind(&sealed.nonce)
    .bind(&sealed.bytes)
    .bind(credential_hash)
    .bind(used_up_to)
    .bind(micros(told.at))
    .bind(told.sequence)
    .execute(tx.database())
    .await?;
    FACTOR.seal(tx, &key(factor.id)).await
}

/// Whether a passkey is known already.
pub async fn is_known(conn: &mut Read, credential_hash: &[u8]) -> Result<bool, StoreError> {
    let found = sql::query("SELECT 1 FROM factor WHERE credential_hash = ?")
        .bind(credential_hash)
        .fetch_optional(conn.database())
        .await?;
    Ok(found.is_some())
}

/// Notes that a factor was used, if nobody used it since `stored` was read. Returns whether that is so.
pub async fn advance(
    tx: &mut Write,
    stored: &StoredFactor,
    used_up_to: i64,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    FACTOR.guard(tx, &key(stored.factor.id)).await?;
    let done = sql::query("UPDATE factor SET used_up_to = ?, last_used_at = ? WHERE id = ? AND used_up_to = ?")
        .bind(used_up_to)
        .bind(micros(now))
        .bind(stored.factor.id.to_string())
        .bind(stored.used_up_to)
        .execute(tx.database())
        .await?;
    FACTOR.seal(tx, &key(stored.factor.id)).await?;
    Ok(done.rows_affected() == 1)
}

/// Writes a factor's sealed secret again, as when a passkey's properties changed.
pub async fn reseal(tx: &mut Write, id: FactorId, sealed: &Sealed) -> Result<(), StoreError> {
    FACTOR.guard(tx, &key(id)).await?;
    sql::query("UPDATE factor SET key_id = ?, nonce = ?, sealed = ? WHERE id = ?")
        .bind(&sealed.key_id)
        .bind(&sealed.nonce)
        .bind(&sealed.bytes)
        .bind(id.to_string())
        .execute(tx.database())
        .await?;
    FACTOR.seal(tx, &key(id)).await
}

pub async fn remove(tx: &mut Write, id: FactorId) -> Result<(), StoreError> {
    sql::query("DELETE FROM factor WHERE id = ?").bind(id.to_string()).execute(tx.database()).await?;
    Ok(())
}

/// Removes all factors of a person, also those that do not count. Returns how many there were.
pub async fn remove_all(tx: &mut Write, person: PersonId) -> Result<u64, StoreError> {
    let done =
        sql::query("DELETE FROM factor WHERE person_id = ?").bind(person.to_string()).execute(tx.database()).await?;
    Ok(done.rows_affected())
}

fn stored(row: &Checked) -> Result<StoredFactor, StoreError> {
    Ok(StoredFactor {
        factor: Factor {
            id: row.parsed("id")?,
            person: row.parsed("person_id")?,
            kind: row.parsed("kind")?,
            name: row.text("name")?.to_owned(),
            created_at: row.instant("created_at")?,
            last_used_at: row.opt_instant("last_used_at")?,
        },
        sealed: Sealed {
            key_id: row.text("key_id")?.to_owned(),
            nonce: row.bytes("nonce")?.to_vec(),
            bytes: row.bytes("sealed")?.to_vec(),
        },
        used_up_to: row.number("used_up_to")?,
    })
}

fn key(id: FactorId) -> [Cell; 1] {
    [id.to_string().into()]
}
