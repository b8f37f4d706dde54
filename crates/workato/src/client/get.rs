//! One read, until it has an answer or there is no hope of one in time: its turns, its retries and its error.
//! Which reads there are and how their bodies are read is not decided here.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::{Instant, sleep};
use url::Url;

use super::breaker::Sign;
use super::transport::{Answer, Body, NoAnswer};
use super::client::Client;
use super::error::ReadError;
use super::limiter::QueueFull;
use super::{parse, words};
use crate::Call;

const NO_WORDS: &str = "it gave no reason";

/// The pauses before a read is sent again: a quarter to half a second, then half a second to a whole one. The jitter
/// keeps the reads that one failure has struck from coming back together.
const RETRIES: ExponentialBuilder =
    ExponentialBuilder::new().with_min_delay(Duration::from_millis(250)).with_jitter().with_max_times(2);

impl Client {
    /// Waits for a turn, sends the request, and gives the body of a 2xx. What may be different a moment later (no
    /// connection, a broken one, a status from 500 on, a 429) is tried again, each time with a turn of its own, as long
    /// as the whole read stays within its time.
    pub(super) async fn get(&self, call: Call, url: Url) -> Result<Vec<u8>, ReadError> {
        let pass = self.inner.breaker.admit_read(call).map_err(|down| ReadError::down(call, down))?;
        let queue_full = |full: QueueFull| ReadError::QueueFull { call, wait: full.wait };
        let permit = self.reserve(call.class()).map_err(queue_full)?;
        let turn_until = permit.good_until();
        self.spend(permit).await.map_err(queue_full)?;
        let deadline = Instant::now() + self.timeout();
        let mut pauses = RETRIES.build();
        loop {
            let error = match self.get_once(call, url.clone(), deadline).await {
                Ok(body) => {
                    pass.tell(Sign::Up);
                    return Ok(body);
                }
                Err(error) => error,
            };
            // A probe asks once: it is to show whether Workato is up, and others wait for what it finds.
            let pause = if pass.is_probe() { None } else { pauses.next() };
            let is_sent_again = match pause {
                Some(pause) => self.turn_again(&error, pause, turn_until, deadline).await,
                None => false,
            };
            if !is_sent_again {
                pass.tell(sign_of(&error));
                return Err(error);
            }
        }
    }

    async fn get_once(&self, call: Call, url: Url, deadline: Instant) -> Result<Vec<u8>, ReadError> {
        let transport = &self.inner.transport;
        let timed_out = ReadError::TimedOut { call, after: transport.timeout() };
        let answer = match transport.read(call, url, deadline).await {
            Ok(answer) => answer,
            Err(NoAnswer::TimedOut) => return Err(timed_out),
            Err(NoAnswer::Down(down)) => return Err(ReadError::down(call, down)),
            Err(NoAnswer::Unreachable(source) | NoAnswer::Reset(source)) => {
                return Err(ReadError::Unreachable { call, source });
            }
        };
        if answer.status == 429 {
            self.inner.limiters.rest(call.class(), answer.retry_after);
        }
        if !(200..=299).contains(&answer.status) {
            return Err(self.refusal(call, answer).await);
        }
        self.inner.standing.answered(call);
        match answer.body {
            Body::Whole(body) => Ok(body),
            Body::Cut(source) => Err(ReadError::Unreachable { call, source }),
            Body::TimedOut => Err(timed_out),
            Body::TooLong => Err(ReadError::TooLarge { call, limit: transport.longest_answer() }),
        }
    }

    /// Waits until a read that failed may be sent again, and takes a turn for it. `false` where that is of no use or
    /// would take too long: after a 429 the turn has to come within the wait that the first one was granted, after
    /// anything else before the read's time is over.
    async fn turn_again(&self, error: &ReadError, pause: Duration, turn_until: Instant, deadline: Instant) -> bool {
        let until = match error {
            ReadError::RateLimited { .. } => turn_until.min(deadline),
            ReadError::Unreachable { .. } | ReadError::Broken { status: 500.., .. }
                if Instant::now() + pause < deadline =>
            {
                sleep(pause).await;
                deadline
            }
            _ => return false,
        };
        if self.inner.breaker.down().is_some() {
            return false;
        }
        self.turn_until(error.call(), until).await
    }

    async fn refusal(&self, call: Call, answer: Answer) -> ReadError {
        let status = answer.status;
        let message = message_of(answer.body).await;
        match status {
            401 | 403 => ReadError::Denied { call, status, message, denial: self.inner.standing.denied(call) },
            404 => ReadError::NotFound { call, message },
            429 => ReadError::RateLimited { call, retry_after: answer.retry_after },
            400..=499 => ReadError::Refused { call, status, message },
            _ => ReadError::Broken { call, status, message },
        }
    }
}

/// What a read's failure says of Workato.
fn sign_of(error: &ReadError) -> Sign {
    match error {
        ReadError::Unreachable { source, .. } if source.is_connect() => Sign::Unreachable,
        ReadError::Unreachable { .. } | ReadError::TimedOut { .. } | ReadError::Broken { status: 500.., .. } => {
            Sign::Silent
        }
        _ => Sign::Up,
    }
}

/// Workato's words without a final full stop, since they stand inside a sentence. A body that is not JSON is a
/// proxy's page, which is not shown.
async fn message_of(body: Body) -> String {
    let Body::Whole(bytes) = body else {
        return NO_WORDS.to_owned();
    };
    let words = parse::json(bytes).await.as_ref().and_then(words::of_answer).and_then(|words| words::tidy(&words));
    words.map_or_else(|| NO_WORDS.to_owned(), |words| words.trim_end_matches('.').to_owned())
}
