//! The portal's background jobs, each in a task of its own.

use std::{future::Future, sync::Arc, time::Duration};

use portal::{Portal, Settings};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub fn start(portal: &Arc<Portal>, settings: &Settings, stop: &CancellationToken) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let (watch, settle) = (settings.watch_every, settings.settle_every);
    let p = Arc::clone(portal);
    tasks.spawn(every(settle, Duration::ZERO, stop.clone(), move || {
        let p = Arc::clone(&p);
        async move { drop(p.settle_due().await) }
    }));
    let p = Arc::clone(portal);
    tasks.spawn(every(watch, watch / 5, stop.clone(), move || {
        let p = Arc::clone(&p);
        async move { drop(p.compare_due().await) }
    }));
    let p = Arc::clone(portal);
    tasks.spawn(every(Duration::from_secs(5), Duration::ZERO, stop.clone(), move || {
        let p = Arc::clone(&p);
        async move { drop(p.append_gathered().await) }
    }));
    let p = Arc::clone(portal);
    tasks.spawn(every(
        Duration::from_secs(5).min(settings.checkpoint_every),
        Duration::ZERO,
        stop.clone(),
        move || {
            let p = Arc::clone(&p);
            async move { drop(p.sign_due().await) }
        },
    ));
    let p = Arc::clone(portal);
    tasks.spawn(every(Duration::from_secs(1), Duration::ZERO, stop.clone(), move || {
        let p = Arc::clone(&p);
        async move { drop(p.update_index().await) }
    }));
    let p = Arc::clone(portal);
    tasks.spawn(every(Duration::from_secs(3600), Duration::ZERO, stop.clone(), move || {
        let p = Arc::clone(&p);
        async move { drop(p.expire_due().await) }
    }));
    for delivery in portal.deliveries() {
        let delivery = Arc::new(delivery);
        tasks.spawn(every(Duration::from_secs(5), Duration::ZERO, stop.clone(), move || {
            let d = Arc::clone(&delivery);
            async move { drop(d.deliver().await) }
        }));
    }
    tasks
}

async fn every<F: Future<Output = ()>>(every: Duration, first: Duration, stop: CancellationToken, job: impl Fn() -> F) {
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + first, every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        job().await;
    }
}
