//! Opening the sockets that the portal is served on, before anything is served.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use crate::{Listeners, command_error::CommandError, config::WebOptions};

/// Listens on every address that the options name.
///
/// # Errors
/// `Input`, which names the setting, if an address cannot be used.
pub async fn listen(options: &WebOptions) -> Result<Listeners, CommandError> {
    let portal = bind(options.addr, "PORTAL_ADDR").await?;
    let metrics = match options.metrics_addr {
        Some(addr) => Some(bind(addr, "PORTAL_METRICS_ADDR").await?),
        None => None,
    };
    Ok(Listeners { portal, metrics })
}

async fn bind(addr: SocketAddr, setting: &str) -> Result<TcpListener, CommandError> {
    let listener = TcpListener::bind(addr).await;
    listener.map_err(|error| CommandError::Input(format!("cannot listen on {addr} ({setting}): {error}")))
}
