//! The accept loop: one task a connection, one task a request.
//! Our own, since a fault must be able to reset the connection that a request came over.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, response::Response};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::severable_stream::{Line, SeverableStream};

/// How long answers under way may take once the sandbox is told to stop.
const GRACE: Duration = Duration::from_secs(1);

/// Serves until `shutdown` is ready, then lets answers under way finish within a second.
pub async fn accept(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
    let stopping = CancellationToken::new();
    let stopped = CancellationToken::new();
    let _end_requests_with_this_loop = stopped.clone().drop_guard();
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "answers on this connection may be held back for a moment");
                    }
                    let stream = SeverableStream::new(stream);
                    connections.spawn(converse(stream, peer, router.clone(), stopping.clone(), stopped.clone()));
                }
                Err(error) => {
                    // Out of file descriptors, most likely: the loop must neither end nor spin.
                    tracing::warn!(%error, "a connection could not be accepted");
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

async fn converse(
    stream: SeverableStream,
    peer: SocketAddr,
    router: Router,
    stopping: CancellationToken,
    stopped: CancellationToken,
) {
    let line = stream.line();
    let service = service_fn(move |request| answer(request, peer, Arc::clone(&line), router.clone(), stopped.clone()));
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
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}

/// Answers one request in a task of its own: like Workato, the sandbox carries on with a call whose client has left.
async fn answer(
    request: Request<Incoming>,
    peer: SocketAddr,
    line: Arc<Line>,
    router: Router,
    stopped: CancellationToken,
) -> io::Result<Response> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(line);
    request.extensions_mut().insert(ConnectInfo(peer));
    let work = tokio::spawn(async move {
        tokio::select! {
            answer = router.oneshot(request) => answer.map_err(|never| match never {}),
            () = stopped.cancelled() => Err(io::Error::other("the sandbox stopped")),
        }
    });
    work.await.map_err(io::Error::other)?
}
