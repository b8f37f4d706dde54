//! Promotions that a crash or a restart has interrupted between two steps. They go on by themselves, as jobs do, in the name
//! of the person who asked for them. One that has stopped for another reason waits until somebody resumes it.

use std::sync::Arc;

use store::{Read, TeamId};
use time::{Duration, OffsetDateTime};
use workato::ConnectorId;

use super::{
    progress::{Progress, StepState},
    promoter::Promoter,
};
use crate::{Actor, Portal, Result, TeamOperator, audit::Stage, code::workspace_of};

/// For how long after its newest entry a promotion goes on by itself. Later, what it releases and shares may no longer be
/// what people want.
const GOES_ON_FOR: Duration = Duration::minutes(15);

impl Portal {
    /// Goes on with a promotion that nobody works on and whose next step was not begun, if nothing but a crash can have
    /// interrupted it. Each step reads again what it depends on.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub(super) async fn go_on_with(self: &Arc<Self>, progress: &Progress, to: TeamId) -> Result<()> {
        let id = progress.promotion.id;
        if self.promoting.stopped_by(id).is_some() || self.now() - newest_entry(progress) > GOES_ON_FOR {
            return Ok(());
        }
        let found = {
            let mut conn = self.store.snapshot().await?;
            let may_go_on = is_newest(&mut conn, progress, to).await? && !was_unknown(&mut conn, progress).await?;
            if may_go_on { promoter_of(&mut conn, progress, to).await? } else { None }
        };
        let Some(promoter) = found else { return Ok(()) };
        tracing::info!(promotion = %id, "going on with a promotion that was interrupted");
        let portal = Arc::clone(self);
        // It takes longer than a worker's turn.
        drop(self.running.spawn(async move { portal.run_promotion(&promoter, id).await }));
        Ok(())
    }
}

/// When its newest entry was appended.
fn newest_entry(progress: &Progress) -> OffsetDateTime {
    let steps = progress.steps.iter().filter_map(|step| step.operation.as_ref()?.last.as_ref());
    steps.map(|entry| entry.at).fold(progress.promotion.at, OffsetDateTime::max)
}

async fn is_newest(conn: &mut Read, progress: &Progress, to: TeamId) -> Result<bool> {
    let newest = store::promotions::of_pair(conn, &progress.promotion.source, to, 1).await?;
    Ok(newest.first().is_some_and(|newest| newest.id == progress.promotion.id))
}

/// Whether a step ended with an unknown outcome, which was settled later. That has stopped the promotion.
async fn was_unknown(conn: &mut Read, progress: &Progress) -> Result<bool> {
    let done = progress.steps.iter().filter(|step| step.state == StepState::Done);
    let done: Vec<_> = done.filter_map(|step| Some(step.operation.as_ref()?.id)).collect();
    for operation in done {
        let entries = store::entries::of_operation(conn, operation).await?;
        let stages: Vec<_> = entries.iter().map(|entry| entry.body.as_ref().map(|body| body.stage.as_str())).collect();
        let has = |stage: Stage| stages.contains(&Some(stage.as_str()));
        if stages.contains(&None) || (has(Stage::Outcome) && has(Stage::Settled)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The right to promote, if who asked for it still operates both teams, and their tokens are those of the same workspaces.
async fn promoter_of(conn: &mut Read, progress: &Progress, to: TeamId) -> Result<Option<Promoter>> {
    let promotion = &progress.promotion;
    let from = store::teams::by_id(conn, promotion.source.team).await?;
    let target = store::teams::by_id(conn, to).await?;
    let (Some(from), Some(target)) = (from, target) else { return Ok(None) };
    if workspace_of(&from) != promotion.source.workspace || workspace_of(&target) != promotion.workspace {
        return Ok(None);
    }
    let Some(actor) = Actor::of_entry(conn, &promotion.by, &[from.id, target.id]).await? else { return Ok(None) };
    let operators = TeamOperator::new(&actor, from).zip(TeamOperator::new(&actor, target));
    let (Some((from, target)), Ok(connector)) = (operators, ConnectorId::new(promotion.source.connector)) else {
        return Ok(None);
    };
    let promoter = Promoter { from, target, connector };
    Ok(promoter.check_teams().is_ok().then_some(promoter))
}
