//! For whoever watches the process: `/healthz` says that it runs, `/readyz` that its database answers.

use std::sync::Arc;

use axum::{Router, extract::State, routing::get};
use http::StatusCode;
use portal::Portal;

pub fn router(portal: Arc<Portal>) -> Router {
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready)).with_state(portal)
}

async fn ready(State(portal): State<Arc<Portal>>) -> (StatusCode, &'static str) {
    match portal.store().ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
