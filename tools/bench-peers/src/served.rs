//! The peers that are written in Rust, each a process of its own.

use std::{fs, sync::Arc};

use axum::{Router, response::Html, routing::get};
use bytes::Bytes;
use tokio::net::TcpListener;

use crate::{bare_leptos, error::Result, rows::Rows, templates};

/// The file with the bytes of the portal's page.
pub const PAGE: &str = "page.html";

/// Serves the peer of this kind: `/` has the connections, `/thousand` a thousand rows.
pub async fn serve(kind: &str, address: &str, folder: &str) -> Result<()> {
    let rows = Arc::new(Rows::read(folder)?);
    let router = match kind {
        "bytes" => bytes(fs::read(format!("{folder}/{PAGE}"))?, &rows),
        "leptos" => bare_leptos::router(&rows),
        "maud" => templates::router(&rows),
        _ => return Err(format!("{kind} is no peer").into()),
    };
    Ok(axum::serve(TcpListener::bind(address).await?, router).await?)
}

/// What is left when nothing is drawn: a handler that sends finished bytes.
fn bytes(page: Vec<u8>, rows: &Rows) -> Router {
    let (page, thousand) = (Bytes::from(page), Bytes::from(templates::thousand(rows).into_string()));
    Router::new()
        .route("/", get(move || async move { Html(page.clone()) }))
        .route("/thousand", get(move || async move { Html(thousand.clone()) }))
}
