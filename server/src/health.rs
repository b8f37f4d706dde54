//! For whoever watches the process: `/healthz` says that it runs, `/readyz` that its database answers. Where checkpoints
//! do not get out, `/readyz` says so, too, but it is ready all the same: nobody's change waits for that.

use std::sync::Arc;

use axum::{Router, extract::State, routing::get};
use http::StatusCode;
use portal::Portal;

pub fn router(portal: Arc<Portal>) -> Router {
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready)).with_state(portal)
}

async fn ready(State(portal): State<Arc<Portal>>) -> (StatusCode, String) {
    let looked = async {
        portal.store().ping().await?;
        portal.checkpoint_troubles().await
    };
    match looked.await {
        Ok(troubles) => {
            let lines = ["ready".to_owned()].into_iter().chain(troubles);
            (StatusCode::OK, lines.map(|line| line + "\n").collect())
        }
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n".to_owned())
        }
    }
}
