//! Words for the status of connections.

use portal::connections::StatusFilter;
use workato::{AuthorizationStatus, Connection};

/// The status of a connection, with Workato's error if it has one.
pub fn status(connection: &Connection) -> String {
    let error = connection.authorization_error.as_deref().map(str::trim).filter(|error| !error.is_empty());
    let error = match error {
        None if connection.unreadable.has("authorization_error") => Some("error unreadable"),
        error => error,
    };
    let with_error = |word: &str| error.map_or_else(|| word.to_owned(), |error| format!("{word}: {error}"));
    match &connection.authorization_status {
        Some(AuthorizationStatus::Success) => status_filter(StatusFilter::Success).to_owned(),
        Some(AuthorizationStatus::Failed) => with_error(status_filter(StatusFilter::Failed)),
        Some(AuthorizationStatus::Exception) => with_error(status_filter(StatusFilter::Exception)),
        Some(AuthorizationStatus::Other(word)) => with_error(word),
        None if connection.unreadable.has("authorization_status") => with_error("Status unreadable"),
        None if connection.authorized_at.is_none() && !connection.unreadable.has("authorized_at") => {
            status_filter(StatusFilter::None).to_owned()
        }
        None => with_error("Not authorised"),
    }
}

/// The choices of the status filter.
pub const fn status_filter(status: StatusFilter) -> &'static str {
    match status {
        StatusFilter::Success => "Connected",
        StatusFilter::Failed => "Failed",
        StatusFilter::Exception => "Exception",
        StatusFilter::None => "Never authorised",
    }
}

#[cfg(test)]
mod tests {
    use workato::Connection;

    use super::status;

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
            (r#"{"id":1,"authorization_status":{}}"#, "Status unreadable"),
            (r#"{"id":1,"authorized_at":""}"#, "Not authorised"),
            (r#"{"id":1,"authorization_status":"failed","authorization_error":{"a":1}}"#, "Failed: error unreadable"),
        ] {
            let connection: Connection = serde_json::from_str(reply).expect("a connection");
            assert_eq!(status(&connection), words, "{reply}");
        }
    }
}
