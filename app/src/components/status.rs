//! The status of a connection as a shape, a colour and words. `outcome` has the status of operations.

use leptos::prelude::*;
use workato::{AuthorizationStatus, Connection};

use crate::wording::connections;

/// The status of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionStatus {
    /// The id of the shape, which the frame defines.
    shape: &'static str,
    /// The CSS class of the colour.
    class: &'static str,
    words: String,
}

impl ConnectionStatus {
    pub fn of(connection: &Connection) -> Self {
        let (shape, class) = match &connection.authorization_status {
            Some(AuthorizationStatus::Success) => ("#s-ok", "status ok"),
            Some(AuthorizationStatus::Failed) => ("#s-bad", "status bad"),
            Some(AuthorizationStatus::Exception) => ("#s-exc", "status warn"),
            Some(AuthorizationStatus::Other(_)) => ("#s-unk", "status none"),
            None => ("#s-none", "status none"),
        };
        Self { shape, class, words: connections::status(connection) }
    }
}

/// The connection's name, or its id if it has no name.
pub fn connection_name(connection: &Connection) -> String {
    match connection.name.as_deref().map(str::trim) {
        None | Some("") => format!("Connection {}", connection.id),
        Some(name) => name.to_owned(),
    }
}

#[component]
pub fn StatusPill(status: ConnectionStatus) -> impl IntoView {
    view! {
        <span class=status.class>
            <svg aria-hidden="true"><use href=status.shape></use></svg>
            <span>{status.words}</span>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use workato::Connection;

    use super::ConnectionStatus;

    fn status(reply: &str) -> ConnectionStatus {
        let connection: Connection = serde_json::from_str(reply).expect("a connection");
        ConnectionStatus::of(&connection)
    }

    #[test]
    fn different_statuses_have_different_shapes() {
        let shapes: std::collections::BTreeSet<_> = ["\"success\"", "\"failed\"", "\"exception\"", "\"new\"", "null"]
            .map(|word| status(&format!(r#"{{"id":1,"authorization_status":{word}}}"#)).shape)
            .into();
        assert_eq!(shapes.len(), 5);
    }
}
