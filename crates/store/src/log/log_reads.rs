//! The table `log_read`: sessions that have their entry about reading a team's log.

use sqlx::sqlite::SqliteRow;
use time::{Duration, OffsetDateTime};

use crate::{
    StoreError, TeamId, Write,
    rows::{
        cells::{Cell, Fields},
        tables::LOG_READ,
    },
    values::micros,
};

/// Longer than any session lasts.
const KEPT: Duration = Duration::days(2);

/// Notes that a session reads the log of a team, or of all teams. Returns whether it is the first time. A row that the
/// portal did not write counts as none.
pub async fn note(
    tx: &mut Write,
    session: &str,
    team: Option<TeamId>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    sqlx::query("DELETE FROM log_read WHERE at < ?").bind(micros(now - KEPT)).execute(tx.sqlite()).await?;
    let team = team.map_or_else(String::new, |team| team.to_string());
    let known = sqlx::query("SELECT * FROM log_read WHERE session = ? AND team_id = ?")
        .bind(session)
        .bind(&team)
        .fetch_optional(tx.sqlite())
        .await?;
    let fields = known.as_ref().map(|row: &SqliteRow| Fields::of(row)).transpose()?;
    if fields.is_some_and(|fields| LOG_READ.check(tx.row_key().as_ref(), fields).is_some()) {
        return Ok(false);
    }
    sqlx::query("INSERT OR REPLACE INTO log_read (session, team_id, at, mac) VALUES (?, ?, ?, zeroblob(32))")
        .bind(session)
        .bind(&team)
        .bind(micros(now))
        .execute(tx.sqlite())
        .await?;
    let key: [Cell; 2] = [session.into(), team.into()];
    LOG_READ.seal(tx, &key).await?;
    Ok(true)
}
