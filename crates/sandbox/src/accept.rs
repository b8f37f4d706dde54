//! The accept loop: one task per connection and one per request.
//! `axum::serve` cannot be used, because a fault must be able to reset the connection of its request.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, response::Response};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::resettable_stream::{ConnectionControl, ResettableStream};

/// Time for answers in progress to finish after the sandbox was told to stop.
const GRACE: Duration = Duration::from_secs(1);

/// Serves until `shutdown` completes. Answers in progress then have one second to finish.
pub async fn accept(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
    let stopping = CancellationToken::new();
    let stopped = CancellationToken::new();
    let _stop_requests_on_return = stopped.clone().drop_guard();
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "could not set TCP_NODELAY; answers may be delayed");
                    }
                    let stream = ResettableStream::new(stream);
                    connections.spawn(serve_connection(stream, peer, router.clone(), stopping.clone(), stopped.clone()));
                }
                Err(error) => {
                    // Most likely out of file descriptors. The loop must neither end nor spin.
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
    drop(listener);
    stopping.cancel();
    let finished = timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
    if finished.is_err() {
        connections.shutdown().await;
    }
}

async fn serve_connection(
    stream: ResettableStream,
    peer: SocketAddr,
    router: Router,
    stopping: CancellationToken,
    stopped: CancellationToken,
) {
    let control = stream.control();
    let service =
        service_fn(move |request| respond(request, peer, Arc::clone(&control), router.clone(), stopped.clone()));
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection ended with an error");
    }
}

/// Runs a request in its own task: like Workato, the sandbox completes a call even if its client has disconnected.
async fn respond(
    request: Request<Incoming>,
    peer: SocketAddr,
    control: Arc<ConnectionControl>,
    router: Router,
    stopped: CancellationToken,
) -> io::Result<Response> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(control);
    request.extensions_mut().insert(ConnectInfo(peer));
    let work = tokio::spawn(async move {
        tokio::select! {
            answer = router.oneshot(request) => answer.map_err(|never| match never {}),
            () = stopped.cancelled() => Err(io::Error::other("the sandbox stopped")),
        }
    });
    work.await.map_err(io::Error::other)?
}
