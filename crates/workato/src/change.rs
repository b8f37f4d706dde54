//! What came of a change that was sent to Workato. Plain data, to be stored beside the intent.

use serde::{Deserialize, Serialize};

use crate::ConnectionId;

/// Whether the change happened, as far as the call can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// Workato says that it did it.
    Succeeded,
    /// Workato says that it will not do it.
    Rejected,
    /// It did not happen: it never reached Workato, or Workato turned it away for its rate.
    Failed,
    /// It may or may not have happened. Only a read can tell.
    Unknown,
}

/// What came back, whatever it means for the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CameBack {
    /// An answer that says yes or no.
    Answered,
    /// Nothing was sent, because Workato had not answered the last calls to this workspace.
    NotSent,
    /// 429, or this client's own queue was full.
    RateLimited,
    /// No connection: the name, the address or TLS failed. Nothing was sent.
    Unreachable,
    /// No whole answer within the deadline.
    TimedOut,
    /// The connection ended after the request was sent and before an answer began.
    Reset,
    /// A status from 500 on.
    ServerError,
    /// An answer that was cut, too long, not JSON, or did not say whether it succeeded.
    Unreadable,
    /// A status from 300 to 399. It was not followed.
    Redirected,
}

/// Whether a connection is disconnected even though active recipes use it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "bool", into = "bool")]
pub enum Force {
    /// Workato rejects it for one that active recipes use.
    #[default]
    No,
    /// Recipes that use it stop working.
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

/// The answer to a change. Every change gets one, whatever happens to the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeAnswer {
    /// Whether the change happened.
    pub outcome: CallOutcome,
    /// What came back.
    pub detail: CameBack,
    /// The HTTP status, if an answer began.
    pub http_status: Option<u16>,
    /// Workato's own status word: `created`, `updated`, `suppressed`, `disconnected`, `deleted`, `rejected`; for a
    /// connection that was created or updated, its authorization status: `success`, `failed`, `exception`.
    pub status: Option<String>,
    /// Workato's words, or ours when it had none, and what to do where that can be told. Workato's are cut at 500
    /// characters, on one line, without control characters.
    pub message: Option<String>,
    /// The connection that was created or updated, by Workato's word.
    #[serde(default)]
    pub connection: Option<ConnectionId>,
    /// Seconds that Workato asked to wait, with a 429.
    pub retry_after_seconds: Option<u64>,
}
