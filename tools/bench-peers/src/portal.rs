//! The portal under load, with a sandbox as its Workato and the limits lifted, and an operator signed in: the demo, or the
//! portal alone with the sandbox in a process of its own, whose memory is not the portal's.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, header};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
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
    beside: Option<Beside>,
}

/// What the portal alone needs.
struct Beside {
    sandbox: Server,
    folder: PathBuf,
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
        let cookie = sign_in(address, "operator@example.com", &password).await?;
        Ok(Self { server, address, cookie, beside: None })
    }

    /// Starts the portal on a folder of its own, with one team and with a sandbox beside it.
    pub async fn alone(program: &Path, connections: usize) -> Result<Self> {
        let (address, workato) = (free_address().await?, free_address().await?);
        let folder = std::env::temp_dir().join(format!("bench-peers-alone-{}-{}", std::process::id(), address.port()));
        std::fs::create_dir_all(&folder)?;
        let (token, url, password) =
            ("a-token-of-the-bench", format!("http://{workato}"), "a pass phrase for the bench");
        let count = connections.to_string();
        let sandbox = ["sandbox", "--no-limits", "--token", token, "--connections", &count, "--addr"];
        let mut sandbox = Server::start(Command::new(program).args(sandbox).arg(workato.to_string()))?;
        let first = Page { address: workato, host: host(workato), path: "/".to_owned(), cookie: None };
        sandbox.ready(&first).await?;
        let key_file = new_key(program, &folder).await?;
        let command = |words: &[&str]| {
            let mut command = Command::new(program);
            command
                .args(words)
                .env("PORTAL_DATA_DIR", folder.join("data"))
                .env("PORTAL_MASTER_KEY_FILE", &key_file)
                .env("PORTAL_WORKATO_HOSTS", &url)
                .env("PORTAL_LOG", "warn");
            command
        };
        let email = "operator@example.com";
        let person = ["user", "add", "--email", email, "--name", "Olga", "--role", "member", "--password-stdin"];
        run(command(&person), password).await?;
        let team = ["team", "add", "--slug", "payments", "--name", "Payments", "--workato-url", &url, "--token-stdin"];
        run(command(&team), token).await?;
        run(command(&["member", "add", "--team", "payments", "--email", email, "--role", "operator"]), "").await?;
        let mut serve = command(&["serve", "--requests-per-second", "0", "--second-factor", "optional", "--addr"]);
        let mut server = Server::start(serve.arg(address.to_string()))?;
        server.ready(&Page { address, host: host(address), path: "/login".to_owned(), cookie: None }).await?;
        let cookie = sign_in(address, email, password).await?;
        Ok(Self { server, address, cookie, beside: Some(Beside { sandbox, folder }) })
    }

    /// Ends it and what is beside it.
    pub async fn stop(self) -> Result<()> {
        self.server.stop().await;
        if let Some(Beside { sandbox, folder }) = self.beside {
            sandbox.stop().await;
            std::fs::remove_dir_all(folder)?;
        }
        Ok(())
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

async fn sign_in(address: SocketAddr, email: &str, password: &str) -> Result<String> {
    let (email, password) = (email.replace('@', "%40"), password.replace(' ', "+"));
    let form = format!("email={email}&password={password}");
    let request = Request::post("/api/fn/sign_in")
        .header(header::HOST, host(address))
        .header(header::ORIGIN, format!("http://{}", host(address)))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(form)))?;
    let answer = send_once(address, request).await?;
    let mut cookies = cookies_of(&answer);
    if cookies.is_empty() {
        return Err("nobody could sign in".into());
    }
    // As a browser that was here before, which has what the first page sets as well.
    let first = Request::get("/").header(header::HOST, host(address)).header(header::COOKIE, cookies.join("; "));
    cookies.extend(cookies_of(&send_once(address, first.body(Full::default())?).await?));
    Ok(cookies.join("; "))
}

fn cookies_of(answer: &Response<Incoming>) -> Vec<String> {
    let cookies = answer.headers().get_all(header::SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    cookies.filter_map(|cookie| cookie.split(';').next()).map(str::to_owned).collect()
}

/// How long the program takes from its start to its first page, on a fresh folder of its own.
pub async fn start_to_first_page(program: &Path) -> Result<Duration> {
    let folder = std::env::temp_dir().join(format!("bench-peers-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let key_file = new_key(program, &folder).await?;
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

/// A file with a new master key in this folder.
async fn new_key(program: &Path, folder: &Path) -> Result<PathBuf> {
    let key = Command::new(program).arg("keygen").output().await?.stdout;
    let file = folder.join("portal.key");
    tokio::fs::write(&file, key).await?;
    set_private(&file)?;
    Ok(file)
}

/// Runs a command with this on its standard input.
async fn run(mut command: Command, input: &str) -> Result<()> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(format!("{input}\n").as_bytes()).await?;
    }
    let done = child.wait_with_output().await?;
    match done.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&done.stderr).into_owned().into()),
    }
}

fn set_private(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))?)
}
