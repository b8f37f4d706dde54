//! A server with scripted answers that records its requests. Unlike an HTTP library, it can also truncate an answer,
//! reset the connection, or stop responding.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use workato::{Client, ClientOptions, Limits};

pub const TOKEN: &str = "wrkprt-a-token-that-no-page-may-show";

/// What the server does after a request.
#[derive(Debug, Clone)]
pub enum Then {
    /// Writes these bytes and keeps the connection open for another request.
    Write(Vec<u8>),
    /// Writes these bytes and closes.
    WriteAndClose(Vec<u8>),
    /// Writes these bytes and then nothing more.
    WriteAndHang(Vec<u8>),
    /// Resets the connection.
    Reset,
}

/// A complete answer with this status line, these headers and this body.
pub fn answer(status: &str, headers: &str, body: &str) -> Then {
    let length = body.len();
    Then::Write(format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes())
}

/// A complete JSON answer.
pub fn json(status: &str, body: &str) -> Then {
    answer(status, "content-type: application/json\r\n", body)
}

pub struct Server {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Answers the first request with the first of these, and so on; repeats the last one.
    pub async fn start(script: Vec<Then>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            let script = Arc::new(script);
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&log)));
            }
        });
        Self { address, requests, connections }
    }

    /// The number of connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// The requests so far, heads and bodies.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no test panics while it holds this").clone()
    }

    /// The first lines of the requests so far: `DELETE /api/connections/36`.
    pub fn lines(&self) -> Vec<String> {
        let line = |request: &String| {
            let line = request.lines().next().unwrap_or_default();
            line.trim_end_matches(" HTTP/1.1").to_owned()
        };
        self.requests().iter().map(line).collect()
    }

    pub fn options(&self) -> ClientOptions {
        options(&format!("http://{}", self.address))
    }

    pub fn client(&self) -> Client {
        Client::new(self.options()).expect("a client")
    }
}

/// Options with short times and no limits.
pub fn options(base_url: &str) -> ClientOptions {
    let base_url = base_url.parse().expect("a base URL");
    ClientOptions {
        connect_timeout: Duration::from_secs(3),
        timeout: Duration::from_secs(6),
        limits: Limits::none(),
        ..ClientOptions::new(base_url, SecretString::from(TOKEN))
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Vec<Then>>, log: Arc<Mutex<Vec<String>>>) {
    while let Some(request) = request(&mut stream).await {
        let then = {
            let mut log = log.lock().expect("no test panics while it holds this");
            log.push(request);
            script[(log.len() - 1).min(script.len() - 1)].clone()
        };
        match then {
            Then::Write(bytes) => drop(stream.write_all(&bytes).await),
            Then::WriteAndClose(bytes) => {
                drop(stream.write_all(&bytes).await);
                return;
            }
            Then::WriteAndHang(bytes) => {
                drop(stream.write_all(&bytes).await);
                std::future::pending::<()>().await;
            }
            Then::Reset => {
                stream.set_zero_linger().expect("a socket");
                return;
            }
        }
    }
}

/// One request: its head, and the body of its content-length.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(head + &String::from_utf8_lossy(&body))
}
