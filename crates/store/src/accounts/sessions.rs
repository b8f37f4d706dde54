//! The table `session`. A session is stored under the keyed hash of its id.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::{
    members, people,
    session::{Alive, Elsewhere, NewSession, SessionFacts, SessionKey, SignIn},
};
use crate::{
    Entry, PersonId, PortalRole, Read, StoreError, TeamId, TeamRole, Write,
    rows::{
        cells::{Checked, Fields},
        tables::SESSION,
    },
    sql::{self, Query},
    values::micros,
};

/// A session that has not ended, with its person and that person's memberships.
#[derive(Clone, Debug)]
pub struct SessionRow {
    pub person: PersonId,
    pub name: String,
    pub email: String,
    pub role: PortalRole,
    pub memberships: BTreeMap<TeamId, TeamRole>,
    /// Whether the person has a second factor.
    pub has_factor: bool,
    /// Whether the person signs in at an OpenID Connect provider and has no password.
    pub at_provider: bool,
    pub session: SessionFacts,
}

/// Begins a session, which this entry records.
pub async fn insert(tx: &mut Write, new: &NewSession<'_>, told: &Entry) -> Result<(), StoreError> {
    let NewSession { key, person, sign_in, origin, expires_at } = new;
    sql::query(
        "INSERT INTO session (id_hash, label, person_id, created_at, last_used_at, expires_at, signed_in_with,
                              second_factor, factor_at, kept, ip, user_agent, recorded_in, mac)
         VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, zeroblob(32))",
    )
    .bind(key.as_bytes())
    .bind(key.label())
    .bind(person.to_string())
    .bind(micros(told.at))
    .bind(micros(*expires_at))
    .bind(sign_in.with.as_str())
    .bind(sign_in.second_factor)
    .bind(micros(sign_in.factor_at))
    .bind(sign_in.kept)
    .bind(origin.ip.map(|ip| ip.to_string()))
    .bind(&origin.user_agent)
    .bind(told.sequence)
    .execute(tx.database())
    .await?;
    SESSION.seal(tx, &key.cell()).await
}

/// Gives a session a new key, which this entry records. The old one finds nothing from then on. Where its person is now
/// is where it belongs.
pub async fn renew(
    tx: &mut Write,
    old: &SessionKey,
    new: &SessionKey,
    sign_in: &SignIn,
    told: &Entry,
) -> Result<(), StoreError> {
    SESSION.guard(tx, &old.cell()).await?;
    sql::query(
        "UPDATE session
            SET id_hash = ?2, last_used_at = ?3, signed_in_with = ?4, second_factor = ?5, factor_at = ?6, ip = ?7,
                user_agent = ?8, elsewhere_at = NULL, elsewhere_ip = NULL, elsewhere_user_agent = NULL, recorded_in = ?9
          WHERE id_hash = ?1",
    )
    .bind(old.as_bytes())
    .bind(new.as_bytes())
    .bind(micros(told.at))
    .bind(sign_in.with.as_str())
    .bind(sign_in.second_factor)
    .bind(micros(sign_in.factor_at))
    .bind(&told.actor.ip)
    .bind(&told.actor.user_agent)
    .bind(told.sequence)
    .execute(tx.database())
    .await?;
    SESSION.seal(tx, &new.cell()).await
}

/// What the log says about a session: the newest entry that gave it a key, if it has not ended since, and the newest that
/// ended all sessions of its person.
macro_rules! session_and_log {
    () => {
        "session.*, 'log' AS \"table\",
                (SELECT CASE action WHEN 'session.end' THEN NULL ELSE sequence END FROM operation
                  WHERE team_id IS NULL AND target_type = 'session' AND target_id = session.label
                    AND outcome = 'succeeded' AND action IN ('session.start', 'session.renew', 'session.end')
                  ORDER BY sequence DESC LIMIT 1) AS keyed,
                (SELECT sequence FROM operation INDEXED BY operation_on_person
                  WHERE target_type = 'person' AND outcome = 'succeeded' AND target_id = session.person_id
                    AND team_id IS NULL
                    AND action IN ('person.join', 'person.provider', 'person.disable', 'person.enable',
                                   'person.password', 'session.end')
                  ORDER BY sequence DESC LIMIT 1) AS ended_all"
    };
}

/// Whether a session has not ended by time.
macro_rules! alive {
    () => {
        "expires_at > ?1
            AND (kept = 1 AND session.created_at > ?4 OR last_used_at > ?2 AND session.created_at > ?3)"
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
                                   'person.disable', 'person.enable', 'person.password', 'person.release',
                                   'person.provider', 'factor.add', 'factor.remove')
                  ORDER BY sequence DESC LIMIT 1) AS newest,
                'membership' AS \"table\", membership.*, 'log' AS \"table\",
                (SELECT CASE action WHEN 'member.set' THEN sequence END
                   FROM operation INDEXED BY operation_on_person
                  WHERE target_type = 'person' AND outcome = 'succeeded' AND target_id = person.id
                    AND team_id = membership.team_id AND action IN ('member.set', 'member.remove')
                  ORDER BY sequence DESC LIMIT 1) AS newest
           FROM session JOIN person ON person.id = session.person_id
                LEFT JOIN membership ON membership.person_id = person.id
          WHERE id_hash = ?5 AND person.disabled_at IS NULL AND ",
    alive!()
);

/// Session, person and memberships in one read.
pub async fn load(conn: &mut Read, key: &SessionKey, alive: Alive) -> Result<Option<SessionRow>, StoreError> {
    let rows = bind(sql::query(LOAD), alive).bind(key.as_bytes()).fetch_all(conn.database()).await?;
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
        has_factor: !person.factors.is_empty(),
        at_provider: person.subject.is_some(),
        session: facts(&session)?,
    }))
}

