//! A connection's stream, as hyper reads and writes it. It ends connections whose client sends a request's head or reads
//! an answer too slowly, and follows the heads of requests.

use std::{
    future::Future,
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use super::{activity::Activity, head::Heads, pace::Pace};

/// How long the head of a request may take from its first byte, and the first one from the beginning of its connection.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// How long a connection is kept for the next request. Longer than proxies keep theirs, which would otherwise send a
/// request into a connection that is being closed.
const IDLE_FOR: Duration = Duration::from_secs(75);
/// How long a client may read nothing.
const UNREAD_FOR: Duration = Duration::from_secs(30);

/// Where a stream is, for the requests on it.
pub type SharedHeads = Arc<Mutex<Heads>>;

fn lock(heads: &SharedHeads) -> MutexGuard<'_, Heads> {
    heads.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether no request may follow the one that was just read.
pub fn is_last_request(heads: &SharedHeads) -> bool {
    lock(heads).is_last()
}

/// A stream that is watched.
#[derive(Debug)]
pub struct Watched<S> {
    stream: S,
    activity: Arc<Activity>,
    heads: SharedHeads,
    has_served: bool,
    head_begun: Option<Instant>,
    reading: Pace,
    read_timer: Option<Pin<Box<Sleep>>>,
    write_timer: Option<Pin<Box<Sleep>>>,
}

impl<S> Watched<S> {
    pub fn new(stream: S, activity: Arc<Activity>, heads: SharedHeads) -> Self {
        Self {
            stream,
            activity,
            heads,
            has_served: false,
            head_begun: None,
            reading: Pace::new(UNREAD_FOR),
            read_timer: None,
            write_timer: None,
        }
    }

    /// Until when the next part of a request's head has to arrive. `None` while a request is answered.
    fn head_due(&mut self) -> Option<Instant> {
        let Some(since) = self.activity.waits_for_request_since() else {
            self.has_served = true;
            return None;
        };
        if let Some(begun) = self.head_begun {
            return Some(begun.max(since) + HEAD_WITHIN);
        }
        Some(since + if self.has_served { IDLE_FOR } else { HEAD_WITHIN })
    }

    /// Accounts for what was written, or could not be written because the client reads too slowly.
    fn wrote(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                self.reading.progress(bytes, Instant::now());
                self.activity.set_blocked(false);
                self.write_timer = None;
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let due = self.reading.wait(Instant::now());
                self.activity.set_blocked(true);
                expired(&mut self.write_timer, due, cx, "slow_reader")
            }
        }
    }
}

/// Waits until an instant, and then ends the connection.
fn expired<T>(
    timer: &mut Option<Pin<Box<Sleep>>>,
    due: Instant,
    cx: &mut Context<'_>,
    cause: &'static str,
) -> Poll<io::Result<T>> {
    let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
    if timer.deadline() != due {
        timer.as_mut().reset(due);
    }
    timer.as_mut().poll(cx).map(|()| {
        metrics::counter!("portal_connections_closed_total", "cause" => cause).increment(1);
        Err(io::ErrorKind::TimedOut.into())
    })
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            let before = buf.filled().len();
            match Pin::new(&mut this.stream).poll_read(cx, buf) {
                Poll::Ready(Ok(())) if buf.filled().len() == before => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(())) => {
                    let kept = {
                        let mut heads = lock(&this.heads);
                        let kept = heads.follow(&mut buf.filled_mut()[before..]);
                        match heads.is_within_a_head() {
                            true => drop(this.head_begun.get_or_insert_with(Instant::now)),
                            false => this.head_begun = None,
                        }
                        kept
                    };
                    buf.set_filled(before + kept);
                    // Nothing is how the end of a stream is read, so there must be more.
                    if kept > 0 {
                        return Poll::Ready(Ok(()));
                    }
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    return match this.head_due() {
                        Some(due) => expired(&mut this.read_timer, due, cx, "slow_head"),
                        None => Poll::Pending,
                    };
                }
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        time::{Instant, sleep},
    };
    use tokio_util::sync::CancellationToken;

    use super::{Activity, HEAD_WITHIN, IDLE_FOR, SharedHeads, UNREAD_FOR, Watched};

    fn watched() -> (DuplexStream, Watched<DuplexStream>, Arc<Activity>) {
        let (client, server) = duplex(1_024);
        let activity = Arc::new(Activity::new(CancellationToken::new()));
        (client, Watched::new(server, Arc::clone(&activity), SharedHeads::default()), activity)
    }

    /// How long the stream reads until it gives up.
    async fn gives_up_reading(stream: &mut Watched<DuplexStream>) -> Duration {
        let begun = Instant::now();
        while stream.read(&mut [0; 64]).await.is_ok() {}
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_trickles_in_is_given_up_after_ten_seconds() {
        let (silent, mut stream, _activity) = watched();
        assert_eq!(gives_up_reading(&mut stream).await, HEAD_WITHIN);
        drop(silent);
        let (mut client, mut stream, _activity) = watched();
        let trickle = tokio::spawn(async move {
            for byte in b"GET / HTTP/1.1\r\nHost: portal.example.com\r\n".iter().cycle() {
                if client.write_all(&[*byte]).await.is_err() {
                    break;
                }
                sleep(Duration::from_secs(1)).await;
            }
        });
        let took = gives_up_reading(&mut stream).await;
        assert!(took >= HEAD_WITHIN && took < HEAD_WITHIN + Duration::from_secs(2), "{took:?}");
        drop(stream);
        trickle.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_given_up_while_a_request_is_answered_and_then_the_next_may_take_longer() {
        let (mut client, mut stream, activity) = watched();
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        assert_eq!(stream.read(&mut [0; 64]).await.unwrap(), 27);
        activity.set_answering(true);
        let read = tokio::time::timeout(Duration::from_secs(3_600), stream.read(&mut [0; 64])).await;
        assert!(read.is_err(), "it waits for as long as the portal works");
        activity.set_answering(false);
        assert_eq!(gives_up_reading(&mut stream).await, IDLE_FOR);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_given_up() {
        let (mut client, mut stream, activity) = watched();
        activity.set_answering(true);
        let begun = Instant::now();
        let written = tokio::spawn(async move {
            let error = stream.write_all(&[0; 1 << 20]).await.unwrap_err();
            (error.kind(), begun.elapsed())
        });
        sleep(Duration::from_secs(1)).await;
        assert!(activity.waits_since().is_some());
        // A byte now and then helps little.
        for _ in 0..UNREAD_FOR.as_secs() {
            if client.read_u8().await.is_err() {
                break;
            }
            sleep(Duration::from_secs(1)).await;
        }
        let (kind, took) = written.await.unwrap();
        assert_eq!(kind, std::io::ErrorKind::TimedOut);
        assert!(took <= UNREAD_FOR + Duration::from_secs(2), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_slowly_and_steadily_gets_everything() {
        let (mut client, mut stream, _activity) = watched();
        let written = tokio::spawn(async move { stream.write_all(&[0; 1 << 20]).await });
        let mut left = 1 << 20;
        while left > 0 {
            left -= client.read(&mut [0; 1_024]).await.unwrap();
            sleep(Duration::from_millis(200)).await;
        }
        written.await.unwrap().unwrap();
    }
}
