//! Sends a read: its place in the queue, its retries and its error. The reads themselves are in `reads` and `pages`.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::{Instant, sleep};
use url::Url;

use super::breaker::Signal;
use super::client::Client;
use super::error::ReadError;
use super::limiter::Caller;
use super::queue_full::QueueFull;
use super::transport::{Answer, Body, NoAnswer};
use super::{message, parse};
use crate::Call;

/// Pauses before a read is sent again: 250 to 500 ms, then 500 ms to 1 s. The jitter keeps reads that failed together
/// from coming back together.
const RETRIES: ExponentialBuilder =
    ExponentialBuilder::new().with_min_delay(Duration::from_millis(250)).with_jitter().with_max_times(2);

/// How often work in the background waits for one call's turn, and how long each time at most: a window's length.
const MOST_TURNS: usize = 5;
const LONGEST_TURN: Duration = Duration::from_secs(60);

impl Client {
    /// Waits in the queue, sends the request, and returns the body of a 2xx answer. Retries after errors that can pass:
    /// no connection, a broken one, a status of 500 and above, a 429. Each try waits in the queue again, and all of
    /// them together stay within the time limit of one call.
    pub(super) async fn get(&self, call: Call, url: Url) -> Result<Vec<u8>, ReadError> {
        let attempt = self.inner.breaker.admit_read(call).map_err(|open| ReadError::down(call, open))?;
        let queue_full = |full: QueueFull| ReadError::QueueFull { call, wait: full.wait };
        let permit = self.join_for(call).map_err(queue_full)?;
        let send_by = permit.expires_at();
        self.consume(permit).await.map_err(queue_full)?;
        let deadline = Instant::now() + self.timeout();
        let mut pauses = RETRIES.build();
        loop {
            let error = match self.get_once(call, url.clone(), deadline).await {
                Ok(body) => {
                    attempt.record(Signal::Answered);
                    return Ok(body);
                }
                Err(error) => error,
            };
            // A probe is not retried: other calls wait for its result.
            let pause = if attempt.is_probe() { None } else { pauses.next() };
            let is_retried = match pause {
                Some(pause) => self.may_retry(&error, pause, send_by, deadline).await,
                None => false,
            };
            if !is_retried {
                attempt.record(signal_of(&error));
                return Err(error);
            }
        }
    }

    /// Like [`get`](Self::get). Work in the background waits for its turn however long the queue is, and after a 429 for
    /// as long as Workato asks, because nobody waits for it.
    pub(super) async fn get_in_turn(&self, call: Call, url: Url) -> Result<Vec<u8>, ReadError> {
        for _ in 0..MOST_TURNS {
            let pause = match self.get(call, url.clone()).await {
                Err(ReadError::QueueFull { wait, .. }) if self.caller == Caller::Background => wait,
                Err(ReadError::RateLimited { retry_after, .. }) if self.caller == Caller::Background => {
                    retry_after.unwrap_or(LONGEST_TURN)
                }
                answer => return answer,
            };
            sleep(pause.min(LONGEST_TURN)).await;
        }
        self.get(call, url).await
    }

    async fn get_once(&self, call: Call, url: Url, deadline: Instant) -> Result<Vec<u8>, ReadError> {
        let transport = &self.inner.transport;
        let timed_out = ReadError::TimedOut { call, after: transport.timeout() };
        let answer = match transport.read(call, url, deadline).await {
            Ok(answer) => answer,
            Err(NoAnswer::TimedOut) => return Err(timed_out),
            Err(NoAnswer::BreakerOpen(open)) => return Err(ReadError::down(call, open)),
            Err(NoAnswer::Unreachable(source) | NoAnswer::Reset(source)) => {
                return Err(ReadError::Unreachable { call, source });
            }
        };
        if answer.status == 429 {
            self.inner.limiters.pause(call.class(), answer.retry_after);
        }
        if !(200..=299).contains(&answer.status) {
            return Err(self.refusal(call, answer).await);
        }
        self.inner.successes.record(call);
        match answer.body {
            Body::Complete(body) => Ok(body),
            Body::Truncated(source) => Err(ReadError::Unreachable { call, source }),
            Body::TimedOut => Err(timed_out),
            Body::TooLong => Err(ReadError::TooLarge { call, limit: transport.longest_answer() }),
        }
    }

    /// Waits until a failed read may be sent again, and counts that call. `false` if a retry is of no use or would come
    /// too late: after a 429 it must be sent before the first permit would have expired, after anything else before the
    /// deadline.
    async fn may_retry(&self, error: &ReadError, pause: Duration, send_by: Instant, deadline: Instant) -> bool {
        let until = match error {
            ReadError::RateLimited { .. } => send_by.min(deadline),
            ReadError::Unreachable { .. } | ReadError::Broken { status: 500.., .. }
                if Instant::now() + pause < deadline =>
            {
                sleep(pause).await;
                deadline
            }
            _ => return false,
        };
        if self.inner.breaker.open().is_some() {
            return false;
        }
        self.queue_again(error.call(), until).await
    }

    async fn refusal(&self, call: Call, answer: Answer) -> ReadError {
        let status = answer.status;
        let said = message_of(answer.body).await;
        match status {
            401 | 403 => ReadError::Denied { call, status, said, denial: self.inner.successes.explain_denial(call) },
            404 => ReadError::NotFound { call, said },
            429 => ReadError::RateLimited { call, retry_after: answer.retry_after },
            400..=499 => ReadError::Refused { call, status, said },
            _ => ReadError::Broken { call, status, said },
        }
    }
}

/// What a failed read shows about Workato.
fn signal_of(error: &ReadError) -> Signal {
    match error {
        ReadError::Unreachable { source, .. } if source.is_connect() => Signal::Unreachable,
        ReadError::Unreachable { .. } | ReadError::TimedOut { .. } | ReadError::Broken { status: 500.., .. } => {
            Signal::NoAnswer
        }
        _ => Signal::Answered,
    }
}

/// Workato's message without its final full stop, because it goes inside a sentence. A body that is not JSON is the
/// page of a proxy and is not shown.
async fn message_of(body: Body) -> Option<String> {
    let Body::Complete(bytes) = body else { return None };
    let answer = parse::json(bytes).await?;
    let text = message::sanitize(&message::in_answer(&answer)?)?;
    Some(text.trim_end_matches('.').to_owned())
}
