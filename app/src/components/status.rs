//! The status of a connection as a shape, a colour and words. `outcome` has the status of operations.

use leptos::prelude::*;
use workato::{AuthorizationStatus, Connection};

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
        let error = connection.authorization_error.as_deref().map(str::trim).filter(|error| !error.is_empty());
        let with_error = |word: &str| error.map_or_else(|| word.to_owned(), |error| format!("{word}: {error}"));
        let (shape, class, words) = match &connection.authorization_status {
            Some(AuthorizationStatus::Success) => ("#s-ok", "status ok", "Connected".to_owned()),
            Some(AuthorizationStatus::Failed) => ("#s-bad", "status bad", with_error("Failed")),
            Some(AuthorizationStatus::Exception) => ("#s-exc", "status warn", with_error("Exception")),
            Some(AuthorizationStatus::Other(word)) => ("#s-unk", "status none", with_error(word)),
            None if connection.authorized_at.is_none() => ("#s-none", "status none", "Never authorised".to_owned()),
            None => ("#s-none", "status none", with_error("Not authorised")),
        };
        Self { shape, class, words }
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
    fn a_status_reads_as_words_with_the_error() {
        for (reply, words) in [
            (r#"{"id":1,"authorization_status":"success","authorization_error":"old"}"#, "Connected"),
            (
                r#"{"id":1,"authorization_status":"failed","authorization_error":"token expired"}"#,
                "Failed: token expired",
            ),
            (r#"{"id":1,"authorization_status":"failed","authorization_error":" "}"#, "Failed"),
            (r#"{"id":1,"authorization_status":"exception","authorization_error":"500"}"#, "Exception: 500"),
            (r#"{"id":1}"#, "Never authorised"),
            (r#"{"id":1,"authorized_at":"2015-05-26T22:53:52.528Z"}"#, "Not authorised"),
            (r#"{"id":1,"authorization_status":"pending"}"#, "pending"),
        ] {
            assert_eq!(status(reply).words, words, "{reply}");
        }
    }

    #[test]
    fn different_statuses_have_different_shapes() {
        let shapes: std::collections::BTreeSet<_> = ["\"success\"", "\"failed\"", "\"exception\"", "\"new\"", "null"]
            .map(|word| status(&format!(r#"{{"id":1,"authorization_status":{word}}}"#)).shape)
            .into();
        assert_eq!(shapes.len(), 5);
    }
}
