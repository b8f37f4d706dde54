//! The worker that carries jobs out: for each team one item after the other, behind the clicks of people. It reads from the
//! log what was done, so that it goes on where an earlier process stopped.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use store::{
    Entry, Outcome, Stage, Team,
    jobs::{Act, Item, Job, JobState},
};
use tokio::time::{Instant, sleep};
use workato::{Connection, Connector, List};

use super::{
    dry_run::DRAFT_KEPT_FOR,
    items::{Subject, change},
    stop::Stop,
};
use crate::{
    Actor, Error, Portal, Result, TeamId, TeamOperator,
    audit::EntryActor,
    operations::{BatchItem, ItemEnd, is_of_another_workspace},
    upstream::{Asker, Snapshot},
};

/// How long one job is worked on before it is read again.
const TURN: Duration = Duration::from_secs(30);

/// How old the list may be that items are compared with. The portal's own changes of other items are not in it.
const LIST_FRESH_FOR: Duration = Duration::from_secs(20);

/// How long a worker waits at the most before it looks whether the job still runs.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What a turn at a job needs.
struct Turn {
    job: Job,
    team: Team,
    operator: TeamOperator,
    reason: String,
    approved_by: Option<EntryActor>,
    break_glass: bool,
    items: Vec<Item>,
    lists: Lists,
}

/// The list that the items are in, as it was last read.
#[derive(Default)]
struct Lists {
    connections: Option<Arc<Snapshot<List<Connection>>>>,
    connectors: Option<Arc<Snapshot<List<Connector>>>>,
    /// Where in its list each of them is, by id.
    places: HashMap<String, usize>,
    read_at: Option<Instant>,
}

impl Lists {
    fn is_fresh(&self) -> bool {
        self.read_at.is_some_and(|at| at.elapsed() < LIST_FRESH_FOR)
    }

    fn of_connections(list: Arc<Snapshot<List<Connection>>>) -> Self {
        let places = places(list.items.iter().map(|one| one.id.to_string()));
        Self { connections: Some(list), places, read_at: Some(Instant::now()), ..Self::default() }
    }

    fn of_connectors(list: Arc<Snapshot<List<Connector>>>) -> Self {
        let places = places(list.items.iter().map(|one| one.id.to_string()));
        Self { connectors: Some(list), places, read_at: Some(Instant::now()), ..Self::default() }
    }

    fn find(&self, item: &Item) -> Option<Subject<'_>> {
        let place = *self.places.get(&item.target)?;
        match (&self.connections, &self.connectors) {
            (Some(list), _) => list.items.get(place).map(Subject::Connection),
            (None, Some(list)) => list.items.get(place).map(Subject::Connector),
            (None, None) => None,
        }
    }
}

/// The place of each id. Of an id that is there twice, the first counts.
fn places(ids: impl Iterator<Item = String>) -> HashMap<String, usize> {
    let mut places = HashMap::new();
    for (place, id) in ids.enumerate() {
        places.entry(id).or_insert(place);
    }
    places
}

impl Portal {
    /// Works on every job that runs, one of each team at a time, and removes old dry runs.
    ///
    /// # Errors
    /// `Store` if the database cannot be read or written, `Internal` if the work on a job panicked.
    pub async fn run_jobs_due(self: &Arc<Self>) -> Result<()> {
        if self.alarms.history_is_in_doubt() {
            return Ok(());
        }
        let mut conn = self.store.read().await?;
        let running = store::jobs::running(&mut conn).await?;
        let old = store::jobs::old_drafts(&mut conn, self.now() - DRAFT_KEPT_FOR).await?;
        drop(conn);
        metrics::gauge!("portal_jobs_running").set(running.len() as f64);
        if old > 0 {
            let mut tx = self.store.write().await?;
            store::jobs::remove_drafts(&mut tx, self.now() - DRAFT_KEPT_FOR, &[]).await?;
            tx.commit().await?;
        }
        let mut by_team: BTreeMap<TeamId, Job> = BTreeMap::new();
        for job in running {
            by_team.entry(job.team).or_insert(job);
        }
        let work = |job: Job| {
            let portal = Arc::clone(self);
            async move {
                if let Err(error) = portal.work_on(&job).await {
                    tracing::warn!(job = %job.id, %error, "cannot go on with a job yet");
                    sleep(LONGEST_WAIT).await;
                }
            }
        };
        let patience = Duration::from_millis(200);
        self.working_on_jobs.for_each(by_team, work, patience, &self.running, &self.leaving).await
    }

    /// Works on a job for a turn, or pauses it if it cannot go on.
    pub(super) async fn work_on(self: &Arc<Self>, job: &Job) -> Result<()> {
        let mut turn = match self.begin_turn(job).await? {
            Ok(turn) => turn,
            Err(why) => return self.stop_job(job, why).await,
        };
        let left: HashSet<i64> =
            store::jobs::items::places_left(&mut self.store.read().await?, job.id).await?.into_iter().collect();
        let items: Vec<Item> = turn.items.iter().filter(|item| left.contains(&item.place)).cloned().collect();
        let until = Instant::now() + TURN;
        for item in &items {
            loop {
                if Instant::now() > until {
                    return Ok(());
                }
                match self.carry_out_item(&mut turn, item).await? {
                    ItemEnd::Done => break,
                    ItemEnd::Wait(wait) => sleep(wait.min(LONGEST_WAIT)).await,
                    ItemEnd::NotRunning => return Ok(()),
                    ItemEnd::Stop(why) => return self.stop_job(job, why).await,
                }
            }
            if self.has_refusals_in_a_row(job).await? {
                return self.stop_job(job, Stop::Refusals).await;
            }
        }
        self.finish_job(job).await
    }

