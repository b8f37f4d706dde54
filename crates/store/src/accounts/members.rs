//! The table `membership`: who belongs to which team, in which role.

use crate::{
    Entry, PersonId, Read, StoreError, TeamId, TeamRole, Write,
    rows::{
        cells::{Cell, Checked, Fields},
        tables::MEMBERSHIP,
    },
    sql,
};

/// A person's role in a team.
#[derive(Clone, Debug)]
pub struct Membership {
    pub team: TeamId,
    pub person: PersonId,
    pub role: TeamRole,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT membership.*, 'log' AS \"table\",
                    (SELECT CASE action WHEN 'member.set' THEN sequence END
                       FROM operation INDEXED BY operation_on_person
                      WHERE target_type = 'person' AND outcome = 'succeeded' AND target_id = membership.person_id
                        AND team_id = membership.team_id AND action IN ('member.set', 'member.remove')
                      ORDER BY sequence DESC LIMIT 1) AS newest
               FROM membership",
            $rest
        )
    };
}

const LIST: &str = select!("");
const ONE: &str = select!(" WHERE team_id = ? AND person_id = ?");

pub async fn list(conn: &mut Read) -> Result<Vec<Membership>, StoreError> {
    let rows = sql::query(LIST).fetch_all(conn.database()).await?;
    let mut memberships = Vec::new();
    for row in &rows {
        memberships.extend(membership(conn, Fields::parts(row)?)?);
    }
    Ok(memberships)
}

pub async fn role(tx: &mut Write, team: TeamId, person: PersonId) -> Result<Option<TeamRole>, StoreError> {
    let row = sql::query(ONE).bind(team.to_string()).bind(person.to_string()).fetch_optional(tx.database()).await?;
    let found = row.map_or(Ok(None), |row| membership(tx, Fields::parts(&row)?))?;
    Ok(found.map(|membership| membership.role))
}

/// The same, for what only reads.
pub async fn role_of(conn: &mut Read, team: TeamId, person: PersonId) -> Result<Option<TeamRole>, StoreError> {
    let row = sql::query(ONE).bind(team.to_string()).bind(person.to_string()).fetch_optional(conn.database()).await?;
    let found = row.map_or(Ok(None), |row| membership(conn, Fields::parts(&row)?))?;
    Ok(found.map(|membership| membership.role))
}

/// Gives a person this role. A membership that the portal did not write is replaced as a whole.
pub async fn set(tx: &mut Write, membership: &Membership, told: &Entry) -> Result<(), StoreError> {
    sql::query(
        "INSERT INTO membership (team_id, person_id, role, recorded_in, mac) VALUES (?, ?, ?, ?, zeroblob(32))
         ON CONFLICT (team_id, person_id) DO UPDATE SET role = excluded.role, recorded_in = excluded.recorded_in",
    )
    .bind(membership.team.to_string())
    .bind(membership.person.to_string())
    .bind(membership.role.as_str())
    .bind(told.sequence)
    .execute(tx.database())
    .await?;
    let key: [Cell; 2] = [membership.team.to_string().into(), membership.person.to_string().into()];
    MEMBERSHIP.seal(tx, &key).await
}

pub async fn remove(tx: &mut Write, team: TeamId, person: PersonId) -> Result<(), StoreError> {
    sql::query("DELETE FROM membership WHERE team_id = ? AND person_id = ?")
        .bind(team.to_string())
        .bind(person.to_string())
        .execute(tx.database())
        .await?;
    tx.forget(MEMBERSHIP.name, format!("{team} {person}"));
    Ok(())
}

/// A membership, if the portal wrote it and it was neither changed nor ended since. `parts` are its row and what the
/// log says about it.
pub(super) fn membership(conn: &Read, parts: Vec<Fields>) -> Result<Option<Membership>, StoreError> {
    let mut parts = parts.into_iter();
    let (Some(row), Some(log)) = (parts.next(), parts.next()) else { return Ok(None) };
    let key = conn.row_key();
    let Some(row) = MEMBERSHIP.check(key.as_ref(), row) else { return Ok(None) };
    let newest = Checked::unsealed(log).opt_number("newest")?;
    let Some(row) = MEMBERSHIP.check_newest(key.as_ref(), row, newest)? else { return Ok(None) };
    Ok(Some(Membership { team: row.parsed("team_id")?, person: row.parsed("person_id")?, role: row.parsed("role")? }))
}
