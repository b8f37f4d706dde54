//! One HTTP connection that asks again and again, and counts what it gets.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Full};
use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
    header,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::error::Result;

/// A page that is asked for.
#[derive(Clone, Debug)]
pub struct Page {
    pub address: SocketAddr,
    pub host: String,
    pub path: String,
    pub cookie: Option<String>,
}

impl Page {
    fn request(&self) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::get(&self.path).header(header::HOST, &self.host).header(header::ACCEPT, "text/html");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        Ok(request.body(Full::default())?)
    }

    /// The same page packed, as browsers ask for it.
    pub async fn packed(&self) -> Result<Vec<u8>> {
        let mut request = self.request()?;
        request.headers_mut().insert(header::ACCEPT_ENCODING, header::HeaderValue::from_static("gzip"));
        Ok(whole(send_once(self.address, request).await?).await?.to_vec())
    }

    /// The page's HTML.
    pub async fn html(&self) -> Result<String> {
        let answer = send_once(self.address, self.request()?).await?;
        if !answer.status().is_success() {
            return Err(format!("{} answers {}", self.path, answer.status()).into());
        }
        Ok(String::from_utf8(whole(answer).await?.to_vec())?)
    }
}

/// Sends one request on a connection of its own.
pub async fn send_once(address: SocketAddr, request: Request<Full<Bytes>>) -> Result<Response<Incoming>> {
    Ok(connect(address).await?.send_request(request).await?)
}

pub async fn whole(answer: Response<Incoming>) -> Result<Bytes> {
    Ok(answer.into_body().collect().await?.to_bytes())
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // It ends with the sender.
    tokio::spawn(connection);
    Ok(sender)
}

/// A connection that is opened again if the server closes it.
pub struct Client {
    page: Page,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    pub const fn new(page: Page) -> Self {
        Self { page, sender: None }
    }

    /// Asks once. Answers how many bytes the page has.
    pub async fn ask(&mut self) -> Result<usize> {
        let mut sender = match self.sender.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => connect(self.page.address).await?,
        };
        sender.ready().await?;
        let answer = sender.send_request(self.page.request()?).await?;
        if !answer.status().is_success() {
            return Err(format!("{} answers {}", self.page.path, answer.status()).into());
        }
        let closes = answer.headers().get(header::CONNECTION).is_some_and(|value| value == "close");
        let mut body = answer.into_body();
        let mut bytes = 0;
        while let Some(frame) = body.frame().await {
            bytes += frame?.data_ref().map_or(0, Bytes::len);
        }
        if !closes {
            self.sender = Some(sender);
        }
        Ok(bytes)
    }
}

/// Whether something answers at this address.
pub async fn answers(page: &Page) -> bool {
    let Ok(stream) = TcpStream::connect(page.address).await else { return false };
    let Ok((mut sender, connection)) = handshake::<_, Empty<Bytes>>(TokioIo::new(stream)).await else { return false };
    tokio::spawn(connection);
    let Ok(request) = Request::get(&page.path).header(header::HOST, &page.host).body(Empty::new()) else {
        return false;
    };
    sender.send_request(request).await.is_ok()
}
