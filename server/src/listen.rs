//! Opening the sockets that the portal is served on, before anything is served.

use std::{io, net::SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

use crate::{Listeners, command_error::CommandError, web_options::WebOptions};

/// How many connections the operating system keeps until they are accepted: with fewer, a flood makes it drop others, and
/// their clients try again after a second.
const BACKLOG: u32 = 4_096;

/// Listens on every address that the options name.
///
/// # Errors
/// `Input`, which names the setting, if an address cannot be used.
pub fn listen(options: &WebOptions) -> Result<Listeners, CommandError> {
    let portal = bind(options.addr, "PORTAL_ADDR")?;
    let metrics = match options.metrics_addr {
        Some(addr) => Some(bind(addr, "PORTAL_METRICS_ADDR")?),
        None => None,
    };
    Ok(Listeners { portal, metrics })
}

fn bind(addr: SocketAddr, setting: &str) -> Result<TcpListener, CommandError> {
    open(addr).map_err(|error| CommandError::Input(format!("cannot listen on {addr} ({setting}): {error}")))
}

fn open(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart need not wait for the connections of the process before.
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG)
}
