//! The state of the log in a few values.

use store::Team;
use time::OffsetDateTime;

use crate::{Portal, Result, TeamId, audit::Trust};

/// The state of the log.
#[derive(Clone, Debug)]
pub struct LogState {
    /// How many entries it has.
    pub entries: i64,
    /// The newest checkpoint: how many entries it covers, and when it was signed.
    pub checkpoint: Option<(i64, OffsetDateTime)>,
    /// Who else holds checkpoints.
    pub trust: Trust,
    /// Whether it contradicts what was signed, so that nothing can be changed.
    pub is_in_doubt: bool,
    /// When the team that waits longest was compared with Workato. `None` if one never was.
    pub compared_at: Option<OffsetDateTime>,
}

impl Portal {
    pub(super) async fn log_state(&self, teams: &[Team], is_shown: impl Fn(TeamId) -> bool) -> Result<LogState> {
        let trust = self.trust().await?;
        let mut conn = self.store.read().await?;
        let compared = store::seen::compared(&mut conn).await?;
        let watched = teams.iter().filter(|team| is_shown(team.id) && team.token.is_some());
        let compared: Vec<Option<i64>> = watched.map(|team| compared.get(&team.id).copied()).collect();
        let oldest = compared.into_iter().collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().min());
        Ok(LogState {
            entries: store::tree::size(&mut conn).await?,
            checkpoint: store::checkpoints::newest(&mut conn).await?.map(|newest| (newest.size, newest.at)),
            trust,
            is_in_doubt: self.alarms.history_is_in_doubt(),
            compared_at: oldest.and_then(|at| OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000).ok()),
        })
    }
}
