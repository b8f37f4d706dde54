//! The answer to a change. Plain data, to be stored with the intent.

use serde::{Deserialize, Serialize};

use crate::{ConnectionId, ConnectorId, Denial};

/// Whether a change happened, as far as its call can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// Workato reported success.
    Succeeded,
    /// Workato refused it.
    Rejected,
    /// It did not happen: it never reached Workato, or Workato refused it with a 429.
    Failed,
    /// It may have happened. Only a read can tell.
    Unknown,
}

/// What kind of response a change had, whatever its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseKind {
    /// An answer that reports success or failure.
    Answered,
    /// Nothing was sent, because the circuit breaker was open.
    NotSent,
    /// A 429, or the wait in this client's queue would have been too long.
    RateLimited,
    /// No connection: name lookup, TCP or TLS failed. Nothing was sent.
    Unreachable,
    /// No complete answer before the deadline.
    TimedOut,
    /// The connection ended after the request was sent and before a status arrived.
    Reset,
    /// A status of 500 and above.
    ServerError,
    /// An answer that was truncated, too long, not JSON, or did not report success or failure.
    Unreadable,
    /// A status from 300 to 399. The client does not follow redirects.
    Redirected,
}

/// Whether to disconnect a connection that active recipes use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "bool", into = "bool")]
pub enum Force {
    /// Workato rejects it if active recipes use the connection.
    #[default]
    No,
    /// Recipes that use the connection stop working.
    Yes,
}

impl From<bool> for Force {
    fn from(force: bool) -> Self {
        if force { Self::Yes } else { Self::No }
    }
}

impl From<Force> for bool {
    fn from(force: Force) -> Self {
        force == Force::Yes
    }
}

/// The answer to a change. Every change returns one, whatever happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeAnswer {
    /// Whether the change happened.
    pub outcome: CallOutcome,
    /// The kind of response.
    pub detail: ResponseKind,
    /// The HTTP status, if one arrived.
    pub http_status: Option<u16>,
    /// Workato's status: `created`, `updated`, `suppressed`, `disconnected`, `deleted`, `rejected`; for a
    /// created or updated connection its authorization status: `success`, `failed`, `exception`.
    pub status: Option<String>,
    /// Workato's message, if it sent one: on one line, without control characters, and cut at 500 characters.
    pub message: Option<String>,
    /// What a 401 or 403 means, as far as the token's other calls can tell.
    #[serde(default)]
    pub denial: Option<Denial>,
    /// Why Workato could not be reached, in the operating system's words.
    #[serde(default)]
    pub cause: Option<String>,
    /// The created or updated connection, as Workato reported it.
    #[serde(default)]
    pub connection: Option<ConnectionId>,
    /// The created connector.
    #[serde(default)]
    pub connector: Option<ConnectorId>,
    /// Seconds to wait before another try, after a 429 or if nothing was sent.
    pub retry_after_seconds: Option<u64>,
}
