//! The requests that a person sees: what waits for them, what they asked for, and what was decided lately.

use store::{OperationSummary, State, StoreError};

use super::judge::obstacle;
use crate::{Actor, ApprovalObstacle, OperationId, Portal, Result, audit::Logged, kept_reads::time_of};

/// The most requests of a kind that a page shows.
const MOST_SHOWN: i64 = 100;

/// The most decided requests that a page shows.
const MOST_DECIDED: i64 = 20;

/// A request that waits.
#[derive(Clone, Debug)]
pub struct WaitingRequest {
    /// The operation.
    pub operation: OperationSummary,
    /// Why the person cannot approve it although they are an operator of its team.
    pub obstacle: Option<ApprovalObstacle>,
}

/// The requests that a person sees.
#[derive(Clone, Debug, Default)]
pub struct Approvals {
    /// What the person can approve, oldest first.
    pub for_me: Vec<WaitingRequest>,
    /// What the person asked for and waits, oldest first.
    pub mine: Vec<WaitingRequest>,
    /// What waits for others, oldest first.
    pub others: Vec<WaitingRequest>,
    /// What was decided, newest request first.
    pub decided: Vec<OperationSummary>,
}

/// A request with what a person can do about it.
#[derive(Clone, Debug)]
pub struct RequestForPage {
    /// The operation with its entries.
    pub logged: Logged,
    /// Whether it waits.
    pub waits: bool,
    /// Whether it is the person's own.
    pub is_own: bool,
    /// Whether the person is an operator of its team.
    pub operates: bool,
    /// Why the person cannot approve it although they are an operator of its team.
    pub obstacle: Option<ApprovalObstacle>,
}

impl Portal {
    /// How many changes were made at once although they needed a second person, and nobody has reviewed them since.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn unreviewed_break_glass(&self) -> Result<i64, StoreError> {
        store::requests::count_unreviewed_break_glass(&mut self.store.read().await?).await
    }

    /// The requests in the teams that the actor may read.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn approvals(&self, actor: &Actor) -> Result<Approvals> {
        let visible = actor.readable_teams();
        let mut conn = self.store.snapshot().await?;
        let mut found = Approvals {
            decided: store::requests::decided(&mut conn, visible.as_deref(), MOST_DECIDED).await?,
            ..Approvals::default()
        };
        for operation in store::requests::requested(&mut conn, visible.as_deref(), MOST_SHOWN).await? {
            let is_own = operation.actor_id == Some(actor.id());
            let operates = operation.team_id.is_some_and(|team| actor.operates(team));
            let obstacle = match &operation.first {
                Some(request) if operates => obstacle(&mut conn, request, actor.id(), self.now()).await?,
                _ => None,
            };
            let can = operates && obstacle.is_none() && operation.changed.is_none();
            let list = match (is_own, can) {
                (true, _) => &mut found.mine,
                (false, true) => &mut found.for_me,
                (false, false) => &mut found.others,
            };
            list.push(WaitingRequest { operation, obstacle });
        }
        Ok(found)
    }

    /// How many requests the actor can approve.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn approvals_waiting(&self, actor: &Actor) -> Result<usize> {
        let asked = ("approvals", actor.id(), actor.role(), actor.memberships(), time_of(self.now()));
        Ok(*self.kept.get(&self.store, asked, self.count_waiting(actor)).await?)
    }

    async fn count_waiting(&self, actor: &Actor) -> Result<usize> {
        let mut conn = self.store.snapshot().await?;
        let mut count = 0;
        let visible = actor.readable_teams();
        for operation in store::requests::requested(&mut conn, visible.as_deref(), MOST_SHOWN).await? {
            let operates = operation.team_id.is_some_and(|team| actor.operates(team));
            if let Some(request) = operation.first.as_ref().filter(|_| operates && operation.changed.is_none()) {
                count += usize::from(obstacle(&mut conn, request, actor.id(), self.now()).await?.is_none());
            }
        }
        Ok(count)
    }

    /// A request with its entries, and what the actor can do about it.
    ///
    /// # Errors
    /// `NotFound` if there is no such operation or it is no request, `Forbidden` if the actor may not read its team, which
    /// is recorded.
    pub async fn request_for(&self, actor: &Actor, operation: OperationId) -> Result<RequestForPage> {
        let logged = self.operation(actor, operation).await?;
        let summary = &logged.summary;
        let request = summary.first.as_ref().filter(|first| first.stage == store::Stage::Requested);
        let Some(request) = request else { return Err(crate::Error::NotFound) };
        let operates = summary.team_id.is_some_and(|team| actor.operates(team));
        let waits = summary.state == State::Requested;
        let obstacle = match operates && waits {
            true => obstacle(&mut self.store.snapshot().await?, request, actor.id(), self.now()).await?,
            false => None,
        };
        let is_own = summary.actor_id == Some(actor.id());
        Ok(RequestForPage { waits, is_own, operates, obstacle, logged })
    }
}
