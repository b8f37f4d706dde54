//! Starting a job: its items are bound to the entry that starts it, or to the request that waits for a second person.

use std::{collections::HashSet, sync::Arc};

use serde_json::json;
use store::{
    Entry, Guarded, Read, Write,
    jobs::{Act, Item, Job, JobState},
};
use workato::ConnectorQuery;

use super::about::about;
use crate::{
    Actor, ApprovalProblem, Error, FieldProblems, JobProblem, OperationId, Portal, Problem, Reason, ReasonRules,
    Result, TeamOperator,
    audit::{Action, Draft, Stage, append},
    impact::{EntryImpact, Wanted},
    operations::{MOST_WAITING_OF_ONE, SecondPerson, Urgency, operates},
    teams::{jobs_need_second_person, needs_second_person},
};

/// What starts a job.
#[derive(Clone, Debug)]
pub struct StartInput {
    /// The dry run.
    pub job: OperationId,
    /// Why.
    pub reason: String,
    /// The number of items, as the person typed it.
    pub typed: String,
    /// The hash of the items that the page showed.
    pub items_sha256: String,
    /// Whether it can wait for a second person, if it needs one.
    pub urgency: Urgency,
}

impl Portal {
    /// Starts the job of a dry run, or asks for a second person. Starting it twice starts it once.
    ///
    /// # Errors
    /// `NotFound` if it is somebody else's dry run, `Invalid` if the items or what was typed are wrong, or the person may not
    /// act at once, `FactorNeeded` if that takes a fresh factor, `LogUnavailable` if it cannot be recorded.
    pub async fn start_job(self: &Arc<Self>, operator: &TeamOperator, input: &StartInput) -> Result<()> {
        self.check_free_space()?;
        let job = self.job_of(operator.team().id, input.job).await?;
        let impact = self.impact_of_job(operator, &job).await?;
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        // Under the write lock: nothing of it changes until it is recorded.
        let job = store::jobs::find(&mut tx, input.job).await?.ok_or(Error::NotFound)?;
        if job.team != operator.team().id || job.person != operator.actor().id() {
            return Err(Error::NotFound);
        }
        if job.state != JobState::Draft {
            return Ok(());
        }
        let team = store::teams::by_id(&mut tx, job.team).await?.ok_or(Error::NotFound)?;
        if !operates(&mut tx, team.id, Some(operator.actor().id())).await? {
            return Err(Error::Forbidden { operation: None });
        }
        let items = store::jobs::items::all(&mut tx, job.id).await?;
        let (hash, count) = (store::jobs::items::hash(&items), items.iter().filter(|item| item.is_in()).count());
        let reason = check(operator, &job, input, &hash, count)?;
        let is_needed = needs_approval(&mut tx, &team, operator.actor(), &job, count).await?;
        let urgency = (input.urgency, input.reason.as_str());
        let second = self.wait_or_break_glass(&mut tx, &team, operator.actor(), is_needed, urgency).await?;
        let needs_approval = second == SecondPerson::Needed;
        let state = if needs_approval { JobState::Requested } else { JobState::Running };
        let job = Job { state, items: i64::try_from(count).unwrap_or(i64::MAX), items_sha256: Some(hash), ..job };
        let mut draft = Draft::recorded(operator.actor().entry_actor(), Action::JobCreate);
        draft.operation_id = job.id;
        draft.reason = reason.map(|reason| reason.as_str().to_owned());
        draft.impact = impact;
        draft.break_glass = second == SecondPerson::BreakGlass;
        if needs_approval {
            let waiting =
                store::requests::of_person(&mut tx, job.person, job.team).await.map_err(Error::LogUnavailable)?;
            if waiting.len() >= MOST_WAITING_OF_ONE {
                let problem = ApprovalProblem::TooManyRequests { most: MOST_WAITING_OF_ONE };
                return Err(Problem::from(problem).of("approval"));
            }
            draft.stage = Stage::Requested;
            draft.outcome = None;
            draft.deadline = Some(self.now() + self.settings.approval_expires);
        }
        let draft = about(draft, &job, &team).parameter("left_out", items.len() - count);
        let written = async {
            let told = append(&mut tx, draft).await?;
            record_start(&mut tx, &job, &told).await?;
            tx.commit().await
        };
        written.await.map_err(Error::LogUnavailable)?;
        if second == SecondPerson::BreakGlass {
            metrics::counter!("portal_break_glass_total").increment(1);
        }
        if needs_approval {
            metrics::counter!("portal_approval_requests_total", "stage" => Stage::Requested.as_str()).increment(1);
        }
        Ok(())
    }

