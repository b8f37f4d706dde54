//! Jobs as pages show them.

use store::{
    OperationSummary, Stage, State, TargetType, Team,
    jobs::{
        Job, JobState,
        items::{ItemCounts, ItemFilter, ItemRow, ItemState},
    },
};

use super::{start::needs_approval, stop::Stop};
use crate::{
    Error, OperationId, Portal, Result, TeamReader,
    audit::{Action, Entry},
};

/// How many jobs a page has.
const JOBS_A_PAGE: i64 = 25;

/// How many items a page has.
const ITEMS_A_PAGE: i64 = 50;

/// A job in a list.
#[derive(Clone, Debug)]
pub struct JobInList {
    /// The job.
    pub job: Job,
    /// The operation that asked for it.
    pub operation: OperationSummary,
    /// How many items stand how.
    pub counts: ItemCounts,
}

/// A page of a team's jobs, newest first.
#[derive(Clone, Debug)]
pub struct JobsPage {
    /// The jobs.
    pub jobs: Vec<JobInList>,
    /// The last of them, if there are more.
    pub older: Option<OperationId>,
    /// The person's own dry runs, newest first.
    pub drafts: Vec<Job>,
}

/// A job with a page of its items.
#[derive(Clone, Debug)]
pub struct JobPage {
    /// The job.
    pub job: Job,
    /// The operation that asked for it. `None` for a dry run.
    pub operation: Option<OperationSummary>,
    /// Who made it, by name.
    pub made_by: String,
    /// How many items stand how.
    pub counts: ItemCounts,
    /// The items of this page.
    pub items: Vec<ItemRow>,
    /// Which items the page shows.
    pub filter: Option<ItemState>,
    /// The page's number, from 1.
    pub page: i64,
    /// How many pages there are.
    pub pages: i64,
    /// The hash of the items. Only for a dry run, whose form has it.
    pub items_sha256: Option<String>,
    /// Whether a second person is needed. Only for a dry run.
    pub needs_approval: bool,
    /// The newest entry about it, if somebody paused, resumed or cancelled it.
    pub newest: Option<Entry>,
    /// The jobs that repeat its failed items.
    pub retried_by: Vec<OperationId>,
}

impl JobPage {
    /// Why the portal itself paused the job, if it is paused and did.
    #[must_use]
    pub fn stopped(&self) -> Option<Stop> {
        let entry = self.newest.as_ref().filter(|_| self.job.state == JobState::Paused)?;
        entry.parameters.get("why")?.as_str()?.parse().ok()
    }

    /// Whether a job that needed a second person was closed without one.
    #[must_use]
    pub fn was_not_approved(&self) -> bool {
        let closed = |operation: &OperationSummary| operation.is_unapproved() && operation.state == State::Closed;
        self.operation.as_ref().is_some_and(closed)
    }
}

impl Portal {
    /// How many of a team's jobs have not ended.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn open_jobs(&self, team: &Team) -> Result<i64> {
        Ok(store::jobs::count_open(&mut self.store.read().await?, team.id).await?)
    }

    /// A team's jobs, newest first, those before `before`.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn jobs(&self, reader: &TeamReader, before: Option<OperationId>) -> Result<JobsPage> {
        let (team, person) = (reader.team().id, reader.actor().id());
        let mut conn = self.store.snapshot().await?;
        let mut found = store::jobs::of_team(&mut conn, team, before, JOBS_A_PAGE + 1).await?;
        let older = usize::try_from(JOBS_A_PAGE).ok().filter(|most| found.len() > *most);
        if let Some(most) = older {
            found.truncate(most);
        }
        let older = older.and_then(|_| found.last().map(|job| job.id));
        let mut jobs = Vec::new();
        for job in found {
            let counts = store::jobs::items::counts(&mut conn, job.id).await?;
            if let Some(operation) = store::operations::find(&mut conn, job.id).await? {
                jobs.push(JobInList { job, operation, counts });
            }
        }
        Ok(JobsPage { jobs, older, drafts: store::jobs::drafts(&mut conn, person, team).await? })
    }

    /// A job with a page of its items.
    ///
    /// # Errors
    /// `NotFound` if there is no such job, or it is somebody else's dry run.
    pub async fn job(
        &self,
        reader: &TeamReader,
        id: OperationId,
        filter: Option<ItemState>,
        page: i64,
    ) -> Result<JobPage> {
        let mut conn = self.store.snapshot().await?;
        let job = store::jobs::find(&mut conn, id).await?.filter(|job| job.team == reader.team().id);
        let job = job.ok_or(Error::NotFound)?;
        let is_draft = job.state == JobState::Draft;
        if is_draft && job.person != reader.actor().id() {
            return Err(Error::NotFound);
        }
        let counts = store::jobs::items::counts(&mut conn, id).await?;
        let total = match filter {
            Some(state) => counts.of(state),
            None => counts.0.iter().map(|(_, count)| count).sum(),
        };
        let pages = ((total + ITEMS_A_PAGE - 1) / ITEMS_A_PAGE).max(1);
        let page = page.clamp(1, pages);
        let items = ItemFilter { state: filter, offset: (page - 1) * ITEMS_A_PAGE, limit: ITEMS_A_PAGE };
        let items = store::jobs::items::page(&mut conn, id, items).await?;
        let operation = store::operations::find(&mut conn, id).await?;
        let (mut items_sha256, mut approval) = (None, false);
        if is_draft {
            // Hashing 10,000 items takes as long as forty pages of ten.
            let read = async {
                let all = store::jobs::items::all(&mut self.store.read().await?, id).await?;
                Ok((store::jobs::items::hash(&all), all.iter().filter(|item| item.is_in()).count()))
            };
            let bound = self.kept.get(&self.store, ("items of a dry run", id), read).await?;
            approval = needs_approval(&mut conn, reader.team(), reader.actor(), &job, bound.1).await?;
            items_sha256 = Some(bound.0.clone());
        }
        let made_by = match &operation {
            Some(operation) => operation.actor_name.clone(),
            None => reader.actor().name().to_owned(),
        };
        let about =
            store::operations::on_target(&mut conn, Some(job.team), (TargetType::Job, &id.to_string()), 20).await?;
        let newest = about.into_iter().find(|one| {
            matches!(one.action, Action::JobPause | Action::JobResume | Action::JobCancel)
                && one.first.as_ref().is_some_and(|first| first.stage == Stage::Recorded)
        });
        let newest = newest.and_then(|operation| operation.first);
        let retried_by = store::jobs::retried_by(&mut conn, job.team, id).await?;
        Ok(JobPage {
            job,
            operation,
            made_by,
            counts,
            items,
            filter,
            page,
            pages,
            items_sha256,
            needs_approval: approval,
            newest,
            retried_by,
        })
    }
}
