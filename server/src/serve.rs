//! Serving: the whole portal as one function, which tests call on a port of their own.

use std::{future::Future, io, net::SocketAddr, time::Duration};

use app::{context::Services, form_memory::FormMemory};
use portal::{Portal, StartError};
use secrecy::ExposeSecret;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{Config, router::router};

/// Why the portal is not served. Each is one clear line.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The portal does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The public URL is none.
    #[error("PORTAL_PUBLIC_URL {url:?} cannot be used: {why}")]
    PublicUrl {
        /// What was given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// Anything of the system's.
    #[error("serving: {0}")]
    Io(#[from] io::Error),
}

/// How much longer than for a call to Workato connections are waited for in the end: a download that stalls, or a form
/// that is never sent to its end, would be waited for as long as somebody likes.
const LONGER_THAN_A_CALL: Duration = Duration::from_secs(5);

/// Serves until `shutdown`, then waits for the operations under way.
///
/// # Errors
/// One clear line; nothing is served then.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    survive_full_files()?;
    let portal = Portal::open(config.portal.clone()).await?;
    let _taken = portal.take_data_dir()?;
    let services =
        Services { portal: portal.clone(), forms: FormMemory::default(), public_url: config.public_url.clone() };
    let router = router(&services, &config)?;
    println!("Partner Portal on {}", config.public_url);
    if let Some(secret) = portal.setup_secret().await.map_err(StartError::from)? {
        println!("There is nobody yet. Open {}/setup?secret={}", config.public_url, secret.expose_secret());
        println!("to make the first admin; the link is good for 7 days, or until the next start.");
    }
    tracing::info!(address = %listener.local_addr()?, public_url = config.public_url, "serving");
    let stop = CancellationToken::new();
    let workers = crate::jobs::start(&portal, &config.portal, &stop);
    let leaving = CancellationToken::new();
    let asked_to_leave = {
        let (portal, leaving) = (portal.clone(), leaving.clone());
        async move {
            shutdown.await;
            leaving.cancel();
            portal.leave();
        }
    };
    let serving = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(asked_to_leave);
    let patience = config.portal.upstream.timeout + LONGER_THAN_A_CALL;
    let out_of_patience = async {
        leaving.cancelled().await;
        tokio::time::sleep(patience).await;
    };
    tokio::select! {
        served = serving.into_future() => served?,
        () = out_of_patience => tracing::warn!("stopping, although somebody is still connected"),
    }
    tracing::info!("stopping: waiting for operations under way");
    stop.cancel();
    workers.join_all().await;
    portal.close().await;
    Ok(())
}

/// A file that may not grow makes writing fail, and must not end the process: what cannot be audited is refused, and
/// that needs somebody who refuses.
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

/// Ends when the process is asked to: by Ctrl-C or SIGTERM.
pub(crate) async fn asked_to_stop() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(error) => {
                tracing::error!(%error, "SIGTERM cannot be listened for");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => {
            if let Err(error) = interrupted {
                tracing::error!(%error, "Ctrl-C cannot be listened for");
            }
        }
        () = terminated => {}
    }
}
