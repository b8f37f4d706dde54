//! The table `log_read`: sessions that have their entry about reading a team's log.

use time::{Duration, OffsetDateTime};

use crate::{StoreError, TeamId, Write, values::micros};

/// Longer than any session lasts.
const KEPT: Duration = Duration::days(2);

/// Notes that a session reads the log of a team, or of all teams. Returns whether it is the first time.
pub async fn note(
    tx: &mut Write,
    session: &str,
    team: Option<TeamId>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    sqlx::query("DELETE FROM log_read WHERE at < ?").bind(micros(now - KEPT)).execute(tx.sqlite()).await?;
    let done = sqlx::query("INSERT INTO log_read (session, team_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(session)
        .bind(team.map_or_else(String::new, |team| team.to_string()))
        .bind(micros(now))
        .execute(tx.sqlite())
        .await?;
    Ok(done.rows_affected() > 0)
}
