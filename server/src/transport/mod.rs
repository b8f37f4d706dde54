//! Accepting connections and serving HTTP/1.1 on them. hyper speaks the protocol; this bounds how many connections are
//! open, and how long a client may take to send a request and to read the answer.

mod activity;
mod body;
mod file_limit;
mod head;
mod pace;
mod slots;
mod stream;

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderValue, Request, Response, header};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

pub use self::{body::TooSlow, head::LONGEST_URL, slots::Bounds};
use self::{
    body::{Answering, Arriving, Leaving},
    slots::{Slot, Slots},
    stream::{SharedHeads, Watched, is_last_request},
};
use crate::origin::Clients;

/// The longest head of a request, in bytes.
const LONGEST_HEAD: usize = 32 * 1024;
/// The most connections of one network. Many people can share one.
const PER_NETWORK: usize = 1_024;
/// How many connections may be closing while others take their places.
const CLOSING: usize = 64;
/// How long to wait when the operating system has no file for a connection.
const WITHOUT_FILES: Duration = Duration::from_millis(50);

/// What stops serving.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// Accept no connection, and end each one after the request that it serves.
    pub soon: CancellationToken,
    /// End all connections at once.
    pub now: CancellationToken,
}

/// How many connections of people may be open, by the operating system's limit on open files. Raises that limit as far as
/// the process may.
pub fn bounds() -> Bounds {
    let in_all = file_limit::connections();
    Bounds { in_all, per_network: PER_NETWORK.min(in_all) }
}

/// Serves `router` until all connections have ended after `stop`. Connections of trusted proxies are bounded in all only.
pub async fn serve(listener: TcpListener, router: Router, bounds: Bounds, clients: Arc<Clients>, stop: Stop) {
    let (slots, connections) = (Slots::new(bounds), TaskTracker::new());
    let files = Arc::new(Semaphore::new(bounds.in_all + CLOSING));
    while let Some((stream, address, file)) = accept(&listener, &files, &stop).await {
        let network = (!clients.trusts(address.ip().to_canonical())).then(|| portal::network(address.ip()));
        let Some(slot) = slots.take(network, stop.now.child_token()) else {
            metrics::counter!("portal_connections_refused_total").increment(1);
            continue;
        };
        metrics::gauge!("portal_connections").increment(1);
        let (router, soon) = (router.clone(), stop.soon.clone());
        connections.spawn(async move {
            serve_connection(stream, address, router, &slot, soon).await;
            drop((slot, file));
            metrics::gauge!("portal_connections").decrement(1);
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// The next connection. `None` once no more are accepted.
async fn accept(
    listener: &TcpListener,
    files: &Arc<Semaphore>,
    stop: &Stop,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    loop {
        let accepted = async {
            let file = Arc::clone(files).acquire_owned().await.ok()?;
            Some((listener.accept().await, file))
        };
        match stop.soon.run_until_cancelled(accepted).await?? {
            (Ok((stream, address)), file) => return Some((stream, address, file)),
            // The client left before it was accepted.
            (Err(error), _) if is_of_one_connection(&error) => {}
            (Err(error), _) => {
                tracing::error!(%error, "cannot accept a connection");
                sleep(WITHOUT_FILES).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn serve_connection(
    stream: TcpStream,
    address: SocketAddr,
    router: Router,
    slot: &Slot,
    stop_soon: CancellationToken,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot send small packets at once");
    }
    let (activity, heads) = (Arc::clone(&slot.activity), SharedHeads::default());
    let stream = Watched::new(stream, Arc::clone(&activity), Arc::clone(&heads));
    let answer = |request: Request<Incoming>| {
        let (router, is_last) = (router.clone(), is_last_request(&heads));
        let answering = Answering::new(Arc::clone(&activity));
        let mut request = request.map(|body| Body::new(Arriving::new(body, Arc::clone(&activity))));
        request.extensions_mut().insert(ConnectInfo(address));
        async move {
            let Ok(mut response) = router.oneshot(request).await;
            if is_last {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<Response<Leaving>, Infallible>(response.map(|body| Leaving::new(body, answering)))
        }
    };
    // No other version is spoken: neither HTTP/2 by prior knowledge nor an upgrade to it.
    let mut http = http1::Builder::new();
    // Heads have a time-out of ours, in the stream: hyper's cannot tell a slow head from an idle connection.
    http.header_read_timeout(None).max_header_size(LONGEST_HEAD).max_buf_size(LONGEST_HEAD + 8 * 1024);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service_fn(answer)));
    let mut is_stopping = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, %address, "a connection ended badly");
                }
                return;
            }
            () = slot.activity.closed.cancelled() => return,
            () = stop_soon.cancelled(), if !is_stopping => {
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
