//! A minimal HTTP/1.1 client: writes a request and reads until the connection ends.
//! One connection per request, no retries.

use std::{io, net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// A client with one token.
#[derive(Clone)]
pub struct Client {
    addr: SocketAddr,
    token: Option<String>,
}

/// A complete answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

/// The bytes that arrived before the connection ended, and how it ended.
#[derive(Debug)]
pub struct Wire {
    pub bytes: Vec<u8>,
    pub end: End,
}

#[derive(Debug, PartialEq)]
pub enum End {
    /// Closed (FIN).
    Closed,
    /// A reset (RST).
    Reset,
    /// Still open when the test stopped waiting.
    Silence,
}

impl Client {
    pub fn new(addr: SocketAddr, token: &str) -> Self {
        Self { addr, token: Some(token.to_owned()) }
    }

    pub fn without_token(addr: SocketAddr) -> Self {
        Self { addr, token: None }
    }

    pub fn with_token(&self, token: &str) -> Self {
        Self::new(self.addr, token)
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, "").await
    }

    pub async fn post(&self, path: &str, body: impl ToString) -> Reply {
        self.call("POST", path, &body.to_string()).await
    }

    pub async fn put(&self, path: &str, body: impl ToString) -> Reply {
        self.call("PUT", path, &body.to_string()).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.call("DELETE", path, "").await
    }

    /// A call with a complete answer.
    pub async fn call(&self, method: &str, path: &str, body: &str) -> Reply {
        let wire = self.wire(method, path, body, Duration::from_secs(10)).await;
        assert_eq!(wire.end, End::Closed, "{method} {path}");
        Reply::read(wire.bytes)
    }

    /// A call with an additional header.
    pub async fn call_with(&self, method: &str, path: &str, header: &str, body: &str) -> Reply {
        let request = self.request(method, path, body).replace("\r\n\r\n", &format!("\r\n{header}\r\n\r\n"));
        Reply::read(self.send(&request, Duration::from_secs(10)).await.bytes)
    }

    /// A call with any result.
    pub async fn wire(&self, method: &str, path: &str, body: &str, patience: Duration) -> Wire {
        self.send(&self.request(method, path, body), patience).await
    }

    /// Sends these bytes and reads until the end.
    pub async fn send(&self, request: &str, patience: Duration) -> Wire {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let end = match timeout(patience, stream.read_to_end(&mut bytes)).await {
            Ok(Ok(_)) => End::Closed,
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset => End::Reset,
            Ok(Err(error)) => panic!("neither an end nor a reset: {error}"),
            Err(_) => End::Silence,
        };
        Wire { bytes, end }
    }

    /// Sends a request and disconnects at once, like a killed process.
    pub async fn send_and_disconnect(&self, method: &str, path: &str) {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        stream.write_all(self.request(method, path, "").as_bytes()).await.unwrap();
    }

    fn request(&self, method: &str, path: &str, body: &str) -> String {
        let authorization =
            self.token.as_ref().map_or(String::new(), |token| format!("Authorization: Bearer {token}\r\n"));
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{authorization}", self.addr);
        match body {
            "" => format!("{head}\r\n"),
            _ => format!("{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
        }
    }
}

impl Reply {
    fn read(bytes: Vec<u8>) -> Self {
        let head_end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
        let body = bytes[head_end + 4..].to_vec();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let reply = Self { status, head, body };
        if let Some(promised) = reply.header("content-length") {
            assert_eq!(promised.parse::<usize>().unwrap(), reply.body.len(), "the body is whole");
        }
        reply
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (given, value) = line.split_once(": ")?;
            given.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The JSON body of an answer with this status.
    #[track_caller]
    pub fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("content-type"), Some("application/json; charset=utf-8"));
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The JSON list of an answer with status 200.
    #[track_caller]
    pub fn list(&self) -> Vec<Value> {
        self.json(200).as_array().expect("a list").clone()
    }
}

/// The names of an object's fields, in alphabetical order.
#[track_caller]
pub fn fields(object: &Value) -> Vec<&str> {
    let mut fields: Vec<&str> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    fields.sort_unstable();
    fields
}

/// Whether a date is in Workato's format: milliseconds and a Pacific offset.
pub fn is_pacific(date: &Value) -> bool {
    let Some(text) = date.as_str() else { return false };
    text.len() == "2020-12-23T14:11:18.052-08:00".len()
        && text.as_bytes()[19] == b'.'
        && (text.ends_with("-08:00") || text.ends_with("-07:00"))
}
