//! The bodies of the calls that create, update and tag a connection. Without credentials, so that they can be stored
//! and logged; those are passed separately.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{ConnectionId, FolderId, TagHandle};

/// A connection to create (Workato API reference, Create a connection). `None` is not sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionDraft {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The application's technical name: `jira`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The parent connection, which must be of the same provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<ConnectionId>,
    /// The folder or project. Required if the workspace's Home assets folder was converted to a project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder_id: Option<FolderId>,
    /// The vendor's own id for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Whether to create a shell, which Workato neither tests nor establishes.
    #[serde(skip_serializing_if = "is_false")]
    pub shell_connection: bool,
}

/// Changes to a connection (Workato API reference, Update a connection). `None` is not sent and stays unchanged.
/// Without credentials, Workato does not authenticate again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionUpdate {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The parent connection; `Some(None)` removes it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub parent_id: Option<Option<ConnectionId>>,
    /// The folder or project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder_id: Option<FolderId>,
    /// The vendor's own id for it; `Some(None)` removes it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub external_id: Option<Option<String>>,
    /// Whether Workato should neither test nor establish the connection with the credentials sent.
    #[serde(skip_serializing_if = "is_false")]
    pub shell_connection: bool,
}

impl ConnectionUpdate {
    /// Whether there is nothing to change.
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

/// Deserializes a field that is present, `null` included.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
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
    fn removing_a_value_differs_from_leaving_it_unchanged() {
        let update = ConnectionUpdate { external_id: Some(None), ..ConnectionUpdate::default() };
        let json = serde_json::to_value(&update).expect("plain data");
        assert_eq!(json, json!({ "external_id": Value::Null }));
        assert_eq!(serde_json::from_value::<ConnectionUpdate>(json).expect("what was written"), update);
        assert!(!update.is_empty());
    }
}