    /// What uses a job's items, together: recipes of its connections, customers of its connectors.
    async fn impact_of_job(self: &Arc<Self>, operator: &TeamOperator, job: &Job) -> Result<Option<serde_json::Value>> {
        if matches!(job.act, Act::Tag | Act::Untag | Act::Move) {
            return Ok(None);
        }
        let items = store::jobs::items::all(&mut self.store.read().await?, job.id).await?;
        let items: Vec<Item> = items.into_iter().filter(Item::is_in).collect();
        let reader = operator.reader();
        let impact = match job.act {
            Act::Share => {
                let known = self.customers_in_use(&reader, Wanted::Held).await;
                // Recipes name a connector by its technical name.
                let list = self.connectors(&reader, ConnectorQuery::default()).await.ok();
                let wanted: HashSet<&str> = items.iter().map(|item| item.target.as_str()).collect();
                let all = list.iter().flat_map(|list| list.items.iter());
                let found = all.filter(|connector| wanted.contains(connector.id.to_string().as_str()));
                let names: Vec<String> = found.filter_map(|connector| connector.name.clone()).collect();
                EntryImpact::of_connectors(&known, &names, wanted.len().saturating_sub(names.len()))
            }
            _ => {
                let known = self.recipes_in_use(&reader, Wanted::Held).await;
                EntryImpact::of_connections(&known, items.iter().filter_map(|item| item.target.parse().ok()))
            }
        };
        Ok(Some(json!(impact)))
    }
}

/// Whether a job needs a second person: because of what it does, or because of how many items it has.
pub(super) async fn needs_approval(
    conn: &mut Read,
    team: &store::Team,
    actor: &Actor,
    job: &Job,
    items: usize,
) -> Result<bool> {
    let kind = match job.act {
        Act::Delete => Some(Guarded::Delete),
        Act::Disconnect => Some(Guarded::Disconnect),
        Act::Share => Some(Guarded::Share),
        Act::Tag | Act::Untag | Act::Move => None,
    };
    if let Some(kind) = kind
        && needs_second_person(conn, team, actor, kind).await?
    {
        return Ok(true);
    }
    Ok(jobs_need_second_person(conn, team, actor, items).await?)
}

/// Writes the row of a job that begins, in the transaction of its entry.
pub(crate) async fn record_start(tx: &mut Write, job: &Job, told: &Entry) -> Result<(), store::StoreError> {
    store::jobs::update(tx, job, Some(told)).await
}

fn check(operator: &TeamOperator, job: &Job, input: &StartInput, hash: &str, count: usize) -> Result<Option<Reason>> {
    let mut problems = FieldProblems::default();
    if count == 0 {
        problems.add("items", JobProblem::NothingLeft);
    } else if hash != input.items_sha256 {
        problems.add("items", JobProblem::ItemsChanged);
    }
    let typed: String = input.typed.chars().filter(|letter| !matches!(letter, ',' | '.' | ' ' | '\u{a0}')).collect();
    if count > 0 && typed != count.to_string() {
        problems.add("count", JobProblem::TypeCount { expected: count });
    }
    let team = operator.team();
    let rules = match job.act {
        Act::Delete | Act::Disconnect => ReasonRules::for_destructive(team),
        Act::Tag | Act::Untag | Act::Move | Act::Share => ReasonRules::of(team),
    };
    let reason = rules.read(&input.reason).unwrap_or_else(|problem| {
        problems.add("reason", problem);
        None
    });
    if problems.is_empty() { Ok(reason) } else { Err(Error::Invalid(problems)) }
}
