//! Supervision of background jobs. Each worker runs its job at an interval in a task of its own, and runs it again with
//! back-off after an error or a panic. Which jobs there are is in `jobs`.

use std::{
    any::Any,
    fmt,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures::future::{BoxFuture, FutureExt};
use metrics::{counter, gauge};
use rand::Rng;
use tokio::{
    task::{JoinError, JoinSet},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

/// The wait after the first failure; each further failure in a row doubles it.
const FIRST_BACK_OFF: Duration = Duration::from_secs(1);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(60);
/// A worker is late once its last success is older than this many intervals and `GRACE`.
const INTERVALS: u32 = 3;
const GRACE: Duration = Duration::from_secs(60);

type JobError = Box<dyn std::error::Error + Send + Sync>;
type Job = dyn Fn() -> BoxFuture<'static, Result<(), JobError>> + Send + Sync;

/// A job and how often it runs.
pub struct Worker {
    name: String,
    every: Duration,
    first_after: Duration,
    job: Box<Job>,
    status: Mutex<Status>,
}

struct Status {
    /// When the worker last had no work overdue: its last success, or when its first run was due.
    up_to_date: Instant,
    last_failure: Option<String>,
}

impl Worker {
    /// Runs `job` at once and then at this interval, measured from start to start. A run that takes longer delays the
    /// next one; runs of one worker never overlap.
    pub fn new<F, E>(name: impl Into<String>, every: Duration, job: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<JobError>,
    {
        Self {
            name: name.into(),
            every,
            first_after: Duration::ZERO,
            // The future is made inside the task, so that a panic while it is made is caught there as well.
            job: Box::new(move || job().map(|outcome| outcome.map_err(Into::into)).boxed()),
            status: Mutex::new(Status { up_to_date: Instant::now(), last_failure: None }),
        }
    }

    /// Delays the first run.
    pub fn first_after(mut self, delay: Duration) -> Self {
        self.first_after = delay;
        self
    }

    fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long ago the next success was due; zero if none is.
    fn lag(&self) -> Duration {
        self.status().up_to_date.elapsed().saturating_sub(self.every)
    }

    fn is_late(&self) -> bool {
        self.status().up_to_date.elapsed() > self.every * INTERVALS + GRACE
    }

    /// Runs the job until `stop`, and then waits for the present run.
    async fn supervise(self: Arc<Self>, stop: CancellationToken) {
        let mut failures = 0;
        let mut due = Instant::now() + self.first_after;
        self.status().up_to_date = due;
        while stop.run_until_cancelled(sleep_until(due)).await.is_some() {
            let begun = Instant::now();
            let run = {
                let worker = Arc::clone(&self);
                // In a JoinSet, so that aborting the supervisor aborts the run.
                let mut run = JoinSet::new();
                run.spawn(async move { (worker.job)().await });
                run.join_next().await
            };
            due = match run {
                Some(Ok(Ok(()))) => {
                    failures = 0;
                    self.succeeded();
                    begun + self.every
                }
                Some(Ok(Err(error))) => {
                    failures += 1;
                    self.failed("error", &error.to_string());
                    // The disk may be full for an hour: what works again is noticed no later than without the error.
                    let longest = self.every.clamp(FIRST_BACK_OFF, LONGEST_BACK_OFF);
                    Instant::now() + back_off(failures, longest)
                }
                Some(Err(error)) => {
                    failures += 1;
                    self.failed("panic", &panic_text(error));
                    Instant::now() + back_off(failures, LONGEST_BACK_OFF)
                }
                None => return,
            };
        }
    }

    fn succeeded(&self) {
        let mut status = self.status();
        status.up_to_date = Instant::now();
        if status.last_failure.take().is_some() {
            tracing::info!(worker = self.name, "the worker succeeds again");
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        gauge!("portal_worker_last_success_timestamp_seconds", "worker" => self.name.clone()).set(now.as_secs_f64());
    }

    fn failed(&self, cause: &'static str, why: &str) {
        self.restarts(cause).increment(1);
        let mut status = self.status();
        // Logged again only if it changes: a full disk would otherwise fill the log as well.
        if status.last_failure.as_deref() != Some(why) {
            tracing::error!(worker = self.name, cause, why, "a worker failed and is restarted");
            status.last_failure = Some(why.to_owned());
        }
    }

    fn restarts(&self, cause: &'static str) -> metrics::Counter {
        counter!("portal_worker_restarts_total", "worker" => self.name.clone(), "cause" => cause)
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("name", &self.name).field("every", &self.every).finish_non_exhaustive()
    }
}

/// Doubles from `FIRST_BACK_OFF` up to `longest`. Takes off up to half of it, so that workers that failed together do
/// not all try again together.
fn back_off(failures: u32, longest: Duration) -> Duration {
    let doubled = FIRST_BACK_OFF.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
    doubled.min(longest).mul_f64(rand::rng().random_range(0.5..=1.0))
}

fn panic_text(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "the run was cancelled".to_owned() };
    text_of(&*panic).unwrap_or("a panic without a text").to_owned()
}

fn text_of(panic: &(dyn Any + Send)) -> Option<&str> {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str))
}

/// All workers of the process.
#[derive(Debug, Default)]
pub struct Workers(Vec<Arc<Worker>>);

impl Workers {
    pub fn new(workers: impl IntoIterator<Item = Worker>) -> Self {
        Self(workers.into_iter().map(Arc::new).collect())
    }

    /// Runs every worker until `stop`, then waits for the present runs, but no longer than `patience`. What is not done
    /// by then is aborted.
    pub async fn run(&self, stop: CancellationToken, patience: Duration) {
        let mut running = JoinSet::new();
        for worker in &self.0 {
            for cause in ["error", "panic"] {
                worker.restarts(cause).increment(0);
            }
            running.spawn(Arc::clone(worker).supervise(stop.clone()));
        }
        stop.cancelled().await;
        let ended = async {
            while let Some(ended) = running.join_next().await {
                if let Err(error) = ended {
                    tracing::error!(%error, "a worker's supervisor ended early");
                }
            }
        };
        if timeout(patience, ended).await.is_err() {
            tracing::warn!(workers = running.len(), "some workers did not stop in time and are aborted");
        }
    }

    /// A line about each worker that is late.
    pub fn late(&self) -> Vec<String> {
        let late = self.0.iter().filter(|worker| worker.is_late());
        late.map(|worker| {
            let (since, every) = (worker.status().up_to_date.elapsed().as_secs(), worker.every.as_secs_f64());
            format!("worker {} is late: it runs every {every} s, and last succeeded {since} s ago", worker.name)
        })
        .collect()
    }

    /// Sets the gauges that change with the time.
    pub fn measure(&self) {
        for worker in &self.0 {
            gauge!("portal_worker_lag_seconds", "worker" => worker.name.clone()).set(worker.lag().as_secs_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        io,
        sync::atomic::{AtomicU32, Ordering},
    };

    use metrics_exporter_prometheus::PrometheusBuilder;
    use tokio::time::sleep;

    use super::*;

    const EVERY: Duration = Duration::from_secs(10);
    const PATIENCE: Duration = Duration::from_secs(5);

    #[derive(Clone, Default)]
    struct Count(Arc<AtomicU32>);

    impl Count {
        fn up(&self) -> u32 {
            self.0.fetch_add(1, Ordering::Relaxed) + 1
        }

        fn get(&self) -> u32 {
            self.0.load(Ordering::Relaxed)
        }
    }

    /// A worker that counts its runs, and does with the number what `run` says.
    fn counting<F>(name: &str, run: impl Fn(u32) -> F + Send + Sync + 'static) -> (Worker, Count)
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let count = Count::default();
        let counted = count.clone();
        (Worker::new(name, EVERY, move || run(counted.up())), count)
    }

    struct Running {
        workers: Arc<Workers>,
        stop: CancellationToken,
        task: tokio::task::JoinHandle<()>,
    }

    impl Running {
        fn start(workers: impl IntoIterator<Item = Worker>) -> Self {
            let (workers, stop) = (Arc::new(Workers::new(workers)), CancellationToken::new());
            let task = tokio::spawn({
                let (workers, stop) = (Arc::clone(&workers), stop.clone());
                async move { workers.run(stop, PATIENCE).await }
            });
            Self { workers, stop, task }
        }

        async fn stop(self) -> Duration {
            let begun = Instant::now();
            self.stop.cancel();
            self.task.await.unwrap();
            begun.elapsed()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_runs_at_once_and_then_at_its_interval() {
        let (worker, runs) = counting("ticks", async |_| Ok(()));
        let (delayed, delayed_runs) = counting("delayed", async |_| Ok(()));
        let _running = Running::start([worker, delayed.first_after(EVERY / 2)]);
        sleep(Duration::from_secs(1)).await;
        assert_eq!((runs.get(), delayed_runs.get()), (1, 0));
        sleep(EVERY * 3).await;
        assert_eq!((runs.get(), delayed_runs.get()), (4, 3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_is_counted_and_the_worker_restarted_with_back_off() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        let _local = metrics::set_default_local_recorder(&recorder);
        let (worker, runs) = counting("fails", async |run| match run {
            1..=4 => panic!("run {run} of the worker"),
            _ => Ok(()),
        });
        let (other, other_runs) = counting("other", async |_| Ok(()));
        let running = Running::start([worker, other]);
        // Waits of at most 1, 2, 4 and 8 s.
        sleep(Duration::from_secs(16)).await;
        assert_eq!(runs.get(), 5);
        let scraped = handle.render();
        let counted = "portal_worker_restarts_total{worker=\"fails\",cause=\"panic\"} 4";
        assert!(scraped.contains(counted), "{scraped}");
        assert!(scraped.contains("portal_worker_restarts_total{worker=\"other\",cause=\"panic\"} 0"), "{scraped}");
        assert!(scraped.contains("portal_worker_last_success_timestamp_seconds{worker=\"fails\"}"), "{scraped}");
        assert_eq!(other_runs.get(), 2, "the other worker is not affected");
        // After the success it runs at its interval again.
        sleep(EVERY * 2).await;
        assert_eq!(runs.get(), 7);
        assert!(running.workers.late().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_is_tried_again_no_later_than_the_interval() {
        let (worker, runs) = counting("fails", async |_| Err(io::Error::other("the disk is full")));
        let _running = Running::start([worker]);
        sleep(Duration::from_secs(200)).await;
        let before = runs.get();
        sleep(EVERY).await;
        assert!(runs.get() > before, "{before}");
        // And no more often than every half interval.
        assert!(runs.get() < 50, "{}", runs.get());
    }

    #[tokio::test(start_paused = true)]
    async fn a_hanging_worker_is_late_and_delays_no_other() {
        let (hanging, hanging_runs) = counting("hangs", async |_| pending().await);
        let (failing, _) = counting("fails", async |_| Err(io::Error::other("never works")));
        let (other, runs) = counting("other", async |_| Ok(()));
        let running = Running::start([hanging, failing, other]);
        sleep(EVERY * 3 + GRACE).await;
        assert!(running.workers.late().is_empty(), "{:?}", running.workers.late());
        sleep(Duration::from_secs(1)).await;
        let late = running.workers.late();
        assert_eq!(late.len(), 2, "{late:?}");
        assert!(
            late[0].starts_with("worker hangs is late: it runs every 10 s, and last succeeded 91 s ago"),
            "{late:?}"
        );
        assert!(late[1].starts_with("worker fails is late"), "{late:?}");
        assert_eq!((hanging_runs.get(), runs.get()), (1, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn stopping_waits_for_the_present_run_and_begins_no_other() {
        let done = Count::default();
        let count = done.clone();
        let (worker, runs) = counting("slow", move |_| {
            let count = count.clone();
            async move {
                sleep(Duration::from_secs(3)).await;
                count.up();
                Ok(())
            }
        });
        let running = Running::start([worker]);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(running.stop().await, Duration::from_secs(2));
        assert_eq!((runs.get(), done.get()), (1, 1));
        sleep(EVERY * 5).await;
        assert_eq!(runs.get(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_does_not_end_is_aborted() {
        struct Dropped(Count);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.up();
            }
        }
        let dropped = Count::default();
        let count = dropped.clone();
        let (worker, _) = counting("hangs", move |_| {
            let dropped = Dropped(count.clone());
            async move {
                let _dropped = dropped;
                pending().await
            }
        });
        let running = Running::start([worker]);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(running.stop().await, PATIENCE);
        tokio::task::yield_now().await;
        assert_eq!(dropped.get(), 1);
    }

    #[test]
    fn back_off_doubles_up_to_a_minute() {
        for (failures, seconds) in [(1, 1.0), (2, 2.0), (3, 4.0), (6, 32.0), (7, 60.0), (1_000, 60.0)] {
            let wait = back_off(failures, LONGEST_BACK_OFF).as_secs_f64();
            assert!((seconds / 2.0..=seconds).contains(&wait), "{failures}: {wait}");
        }
    }
}
