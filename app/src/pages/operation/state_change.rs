//! What an operation changed: the target's state before it, as the log has it, and the state that follows from the
//! outcome or from a later read of Workato. `change` shows it.

use portal::audit::{Action, Entry, OperationSummary, Outcome};
use serde_json::{Map, Value};

/// One property of the target.
#[derive(Debug, PartialEq)]
pub struct Row {
    pub name: String,
    pub before: Option<Value>,
    pub after: After,
}

#[derive(Debug, PartialEq)]
pub enum After {
    Same,
    Now(Value),
    NotKnown,
}

impl Row {
    pub fn has_changed(&self) -> bool {
        matches!(&self.after, After::Now(now) if self.before.as_ref() != Some(now))
    }
}

/// The properties of the target before and after the operation. Empty if the log has no state.
pub fn rows(operation: &OperationSummary) -> Vec<Row> {
    let Some(intent) = &operation.first else { return Vec::new() };
    let change = Change {
        intent,
        effect: Effect::of(operation.outcome),
        requested: requested(intent),
        seen: operation.last.as_ref().and_then(|last| last.evidence.as_ref()?.get("seen")?.as_object()),
    };
    let mut before = intent.before.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
    let presence = before.remove("found").filter(|_| change.removes_target()).map(|found| change.presence(found));
    let known = before.iter().map(|(name, value)| change.row(name, value));
    presence.into_iter().chain(known).chain(change.added(&before)).collect()
}

/// What an outcome says about the target's state.
#[derive(Clone, Copy, PartialEq)]
enum Effect {
    Done,
    None,
    NotKnown,
}

impl Effect {
    fn of(outcome: Option<Outcome>) -> Self {
        match outcome {
            Some(Outcome::Succeeded) => Self::Done,
            Some(Outcome::Rejected | Outcome::Failed | Outcome::Denied) => Self::None,
            Some(Outcome::Unknown) | None => Self::NotKnown,
        }
    }
}

struct Change<'a> {
    intent: &'a Entry,
    effect: Effect,
    /// The state that the operation asked for.
    requested: Map<String, Value>,
    /// The state that a later read of Workato showed. It takes precedence over what was requested.
    seen: Option<&'a Map<String, Value>>,
}

impl Change<'_> {
    /// Whether the target no longer exists after the operation.
    fn removes_target(&self) -> bool {
        matches!(self.intent.action, Action::ConnectionDelete | Action::ConnectorDelete | Action::MemberRemove)
    }

    /// The row that says whether the target exists.
    fn presence(&self, found: Value) -> Row {
        let after = self.after(|| After::Now(Value::Bool(false)));
        Row { name: "in Workato".to_owned(), before: Some(found), after }
    }

    fn row(&self, name: &str, before: &Value) -> Row {
        let after = self.after(|| self.after_success(name, before));
        Row { name: name.to_owned(), before: Some(before.clone()), after }
    }

    /// Properties that the operation set and that the target did not have before.
    fn added<'a>(&'a self, before: &'a Map<String, Value>) -> impl Iterator<Item = Row> + 'a {
        let added = self.requested.iter().filter(|(name, _)| !before.contains_key(*name));
        let added = added.map(|(name, now)| Row { name: name.clone(), before: None, after: After::Now(now.clone()) });
        added.filter(|_| self.effect == Effect::Done)
    }

    fn after(&self, on_success: impl FnOnce() -> After) -> After {
        match self.effect {
            Effect::Done => on_success(),
            Effect::None => After::Same,
            Effect::NotKnown => After::NotKnown,
        }
    }

    fn after_success(&self, name: &str, before: &Value) -> After {
        match self.seen.and_then(|seen| seen.get(name)).or_else(|| self.requested.get(name)) {
            Some(now) if now == before => After::Same,
            Some(now) => After::Now(now.clone()),
            None if self.removes_target() => After::Now(Value::Null),
            None if is_set_by_workato(self.intent, name) => After::NotKnown,
            None => After::Same,
        }
    }
}

