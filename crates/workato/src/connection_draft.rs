//! What a connection is to be: the bodies of creating, updating and tagging one. Plain data that may be kept and logged:
//! credentials are no part of it and travel beside it.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{ConnectionId, FolderId, TagHandle};

/// A connection to be created (Workato API reference, Create a connection). What is `None` is not sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionDraft {
    /// What people are to call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The application's technical name: `jira`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The connection that it is derived from; of the same provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<ConnectionId>,
    /// The folder or project it is to lie in. Required where the workspace's Home assets are a project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder_id: Option<FolderId>,
    /// The vendor's own id for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Whether it is neither tested nor established: a shell.
    #[serde(skip_serializing_if = "is_false")]
    pub shell_connection: bool,
}

/// What is to change of a connection (Workato API reference, Update a connection). What is `None` is not sent and stays
/// as it is; without credentials nothing is authenticated anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionUpdate {
    /// What people are to call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The connection that it is to be derived from; `Some(None)` takes the present one away.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "sent")]
    pub parent_id: Option<Option<ConnectionId>>,
    /// The folder or project it is to lie in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder_id: Option<FolderId>,
    /// The vendor's own id for it; `Some(None)` takes the present one away.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "sent")]
    pub external_id: Option<Option<String>>,
    /// Whether credentials that are sent with it are neither tested nor established.
    #[serde(skip_serializing_if = "is_false")]
    pub shell_connection: bool,
}

impl ConnectionUpdate {
    /// Whether it would change nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Tags to add to a connection and tags to remove from it (Workato API reference, Tag assignments).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagAssignment {
    /// Tags to add.
    #[serde(rename = "add_tags", default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<TagHandle>,
    /// Tags to remove.
    #[serde(rename = "remove_tags", default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<TagHandle>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// What stands in the document was sent, `null` included.
fn sent<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ConnectionDraft, ConnectionUpdate};

    #[test]
    fn only_what_is_given_is_sent() {
        let draft = ConnectionDraft { provider: Some("jira".to_owned()), ..ConnectionDraft::default() };
        assert_eq!(serde_json::to_value(draft).expect("plain data"), json!({ "provider": "jira" }));
        let rename = ConnectionUpdate { name: Some("Jira".to_owned()), ..ConnectionUpdate::default() };
        assert_eq!(serde_json::to_value(rename).expect("plain data"), json!({ "name": "Jira" }));
    }

    #[test]
    fn taking_a_value_away_is_not_leaving_it_as_it_is() {
        let update = ConnectionUpdate { external_id: Some(None), ..ConnectionUpdate::default() };
        let json = serde_json::to_value(&update).expect("plain data");
        assert_eq!(json, json!({ "external_id": Value::Null }));
        assert_eq!(serde_json::from_value::<ConnectionUpdate>(json).expect("what was written"), update);
        assert!(!update.is_empty());
    }
}
