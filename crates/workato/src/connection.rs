//! A connection as Workato returns it. Workato does not return credentials.

use serde::{Deserialize, Serialize};

use crate::{ConnectionId, FolderId, TagHandle, Timestamp, tolerant};

/// A connection (Workato API reference, Connections). All fields but the id can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Reply")]
pub struct Connection {
    /// The id, unique in the workspace.
    pub id: ConnectionId,
    /// The application's technical name: `salesforce`. Some answers call it `provider`; either is accepted.
    pub application: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// When it was last authorized; `None` if never.
    pub authorized_at: Option<Timestamp>,
    /// The result of the last authorization; `None` if there was none, as for a shell.
    pub authorization_status: Option<AuthorizationStatus>,
    /// Workato's message if the authorization failed.
    pub authorization_error: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// The vendor's own id for it, usually of the user who owns it.
    pub external_id: Option<String>,
    /// The folder that contains it.
    pub folder_id: Option<FolderId>,
    /// When it stopped working.
    pub connection_lost_at: Option<Timestamp>,
    /// Workato's reason why it stopped working.
    pub connection_lost_reason: Option<String>,
    /// The parent connection, whose settings it shares.
    pub parent_id: Option<ConnectionId>,
    /// The tags; `None` if they were not requested or Workato returned `null`.
    pub tags: Option<Vec<TagHandle>>,
}

/// The result of a connection's last authorization.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum AuthorizationStatus {
    /// `success`
    Success,
    /// `failed`
    Failed,
    /// `exception`
    Exception,
    /// A status that this version does not know.
    Other(String),
}

impl AuthorizationStatus {
    /// Workato's name for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Exception => "exception",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for AuthorizationStatus {
    fn from(word: String) -> Self {
        match word.as_str() {
            "success" => Self::Success,
            "failed" => Self::Failed,
            "exception" => Self::Exception,
            _ => Self::Other(word),
        }
    }
}

impl From<AuthorizationStatus> for String {
    fn from(status: AuthorizationStatus) -> Self {
        match status {
            AuthorizationStatus::Other(word) => word,
            known => known.as_str().to_owned(),
        }
    }
}

/// The JSON of a connection. It can have both `application` and `provider`, which `serde(alias)` would refuse.
#[derive(Deserialize)]
struct Reply {
    id: ConnectionId,
    application: Option<String>,
    provider: Option<String>,
    name: Option<String>,
    description: Option<String>,
    authorized_at: Option<Timestamp>,
    authorization_status: Option<AuthorizationStatus>,
    authorization_error: Option<String>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "tolerant::text_or_number")]
    external_id: Option<String>,
    folder_id: Option<FolderId>,
    connection_lost_at: Option<Timestamp>,
    connection_lost_reason: Option<String>,
    parent_id: Option<ConnectionId>,
    tags: Option<Vec<TagHandle>>,
}

impl From<Reply> for Connection {
    fn from(reply: Reply) -> Self {
        Self {
            id: reply.id,
            application: reply.application.or(reply.provider),
            name: reply.name,
            description: reply.description,
            authorized_at: reply.authorized_at,
            authorization_status: reply.authorization_status,
            authorization_error: reply.authorization_error,
            created_at: reply.created_at,
            updated_at: reply.updated_at,
            external_id: reply.external_id,
            folder_id: reply.folder_id,
            connection_lost_at: reply.connection_lost_at,
            connection_lost_reason: reply.connection_lost_reason,
            parent_id: reply.parent_id,
            tags: reply.tags,
        }
    }
}
