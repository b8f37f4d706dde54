//! What a notice adds to the outcome: what to do after a rejection, and what a success does not include. Only Workato's
//! words say why it rejected a change, so this file searches them. The notice quotes them unchanged.

use portal::audit::{Action, Entry, OperationSummary, Outcome, Stage, WorkatoSaid};
use serde_json::Value;

use super::phrases::Phrases;
use crate::wording::capitalized;

/// What to do after Workato rejected a change.
pub fn after_rejection(action: Action, answer: Option<&WorkatoSaid>) -> Option<&'static str> {
    let answer = answer?;
    let message = answer.message.as_deref().unwrap_or_default().to_lowercase();
    let contains = |part| message.contains(part);
    let not_found = answer.http_status == Some(404) || message == "not found";
    match action {
        Action::ConnectionDelete if contains("active recipe") => {
            Some("Stop those recipes in Workato or give them another connection, then delete it.")
        }
        Action::ConnectionDelete if contains("audit log streaming") => {
            Some("Choose another destination for audit log streaming in Workato, then delete it.")
        }
        Action::ConnectionDelete if not_found => {
            Some("Someone may have deleted it in the meantime. There is nothing left to delete.")
        }
        Action::ConnectionDisconnect if contains("active recipe") => {
            Some("Stop those recipes in Workato first, or choose “Force” under Disconnect.")
        }
        Action::ConnectionDisconnect | Action::ConnectionUpdate | Action::ConnectionTag if not_found => {
            Some("Someone may have deleted it in the meantime.")
        }
        Action::ConnectionCreate if contains("folder_id") => {
            Some("Choose a different folder. This workspace may not accept this one, or may require one.")
        }
        _ if matches!(answer.http_status, Some(401 | 403)) => {
            Some("Either the token is invalid, or its role lacks the privilege for this call. An admin can test it.")
        }
        _ => None,
    }
}

/// A success that did less than people may expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caveat {
    /// The connection was disconnected before.
    WasDisconnected,
    /// The connection was created without credentials.
    IsShell,
    /// Workato tested the credentials, and they do not work.
    NotAuthorised,
    /// Workato got credentials, but did not say that they work.
    NotAuthorisedYet,
}

impl Caveat {
    /// The caveat of an operation that succeeded.
    pub fn of(operation: &OperationSummary) -> Option<Self> {
        let first = operation.first.as_ref()?;
        match operation.action {
            Action::ConnectionDisconnect => {
                let before = first.before.as_ref().filter(|before| before.get("found") == Some(&Value::Bool(true)))?;
                (before.get("authorization_status") == Some(&Value::Null)).then_some(Self::WasDisconnected)
            }
            Action::ConnectionCreate | Action::ConnectionUpdate => Self::of_authorisation(first, operation),
            _ => None,
        }
    }

    fn of_authorisation(first: &Entry, operation: &OperationSummary) -> Option<Self> {
        if first.parameters.get("shell_connection") == Some(&Value::Bool(true)) {
            return Some(Self::IsShell);
        }
        if !["input", "oauth_token_pair"].iter().any(|sent| first.parameters.contains_key(*sent)) {
            return None;
        }
        // Only Workato's answer says it. A settled operation shows that the connection exists, no more.
        let answered = |entry: &&Entry| entry.stage == Stage::Outcome && entry.outcome == Some(Outcome::Succeeded);
        let answer = operation.last.as_ref().filter(answered)?.workato.as_ref()?;
        match answer.status.as_deref() {
            Some("success") => None,
            Some("failed" | "exception") => Some(Self::NotAuthorised),
            _ => Some(Self::NotAuthorisedYet),
        }
    }

    /// The sentence of the notice.
    pub fn text(self, change: &Phrases) -> String {
        match self {
            Self::WasDisconnected => format!("{} already. There was nothing to do.", capitalized(&change.passive)),
            Self::IsShell => change.done.clone(),
            Self::NotAuthorised => format!("{} Workato could not connect it.", change.done),
            Self::NotAuthorisedYet => format!("{} Workato has not confirmed that it is connected.", change.done),
        }
    }