/// Whether Workato sets this property itself when the operation succeeds, without returning its value.
fn is_set_by_workato(intent: &Entry, name: &str) -> bool {
    let credentials = || ["input", "oauth_token_pair"].iter().any(|sent| intent.parameters.contains_key(*sent));
    match (intent.action, name) {
        (Action::ConnectorShare, "shared_at") => true,
        (Action::ConnectionUpdate | Action::ConnectionTag | Action::ConnectionDisconnect, "updated_at") => true,
        (Action::ConnectionDisconnect, "authorized_at") => true,
        (Action::ConnectionUpdate, "authorized_at" | "authorization_status") => credentials(),
        _ => false,
    }
}

/// The state that the operation asked for, by the names of the state's properties.
fn requested(intent: &Entry) -> Map<String, Value> {
    let property = |name: &str, value: Value| (name.to_owned(), value);
    match intent.action {
        Action::ConnectorShare => {
            let version = intent.parameters.get("version").cloned();
            version.map(|version| property("shared_version", version)).into_iter().collect()
        }
        Action::ConnectorSuppress => {
            ["shared_version", "shared_at"].map(|name| property(name, Value::Null)).into_iter().collect()
        }
        Action::ConnectionDisconnect => Map::from_iter([property("authorization_status", "disconnected".into())]),
        Action::ConnectionTag => Map::from_iter([property("tags", tags_after(intent))]),
        // Their parameters are not properties of the target.
        Action::ConnectionDelete
        | Action::ConnectorDelete
        | Action::RecipeShare
        | Action::ConnectionExport
        | Action::AuditExport
        | Action::AuditClockSet
        | Action::AuditExpire
        | Action::AuditAcknowledge
        | Action::ConnectorCodeKeep
        | Action::ConnectorCreate
        | Action::ConnectorUpdate
        | Action::ConnectorRelease
        | Action::ConnectorPair
        | Action::ConnectorPromote
        | Action::ConnectorPromoteCheck
        | Action::TeamWatch
        | Action::PersonDisable
        | Action::PersonPassword
        | Action::AttemptRefuse
        | Action::FactorAdd
        | Action::FactorRemove
        | Action::FactorRefuse
        | Action::RecoveryCreate
        | Action::RecoveryUse
        | Action::SessionRefuse
        | Action::SessionEnd
        | Action::SessionElsewhere => Map::new(),
        _ => intent.parameters.clone(),
    }
}

