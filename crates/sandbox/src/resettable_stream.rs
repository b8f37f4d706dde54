//! A TCP stream that can be closed with a reset (RST) instead of a FIN.

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

/// Resets a connection from the requests that came over it.
#[derive(Debug, Default)]
pub struct ConnectionControl {
    is_reset: AtomicBool,
    closed: CancellationToken,
}

impl ConnectionControl {
    /// Ends all reads and writes; closing the stream then sends a reset.
    pub fn reset(&self) {
        self.is_reset.store(true, Ordering::Release);
    }

    /// Waits until the connection is closed, by either side.
    pub async fn closed(&self) {
        self.closed.cancelled().await;
    }

    fn check(&self) -> io::Result<()> {
        if self.is_reset.load(Ordering::Acquire) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

/// A TCP stream with its [`ConnectionControl`].
#[derive(Debug)]
pub struct ResettableStream {
    inner: TcpStream,
    control: Arc<ConnectionControl>,
}

impl ResettableStream {
    pub fn new(inner: TcpStream) -> Self {
        Self { inner, control: Arc::default() }
    }

    /// The control of this connection.
    pub fn control(&self) -> Arc<ConnectionControl> {
        Arc::clone(&self.control)
    }
}

impl Drop for ResettableStream {
    fn drop(&mut self) {
        // With a linger of zero, closing sends a reset.
        if self.control.check().is_err()
            && let Err(error) = self.inner.set_zero_linger()
        {
            tracing::warn!(%error, "could not set up a reset; the connection closes with a FIN");
        }
        self.control.closed.cancel();
    }
}

impl AsyncRead for ResettableStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.control.check()?;
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for ResettableStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.control.check()?;
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.control.check()?;
        Pin::new(&mut self.inner).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.control.check()?;
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A shutdown would send a FIN before the reset.
        self.control.check()?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
