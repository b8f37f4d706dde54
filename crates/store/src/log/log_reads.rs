//! The table `log_read`: sessions that have their entry about reading a team's log.

use time::{Duration, OffsetDateTime};

use crate::{
    StoreError, TeamId, Write,
    rows::{
        cells::{Cell, Fields},
        tables::LOG_READ,
    },
    sql::{self, Row},
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
    sql::query("DELETE FROM log_read WHERE at < ?").bind(micros(now - KEPT)).execute(tx.database()).await?;
    let team = team.map_or_else(String::new, |team| team.to_string());
    let known = sql::query("SELECT * FROM log_read WHERE session = ? AND team_id = ?")
        .bind(session)
        .bind(&team)
        .fetch_optional(tx.database())
        .await?;
    let fields = known.as_ref().map(|row: &Row| Fields::of(row)).transpose()?;
    if fields.is_some_and(|fields| LOG_READ.check(tx.row_key().as_ref(), fields).is_some()) {
        return Ok(false);
    }
    sql::query(
        "INSERT INTO log_read (session, team_id, at, mac) VALUES (?, ?, ?, zeroblob(32))
         ON CONFLICT (session, team_id) DO UPDATE SET at = excluded.at",
    )
    .bind(session)
    .bind(&team)
    .bind(micros(now))
    .execute(tx.database())
    .await?;
    let key: [Cell; 2] = [session.into(), team.into()];
    LOG_READ.seal(tx, &key).await?;
    Ok(true)
}
