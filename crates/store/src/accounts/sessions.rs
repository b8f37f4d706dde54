//! The table `session`. A session is stored under the keyed hash of its id.

use std::{collections::BTreeMap, net::IpAddr};

use time::OffsetDateTime;
use uuid::Uuid;

use super::{members, people};
use crate::{
    Entry, PersonId, PortalRole, Read, StoreError, TeamId, TeamRole, Write,
    rows::{
        cells::{Cell, Checked, Fields},
        tables::SESSION,
    },
    values::micros,
    words,
};

/// The keyed hash of a session's id. It finds the session's row and cannot be used to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// The key with this hash.
    #[must_use]
    pub const fn from_hash(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    fn cell(&self) -> [Cell; 1] {
        [self.as_bytes().into()]
    }

    /// The session's label in lists and in the log: 16 hexadecimal digits.
    #[must_use]
    pub fn label(&self) -> String {
        hex::encode(&self.0[..8])
    }
}

words! {
    /// What a person signed in with.
    pub enum SignedInWith {
        /// A password.
        Password => "password",
        /// A passkey.
        Passkey => "passkey",
        /// An account at an OpenID Connect provider.
        Provider => "provider",
    }
}

/// How the person of a session signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// With what.
    pub with: SignedInWith,
    /// Whether a second factor was given as well.
    pub second_factor: bool,
    /// When a factor was last given.
    pub factor_at: OffsetDateTime,
    /// Whether the person wants to stay signed in when the browser is closed.
    pub kept: bool,
}

/// A session, as its person sees it.
#[derive(Clone, Debug)]
pub struct SessionFacts {
    /// Its label.
    pub label: String,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it was last used, to the minute.
    pub last_used_at: OffsetDateTime,
    /// When it expires.
    pub expires_at: OffsetDateTime,
    /// The address that it began from.
    pub ip: Option<String>,
    /// The browser that it began with.
    pub user_agent: Option<String>,
}

/// Where a request came from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The session's label.
    pub session: Option<String>,
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The browser's User-Agent, cut to 200 characters.
    pub user_agent: Option<String>,
    /// The path of the request, cut to 200 characters. Never the query, which may hold secrets.
    pub path: Option<String>,
    /// Whose session this browser had last, if nobody is signed in.
    pub last_person: Option<PersonId>,
    /// Who has signed in on the device before, each with the device's id. Not in the log.
    pub devices: Vec<(PersonId, Uuid)>,
}

impl Origin {
    /// Whether this person was signed in on the device before.
    #[must_use]
    pub fn knows(&self, person: PersonId) -> bool {
        self.last_person == Some(person) || self.devices.iter().any(|(known, _)| *known == person)
    }
}

/// A session that has not expired, with its person and that person's memberships.
#[derive(Clone, Debug)]
pub struct SessionRow {
    pub person: PersonId,
    pub name: String,
    pub email: String,
    pub role: PortalRole,
    pub memberships: BTreeMap<TeamId, TeamRole>,
    pub expires_at: OffsetDateTime,
    pub last_used_at: OffsetDateTime,
    pub sign_in: SignIn,
}

/// Begins a session, which this entry records.
pub async fn insert(
    tx: &mut Write,
    key: &SessionKey,
    person: PersonId,
    sign_in: &SignIn,
    origin: &Origin,
    told: &Entry,
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO session (id_hash, person_id, created_at, last_used_at, expires_at, signed_in_with, second_factor,
                              factor_at, kept, ip, user_agent, recorded_in, mac)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, zeroblob(32))",
    )
    .bind(key.as_bytes())
    .bind(person.to_string())
    .bind(micros(told.at))
    .bind(micros(expires_at))
    .bind(sign_in.with.as_str())
    .bind(sign_in.second_factor)
    .bind(micros(sign_in.factor_at))
    .bind(sign_in.kept)
    .bind(origin.ip.map(|ip| ip.to_string()))
    .bind(&origin.user_agent)
    .bind(told.sequence)
    .execute(tx.sqlite())
    .await?;
    SESSION.seal(tx, &key.cell()).await
}

