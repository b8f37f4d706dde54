//! Sends one request and receives its answer, within a deadline and a maximum length. It does not interpret the answer.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, redirect, retry};
use secrecy::ExposeSecret;
use time::OffsetDateTime;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;
use url::Url;

use super::base_url::BaseUrl;
use super::breaker::BreakerOpen;
use super::metrics::CallTimer;
use super::options::{ClientError, ClientOptions};
use super::server_clock::ServerClock;
use super::{retry_after, tls, traces};
use crate::Call;

const USER_AGENT: &str = concat!("workato-partner-portal/", env!("CARGO_PKG_VERSION"));

/// Upper bound of the time limit. An unbounded one would overflow the clock.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) struct Transport {
    base_url: BaseUrl,
    timeout: Duration,
    longest_answer: usize,
    reads: reqwest::Client,
    changes: reqwest::Client,
    clock: ServerClock,
}

/// An answer whose status arrived; its body may not have.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Body,
}

pub(super) enum Body {
    Complete(Vec<u8>),
    Truncated(reqwest::Error),
    TimedOut,
    TooLong,
}

/// Why no status arrived.
pub(super) enum NoAnswer {
    /// The circuit breaker is open: nothing was sent.
    BreakerOpen(BreakerOpen),
    /// There was no connection: nothing was sent.
    Unreachable(reqwest::Error),
    /// The deadline passed. The request may have arrived.
    TimedOut,
    /// The connection broke. The request may have arrived.
    Reset(reqwest::Error),
}

impl Transport {
    pub(super) fn new(options: ClientOptions) -> Result<Self, ClientError> {
        let token = options.token.expose_secret();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ClientError::Token);
        }
        let mut authorization = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| ClientError::Token)?;
        authorization.set_sensitive(true);
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, authorization),
            (ACCEPT, HeaderValue::from_static("application/json")),
        ]);

        let builder = || -> Result<reqwest::ClientBuilder, ClientError> {
            let builder = reqwest::Client::builder()
                .tls_backend_preconfigured(tls::tls_config()?)
                .default_headers(headers.clone())
                .user_agent(USER_AGENT)
                .http1_only()
                .connect_timeout(options.connect_timeout)
                .redirect(redirect::Policy::none());
            // A proxy from the environment is for the network, not for this machine.
            Ok(if options.base_url.is_loopback() { builder.no_proxy() } else { builder })
        };
        let reads = builder()?.build().map_err(ClientError::Http)?;
        // A change must never be sent twice. reqwest sends a request again if an idle connection turns out to be
        // closed, or if HTTP/2 reports that it was not processed. So changes use no idle connections and no retries,
        // and neither client uses HTTP/2, which a few reads per minute would not profit from.
        let changes = builder()?.pool_max_idle_per_host(0).retry(retry::never()).build().map_err(ClientError::Http)?;

        Ok(Self {
            base_url: options.base_url,
            timeout: options.timeout.min(LONGEST_TIMEOUT),
            longest_answer: options.longest_answer,
            reads,
            changes,
            clock: ServerClock::default(),
        })
    }

    pub(super) fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(super) fn clock(&self) -> &ServerClock {
        &self.clock
    }

    pub(super) fn longest_answer(&self) -> usize {
        self.longest_answer
    }

    pub(super) async fn read(&self, call: Call, url: Url, deadline: Instant) -> Result<Answer, NoAnswer> {
        self.exchange(call, self.reads.get(url), deadline).await
    }

    pub(super) async fn change(
        &self,
        call: Call,
        method: Method,
        url: Url,
        body: Option<Vec<u8>>,
        deadline: Instant,
    ) -> Result<Answer, NoAnswer> {
        let request = self.changes.request(method, url);
        let request = match body {
            Some(json) => request.header(CONTENT_TYPE, "application/json").body(json),
            // Some proxies refuse a POST without a Content-Length.
            None => request.header(CONTENT_LENGTH, "0"),
        };
        self.exchange(call, request, deadline).await
    }

    async fn exchange(
        &self,
        call: Call,
        request: reqwest::RequestBuilder,
        deadline: Instant,
    ) -> Result<Answer, NoAnswer> {
        let (timer, span) = (CallTimer::start(call), traces::of_call(call, &self.base_url));
        let response = self.answer(request, deadline).instrument(span.clone()).await;
        let outcome = outcome(&response);
        timer.finish(outcome);
        traces::ended(&span, response.as_ref().ok().map(|answer| answer.status), outcome);
        response
    }

    async fn answer(&self, request: reqwest::RequestBuilder, deadline: Instant) -> Result<Answer, NoAnswer> {
        let response = match timeout_at(deadline, request.send()).await {
            Err(_) => return Err(NoAnswer::TimedOut),
            Ok(Err(error)) => return Err(no_answer(error.without_url())),
            Ok(Ok(response)) => response,
        };
        let now = OffsetDateTime::now_utc();
        self.clock.note(response.headers(), now);
        Ok(Answer {
            status: response.status().as_u16(),
            retry_after: retry_after::of(response.headers(), now),
            body: self.body(response, deadline).await,
        })
    }

    async fn body(&self, mut response: reqwest::Response, deadline: Instant) -> Body {
        let mut body = Vec::new();
        loop {
            match timeout_at(deadline, response.chunk()).await {
                Err(_) => return Body::TimedOut,
                Ok(Err(error)) => return Body::Truncated(error.without_url()),
                Ok(Ok(None)) => return Body::Complete(body),
                Ok(Ok(Some(chunk))) if body.len() + chunk.len() > self.longest_answer => {
                    return Body::TooLong;
                }
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            }
        }
    }
}

/// The outcome label in the metrics.
fn outcome(response: &Result<Answer, NoAnswer>) -> &'static str {
    match response {
        Err(NoAnswer::BreakerOpen(_)) => "not_sent",
        Err(NoAnswer::Unreachable(_)) => "unreachable",
        Err(NoAnswer::TimedOut) | Ok(Answer { body: Body::TimedOut, .. }) => "timed_out",
        Err(NoAnswer::Reset(_)) | Ok(Answer { body: Body::Truncated(_), .. }) => "disconnected",
        Ok(Answer { body: Body::TooLong, .. }) => "too_large",
        Ok(Answer { status: 200..=299, .. }) => "success",
        Ok(Answer { status: 401 | 403, .. }) => "denied",
        Ok(Answer { status: 429, .. }) => "rate_limited",
        Ok(Answer { status: 400..=499, .. }) => "client_error",
        Ok(Answer { status: 500.., .. }) => "server_error",
        Ok(Answer { status: ..=399, .. }) => "redirect",
    }
}

fn no_answer(error: reqwest::Error) -> NoAnswer {
    if error.is_connect() || error.is_builder() {
        NoAnswer::Unreachable(error)
    } else if error.is_timeout() {
        NoAnswer::TimedOut
    } else {
        NoAnswer::Reset(error)
    }
}
