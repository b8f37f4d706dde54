//! Whether the portal is served and ready: asks `/readyz`, where there are metrics on their listener, which says why.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::report::{Report, State};
use crate::{check_part::Part, web_options::WebOptions};

/// How long the portal may take. Its own probes of the database end within four seconds.
const PATIENCE: Duration = Duration::from_secs(6);
/// The most bytes of an answer that are read.
const LONGEST: u64 = 64 * 1024;

pub async fn look(web: &WebOptions, report: &mut Report) {
    let name = Part::Portal.name();
    let addr = web.metrics_addr.unwrap_or(web.addr);
    match timeout(PATIENCE, ask(addr)).await {
        Ok(Ok((status, lines))) => {
            let (state, first) = match status {
                200 => (State::Fine, "The portal is running and ready".to_owned()),
                503 => (State::Broken, lines.first().map_or("The portal is not ready", String::as_str).to_owned()),
                status => {
                    (State::Broken, format!("Something else than the portal answers on {addr}, with status {status}"))
                }
            };
            report.add(state, name, first);
            // An alarm, or a worker that is late. The last line says who holds checkpoints, which is checked elsewhere.
            for line in lines.iter().skip(1) {
                if line.starts_with("alarm ") {
                    report.add(State::Broken, name, line);
                } else if line.starts_with("worker ") {
                    report.add(State::Warning, name, line);
                }
            }
        }
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
            report.add(State::Warning, name, format!("Nothing listens on {addr}: the portal is not running"));
        }
        Ok(Err(error)) => report.add(State::Broken, name, format!("No answer from {addr}: {error}")),
        Err(_) => report.add(State::Broken, name, format!("No answer from {addr} within {} s", PATIENCE.as_secs())),
    }
}

/// The status and the lines of `/readyz`.
async fn ask(addr: SocketAddr) -> io::Result<(u16, Vec<String>)> {
    let mut stream = TcpStream::connect(this_machine(addr)).await?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it does not speak HTTP"))?;
    Ok((status, body.lines().map(str::to_owned).collect()))
}

/// An address to connect to: who listens on every address listens on this machine's own.
fn this_machine(mut addr: SocketAddr) -> SocketAddr {
    if addr.ip().is_unspecified() {
        addr.set_ip(match addr {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    addr
}