/// Keeps a session that this entry would have ended with the person's other sessions.
pub async fn keep(tx: &mut Write, key: &SessionKey, told: &Entry) -> Result<(), StoreError> {
    SESSION.guard(tx, &key.cell()).await?;
    sqlx::query("UPDATE session SET recorded_in = ? WHERE id_hash = ?")
        .bind(told.sequence)
        .bind(key.as_bytes())
        .execute(tx.sqlite())
        .await?;
    SESSION.seal(tx, &key.cell()).await
}

/// What the log says about a session: the newest entry about it, which must be its beginning, and the newest that ended
/// all sessions of its person.
macro_rules! session_and_log {
    () => {
        "session.*, 'log' AS \"table\",
                (SELECT action FROM operation
                  WHERE team_id IS NULL AND target_type = 'session'
                    AND target_id = lower(substr(hex(session.id_hash), 1, 16)) AND outcome = 'succeeded'
                  ORDER BY sequence DESC LIMIT 1) AS action,
                (SELECT sequence FROM operation INDEXED BY operation_on_person
                  WHERE target_type = 'person' AND outcome = 'succeeded' AND target_id = session.person_id
                    AND team_id IS NULL AND action IN ('person.join', 'person.disable', 'person.password')
                  ORDER BY sequence DESC LIMIT 1) AS ended_all"
    };
}

/// Session, person and memberships in one read; a row for each membership. Nothing counts that the portal did not
/// write, or that the log has changed or ended since.
const LOAD: &str = concat!(
    "SELECT ",
    session_and_log!(),
    ", 'person' AS \"table\", person.*, 'log' AS \"table\",
                (SELECT sequence FROM operation INDEXED BY operation_on_person
                  WHERE target_type = 'person' AND outcome = 'succeeded' AND target_id = person.id
                    AND team_id IS NULL
                    AND action IN ('person.invite', 'person.create', 'person.join', 'person.role',
                                   'person.disable', 'person.enable', 'person.password', 'person.release')
                  ORDER BY sequence DESC LIMIT 1) AS newest,
                'membership' AS \"table\", membership.*, 'log' AS \"table\",
                (SELECT CASE action WHEN 'member.set' THEN sequence END
                   FROM operation INDEXED BY operation_on_person
                  WHERE target_type = 'person' AND outcome = 'succeeded' AND target_id = person.id
                    AND team_id = membership.team_id AND action IN ('member.set', 'member.remove')
                  ORDER BY sequence DESC LIMIT 1) AS newest
           FROM session JOIN person ON person.id = session.person_id
                LEFT JOIN membership ON membership.person_id = person.id
          WHERE id_hash = ? AND expires_at > ? AND person.disabled_at IS NULL"
);

/// Session, person and memberships in one read.
pub async fn load(conn: &mut Read, key: &SessionKey, now: OffsetDateTime) -> Result<Option<SessionRow>, StoreError> {
    let rows = sqlx::query(LOAD).bind(key.as_bytes()).bind(micros(now)).fetch_all(conn.sqlite()).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let mut parts = Fields::parts(first)?.into_iter();
    let Some(session) = checked(conn, parts.by_ref().take(2).collect())? else { return Ok(None) };
    let (Some(person), Some(log)) = (parts.next(), parts.next()) else { return Ok(None) };
    let newest = Checked::unsealed(log).opt_number("newest")?;
    let Some(person) = people::newest(conn, person, newest)? else { return Ok(None) };
    let person = people::person(&person)?;
    let mut memberships = BTreeMap::new();
    for row in &rows {
        let parts: Vec<Fields> = Fields::parts(row)?.into_iter().skip(4).collect();
        // A person without any membership.
        if parts.first().is_none_or(Fields::is_empty) {
            continue;
        }
        memberships.extend(members::membership(conn, parts)?.map(|membership| (membership.team, membership.role)));
    }
    Ok(Some(SessionRow {
        person: person.id,
        name: person.name,
        email: person.email,
        role: person.role,
        memberships,
        expires_at: session.instant("expires_at")?,
        last_used_at: session.instant("last_used_at")?,
        sign_in: sign_in(&session)?,
    }))
}

