//! The state of the log in a few values.

use store::Team;
use time::OffsetDateTime;

use crate::{Portal, Result, TeamId, audit::LogHead};

/// The state of the log.
#[derive(Clone, Debug)]
pub struct LogState {
    /// Where it stands.
    pub head: LogHead,
    /// When the team that waits longest was compared with Workato. `None` if one never was.
    pub compared_at: Option<OffsetDateTime>,
}

impl Portal {
    pub(super) async fn log_state(&self, teams: &[Team], is_shown: impl Fn(TeamId) -> bool) -> Result<LogState> {
        let compared = store::seen::compared(&mut self.store.read().await?).await?;
        let watched = teams.iter().filter(|team| is_shown(team.id) && team.token.is_some());
        let compared: Vec<Option<i64>> = watched.map(|team| compared.get(&team.id).copied()).collect();
        let oldest = compared.into_iter().collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().min());
        Ok(LogState {
            head: self.log_head().await?,
            compared_at: oldest.and_then(|at| OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000).ok()),
        })
    }
}
