//! The status of a connection as a shape, a colour and words. `outcome` has the status of operations.

use leptos::prelude::*;
use portal::is_blank;
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
            Some(AuthorizationStatus::Success) => ("#g-ok", "st ok"),
            Some(AuthorizationStatus::Failed) => ("#g-bad", "st bad"),
            Some(AuthorizationStatus::Exception) => ("#g-exc", "st warn"),
            Some(AuthorizationStatus::Other(_)) => ("#g-unk", "st none"),
            None if connection.unreadable.has("authorization_status") => ("#g-unk", "st none"),
            None => ("#g-none", "st none"),
        };
        Self { shape, class, words: connections::status(connection) }
    }
}

/// The connection's name, or its id if it has no name.
pub fn connection_name(connection: &Connection) -> String {
    match connection.name.as_deref().filter(|name| !is_blank(name)).map(str::trim) {
        None if connection.unreadable.has("name") => format!("Connection {} (name unreadable)", connection.id),
        None => format!("Connection {}", connection.id),
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

    use super::{ConnectionStatus, connection_name};

    fn status(reply: &str) -> ConnectionStatus {
        let connection: Connection = serde_json::from_str(reply).expect("a connection");
        ConnectionStatus::of(&connection)
    }

    #[test]
    fn a_connection_is_never_nameless() {
        let called = |name: &str| {
            let reply = format!(r#"{{"id":36,"name":{name}}}"#);
            connection_name(&serde_json::from_str(&reply).expect("a connection"))
        };
        assert_eq!(called(r#"" Acme ""#), "Acme");
        assert_eq!(called("null"), "Connection 36");
        assert_eq!(called(r#"" \u200b""#), "Connection 36");
        assert_eq!(called("{}"), "Connection 36 (name unreadable)");
    }

    #[test]
    fn different_statuses_have_different_shapes() {
        let shapes: std::collections::BTreeSet<_> = ["\"success\"", "\"failed\"", "\"exception\"", "\"new\"", "null"]
            .map(|word| status(&format!(r#"{{"id":1,"authorization_status":{word}}}"#)).shape)
            .into();
        assert_eq!(shapes.len(), 5);
    }
}
