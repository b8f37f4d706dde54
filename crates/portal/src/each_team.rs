//! Runs a job for all teams at the same time, so that a team with a slow Workato delays no other team. The work on a team
//! has the lease of the job.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use store::{Fence, leases::within};
use tokio::{
    sync::{OwnedMutexGuard, Semaphore},
    task::JoinSet,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Error, Result, TeamId};

/// How many teams a job works on at the same time. A comparison has two of Workato's lists in memory, up to 64 MiB
/// each.
const AT_ONCE: usize = 8;

/// A job that works on several teams at the same time, but never twice on the same team.
#[derive(Debug)]
pub(crate) struct TeamJob {
    locks: Mutex<HashMap<TeamId, Arc<tokio::sync::Mutex<()>>>>,
    slots: Arc<Semaphore>,
}

impl Default for TeamJob {
    fn default() -> Self {
        Self { locks: Mutex::default(), slots: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl TeamJob {
    fn lock_of(&self, team: TeamId) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(team).or_default())
    }

    /// Waits until no other run works on the team.
    pub async fn lock(&self, team: TeamId) -> OwnedMutexGuard<()> {
        self.lock_of(team).lock_owned().await
    }

    /// Runs `work` for each team in its own task. Skips a team that an earlier run still works on.
    ///
    /// Returns when every team is done, or after `patience`. The tasks of slow teams then continue on `tracker`.
    /// Cancels unfinished tasks when `leaving` is cancelled.
    ///
    /// # Errors
    /// `Internal` if the work of a team panicked. Other teams are not affected.
    pub async fn for_each<T, F>(
        &self,
        teams: impl IntoIterator<Item = (TeamId, T)>,
        work: impl Fn(T) -> F,
        patience: Duration,
        tracker: &TaskTracker,
        leaving: &CancellationToken,
    ) -> Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut tasks = JoinSet::new();
        for (team, item) in teams {
            let Ok(alone) = self.lock_of(team).try_lock_owned() else {
                tracing::debug!(%team, "skipped: an earlier run still works on this team");
                continue;
            };
            let (work, slots, leaving) = (work(item), Arc::clone(&self.slots), leaving.clone());
            let work = within(Fence::current(), work);
            tasks.spawn(tracker.track_future(async move {
                let _alone = alone;
                let in_a_slot = async {
                    let _slot = slots.acquire().await;
                    work.await;
                };
                leaving.run_until_cancelled(in_a_slot).await;
            }));
        }
        let mut outcome = Ok(());
        let all = async {
            while let Some(ended) = tasks.join_next().await {
                if let Err(error) = ended {
                    outcome = Err(Error::Internal(format!("the work on a team panicked: {error}")));
                }
            }
        };
        if timeout(patience, all).await.is_err() {
            tracing::debug!(teams = tasks.len(), "some teams take longer than the interval");
            tasks.detach_all();
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Notify;

    use super::*;

    /// What a team's work does.
    #[derive(Clone, Copy)]
    enum Work {
        Ends,
        Waits,
        Panics,
    }

    #[derive(Default)]
    struct Job {
        job: TeamJob,
        tracker: TaskTracker,
        leaving: CancellationToken,
        gate: Arc<Notify>,
        done: Arc<AtomicUsize>,
    }

    impl Job {
        async fn run(&self, teams: &[(TeamId, Work)]) -> Result<()> {
            let work = |work| {
                let (gate, done) = (Arc::clone(&self.gate), Arc::clone(&self.done));
                async move {
                    match work {
                        Work::Ends => {}
                        Work::Waits => gate.notified().await,
                        Work::Panics => panic!("this team's work panics"),
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
            };
            let patience = Duration::from_secs(1);
            self.job.for_each(teams.iter().copied(), work, patience, &self.tracker, &self.leaving).await
        }

        fn done(&self) -> usize {
            self.done.load(Ordering::Relaxed)
        }

        async fn until_nothing_runs(&self) {
            self.tracker.close();
            timeout(Duration::from_secs(10), self.tracker.wait()).await.expect("nothing is left to wait for");
        }
    }

    #[tokio::test]
    async fn a_slow_team_is_skipped_until_it_is_done_and_delays_no_other() {
        let job = Job::default();
        let teams = [(TeamId::new(), Work::Waits), (TeamId::new(), Work::Ends), (TeamId::new(), Work::Ends)];
        job.run(&teams).await.unwrap();
        assert_eq!(job.done(), 2);
        job.run(&teams).await.unwrap();
        assert_eq!(job.done(), 4);
        // One permit: had the second run begun the slow team's work again, that would wait for ever.
        job.gate.notify_one();
        job.until_nothing_runs().await;
        assert_eq!(job.done(), 5);
        job.gate.notify_one();
        job.run(&teams).await.unwrap();
        assert_eq!(job.done(), 8, "the team is worked on again");
    }

    #[tokio::test]
    async fn a_panic_in_one_teams_work_is_an_error_and_affects_no_other_team() {
        let job = Job::default();
        let teams = [(TeamId::new(), Work::Panics), (TeamId::new(), Work::Ends)];
        for run in 1..=2 {
            let outcome = job.run(&teams).await;
            assert!(matches!(&outcome, Err(Error::Internal(why)) if why.contains("panic")), "{outcome:?}");
            assert_eq!(job.done(), run);
        }
    }

    #[tokio::test]
    async fn the_work_on_a_team_has_the_lease_of_the_job() {
        let job = Job::default();
        let (seen, fence) = (Arc::new(Mutex::new(None)), fence());
        let work = |()| {
            let seen = Arc::clone(&seen);
            async move { *seen.lock().unwrap() = Fence::current() }
        };
        let teams = [(TeamId::new(), ())];
        let run = job.job.for_each(teams, work, Duration::from_secs(1), &job.tracker, &job.leaving);
        within(Some(fence.clone()), run).await.unwrap();
        assert_eq!(seen.lock().unwrap().take(), Some(fence));
    }

    fn fence() -> Fence {
        Fence::new(&"one".into(), store::Lease { name: "jobs".to_owned(), token: 1 })
    }

    #[tokio::test]
    async fn leaving_drops_what_is_not_done() {
        let job = Job::default();
        job.run(&[(TeamId::new(), Work::Waits)]).await.unwrap();
        job.leaving.cancel();
        job.until_nothing_runs().await;
        assert_eq!(job.done(), 0);
    }
}
