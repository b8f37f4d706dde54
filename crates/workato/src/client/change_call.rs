//! Sends a change, once: its place in the queue, its deadlines and its answer. Only a 429, after which it did not
//! happen, is retried. The changes themselves are in `changes`.

use reqwest::Method;
use serde_json::Value;
use tokio::time::Instant;

use super::breaker::Signal;
use super::client::Client;
use super::credentials::Credentials;
use super::limiter::Permit;
use super::transport::{Answer, Body, NoAnswer};
use super::verdict::{self, Success};
use crate::{Call, ChangeAnswer};

/// How often a change is sent if each time a 429 refuses it.
const MOST_SENDS: usize = 3;

/// The deadlines of a change. Its caller relies on them: nothing of the change happens later.
pub(super) struct Deadlines {
    /// When it must have been sent: when the permit expires.
    send_by: Instant,
    /// When the client stops waiting for the answer.
    pub(super) answer_by: Instant,
}

impl Client {
    /// Waits in the queue and returns the deadlines of the change.
    pub(super) async fn start_change(&self, permit: Permit, call: Call) -> Result<Deadlines, ChangeAnswer> {
        if let Some(open) = self.inner.breaker.open() {
            return Err(verdict::breaker_open(open));
        }
        let send_by = permit.expires_at();
        let permit = if permit.is_for(&self.inner.limiters, call.class()) {
            permit
        } else {
            // Such a permit does not keep this call within its limit.
            tracing::error!(%call, permit = ?permit.class(), "a change got a permit of another class or client");
            self.reserve(call.class()).map_err(verdict::queue_full)?
        };
        self.consume(permit).await.map_err(verdict::queue_full)?;
        Ok(Deadlines { send_by, answer_by: Instant::now() + self.timeout() })
    }

    /// Sends a change that has left the queue. After a 429 it is sent again if the pause and the wait in the queue end
    /// before the first permit would have expired.
    pub(super) async fn change<const N: usize>(
        &self,
        call: Call,
        path: [&str; N],
        body: Option<Value>,
        deadlines: &mut Deadlines,
    ) -> Result<Answer, NoAnswer> {
        let mut sends = 0;
        loop {
            let mut response = self.change_once(call, self.url(&path), body.as_ref(), deadlines.answer_by).await;
            sends += 1;
            let Ok(answer @ Answer { status: 429, .. }) = &mut response else { return response };
            self.inner.limiters.pause(call.class(), answer.retry_after);
            if sends == MOST_SENDS || !self.queue_again(call, deadlines.send_by).await {
                answer.retry_after.get_or_insert_with(|| self.expected_wait(call.class()));
                return response;
            }
            deadlines.answer_by = Instant::now() + self.timeout();
        }
    }

    async fn change_once(
        &self,
        call: Call,
        url: url::Url,
        body: Option<&Value>,
        answer_by: Instant,
    ) -> Result<Answer, NoAnswer> {
        let attempt = self.inner.breaker.admit_change(call).map_err(NoAnswer::BreakerOpen)?;
        let method = match call.method() {
            "DELETE" => Method::DELETE,
            "PUT" => Method::PUT,
            _ => Method::POST,
        };
        let body = body.map(|body| body.to_string().into_bytes());
        let response = self.inner.transport.change(call, method, url, body, answer_by).await;
        attempt.record(match &response {
            Err(NoAnswer::Unreachable(_)) => Signal::Unreachable,
            Err(_) | Ok(Answer { status: 500.., .. } | Answer { body: Body::Truncated(_) | Body::TimedOut, .. }) => {
                Signal::NoAnswer
            }
            Ok(_) => Signal::Answered,
        });
        if let Ok(Answer { status: 200..=299, .. }) = &response {
            self.inner.successes.record(call);
        }
        response
    }

    /// The outcome of the change.
    pub(super) async fn verdict(
        &self,
        call: Call,
        response: Result<Answer, NoAnswer>,
        success: Success,
        credentials: Option<&Credentials>,
    ) -> ChangeAnswer {
        match response {
            Ok(answer) => {
                let answer = verdict::Parsed::from(answer).await;
                verdict::of_answer(&answer, success, credentials, || self.inner.successes.explain_denial(call))
            }
            Err(no_answer) => verdict::without_answer(&no_answer),
        }
    }
}
