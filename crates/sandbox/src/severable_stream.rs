//! A TCP stream that can be cut so that the client sees a reset (RST), not an orderly end.
//! It decides nothing: a fault severs the line, the next read or write notices.

use std::{
    io,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll},
};

use std::sync::Arc;

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

/// The switch of one connection, reachable from the requests that came over it.
#[derive(Debug, Default)]
pub struct Line {
    severed: AtomicBool,
    closed: CancellationToken,
}

impl Line {
    /// From here on nothing is read or written, and closing sends a reset.
    pub fn sever(&self) {
        self.severed.store(true, Ordering::Release);
    }

    /// Waits until the connection is gone, whoever ended it.
    pub async fn closed(&self) {
        self.closed.cancelled().await;
    }

    fn check(&self) -> io::Result<()> {
        if self.severed.load(Ordering::Acquire) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

/// A TCP stream and its switch.
#[derive(Debug)]
pub struct SeverableStream {
    inner: TcpStream,
    line: Arc<Line>,
}

impl SeverableStream {
    /// Takes over an accepted stream.
    pub fn new(inner: TcpStream) -> Self {
        Self { inner, line: Arc::default() }
    }

    /// The switch.
    pub fn line(&self) -> Arc<Line> {
        Arc::clone(&self.line)
    }
}

impl Drop for SeverableStream {
    fn drop(&mut self) {
        // With a linger of zero the close that follows is a reset.
        if self.line.check().is_err()
            && let Err(error) = self.inner.set_zero_linger()
        {
            tracing::warn!(%error, "a connection to be reset will be closed in order instead");
        }
        self.line.closed.cancel();
    }
}

impl AsyncRead for SeverableStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.line.check()?;
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for SeverableStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.line.check()?;
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.line.check()?;
        Pin::new(&mut self.inner).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.line.check()?;
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A shutdown would send a FIN ahead of the reset.
        self.line.check()?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
