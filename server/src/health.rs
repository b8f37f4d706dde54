//! For monitoring: `/healthz` says that the process runs, `/readyz` whether it can do its work. Without a database that
//! answers and can be written it is not ready. An alarm, a late worker, or a place that takes no checkpoints does not make
//! it unready: people can still read, and no restart would help.
//!
//! Anybody can ask the public listener, so it says no more than that. Why, and what else is wrong, is said by the listener
//! for metrics.

use std::{sync::Arc, time::Duration};

use app::wording::{alarms, approvals, trust};
use axum::{Router, extract::State, routing::get};
use http::StatusCode;
use portal::{Portal, StoreError};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use crate::workers::Workers;

/// How long a read and a write each wait for their turn and for the disk.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the answer of a probe is used again: anybody can ask, and each probe waits for the disk.
const REUSED_FOR: Duration = Duration::from_secs(1);

/// Said while less than `PORTAL_MIN_FREE_DISK` is free.
const LITTLE_SPACE: &str = "the disk is almost full: less than PORTAL_MIN_FREE_DISK is free, so nothing is changed";

/// What the answers are made from.
pub struct Health {
    portal: Arc<Portal>,
    workers: Arc<Workers>,
    /// The last probe, and whether the database could be written then.
    last_probe: Mutex<Option<(Instant, bool)>>,
}

impl Health {
    pub fn new(portal: Arc<Portal>, workers: Arc<Workers>) -> Self {
        Self { portal, workers, last_probe: Mutex::default() }
    }

    /// Whether the database can be written. One request at a time probes; the others wait for its answer.
    async fn is_writable(&self) -> bool {
        let mut last = self.last_probe.lock().await;
        if let Some((at, is_writable)) = *last
            && at.elapsed() < REUSED_FOR
        {
            return is_writable;
        }
        let is_writable = match timeout(PATIENCE, self.portal.store().check_writable()).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::error!(%error, "not ready");
                false
            }
            Err(_) => {
                tracing::error!("not ready: writing to the database takes longer than {PATIENCE:?}");
                false
            }
        };
        *last = Some((Instant::now(), is_writable));
        is_writable
    }
}

/// For everybody.
pub fn router(health: Arc<Health>) -> Router {
    let router = Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready));
    router.with_state(health)
}

/// For those who may know more.
pub fn detailed_router(health: Arc<Health>) -> Router {
    Router::new().route("/readyz", get(details)).with_state(health)
}

async fn ready(State(health): State<Arc<Health>>) -> (StatusCode, &'static str) {
    match details(State(health)).await.0 {
        StatusCode::OK => (StatusCode::OK, "ready\n"),
        status => (status, "not ready\n"),
    }
}

async fn details(State(health): State<Arc<Health>>) -> (StatusCode, String) {
    let read = async {
        health.portal.store().ping().await?;
        let mut troubles = health.portal.checkpoint_troubles().await?;
        troubles.extend(approvals::unreviewed(health.portal.unreviewed_break_glass().await?));
        Ok::<_, StoreError>((troubles, health.portal.trust().await?))
    };
    let space = health.portal.check_free_space();
    let (refusal, troubles) = match timeout(PATIENCE, read).await {
        Ok(Ok((troubles, _))) if space.is_err() => (Some(LITTLE_SPACE), troubles),
        Ok(Ok((mut lines, trust))) if health.is_writable().await => {
            lines.push(trust::sentence(&trust));
            (None, lines)
        }
        Ok(Ok((troubles, _))) => (Some("the database cannot be written"), troubles),
        Ok(Err(error)) => {
            tracing::error!(%error, "not ready: the database does not answer");
            (Some("the database does not answer"), Vec::new())
        }
        Err(_) => {
            tracing::error!("not ready: reading from the database takes longer than {PATIENCE:?}");
            (Some("the database does not answer"), Vec::new())
        }
    };
    let (status, first) = match refusal {
        None => (StatusCode::OK, "ready"),
        Some(refusal) => (StatusCode::SERVICE_UNAVAILABLE, refusal),
    };
    let alarms = health.portal.alarms().list().into_iter();
    let alarms = alarms.map(|(alarm, _)| format!("alarm {}: {}", alarm.code(), alarms::sentence(&alarm)));
    let lines = [first.to_owned()].into_iter().chain(alarms).chain(health.workers.late()).chain(troubles);
    (status, lines.map(|line| line + "\n").collect())
}

#[cfg(test)]
mod tests {
    use std::{future::pending, io};

    use axum::body::{Body, to_bytes};
    use http::Request;
    use portal::{Settings, vault::Vault};
    use tempfile::TempDir;
    use tokio_util::sync::CancellationToken;
    use tower::ServiceExt;

    use super::*;
    use crate::workers::Worker;

    async fn ask(router: &Router) -> (StatusCode, String) {
        let request = Request::get("/readyz").body(Body::empty()).expect("a valid request");
        let response = router.clone().oneshot(request).await.expect("the router never fails");
        let (status, body) = (response.status(), to_bytes(response.into_body(), 4_096).await.expect("a short body"));
        (status, String::from_utf8(body.to_vec()).expect("text"))
    }

    #[tokio::test]
    async fn a_late_worker_is_named_and_the_portal_is_ready_all_the_same() {
        let folder = TempDir::new().expect("a folder");
        let key = folder.path().join("key");
        portal::private_file::create(&key, Vault::new_key().expect("a key").as_bytes()).expect("the key is written");
        let portal = Portal::open(Settings::new(folder.path().join("data"), key)).await.expect("it opens");
        let every = Duration::from_millis(5);
        let hanging = Worker::new("hanging", every, pending::<io::Result<()>>);
        let (ran, mut runs) = tokio::sync::watch::channel(0);
        let other = Worker::new("other", every, move || {
            ran.send_modify(|runs| *runs += 1);
            async { Ok::<_, io::Error>(()) }
        });
        let (workers, stop) = (Arc::new(Workers::new([hanging, other])), CancellationToken::new());
        let working = tokio::spawn({
            let (workers, stop) = (workers.clone(), stop.clone());
            async move { workers.run(stop, Duration::ZERO).await }
        });
        let health = Arc::new(Health::new(portal.clone(), workers));
        let (public, router) = (router(Arc::clone(&health)), detailed_router(health));
        let (status, text) = ask(&router).await;
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(status, StatusCode::OK);
        assert!(matches!(lines[..], ["ready", trust] if trust.contains("No one else holds a checkpoint")), "{text}");

        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(120)).await;
        tokio::time::resume();
        // The other worker goes on: twice, because a run may have begun before the clock was moved.
        let before = *runs.borrow_and_update();
        runs.wait_for(|runs| *runs >= before + 2).await.expect("it runs");
        let (status, text) = ask(&router).await;
        assert_eq!(status, StatusCode::OK);
        let lines: Vec<_> = text.lines().collect();
        assert!(matches!(lines[..], ["ready", late, _] if late.starts_with("worker hanging is late: ")), "{text}");
        assert_eq!(ask(&public).await, (StatusCode::OK, "ready\n".to_owned()));
        stop.cancel();
        working.await.expect("the workers stop");
        portal.close().await;
    }
}
