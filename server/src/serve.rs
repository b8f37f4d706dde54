//! Serving the whole portal, as one function that tests call with listeners of their own.

use std::{future::Future, io, sync::Arc, time::Duration};

use app::{context::Services, form_memory::FormMemory};
use portal::{Portal, Settings, StartError};
use secrecy::ExposeSecret;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Config, PublicUrl, ServeError,
    health::Health,
    jobs, metrics,
    origin::Clients,
    output::{announce, hand_over},
    router::router,
    transport::{self, Stop},
};

/// The sockets to serve on.
#[derive(Debug)]
pub struct Listeners {
    /// For people and log collectors.
    pub portal: TcpListener,
    /// For Prometheus, if metrics are wanted.
    pub metrics: Option<TcpListener>,
}

impl From<TcpListener> for Listeners {
    fn from(portal: TcpListener) -> Self {
        Self { portal, metrics: None }
    }
}

/// How much longer than for a call to Workato shutdown waits for connections and workers: a client that stalls in the
/// middle of a download or a form would otherwise hold it up for as long as it likes.
const LONGER_THAN_A_CALL: Duration = Duration::from_secs(5);

/// Serves until `shutdown`, then waits for the operations under way.
///
/// # Errors
/// `Start` or `PublicUrl` if nothing could be served, `Io` if the operating system refuses what serving needs.
pub async fn serve(
    config: Config,
    listeners: impl Into<Listeners>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let Listeners { portal: listener, metrics: metrics_listener } = listeners.into();
    survive_full_files()?;
    // It listens for signals from now on, before anybody is told that the portal is served.
    let shutdown = tokio::spawn(shutdown);
    // Before anything is counted.
    let recorded = metrics_listener.is_some().then(metrics::record).transpose()?;
    let public_url = Some(config.public_url.to_string());
    let portal = Portal::open(Settings { public_url, ..config.portal.clone() }).await?;
    let _data_dir_lock = portal.take_data_dir()?;
    let services = Services {
        portal: portal.clone(),
        forms: FormMemory::default(),
        public_url: config.public_url.to_string(),
        is_demo: config.is_demo,
    };
    let workers = Arc::new(jobs::workers(&portal, &config.portal));
    let health = Arc::new(Health::new(portal.clone(), workers.clone()));
    let router = router(&services, &config, Arc::clone(&health))?;
    let mut greeting = greeting(&portal, &config.public_url).await?;
    let monitoring = metrics_listener.as_ref().map(TcpListener::local_addr).transpose()?;
    if let Some(address) = monitoring {
        greeting += &format!("Metrics on http://{address}/metrics\n");
    }
    announce(greeting).await;
    if !portal.trust().await.map_err(StartError::from)?.is_delivered {
        tracing::warn!(
            "no outside witness is configured: set PORTAL_CHECKPOINTS_TO to a folder or an address that other people \
             control, or nobody can tell if somebody who can write this machine rewrites the audit log"
        );
    }
    if portal.is_rotation_unfinished().await.map_err(StartError::from)? {
        tracing::warn!("a key rotation is not finished: run `partner-portal key rotate`");
    }
    let monitoring = monitoring.map(tracing::field::display);
    tracing::info!(address = %listener.local_addr()?, public_url = %config.public_url, metrics = monitoring, "serving");

    let patience = config.portal.upstream.timeout + LONGER_THAN_A_CALL;
    let stop = CancellationToken::new();
    let working = tokio::spawn({
        let (workers, stop) = (workers.clone(), stop.clone());
        async move { workers.run(stop, patience).await }
    });
    let connections = Stop::default();
    let scraping = metrics_listener.zip(recorded).map(|(listener, recorded)| {
        tokio::spawn(metrics::serve(listener, recorded, workers, health, connections.clone()))
    });
    let clients = Arc::new(Clients::new(config.trusted_proxies.clone()));
    let serving = transport::serve(listener, router, transport::bounds(), clients, connections.clone());
    let mut serving = tokio::spawn(serving);
    if let Err(error) = shutdown.await {
        tracing::error!(%error, "waiting for the order to stop failed");
    }
    connections.soon.cancel();
    portal.leave();
    if timeout(patience, &mut serving).await.is_err() {
        tracing::warn!("stopping although connections are still open");
        connections.now.cancel();
    }
    tracing::info!("stopping: waiting for operations and workers");
    stop.cancel();
    if let Err(error) = working.await {
        tracing::error!(%error, "the workers ended badly");
    }
    portal.close().await;
    connections.now.cancel();
    if let Some(scraping) = scraping {
        scraping.abort();
    }
    Ok(())
}

/// What is printed at the start: the address, and while there is no user yet, how to create the first one.
async fn greeting(portal: &Portal, public_url: &PublicUrl) -> Result<String, ServeError> {
    let mut text = format!("Partner Portal on {public_url}\n");
    let file = portal.setup_link_file();
    match portal.setup_secret().await.map_err(StartError::from)? {
        Some(secret) => {
            let link = format!("{public_url}/setup?secret={}", secret.expose_secret()).into();
            let place = hand_over(&link, &file)?;
            text += &format!(
                "No one has an account yet. To create the first admin, {place}\nThe link is valid for 7 days, or until \
                 the next start.\n"
            );
        }
        None => portal.remove_setup_link_file(),
    }
    Ok(text)
}

/// Keeps the process alive when a file reaches its size limit (SIGXFSZ): the write then fails, and what cannot be
/// audited is refused.
fn survive_full_files() -> io::Result<()> {
    const SIGXFSZ: i32 = 25;
    let mut full = signal(SignalKind::from_raw(SIGXFSZ))?;
    tokio::spawn(async move {
        while full.recv().await.is_some() {
            tracing::error!("a file has reached the largest size that it may have");
        }
    });
    Ok(())
}

/// Completes when the process is asked to stop, by Ctrl-C or SIGTERM.
pub(crate) async fn asked_to_stop() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(error) => {
                tracing::error!(%error, "cannot listen for SIGTERM");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => {
            if let Err(error) = interrupted {
                tracing::error!(%error, "cannot listen for Ctrl-C");
            }
        }
        () = terminated => {}
    }
}