    /// What to do about it.
    pub fn advice(self) -> Option<&'static str> {
        match self {
            Self::WasDisconnected => None,
            Self::IsShell => Some("No credentials yet. Connect it in Workato, or add credentials under Edit."),
            Self::NotAuthorised => {
                Some("Credentials aren't stored. Correct them under Edit, or connect it in Workato.")
            }
            Self::NotAuthorisedYet => {
                Some("If it isn't shown as connected, connect it in Workato, or add an OAuth token pair under Edit.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use portal::audit::{Action, OperationSummary, WorkatoSaid};
    use serde_json::{Map, Value, json};
    use time::macros::datetime;

    use super::{Caveat, after_rejection};
    use crate::fixture;

    fn answer(http_status: u16, status: Option<&str>, message: &str) -> WorkatoSaid {
        WorkatoSaid {
            http_status: Some(http_status),
            status: status.map(str::to_owned),
            message: Some(message.to_owned()),
            detail: "answered".to_owned(),
            ..WorkatoSaid::default()
        }
    }

    #[test]
    fn each_documented_rejection_of_a_delete_has_advice() {
        let advice =
            |http, words| after_rejection(Action::ConnectionDelete, Some(&answer(http, Some("rejected"), words)));
        for http in [200, 400, 422] {
            let in_use = advice(http, "You can't delete a connection used by active recipes");
            assert!(in_use.is_some_and(|advice| advice.contains("Stop those recipes")), "{http}: {in_use:?}");
            let streaming = advice(http, "You can't delete a connection used by audit log streaming");
            assert!(streaming.is_some_and(|advice| advice.contains("another destination")), "{http}: {streaming:?}");
        }
        for (http, words) in [(404, "Not found"), (200, "Not found"), (404, "")] {
            let gone = advice(http, words);
            assert!(gone.is_some_and(|advice| advice.contains("nothing left to delete")), "{http}: {gone:?}");
        }
        assert!(advice(401, "Unauthorized").is_some_and(|advice| advice.contains("privilege")));
        assert_eq!(advice(422, "Something new"), None);
        assert_eq!(after_rejection(Action::ConnectionDelete, None), None);
    }

    fn succeeded(action: Action, parameters: Value, before: Value, answer: WorkatoSaid) -> OperationSummary {
        let mut operation = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        let parameters: Map<String, Value> = parameters.as_object().cloned().unwrap_or_default();
        operation.action = action;
        if let (Some(first), Some(last)) = (&mut operation.first, &mut operation.last) {
            (first.parameters, first.before, last.workato) = (parameters, Some(before), Some(answer));
        }
        operation
    }

    #[test]
    fn a_created_connection_whose_credentials_do_not_work_has_a_caveat() {
        for (parameters, status, expected) in [
            (json!({ "input": ["apitoken"] }), Some("failed"), Some(Caveat::NotAuthorised)),
            (json!({ "oauth_token_pair": ["access_token"] }), Some("exception"), Some(Caveat::NotAuthorised)),
            (json!({ "input": ["apitoken"] }), Some("success"), None),
            (json!({ "input": ["apitoken"] }), None, Some(Caveat::NotAuthorisedYet)),
            (json!({ "shell_connection": true }), None, Some(Caveat::IsShell)),
            // Renaming a broken connection says nothing about its credentials.
            (json!({ "name": "New" }), Some("failed"), None),
        ] {
            for action in [Action::ConnectionCreate, Action::ConnectionUpdate] {
                let operation = succeeded(action, parameters.clone(), Value::Null, answer(200, status, ""));
                assert_eq!(Caveat::of(&operation), expected, "{parameters}");
            }
        }
    }

    #[test]
    fn disconnecting_a_disconnected_connection_has_a_caveat() {
        let of = |before| {
            Caveat::of(&succeeded(
                Action::ConnectionDisconnect,
                Value::Null,
                before,
                answer(200, Some("disconnected"), ""),
            ))
        };
        assert_eq!(of(json!({ "found": true, "authorization_status": null })), Some(Caveat::WasDisconnected));
        assert_eq!(of(json!({ "found": true, "authorization_status": "success" })), None);
        assert_eq!(of(json!({ "found": false })), None);
        assert_eq!(of(Value::Null), None);
    }
}
