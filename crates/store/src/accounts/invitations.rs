//! The table `invitation`: one-time links, stored as the keyed hash of their secret.

use time::OffsetDateTime;

use crate::{
    Entry, OperationId, PersonId, Read, StoreError, Write,
    rows::{
        cells::{Cell, Checked, Fields},
        tables::INVITATION,
    },
    sql::{self, Row},
    values::{micros, parsed},
};

/// Who a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationFor {
    /// The first admin, who enters their own name and e-mail.
    FirstAdmin,
    /// An existing person, who chooses a password.
    Person(PersonId),
}

/// Whether another admin has to release a link before it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Nobody has to.
    NotNeeded,
    /// Somebody has to.
    Needed,
    /// Somebody has, in this operation.
    Done(OperationId),
}

/// A one-time link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The keyed hash of its secret.
    pub secret_hash: [u8; 32],
    /// Who it is for.
    pub purpose: InvitationFor,
    /// The operation that made it. The link for the set-up has none.
    pub made_in: Option<OperationId>,
    pub release: Release,
    /// Whether it also removes the person's second factors.
    pub recovers: bool,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT invitation.*, 'log' AS \"table\",
                    (SELECT sequence FROM operation INDEXED BY operation_on_person
                      WHERE target_type = 'person' AND outcome = 'succeeded' AND target_id = invitation.person_id
                        AND team_id IS NULL
                        AND action IN ('person.invite', 'person.release', 'person.join', 'person.provider',
                                       'person.disable')
                      ORDER BY sequence DESC LIMIT 1) AS newest
               FROM invitation ",
            $rest
        )
    };
}

/// Stores a link. The entry about an invitation records it; the link for the set-up has none.
pub async fn insert(
    tx: &mut Write,
    link: &Link,
    told: Option<&Entry>,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    let (purpose, person) = columns(link.purpose);
    let (needs_release, released_in) = match link.release {
        Release::NotNeeded => (false, None),
        Release::Needed => (true, None),
        Release::Done(operation) => (true, Some(operation)),
    };
    sql::query(
        "INSERT INTO invitation (secret_hash, purpose, person_id, created_at, expires_at, made_in, needs_release,
                                 released_in, recovers, recorded_in, mac)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, zeroblob(32))",
    )
    .bind(link.secret_hash.as_slice())
    .bind(purpose)
    .bind(person)
    .bind(micros(told.map_or(now, |told| told.at)))
    .bind(micros(expires_at))
    .bind(link.made_in.map(|operation| operation.to_string()))
    .bind(needs_release)
    .bind(released_in.map(|operation| operation.to_string()))
    .bind(link.recovers)
    .bind(told.map(|told| told.sequence))
    .execute(tx.database())
    .await?;
    INVITATION.seal(tx, &key(link)).await
}

/// The link with this secret, unless it has expired, was used or replaced, or does not exist.
pub async fn find(conn: &mut Read, secret_hash: &[u8], now: OffsetDateTime) -> Result<Option<Link>, StoreError> {
    let row = sql::query(select!("WHERE secret_hash = ? AND expires_at > ?"))
        .bind(secret_hash)
        .bind(micros(now))
        .fetch_optional(conn.database())
        .await?;
    let Some(row) = row else { return Ok(None) };
    checked(conn, &row)?.map(|row| link(&row)).transpose()
}

/// The link of a person, unless it has expired, was used or replaced, and when it was made.
pub async fn of_person(
    conn: &mut Read,
    person: PersonId,
    now: OffsetDateTime,
) -> Result<Option<(Link, OffsetDateTime)>, StoreError> {
    let rows = sql::query(select!("WHERE purpose = 'invite' AND person_id = ? AND expires_at > ?"))
        .bind(person.to_string())
        .bind(micros(now))
        .fetch_all(conn.database())
        .await?;
    // The portal keeps one for each person. Somebody may have written others beside it.
    for row in &rows {
        if let Some(row) = checked(conn, row)? {
            return Ok(Some((link(&row)?, row.instant("created_at")?)));
        }
    }
    Ok(None)
}

/// Releases a link. `told` is the entry that records it.
pub async fn release(tx: &mut Write, link: &Link, told: &Entry) -> Result<(), StoreError> {
    INVITATION.guard(tx, &key(link)).await?;
    sql::query("UPDATE invitation SET released_in = ?, recorded_in = ? WHERE secret_hash = ?")
        .bind(told.operation_id.to_string())
        .bind(told.sequence)
        .bind(link.secret_hash.as_slice())
        .execute(tx.database())
        .await?;
    INVITATION.seal(tx, &key(link)).await
}

/// Removes every link for the same.
pub async fn remove(tx: &mut Write, purpose: InvitationFor) -> Result<(), StoreError> {
    let (purpose, person) = columns(purpose);
    sql::query("DELETE FROM invitation WHERE purpose = ? AND person_id IS ?")
        .bind(purpose)
        .bind(person)
        .execute(tx.database())
        .await?;
    Ok(())
}

fn columns(purpose: InvitationFor) -> (&'static str, Option<String>) {
    match purpose {
        InvitationFor::FirstAdmin => ("setup", None),
        InvitationFor::Person(id) => ("invite", Some(id.to_string())),
    }
}

fn key(link: &Link) -> [Cell; 1] {
    [link.secret_hash.as_slice().into()]
}

/// A link's row, if the portal wrote it and no later entry has replaced or used it.
fn checked(conn: &Read, row: &Row) -> Result<Option<Checked>, StoreError> {
    let mut parts = Fields::parts(row)?.into_iter();
    let (Some(link), Some(log)) = (parts.next(), parts.next()) else { return Ok(None) };
    let key = conn.row_key();
    let Some(link) = INVITATION.check(key.as_ref(), link) else { return Ok(None) };
    let newest = Checked::unsealed(log).opt_number("newest")?;
    INVITATION.check_newest(key.as_ref(), link, newest)
}

fn link(row: &Checked) -> Result<Link, StoreError> {
    let operation = |column: &'static str| row.opt_text(column)?.map(|id| parsed(column, id)).transpose();
    let secret_hash = row.bytes("secret_hash")?;
    Ok(Link {
        secret_hash: secret_hash.try_into().map_err(|error| StoreError::damaged("secret_hash", error))?,
        purpose: match row.opt_text("person_id")? {
            None => InvitationFor::FirstAdmin,
            Some(_) => InvitationFor::Person(row.parsed("person_id")?),
        },
        made_in: operation("made_in")?,
        release: match (row.number("needs_release")? != 0, operation("released_in")?) {
            (false, _) => Release::NotNeeded,
            (true, None) => Release::Needed,
            (true, Some(operation)) => Release::Done(operation),
        },
        recovers: row.number("recovers")? != 0,
    })
}