fn bind(statement: Query, alive: Alive) -> Query {
    let Alive { now, used_after, begun_after, kept_begun_after } = alive;
    [now, used_after, begun_after, kept_begun_after]
        .into_iter()
        .fold(statement, |statement, at| statement.bind(micros(at)))
}

fn sign_in(row: &Checked) -> Result<SignIn, StoreError> {
    Ok(SignIn {
        with: row.parsed("signed_in_with")?,
        second_factor: row.number("second_factor")? != 0,
        factor_at: row.instant("factor_at")?,
        kept: row.number("kept")? != 0,
    })
}

/// A session's row, if the portal wrote it, no later entry gave it another key, and nothing has ended it since.
fn checked(conn: &Read, parts: Vec<Fields>) -> Result<Option<Checked>, StoreError> {
    let mut parts = parts.into_iter();
    let (Some(row), Some(log)) = (parts.next(), parts.next()) else { return Ok(None) };
    let (key, log) = (conn.row_key(), Checked::unsealed(log));
    let Some(row) = SESSION.check(key.as_ref(), row) else { return Ok(None) };
    let keyed = log.opt_number("keyed")?;
    let lives = keyed.is_some() && row.recorded_in()? == keyed && keyed >= log.opt_number("ended_all")?;
    Ok(SESSION.only_if(key.as_ref(), row, lives))
}

/// Notes that a session was used.
pub async fn touch(tx: &mut Write, key: &SessionKey, now: OffsetDateTime) -> Result<(), StoreError> {
    SESSION.guard(tx, &key.cell()).await?;
    sql::query(sql::each(
        "UPDATE session SET last_used_at = max(last_used_at, ?) WHERE id_hash = ?",
        "UPDATE session SET last_used_at = greatest(last_used_at, ?) WHERE id_hash = ?",
    ))
    .bind(micros(now))
    .bind(key.as_bytes())
    .execute(tx.database())
    .await?;
    SESSION.seal(tx, &key.cell()).await
}

/// Notes that a session was used elsewhere, which this entry records.
pub async fn note_elsewhere(tx: &mut Write, key: &SessionKey, told: &Entry) -> Result<(), StoreError> {
    SESSION.guard(tx, &key.cell()).await?;
    sql::query("UPDATE session SET elsewhere_at = ?, elsewhere_ip = ?, elsewhere_user_agent = ? WHERE id_hash = ?")
        .bind(micros(told.at))
        .bind(&told.actor.ip)
        .bind(&told.actor.user_agent)
        .bind(key.as_bytes())
        .execute(tx.database())
        .await?;
    SESSION.seal(tx, &key.cell()).await
}

const LIST: &str = concat!(
    "SELECT ",
    session_and_log!(),
    " FROM session WHERE person_id = ?5 AND ",
    alive!(),
    " ORDER BY last_used_at DESC, label"
);

/// A person's sessions, most recently used first.
pub async fn list(conn: &mut Read, person: PersonId, alive: Alive) -> Result<Vec<SessionFacts>, StoreError> {
    let rows = bind(sql::query(LIST), alive).bind(person.to_string()).fetch_all(conn.database()).await?;
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
    let done = sql::query("DELETE FROM session WHERE id_hash = ?").bind(key.as_bytes()).execute(tx.database()).await?;
    Ok(done.rows_affected() > 0)
}

/// Ends a person's session by its label. Returns whether there was one.
pub async fn remove_by_label(tx: &mut Write, person: PersonId, label: &str) -> Result<bool, StoreError> {
    let done = sql::query("DELETE FROM session WHERE label = ? AND person_id = ?")
        .bind(label)
        .bind(person.to_string())
        .execute(tx.database())
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends a person's sessions, except `keep`. Returns how many.
pub async fn remove_all(tx: &mut Write, person: PersonId, keep: Option<&SessionKey>) -> Result<u64, StoreError> {
    let done = sql::query("DELETE FROM session WHERE person_id = ? AND id_hash IS NOT ?")
        .bind(person.to_string())
        .bind(keep.map(SessionKey::as_bytes))
        .execute(tx.database())
        .await?;
    Ok(done.rows_affected())
}

const REMOVE_ENDED: &str = concat!("DELETE FROM session WHERE NOT (", alive!(), ")");

/// Removes sessions that have ended by time.
pub async fn remove_ended(tx: &mut Write, alive: Alive) -> Result<(), StoreError> {
    bind(sql::query(REMOVE_ENDED), alive).execute(tx.database()).await?;
    Ok(())
}

fn facts(row: &Checked) -> Result<SessionFacts, StoreError> {
    let hash = row.bytes("id_hash")?.try_into().map_err(|_| StoreError::damaged("session", "not 32 bytes"))?;
    let text = |column| Ok::<_, StoreError>(row.opt_text(column)?.map(str::to_owned));
    let elsewhere = match row.opt_instant("elsewhere_at")? {
        Some(at) => Some(Elsewhere { at, ip: text("elsewhere_ip")?, user_agent: text("elsewhere_user_agent")? }),
        None => None,
    };
    Ok(SessionFacts {
        key: SessionKey::from_hash(hash),
        label: row.text("label")?.to_owned(),
        created_at: row.instant("created_at")?,
        last_used_at: row.instant("last_used_at")?,
        expires_at: row.instant("expires_at")?,
        sign_in: sign_in(row)?,
        ip: text("ip")?,
        user_agent: text("user_agent")?,
        elsewhere,
    })
}