/// The tags of a connection after some are added and others removed.
fn tags_after(intent: &Entry) -> Value {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (add, remove) = (list(intent.parameters.get("add_tags")), list(intent.parameters.get("remove_tags")));
    let mut tags = list(intent.before.as_ref().and_then(|before| before.get("tags")));
    tags.retain(|tag| !remove.contains(tag));
    for tag in add {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Value::Array(tags)
}

#[cfg(test)]
mod tests {
    use portal::audit::{Action, Outcome};
    use serde_json::{Value, json};
    use time::macros::datetime;

    use super::{After, rows};
    use crate::fixture;

    fn changes(
        action: Action,
        outcome: Option<Outcome>,
        before: Value,
        seen: Option<Value>,
    ) -> Vec<(String, String, String)> {
        let mut summary = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        summary.outcome = outcome;
        if let Some(first) = &mut summary.first {
            (first.action, first.before) = (action, Some(before));
        }
        if let (Some(last), Some(seen)) = (&mut summary.last, seen) {
            last.evidence = Some(json!({ "seen": seen }));
        }
        let rows = rows(&summary);
        rows.into_iter()
            .map(|row| {
                let after = match &row.after {
                    After::Same => "same".to_owned(),
                    After::NotKnown => "Unknown".to_owned(),
                    After::Now(now) => now.to_string(),
                };
                (row.name, row.before.map_or_else(String::new, |before| before.to_string()), after)
            })
            .collect()
    }

    fn row(name: &str, before: &str, after: &str) -> (String, String, String) {
        (name.to_owned(), before.to_owned(), after.to_owned())
    }

    #[test]
    fn a_share_has_the_version_before_and_after() {
        let before = || json!({ "latest_released_version": 5, "shared_at": "then", "shared_version": 2 });
        let change = |outcome| changes(Action::ConnectorShare, outcome, before(), None);
        let latest = row("latest_released_version", "5", "same");
        let (since, kept) = (row("shared_at", "\"then\"", "Unknown"), row("shared_at", "\"then\"", "same"));
        assert_eq!(change(Some(Outcome::Succeeded)), [latest.clone(), since, row("shared_version", "2", "4")]);
        assert_eq!(change(Some(Outcome::Rejected)), [latest, kept, row("shared_version", "2", "same")]);
        assert!(change(Some(Outcome::Unknown)).iter().all(|(_, _, after)| after == "Unknown"));
        assert!(change(None).iter().all(|(_, _, after)| after == "Unknown"));
    }

    #[test]
    fn the_parameters_of_an_export_are_not_state() {
        assert!(changes(Action::AuditExport, Some(Outcome::Succeeded), Value::Null, None).is_empty());
    }

    #[test]
    fn what_a_later_read_showed_takes_precedence_over_the_request() {
        let before = json!({ "shared_version": 2, "shared_at": "then" });
        let seen = Some(json!({ "shared_version": 4, "shared_at": "now" }));
        let changes = changes(Action::ConnectorShare, Some(Outcome::Succeeded), before, seen);
        assert_eq!(changes, [row("shared_at", "\"then\"", "\"now\""), row("shared_version", "2", "4")]);
    }

    #[test]
    fn a_changed_connection_has_only_the_requested_changes() {
        let change = |action, parameters: Value, before: Value| {
            let mut summary = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
            let first = summary.first.as_mut().expect("an intent");
            (first.action, first.before) = (action, Some(before));
            first.parameters = parameters.as_object().cloned().expect("an object");
            let rows = rows(&summary);
            rows.into_iter().map(|row| (row.name, row.after)).collect::<Vec<_>>()
        };
        let now = |name: &str, value: Value| (name.to_owned(), After::Now(value));
        let not_known = |name: &str| (name.to_owned(), After::NotKnown);
        let same = |name: &str| (name.to_owned(), After::Same);
        assert_eq!(
            change(
                Action::ConnectionTag,
                json!({ "add_tags": ["tag-b", "tag-c"], "remove_tags": ["tag-a"] }),
                json!({ "name": "Stripe", "tags": ["tag-a", "tag-b"], "updated_at": "then" }),
            ),
            [same("name"), now("tags", json!(["tag-b", "tag-c"])), not_known("updated_at")]
        );
        let before = || json!({ "authorization_status": "success", "name": "Stripe" });
        let name = || now("name", json!("Stripe EU"));
        assert_eq!(
            change(Action::ConnectionUpdate, json!({ "name": "Stripe EU" }), before()),
            [same("authorization_status"), name()]
        );
        let with_credentials = json!({ "input": ["api_key"], "name": "Stripe EU" });
        assert_eq!(
            change(Action::ConnectionUpdate, with_credentials, before()),
            [not_known("authorization_status"), name(), now("input", json!(["api_key"]))]
        );
    }

    #[test]
    fn a_deleted_connection_is_gone_only_if_the_delete_succeeded() {
        let before = || json!({ "found": true, "application": "stripe" });
        let change = |outcome| changes(Action::ConnectionDelete, Some(outcome), before(), None);
        assert_eq!(
            change(Outcome::Succeeded),
            [row("in Workato", "true", "false"), row("application", "\"stripe\"", "null")]
        );
        assert_eq!(
            change(Outcome::Rejected),
            [row("in Workato", "true", "same"), row("application", "\"stripe\"", "same")]
        );
    }

    #[test]
    fn a_change_in_the_portal_shows_what_it_set() {
        let before = json!({ "role": "viewer" });
        let changes = changes(Action::MemberSet, Some(Outcome::Succeeded), before, None);
        assert_eq!(changes, [row("role", "\"viewer\"", "same"), row("version", "", "4")]);
    }
}
