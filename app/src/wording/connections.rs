//! Words for the status of connections.

use portal::connections::{StatusFilter, UsageFilter};
use workato::{AuthorizationStatus, Connection};

use super::connection_errors::Cause;

/// The status of a connection in two or three words. The error itself is shown on demand.
pub fn status(connection: &Connection) -> String {
    match &connection.authorization_status {
        Some(AuthorizationStatus::Success) => status_filter(StatusFilter::Success).to_owned(),
        Some(AuthorizationStatus::Failed) => known_or(connection, StatusFilter::Failed),
        Some(AuthorizationStatus::Exception) => known_or(connection, StatusFilter::Exception),
        Some(AuthorizationStatus::Other(word)) => word.clone(),
        None if connection.unreadable.has("authorization_status") => "Status unreadable".to_owned(),
        None if connection.authorized_at.is_none() && !connection.unreadable.has("authorized_at") => {
            status_filter(StatusFilter::None).to_owned()
        }
        None => "Not connected".to_owned(),
    }
}

/// What the connection's errors mean, if they are known.
pub fn cause(connection: &Connection) -> Option<Cause> {
    let texts = [&connection.authorization_error, &connection.connection_lost_reason];
    Cause::of(texts.into_iter().filter_map(|text| text.as_deref()))
}

fn known_or(connection: &Connection, status: StatusFilter) -> String {
    cause(connection).map_or_else(|| status_filter(status), Cause::words).to_owned()
}

/// The choices of the status filter.
pub const fn status_filter(status: StatusFilter) -> &'static str {
    match status {
        StatusFilter::Success => "Connected",
        StatusFilter::Broken => "Broken",
        StatusFilter::Failed => "Failed",
        StatusFilter::Exception => "Exception",
        StatusFilter::None => "Never connected",
    }
}

/// The choices of the filter by recipes.
pub const fn usage_filter(usage: UsageFilter) -> &'static str {
    match usage {
        UsageFilter::Unused => "Unused",
        UsageFilter::Active => "Used by active recipes",
        UsageFilter::BrokenInUse => "Broken and in use",
    }
}

#[cfg(test)]
mod tests {
    use workato::Connection;

    use super::status;

    #[test]
    fn a_status_reads_as_a_few_words_and_an_unknown_error_as_its_status() {
        for (reply, words) in [
            (r#"{"id":1,"authorization_status":"success","authorization_error":"old"}"#, "Connected"),
            (r#"{"id":1,"authorization_status":"failed","authorization_error":"invalid_grant"}"#, "Sign-in expired"),
            (
                r#"{"id":1,"authorization_status":"failed","connection_lost_reason":"User access was revoked"}"#,
                "Access revoked",
            ),
            (r#"{"id":1,"authorization_status":"failed","authorization_error":" "}"#, "Failed"),
            (r#"{"id":1,"authorization_status":"failed","authorization_error":"E-17"}"#, "Failed"),
            (r#"{"id":1,"authorization_status":"exception","authorization_error":"429"}"#, "Rate limited"),
            (r#"{"id":1,"authorization_status":"exception"}"#, "Exception"),
            (r#"{"id":1}"#, "Never connected"),
            (r#"{"id":1,"authorized_at":"2015-05-26T22:53:52.528Z"}"#, "Not connected"),
            (r#"{"id":1,"authorization_status":"pending"}"#, "pending"),
            (r#"{"id":1,"authorization_status":{}}"#, "Status unreadable"),
            (r#"{"id":1,"authorized_at":""}"#, "Not connected"),
            (r#"{"id":1,"authorization_status":"failed","authorization_error":{"a":1}}"#, "Failed"),
        ] {
            let connection: Connection = serde_json::from_str(reply).expect("a connection");
            assert_eq!(status(&connection), words, "{reply}");
        }
    }
}
