//! The process: binds the address and serves.

mod assets;
mod headers;
mod render;

use axum::{Router, middleware};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::var("PORTAL_ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let router = Router::new()
        .merge(assets::router())
        .fallback_service(render::pages(|| {}))
        .layer(middleware::from_fn(headers::layer));
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router).await
}
