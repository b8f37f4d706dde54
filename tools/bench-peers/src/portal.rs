//! The portal under load: the demo, with a sandbox as its Workato and the limits lifted, and its operator signed in.

use std::{
    net::SocketAddr,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, header};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{ChildStdout, Command},
    time::timeout,
};

use crate::{
    children::{Server, free_address},
    client::{Page, send_once},
    error::Result,
};

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Portal {
    pub server: Server,
    address: SocketAddr,
    cookie: String,
}

impl Portal {
    /// Starts the program's demo with this many connections in each workspace.
    pub async fn start(program: &Path, connections: usize) -> Result<Self> {
        let address = free_address().await?;
        let mut child = Command::new(program)
            .args([
                "demo",
                "--no-limits",
                "--requests-per-second",
                "0",
                "--connections",
                &connections.to_string(),
                "--addr",
                &address.to_string(),
            ])
            // The peers write no line for each request either.
            .env("PORTAL_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().ok_or("the demo has no output")?;
        let server = Server::of(child);
        let mut lines = BufReader::new(output).lines();
        let password = timeout(PATIENCE, password(&mut lines)).await??;
        // Otherwise it would wait for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let cookie = sign_in(address, &password).await?;
        Ok(Self { server, address, cookie })
    }

    /// The page at this path, as its operator gets it.
    pub fn page(&self, path: &str) -> Page {
        Page {
            address: self.address,
            host: host(self.address),
            path: path.to_owned(),
            cookie: Some(self.cookie.clone()),
        }
    }
}

/// The operator's password, once the demo serves.
async fn password(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<String> {
    let mut password = None;
    while let Some(line) = lines.next_line().await? {
        let line = line.trim();
        if let (None, Some(found)) = (&password, line.strip_prefix("Password")) {
            password = Some(found.trim().to_owned());
        }
        if line.starts_with("Partner Portal on") {
            return password.ok_or_else(|| "the demo printed no password".into());
        }
    }
    Err("the demo ended".into())
}

fn host(address: SocketAddr) -> String {
    format!("localhost:{}", address.port())
}

async fn sign_in(address: SocketAddr, password: &str) -> Result<String> {
    let form = format!("email=operator%40example.com&password={password}");
    let request = Request::post("/api/fn/sign_in")
        .header(header::HOST, host(address))
        .header(header::ORIGIN, format!("http://{}", host(address)))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(form)))?;
    let answer = send_once(address, request).await?;
    let cookies = answer.headers().get_all(header::SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let pairs: Vec<&str> = cookies.filter_map(|cookie| cookie.split(';').next()).collect();
    if pairs.is_empty() { Err("nobody could sign in".into()) } else { Ok(pairs.join("; ")) }
}

/// How long the program takes from its start to its first page, on a fresh folder of its own.
pub async fn start_to_first_page(program: &Path) -> Result<Duration> {
    let folder = std::env::temp_dir().join(format!("bench-peers-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let key = Command::new(program).arg("keygen").output().await?.stdout;
    let key_file = folder.join("portal.key");
    tokio::fs::write(&key_file, key).await?;
    set_private(&key_file)?;
    let mut took = Duration::MAX;
    // The first start makes the database; the quickest of the others counts.
    for round in 0..4 {
        let address = free_address().await?;
        let begun = Instant::now();
        let mut server = Server::start(
            Command::new(program)
                .args(["serve", "--addr", &address.to_string(), "--data-dir"])
                .arg(folder.join("data"))
                .arg("--master-key-file")
                .arg(&key_file),
        )?;
        let page = Page { address, host: host(address), path: "/login".to_owned(), cookie: None };
        server.ready(&page).await?;
        if round > 0 {
            took = took.min(begun.elapsed());
        }
        server.stop().await;
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(took)
}

fn set_private(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))?)
}
