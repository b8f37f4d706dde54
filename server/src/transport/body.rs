//! The bodies of requests and answers, as they pass through a connection.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{BoxError, body::Bytes};
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::{activity::Activity, pace::Pace};

/// How long a client may send nothing of a body.
const UNSENT_FOR: Duration = Duration::from_secs(10);

/// The client sends a body too slowly.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the body arrives too slowly")]
pub struct TooSlow;

impl TooSlow {
    /// Whether this is why a body could not be read.
    pub fn caused(error: &(dyn std::error::Error + 'static)) -> bool {
        let mut next = Some(error);
        while let Some(error) = next {
            if error.is::<Self>() {
                return true;
            }
            next = error.source();
        }
        false
    }
}

/// A request's body, which has to arrive in time.
#[derive(Debug)]
pub struct Arriving<B> {
    body: B,
    activity: Arc<Activity>,
    pace: Pace,
    timer: Option<Pin<Box<Sleep>>>,
}

impl<B> Arriving<B> {
    pub fn new(body: B, activity: Arc<Activity>) -> Self {
        Self { body, activity, pace: Pace::new(UNSENT_FOR), timer: None }
    }
}

impl<B> Drop for Arriving<B> {
    fn drop(&mut self) {
        self.activity.set_wants_body(false);
    }
}

impl<B> Body for Arriving<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                let bytes = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()).map_or(0, Bytes::len);
                this.pace.progress(bytes, Instant::now());
                this.activity.set_wants_body(false);
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending => {
                let due = this.pace.wait(Instant::now());
                this.activity.set_wants_body(true);
                let timer = this.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
                if timer.deadline() != due {
                    timer.as_mut().reset(due);
                }
                timer.as_mut().poll(cx).map(|()| {
                    metrics::counter!("portal_connections_closed_total", "cause" => "slow_body").increment(1);
                    Some(Err(TooSlow.into()))
                })
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Says that the portal works for a connection's client, from the request's head to the end of the answer's body.
#[derive(Debug)]
pub struct Answering(Arc<Activity>);

impl Answering {
    pub fn new(activity: Arc<Activity>) -> Self {
        activity.set_answering(true);
        Self(activity)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.set_answering(false);
    }
}

/// An answer's body.
#[derive(Debug)]
pub struct Leaving {
    body: axum::body::Body,
    _answering: Answering,
}

impl Leaving {
    pub fn new(body: axum::body::Body, answering: Answering) -> Self {
        Self { body, _answering: answering }
    }
}

impl Body for Leaving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, sync::Arc, time::Duration};

    use axum::body::{Body, Bytes, to_bytes};
    use futures::stream;
    use tokio::time::{Instant, sleep};
    use tokio_util::sync::CancellationToken;

    use super::{Activity, Arriving, TooSlow, UNSENT_FOR};

    /// A body of this many chunks, one a second.
    fn body(chunks: usize, size: usize) -> Body {
        let chunks = stream::unfold(0, move |sent| async move {
            sleep(Duration::from_secs(1)).await;
            (sent < chunks).then(|| (Ok::<_, Infallible>(Bytes::from(vec![0; size])), sent + 1))
        });
        let activity = Arc::new(Activity::new(CancellationToken::new()));
        Body::new(Arriving::new(Body::from_stream(Box::pin(chunks)), activity))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_in_is_given_up() {
        let begun = Instant::now();
        let error = to_bytes(body(1_000, 1), usize::MAX).await.unwrap_err();
        assert!(TooSlow::caused(&error), "{error}");
        assert!(begun.elapsed() <= UNSENT_FOR + Duration::from_secs(1), "{:?}", begun.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_arrives_slowly_and_steadily_is_read() {
        assert_eq!(to_bytes(body(64, 4_096), usize::MAX).await.unwrap().len(), 256 * 1_024);
    }
}
