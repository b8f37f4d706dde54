//! Pausing, resuming and cancelling a job. What was sent stays as it is; nothing further is sent once a pause is recorded,
//! since every item checks the job's row in the transaction of its intent.

use store::{
    Team, Write,
    jobs::{Job, JobState},
};

use super::{about::about, stop::Stop};
use crate::{
    Error, JobProblem, OperationId, Portal, Problem, Reason, Result, TeamId, TeamOperator,
    audit::{Action, Draft, EntryActor, append},
    operations::operates,
};

store::words! {
    /// What somebody does about a job.
    pub enum Control {
        /// Nothing further is sent until somebody resumes it.
        Pause => "pause",
        /// It goes on.
        Resume => "resume",
        /// Nothing further is ever sent.
        Cancel => "cancel",
    }
}

impl Control {
    /// Its action in the log.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Pause => Action::JobPause,
            Self::Resume => Action::JobResume,
            Self::Cancel => Action::JobCancel,
        }
    }

    const fn follows(self, state: JobState) -> bool {
        match self {
            Self::Pause => matches!(state, JobState::Running),
            Self::Resume => matches!(state, JobState::Paused),
            Self::Cancel => matches!(state, JobState::Running | JobState::Paused),
        }
    }

    const fn leads_to(self) -> JobState {
        match self {
            Self::Pause => JobState::Paused,
            Self::Resume => JobState::Running,
            Self::Cancel => JobState::Cancelled,
        }
    }
}

impl Portal {
    /// Pauses, resumes or cancels a job. If it is so already, nothing is recorded.
    ///
    /// # Errors
    /// `NotFound` if there is no such job, `Invalid` if it is in another state, or who made it is no longer an operator,
    /// `LogUnavailable` if it cannot be recorded.
    pub async fn control_job(
        &self,
        operator: &TeamOperator,
        job: OperationId,
        control: Control,
        reason: &str,
    ) -> Result<()> {
        let reason = Reason::read(reason).map_err(|problem| problem.of("reason"))?;
        let actor = operator.actor();
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        let found = store::jobs::find(&mut tx, job).await?.filter(|job| job.team == operator.team().id);
        let job = found.filter(|job| job.recorded_in.is_some()).ok_or(Error::NotFound)?;
        let team = store::teams::by_id(&mut tx, job.team).await?.ok_or(Error::NotFound)?;
        if !operates(&mut tx, team.id, Some(actor.id())).await? {
            return Err(Error::Forbidden { operation: None });
        }
        if job.state == control.leads_to() {
            return Ok(());
        }
        if !control.follows(job.state) {
            return Err(Problem::from(JobProblem::OtherState).of("job"));
        }
        let mut counted_from = job.counted_from;
        if control == Control::Resume {
            if !operates(&mut tx, team.id, Some(job.person)).await? {
                return Err(Problem::from(JobProblem::CreatorLeft).of("job"));
            }
            let left = store::jobs::items::places_left(&mut tx, job.id).await?;
            counted_from = left.first().map_or(counted_from, |first| first - 1);
        }
        let job = Job { state: control.leads_to(), counted_from, ..job };
        let draft = Draft::recorded(actor.entry_actor(), control.action())
            .reason(reason.map(|reason| reason.as_str().to_owned()));
        record(tx, &job, &team, draft).await
    }

    /// Pauses a job that the portal itself cannot go on with. Does nothing if it no longer runs.
    pub(super) async fn stop_job(&self, job: &Job, why: Stop) -> Result<()> {
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        let found = store::jobs::find(&mut tx, job.id).await?.filter(|job| job.state == JobState::Running);
        let Some(job) = found else { return Ok(()) };
        let team = store::teams::by_id(&mut tx, job.team).await?.ok_or(Error::NotFound)?;
        let draft = Draft::recorded(EntryActor::system(), Action::JobPause).parameter("why", why);
        let job = Job { state: JobState::Paused, ..job };
        metrics::counter!("portal_jobs_stopped_total", "why" => why.as_str()).increment(1);
        record(tx, &job, &team, draft).await
    }

    /// A job of this team, of which nobody but its maker sees the dry run.
    pub(super) async fn job_of(&self, team: TeamId, id: OperationId) -> Result<Job> {
        let found = store::jobs::find(&mut self.store.read().await?, id).await?;
        found.filter(|job| job.team == team).ok_or(Error::NotFound)
    }
}

async fn record(mut tx: Write, job: &Job, team: &Team, draft: Draft) -> Result<()> {
    let written = async {
        let told = append(&mut tx, about(draft, job, team)).await?;
        store::jobs::update(&mut tx, job, Some(&told)).await?;
        tx.commit().await
    };
    written.await.map_err(Error::LogUnavailable)
}
