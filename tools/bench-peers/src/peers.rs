//! What people would use instead, each started with the same rows. `run.sh` installs Django and Next.js, and says through
//! the environment where they are.

use std::{env, net::SocketAddr, path::PathBuf};

use tokio::process::Command;

use crate::{
    children::{Server, free_address},
    client::Page,
    error::Result,
};

/// A peer that serves.
pub struct Peer {
    pub name: &'static str,
    pub server: Server,
    pub connections: Page,
    pub thousand: Page,
}

/// Starts every peer that is installed. `folder` holds the rows.
pub async fn start(folder: &str) -> Result<Vec<Peer>> {
    let mut peers = Vec::new();
    for (name, kind) in
        [("axum, the same bytes", "bytes"), ("Leptos islands, bare", "leptos"), ("axum and maud", "maud")]
    {
        let address = free_address().await?;
        let mut command = Command::new(env::current_exe()?);
        command.args(["serve", kind, &address.to_string(), folder]);
        peers.push(peer(name, address, &mut command, ["/", "/thousand"], None).await?);
    }
    if let Some(python) = env::var_os("BENCH_DJANGO_PYTHON").filter(|python| !python.is_empty()) {
        peers.push(django(&PathBuf::from(python), folder).await?);
    }
    if let Some(next) = env::var_os("BENCH_NEXT").filter(|next| !next.is_empty()) {
        let address = free_address().await?;
        let mut command = Command::new("node");
        command
            .current_dir(&next)
            .args(["node_modules/next/dist/bin/next", "start", "--hostname", "127.0.0.1", "--port"])
            .arg(address.port().to_string())
            .env("BENCH_ROWS", folder)
            .env("NEXT_TELEMETRY_DISABLED", "1");
        peers.push(peer("Next.js", address, &mut command, ["/", "/thousand"], None).await?);
    }
    Ok(peers)
}

/// Django's admin with two workers of gunicorn, its usual process manager.
async fn django(python: &std::path::Path, folder: &str) -> Result<Peer> {
    let code = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("django");
    let made = Command::new(python).current_dir(&code).args(["fill.py", folder]).output().await?;
    if !made.status.success() {
        return Err(format!("Django’s rows: {}", String::from_utf8_lossy(&made.stderr)).into());
    }
    // It prints the cookie of an admin's session.
    let cookie = String::from_utf8(made.stdout)?.trim().to_owned();
    let address = free_address().await?;
    let mut command = Command::new(python);
    command
        .current_dir(&code)
        .args(["-m", "gunicorn", "--workers", "2", "--bind", &address.to_string(), "site_of_rows:application"])
        .env("BENCH_ROWS", folder);
    peer("Django admin", address, &mut command, ["/admin/rows/connection/", "/admin/rows/item/"], Some(cookie)).await
}

async fn peer(
    name: &'static str,
    address: SocketAddr,
    command: &mut Command,
    paths: [&str; 2],
    cookie: Option<String>,
) -> Result<Peer> {
    let [connections, thousand] =
        paths.map(|path| Page { address, host: address.to_string(), path: path.to_owned(), cookie: cookie.clone() });
    let mut server = Server::start(command).map_err(|error| format!("{name}: {error}"))?;
    server.ready(&connections).await.map_err(|error| format!("{name}: {error}"))?;
    Ok(Peer { name, server, connections, thousand })
}