fn sign_in(row: &Checked) -> Result<SignIn, StoreError> {
    Ok(SignIn {
        with: row.parsed("signed_in_with")?,
        second_factor: row.number("second_factor")? != 0,
        factor_at: row.instant("factor_at")?,
        kept: row.number("kept")? != 0,
    })
}

/// A session's row, if the portal wrote it, the log says that it began, and nothing has ended it since.
fn checked(conn: &Read, parts: Vec<Fields>) -> Result<Option<Checked>, StoreError> {
    let mut parts = parts.into_iter();
    let (Some(row), Some(log)) = (parts.next(), parts.next()) else { return Ok(None) };
    let (key, log) = (conn.row_key(), Checked::unsealed(log));
    let Some(row) = SESSION.check(key.as_ref(), row) else { return Ok(None) };
    let lives = log.opt_text("action")? == Some("session.start")
        && row.recorded_in()?.unwrap_or_default() >= log.opt_number("ended_all")?.unwrap_or_default();
    Ok(SESSION.only_if(key.as_ref(), row, lives))
}

pub async fn touch(tx: &mut Write, key: &SessionKey, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query("UPDATE session SET last_used_at = ? WHERE id_hash = ?")
        .bind(micros(now))
        .bind(key.as_bytes())
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

const LIST: &str = concat!(
    "SELECT ",
    session_and_log!(),
    " FROM session WHERE person_id = ? AND expires_at > ? ORDER BY last_used_at DESC"
);

/// A person's sessions, most recently used first.
pub async fn list(conn: &mut Read, person: PersonId, now: OffsetDateTime) -> Result<Vec<SessionFacts>, StoreError> {
    let rows = sqlx::query(LIST).bind(person.to_string()).bind(micros(now)).fetch_all(conn.sqlite()).await?;
    let mut sessions = Vec::new();
    for row in &rows {
        if let Some(row) = checked(conn, Fields::parts(row)?)? {
            sessions.push(facts(&row)?);
        }
    }
    Ok(sessions)
}

/// Ends a session. Returns whether there was one.
pub async fn remove(tx: &mut Write, key: &SessionKey) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM session WHERE id_hash = ?").bind(key.as_bytes()).execute(tx.sqlite()).await?;
    Ok(done.rows_affected() > 0)
}

/// Ends a person's session by its label. Returns whether there was one.
pub async fn remove_by_label(tx: &mut Write, person: PersonId, label: &str) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM session WHERE person_id = ? AND lower(substr(hex(id_hash), 1, 16)) = ?")
        .bind(person.to_string())
        .bind(label)
        .execute(tx.sqlite())
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends a person's sessions, except `keep`. Returns how many.
pub async fn remove_all(tx: &mut Write, person: PersonId, keep: Option<&SessionKey>) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM session WHERE person_id = ? AND id_hash IS NOT ?")
        .bind(person.to_string())
        .bind(keep.map(SessionKey::as_bytes))
        .execute(tx.sqlite())
        .await?;
    Ok(done.rows_affected())
}

pub async fn remove_expired(tx: &mut Write, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM session WHERE expires_at <= ?").bind(micros(now)).execute(tx.sqlite()).await?;
    Ok(())
}

fn facts(row: &Checked) -> Result<SessionFacts, StoreError> {
    let hash = row.bytes("id_hash")?.try_into().map_err(|_| StoreError::damaged("session", "not 32 bytes"))?;
    Ok(SessionFacts {
        label: SessionKey::from_hash(hash).label(),
        created_at: row.instant("created_at")?,
        last_used_at: row.instant("last_used_at")?,
        expires_at: row.instant("expires_at")?,
        ip: row.opt_text("ip")?.map(str::to_owned),
        user_agent: row.opt_text("user_agent")?.map(str::to_owned),
    })
}
