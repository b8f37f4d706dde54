//! A connection as Workato returns it. Workato does not return credentials.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::list::differing;
use crate::row::{FromField, row};
use crate::{ConnectionId, FolderId, TagHandle, Timestamp, Unreadable};

/// A connection (Workato API reference, Connections). All fields but the id can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// The fields that could not be read.
    #[serde(skip)]
    pub unreadable: Unreadable,
}

impl Connection {
    /// Makes unreadable what differs in another row with the same id.
    pub(crate) fn doubt(&mut self, other: &Self) {
        let differing = differing!(
            self,
            other,
            application,
            name,
            description,
            authorized_at,
            authorization_status,
            authorization_error,
            created_at,
            updated_at,
            external_id,
            folder_id,
            connection_lost_at,
            connection_lost_reason,
            parent_id,
            tags,
        );
        self.unreadable.add(&differing);
    }
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

impl FromField for AuthorizationStatus {
    fn text(text: Cow<'_, str>) -> Option<Self> {
        Some(text.into_owned().into())
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

// A reply can have both `application` and `provider`.
row! {
    Fields => Connection {
        id: ConnectionId,
        application: String,
        provider: String,
        name: String,
        description: String,
        authorized_at: Timestamp,
        authorization_status: AuthorizationStatus,
        authorization_error: String,
        created_at: Timestamp,
        updated_at: Timestamp,
        external_id: String,
        folder_id: FolderId,
        connection_lost_at: Timestamp,
        connection_lost_reason: String,
        parent_id: ConnectionId,
        tags: Vec<TagHandle>,
    } by |fields| {
        let unreadable = fields.unreadable();
        Some(Self {
            id: fields.id.value?,
            application: fields.application.value.or(fields.provider.value),
            name: fields.name.value,
            description: fields.description.value,
            authorized_at: fields.authorized_at.value,
            authorization_status: fields.authorization_status.value,
            authorization_error: fields.authorization_error.value,
            created_at: fields.created_at.value,
            updated_at: fields.updated_at.value,
            external_id: fields.external_id.value,
            folder_id: fields.folder_id.value,
            connection_lost_at: fields.connection_lost_at.value,
            connection_lost_reason: fields.connection_lost_reason.value,
            parent_id: fields.parent_id.value,
            tags: fields.tags.value,
            unreadable,
        })
    }
}
