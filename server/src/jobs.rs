//! The portal's background jobs, and how often each runs.

use std::{future::Future, ops::RangeInclusive, sync::Arc, time::Duration};

use futures::future::{BoxFuture, FutureExt};
use portal::{
    Portal, Settings,
    instances::{RENEW_EVERY, Work},
};
use rand::Rng;
use tokio::time::{Instant, sleep};

use crate::workers::{Worker, Workers};

/// How often outcomes and failed sign-ins that are still in memory are appended.
const APPEND_EVERY: Duration = Duration::from_secs(5);
/// How often a job looks for a checkpoint to sign or to hand over.
const CHECKPOINTS_EVERY: Duration = Duration::from_secs(5);
const FIRST_WATCH_AFTER: RangeInclusive<Duration> = Duration::from_millis(500)..=Duration::from_secs(3);
/// People who start a job look at it.
const JOBS_EVERY: Duration = Duration::from_secs(1);
const RETENTION_EVERY: Duration = Duration::from_secs(3_600);
/// Short, so that a search finds little to wait for.
const INDEX_EVERY: Duration = Duration::from_secs(1);
const CHECK_INDEX_EVERY: Duration = Duration::from_secs(86_400);
/// How long after the start an instance waits to take over the work of one that died before.
const TAKEN_OVER_AFTER: Duration = Duration::from_secs(30);
/// How often it looks whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// People come first: comparing a million entries takes about a minute of one core.
const CHECK_INDEX_AFTER: Duration = Duration::from_secs(15);

/// A worker for each job. Signing and each delivery are workers of their own, so that a slow place delays neither
/// signing nor another place.
pub fn workers(portal: &Arc<Portal>, settings: &Settings) -> Workers {
    let mut workers = vec![
        // At once: an earlier process may have left operations open.
        Worker::new(
            "settle",
            settings.settle_every,
            for_all(portal, Work::Settle, |portal| async move { portal.settle_due().await }),
        ),
        Worker::new(
            "requests",
            settings.settle_every,
            for_all(portal, Work::Requests, |portal| async move { portal.expire_requests().await }),
        ),
        Worker::new(
            "jobs",
            JOBS_EVERY,
            for_all(portal, Work::Jobs, |portal| async move { portal.run_jobs_due().await }),
        ),
        // Soon, since the home page shows what it reads.
        Worker::new(
            "watch",
            settings.watch_every,
            for_all(portal, Work::Watch, |portal| async move { portal.compare_due().await }),
        )
        .first_after(first_watch_after(settings)),
        Worker::new(
            "impact",
            settings.impact_every,
            on(portal, |portal| async move { portal.read_recipes_due().await }),
        )
        .first_after(settings.impact_every / 20),
        // The sooner after a release, the likelier it is that nobody has changed the draft since.
        Worker::new(
            "code",
            settings.watch_every,
            for_all(portal, Work::Code, |portal| async move { portal.keep_code_due().await }),
        )
        .first_after(first_watch_after(settings) + settings.watch_every / 10),
        Worker::new(
            "promotions",
            settings.settle_every,
            for_all(portal, Work::Promotions, |portal| async move { portal.close_promotions().await }),
        ),
        Worker::new("append", APPEND_EVERY, on(portal, |portal| async move { portal.append_gathered().await })),
        Worker::new(
            "sign",
            CHECKPOINTS_EVERY.min(settings.checkpoint_every),
            on(portal, |portal| async move { portal.sign_due().await }),
        ),
        // Once after the start, since files can change while no portal runs, and daily.
        Worker::new("check index", CHECK_INDEX_EVERY, on(portal, |portal| async move { portal.check_index().await }))
            .first_after(CHECK_INDEX_AFTER),
        Worker::new("index", INDEX_EVERY, on(portal, |portal| async move { portal.update_index().await })),
    ];
    if settings.has_other_instances {
        let renew = on(portal, |portal| async move { portal.renew_leases().await });
        workers.push(Worker::new("leases", RENEW_EVERY, renew));
    }
    for delivery in portal.deliveries() {
        let (name, delivery) = (format!("deliver to {}", delivery.place()), Arc::new(delivery));
        let deliver = on(portal, move |portal| {
            let delivery = Arc::clone(&delivery);
            async move {
                if portal.does_for_all(Work::Deliver) {
                    return portal.do_for_all(Work::Deliver, delivery.deliver()).await;
                }
                // It still compares the log with what the place holds.
                delivery.read_back().await;
                Ok(())
            }
        });
        workers.push(Worker::new(name, CHECKPOINTS_EVERY.min(settings.checkpoint_every), deliver));
    }
    if settings.retention_days.is_some() {
        let expire = for_all(portal, Work::Retention, |portal| async move { portal.expire_due().await });
        workers.push(Worker::new("retention", RETENTION_EVERY, expire));
    }
    Workers::new(workers)
}

/// When teams are first compared. Several portals that start together do not ask Workato together, and one that starts
/// again and again does not ask each time.
fn first_watch_after(settings: &Settings) -> Duration {
    let soon = || rand::rng().random_range(FIRST_WATCH_AFTER).min(settings.watch_every);
    settings.first_watch_after.unwrap_or_else(soon)
}

/// A job that one of several instances runs for all of them. After the start, it waits until it is known which one.
fn for_all<F, J, E>(
    portal: &Arc<Portal>,
    work: Work,
    job: J,
) -> impl Fn() -> BoxFuture<'static, Result<(), E>> + use<F, J, E>
where
    F: Future<Output = Result<(), E>> + Send + 'static,
    J: Fn(Arc<Portal>) -> F,
    E: 'static,
{
    let portal = Arc::clone(portal);
    // Whoever did it before may have died a moment ago: the next run could be minutes away.
    let first_until = Instant::now() + TAKEN_OVER_AFTER;
    move || {
        let (portal, done) = (Arc::clone(&portal), job(Arc::clone(&portal)));
        async move {
            while !portal.does_for_all(work) && Instant::now() < first_until && !portal.is_leaving() {
                sleep(LOOK_EVERY).await;
            }
            portal.do_for_all(work, done).await
        }
        .boxed()
    }
}

/// A job that can be run again and again, from one that takes the portal.
fn on<F, J>(portal: &Arc<Portal>, job: J) -> impl Fn() -> F + use<F, J>
where
    F: Future,
    J: Fn(Arc<Portal>) -> F,
{
    let portal = Arc::clone(portal);
    move || job(Arc::clone(&portal))
}