    /// Everything that a job's items are carried out with, or why it has to stop.
    async fn begin_turn(&self, job: &Job) -> Result<Result<Turn, Stop>> {
        let mut conn = self.store.snapshot().await?;
        let items = store::jobs::items::all(&mut conn, job.id).await?;
        if job.items_sha256.as_deref() != Some(store::jobs::items::hash(&items).as_str()) {
            tracing::error!(job = %job.id, "the items of a job are not those that were started");
            return Ok(Err(Stop::Altered));
        }
        let Some(found) = store::operations::find(&mut conn, job.id).await? else { return Ok(Err(Stop::Altered)) };
        if let Some(bad) = found.changed {
            return Err(store::StoreError::Changed(bad).into());
        }
        let Some(started) = store::requests::acting_entry(&mut conn, &found).await? else {
            return Ok(Err(Stop::Altered));
        };
        // Whoever writes the database can append an entry that says who approved, but not with the portal's key.
        let (sequence, key) = (started.sequence, self.guard.seal.entry_key());
        if store::entries::first_forged(&mut conn, sequence - 1, sequence, &key).await?.is_some() {
            // The next checkpoint raises the alarm. Raised here, it would come back after somebody acknowledged it.
            return Ok(Err(Stop::Altered));
        }
        let team = store::teams::by_id(&mut conn, job.team).await?.ok_or(Error::NotFound)?;
        if is_of_another_workspace(&started, &team) {
            return Ok(Err(Stop::Workspace));
        }
        if !binds(&started, job) {
            return Ok(Err(Stop::Altered));
        }
        let Some(actor) = Actor::of_job(&mut conn, &started, job).await? else { return Ok(Err(Stop::Creator)) };
        let Some(operator) = TeamOperator::new(&actor, team.clone()) else { return Ok(Err(Stop::Creator)) };
        Ok(Ok(Turn {
            job: job.clone(),
            team,
            operator,
            reason: started.reason.unwrap_or_default(),
            approved_by: started.approved_by,
            break_glass: started.break_glass,
            items,
            lists: Lists::default(),
        }))
    }

    async fn carry_out_item(self: &Arc<Self>, turn: &mut Turn, item: &Item) -> Result<ItemEnd> {
        let Some(change) = change(&turn.job, item) else { return Ok(ItemEnd::Stop(Stop::Altered)) };
        if !turn.lists.is_fresh() {
            turn.lists = self.read_lists(&turn.team, turn.job.act).await?;
        }
        let as_tried = turn.lists.find(item).filter(|subject| subject.seen(turn.job.act) == item.seen);
        let Some(subject) = as_tried else {
            let mut tx = self.store.write().await?;
            store::jobs::items::skip(&mut tx, turn.job.id, item.place, self.now()).await?;
            tx.commit().await?;
            return Ok(ItemEnd::Done);
        };
        let item = BatchItem {
            operation: item.operation,
            change,
            before: subject.before(),
            reason: turn.reason.clone(),
            approved_by: turn.approved_by.clone(),
            break_glass: turn.break_glass,
        };
        self.perform_item(&turn.operator, &turn.job, item).await
    }

    async fn read_lists(&self, team: &Team, act: Act) -> Result<Lists> {
        let workato = self.workato(team, Asker::Background).await?;
        Ok(match act {
            Act::Share => Lists::of_connectors(workato.connectors_now().await?),
            _ => Lists::of_connections(workato.every_connection_now().await?),
        })
    }

    /// Whether as many items in a row were refused as stop a job. One whose outcome is unknown was not refused.
    async fn has_refusals_in_a_row(&self, job: &Job) -> Result<bool> {
        let most = self.settings.job_stops_after;
        let mut conn = self.store.read().await?;
        let last = store::jobs::items::last_outcomes(&mut conn, job.id, job.counted_from, most.into()).await?;
        let refused = last.iter().filter(|outcome| matches!(outcome, Outcome::Rejected | Outcome::Failed)).count();
        Ok(most > 0 && refused == usize::from(most))
    }

    /// Notes that nothing is left to send. The log has what became of each item.
    async fn finish_job(&self, job: &Job) -> Result<()> {
        let mut tx = self.store.write().await?;
        let found = store::jobs::find(&mut tx, job.id).await?.filter(|job| job.state == JobState::Running);
        if let Some(job) = found {
            store::jobs::update(&mut tx, &Job { state: JobState::Finished, ..job }, None).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Whether an entry started this very job, with these items.
fn binds(started: &Entry, job: &Job) -> bool {
    let is = |name: &str, value: serde_json::Value| started.parameters.get(name) == Some(&value);
    matches!(started.stage, Stage::Recorded | Stage::Intent)
        && started.actor.id == Some(job.person)
        && is("act", job.act.as_str().into())
        && is("argument", job.argument.clone().into())
        && is("items_sha256", job.items_sha256.clone().into())
}
