//! The change that an operation attempted, in the grammatical forms that a notice needs.

use portal::audit::{Action, OperationSummary};
use serde_json::Value;

use crate::wording::{capitalized, targets};

/// One change in all its forms.
pub struct Phrases {
    /// "Version 4 of Acme Connector is now shared (was 2)."
    pub done: String,
    /// The same if a later operation changed the target.
    pub was_done: String,
    /// "Version 4 of Acme Connector was not shared"
    pub not_done: String,
    /// "share version 4 of Acme Connector"
    pub infinitive: String,
    /// "Sharing version 4 of Acme Connector"
    pub ongoing: String,
    /// "version 4 of Acme Connector was shared"
    pub passive: String,
}

impl Phrases {
    pub fn of(operation: &OperationSummary) -> Self {
        let name = operation.target.as_ref().map_or_else(|| "it".to_owned(), targets::label);
        let name_first = capitalized(&name);
        let first = operation.first.as_ref();
        let number = |value: Option<&Value>| value.and_then(Value::as_i64);
        let before = first.and_then(|entry| entry.before.as_ref());
        match operation.action {
            Action::ConnectorShare => {
                let version = number(first.and_then(|entry| entry.parameters.get("version")));
                let what = match version {
                    Some(version) => format!("version {version} of {name}"),
                    None => format!("a version of {name}"),
                };
                let what_first = capitalized(&what);
                let was = match before.and_then(|before| before.get("shared_version")) {
                    Some(Value::Null) => " (none was before)".to_owned(),
                    Some(shared) if number(Some(shared)) == version => " (it already was)".to_owned(),
                    Some(shared) => format!(" (was {shared})"),
                    None => String::new(),
                };
                Self {
                    done: format!("{what_first} is now shared{was}."),
                    was_done: format!("{what_first} was shared. The share has changed since."),
                    not_done: format!("{what_first} was not shared"),
                    infinitive: format!("share {what}"),
                    ongoing: format!("Sharing {what}"),
                    passive: format!("{what} was shared"),
                }
            }
            Action::ConnectorSuppress => Self {
                done: format!("{name_first} is suppressed. Customers no longer get it."),
                was_done: format!("{name_first} was suppressed. It has changed since."),
                not_done: format!("{name_first} was not suppressed"),
                infinitive: format!("suppress {name}"),
                ongoing: format!("Suppressing {name}"),
                passive: format!("{name} was suppressed"),
            },
            Action::ConnectionCreate
            | Action::ConnectionUpdate
            | Action::ConnectionDisconnect
            | Action::ConnectionTag
            | Action::ConnectionDelete => Self::of_connection(operation, &name),
            Action::RecipeShare => {
                let customer = first.and_then(|entry| entry.targets.get(1)).map(targets::label);
                let with = customer.map_or_else(String::new, |customer| format!(" with {customer}"));
                Self {
                    done: format!("{name_first} is shared{with}."),
                    was_done: format!("{name_first} was shared{with}."),
                    not_done: format!("{name_first} was not shared{with}"),
                    infinitive: format!("share {name}{with}"),
                    ongoing: format!("Sharing {name}{with}"),
                    passive: format!("{name} was shared{with}"),
                }
            }
            // No page shows a notice for the portal's own actions, so their stable names are enough.
            other => Self {
                done: format!("{name}: {other} is done."),
                was_done: format!("{name}: {other} was done."),
                not_done: format!("{name}: {other} was not done"),
                infinitive: format!("do {other} to {name}"),
                ongoing: format!("Doing {other} to {name}"),
                passive: format!("{other} was done to {name}"),
            },
        }
    }
}

impl Phrases {
    fn of_connection(operation: &OperationSummary, name: &str) -> Self {
        let is_named = operation.target.as_ref().is_some_and(|target| target.name.is_some());
        let what = if is_named { format!("connection {name}") } else { name.to_owned() };
        let what_first = capitalized(&what);
        if operation.action == Action::ConnectionTag {
            return Self {
                done: format!("The tags of {what} were changed."),
                was_done: format!("The tags of {what} were changed. It has changed since."),
                not_done: format!("The tags of {what} were not changed"),
                infinitive: format!("change the tags of {what}"),
                ongoing: format!("Changing the tags of {what}"),
                passive: format!("the tags of {what} were changed"),
            };
        }
        let (verb, participle, gerund) = match operation.action {
            Action::ConnectionCreate => ("create", "created", "Creating"),
            Action::ConnectionUpdate => ("update", "updated", "Updating"),
            Action::ConnectionDisconnect => ("disconnect", "disconnected", "Disconnecting"),
            _ => ("delete", "deleted", "Deleting"),
        };
        let since = if operation.action == Action::ConnectionDelete { "" } else { ". It has changed since" };
        let new_name = operation.first.as_ref().and_then(|entry| entry.parameters.get("name")?.as_str());
        let new_name = new_name.filter(|_| operation.action == Action::ConnectionUpdate);
        let called = new_name.map_or_else(String::new, |name| format!(". Its new name is {name}"));
        Self {
            done: format!("{what_first} was {participle}{called}."),
            was_done: format!("{what_first} was {participle}{since}."),
            not_done: format!("{what_first} was not {participle}"),
            infinitive: format!("{verb} {what}"),
            ongoing: format!("{gerund} {what}"),
            passive: format!("{what} was {participle}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use portal::audit::{Action, Target, TargetType};
    use time::macros::datetime;

    use super::Phrases;
    use crate::fixture;

    fn phrases(action: Action, kind: TargetType, name: Option<&str>) -> Phrases {
        let mut operation = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        operation.action = action;
        operation.target = Some(Target::new(kind, 36, name));
        Phrases::of(&operation)
    }

    #[test]
    fn a_target_without_a_name_is_called_by_its_id_once() {
        let deleted = |name| phrases(Action::ConnectionDelete, TargetType::Connection, name);
        assert_eq!(deleted(Some("Stripe refunds")).done, "Connection Stripe refunds was deleted.");
        assert_eq!(deleted(None).done, "Connection 36 was deleted.");
        assert_eq!(deleted(None).infinitive, "delete connection 36");
        let mut renamed = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        renamed.action = Action::ConnectionUpdate;
        renamed.target = Some(Target::new(TargetType::Connection, 36, Some("Jira")));
        if let Some(first) = &mut renamed.first {
            first.parameters.insert("name".to_owned(), "Jira Cloud".into());
        }
        assert_eq!(Phrases::of(&renamed).done, "Connection Jira was updated. Its new name is Jira Cloud.");
        let suppressed = phrases(Action::ConnectorSuppress, TargetType::Connector, None);
        assert_eq!(suppressed.not_done, "Connector 36 was not suppressed");
        assert_eq!(suppressed.ongoing, "Suppressing connector 36");
    }
}
