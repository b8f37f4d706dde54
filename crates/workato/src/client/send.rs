//! One change, sent once: its turn, its time, and what came back. Only what Workato has refused with a 429, which did
//! not happen, is sent again. Which changes there are is not decided here.

use reqwest::Method;
use serde_json::Value;
use tokio::time::Instant;

use super::breaker::Sign;
use super::transport::{Answer, Body, NoAnswer};
use super::verdict::{self, Success};
use super::client::Client;
use super::credentials::Credentials;
use super::limiter::Permit;
use crate::{Call, ChangeAnswer};

/// How often a change is sent when each time a 429 refuses it.
const MOST_SENDS: usize = 3;

/// Until when a change may take. Its caller has promised to somebody that nothing of it happens later.
pub(super) struct Times {
    /// The last moment at which it may be sent: the permit's.
    begin_by: Instant,
    /// When its answer is no longer waited for.
    pub(super) end_by: Instant,
}

impl Client {
    /// Waits for the turn and says until when the change may take.
    pub(super) async fn turn(&self, permit: Permit, call: Call) -> Result<Times, ChangeAnswer> {
        if let Some(down) = self.inner.breaker.down() {
            return Err(verdict::down(down));
        }
        let begin_by = permit.good_until();
        let permit = if permit.is_for(&self.inner.limiters, call.class()) {
            permit
        } else {
            // A permit of another queue says nothing about this one's limit.
            tracing::error!(%call, permit = ?permit.class(), "a change was given a permit of another queue");
            self.reserve(call.class()).map_err(verdict::queue_full)?
        };
        self.spend(permit).await.map_err(verdict::queue_full)?;
        Ok(Times { begin_by, end_by: Instant::now() + self.timeout() })
    }

    /// Sends a change whose turn has come. After a 429 it is sent again if the rest that was asked for and the next
    /// turn fit into the wait that the first turn was granted.
    pub(super) async fn change<const N: usize>(
        &self,
        call: Call,
        path: [&str; N],
        body: Option<Value>,
        times: &mut Times,
    ) -> Result<Answer, NoAnswer> {
        let mut sends = 0;
        loop {
            let mut came_back = self.change_once(call, self.url(&path), body.as_ref(), times.end_by).await;
            sends += 1;
            let Ok(answer @ Answer { status: 429, .. }) = &mut came_back else { return came_back };
            self.inner.limiters.rest(call.class(), answer.retry_after);
            if sends == MOST_SENDS || !self.turn_until(call, times.begin_by).await {
                answer.retry_after.get_or_insert_with(|| self.expected_wait(call.class()));
                return came_back;
            }
            times.end_by = Instant::now() + self.timeout();
        }
    }

    async fn change_once(
        &self,
        call: Call,
        url: url::Url,
        body: Option<&Value>,
        end_by: Instant,
    ) -> Result<Answer, NoAnswer> {
        let pass = self.inner.breaker.admit_change(call).map_err(NoAnswer::Down)?;
        let method = match call.method() {
            "DELETE" => Method::DELETE,
            "PUT" => Method::PUT,
            _ => Method::POST,
        };
        let body = body.map(|body| body.to_string().into_bytes());
        let came_back = self.inner.transport.change(call, method, url, body, end_by).await;
        pass.tell(match &came_back {
            Err(NoAnswer::Unreachable(_)) => Sign::Unreachable,
            Err(_) | Ok(Answer { status: 500.., .. } | Answer { body: Body::Cut(_) | Body::TimedOut, .. }) => {
                Sign::Silent
            }
            Ok(_) => Sign::Up,
        });
        if let Ok(Answer { status: 200..=299, .. }) = &came_back {
            self.inner.standing.answered(call);
        }
        came_back
    }

    /// What became of the change.
    pub(super) async fn verdict(
        &self,
        call: Call,
        came_back: Result<Answer, NoAnswer>,
        success: Success,
        credentials: Option<&Credentials>,
    ) -> ChangeAnswer {
        match came_back {
            Ok(answer) => {
                let answer = verdict::Parsed::from(answer).await;
                verdict::of_answer(&answer, success, credentials, || self.inner.standing.denied(call))
            }
            Err(no_answer) => verdict::without_answer(&no_answer),
        }
    }
}
