//! An operation as one sentence: who did what to what, and whether it worked.

mod clause;
mod part;
mod verbs;

use portal::audit::{BadEntry, OperationSummary, Outcome};

pub use self::part::Part;
use self::{clause::Clause, part::push_text};
use super::{answers, numbers::grouped_i64, targets};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    pub parts: Vec<Part>,
    /// Workato's words if it rejected or failed the operation, otherwise the reason that was given.
    pub detail: Option<String>,
}

impl Sentence {
    pub fn of(operation: &OperationSummary) -> Self {
        let about = operation.about.as_deref().map(|about| Self::of(about).text());
        let clause = Clause::new(operation, about);
        if clause.is_observed() {
            return Self { parts: clause.observed(), detail: None };
        }
        let mut parts = clause.done();
        if operation.break_glass {
            push_text(&mut parts, ", without approval");
        }
        if let Some(times) = clause.times() {
            push_text(&mut parts, &times);
        }
        if let Some(doubt) = doubt(operation) {
            push_text(&mut parts, doubt);
        }
        Self { parts, detail: detail(operation) }
    }

    /// The sentence without its actor, for a list that names the actor in a column. `None` if it begins otherwise.
    pub fn deed(&self, actor: &str) -> Option<String> {
        Some(self.text().strip_prefix(actor)?.strip_prefix(' ')?.to_owned())
    }

    /// The sentence without links.
    pub fn text(&self) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Target(target, _) => targets::label(target),
            })
            .collect()
    }
}

/// The warning beside an operation whose row or entry is not as the log has it.
pub fn changed(bad: &BadEntry) -> String {
    format!("Entry {} was changed after it was written, so this may be wrong.", grouped_i64(bad.sequence))
}

fn doubt(operation: &OperationSummary) -> Option<&'static str> {
    match operation.outcome {
        Some(Outcome::Unknown) => Some("; outcome unknown"),
        // A request that nobody approved has none to come.
        None if operation.action.is_upstream() && !operation.is_unapproved() => Some("; outcome pending"),
        _ => None,
    }
}

fn detail(operation: &OperationSummary) -> Option<String> {
    let message = operation.last.as_ref().and_then(answers::of_entry);
    let reason = operation.first.as_ref().and_then(|entry| entry.reason.clone());
    match operation.outcome {
        Some(Outcome::Succeeded | Outcome::Denied) | None => reason,
        Some(Outcome::Rejected) => message.map(|message| format!("“{message}”")).or(reason),
        Some(Outcome::Failed | Outcome::Unknown) => message.or(reason),
    }
}

#[cfg(test)]
mod tests {
    use portal::audit::{Action, OperationSummary, Outcome, Stage, Target, TargetType, WorkatoSaid};
    use serde_json::{Value, json};
    use time::macros::datetime;

    use super::Sentence;
    use crate::fixture;

    fn operation(action: Action, target: Option<Target>, parameters: Value) -> OperationSummary {
        let mut operation = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        (operation.action, operation.target) = (action, target);
        operation.team_name = Some("Payments".to_owned());
        if let Some(first) = &mut operation.first {
            first.action = action;
            first.parameters = parameters.as_object().cloned().unwrap_or_default();
        }
        operation
    }

    fn text(action: Action, target: Option<Target>, parameters: Value) -> String {
        Sentence::of(&operation(action, target, parameters)).text()
    }

    #[test]
    fn each_kind_of_operation_reads_as_a_sentence() {
        let connection = || Some(Target::new(TargetType::Connection, 36, Some("Stripe")));
        let person = || Some(Target::new(TargetType::Person, "1", Some("Ada")));
        for (said, expected) in [
            (text(Action::ConnectionDelete, connection(), Value::Null), "Demo operator deleted connection Stripe"),
            (
                text(Action::ConnectionUpdate, connection(), json!({ "name": "Stripe EU" })),
                "Demo operator updated connection Stripe, new name Stripe EU",
            ),
            (
                text(Action::ConnectionDisconnect, connection(), json!({ "force": true })),
                "Demo operator disconnected connection Stripe (forced)",
            ),
            (
                text(Action::ConnectionExport, None, json!({ "count": 1 })),
                "Demo operator exported 1 connection of Payments",
            ),
            (
                text(Action::MemberSet, person(), json!({ "role": "viewer" })),
                "Demo operator made Ada a viewer of Payments",
            ),
            (text(Action::MemberRemove, person(), Value::Null), "Demo operator removed Ada from Payments"),
            (
                text(Action::PersonRole, person(), json!({ "role": "admin" })),
                "Demo operator changed the role of Ada to admin",
            ),
            (text(Action::SessionStart, None, Value::Null), "Demo operator signed in"),
            (
                text(Action::SessionRefuse, None, json!({ "count": 3 })),
                "3 attempts to sign in with an unknown email failed",
            ),
            (
                text(Action::SessionRefuse, person(), json!({ "count": 1, "why": "no_group" })),
                "1 attempt to sign in as Ada with the identity provider failed",
            ),
            (
                text(Action::PersonProvider, person(), json!({ "created": true })),
                "Demo operator signed in with the identity provider for the first time",
            ),
            (
                text(Action::AttemptRefuse, person(), json!({ "times": 100, "secret": "password" })),
                "Too many failed attempts to enter a password for Ada; further attempts were not checked, 100 times",
            ),
            (
                text(Action::FactorAdd, person(), json!({ "kind": "passkey", "name": "Laptop" })),
                "Demo operator added the passkey Laptop",
            ),
            (
                text(Action::FactorRemove, person(), json!({ "kind": "totp", "name": "Phone" })),
                "Demo operator removed the authenticator app Phone",
            ),
            (
                text(Action::FactorRefuse, person(), json!({ "times": 3 })),
                "A wrong code, passkey or password was entered for Ada, 3 times",
            ),
            (text(Action::RecoveryUse, person(), json!({ "left": 9 })), "Demo operator used a recovery code, 9 left"),
            (
                text(Action::PersonInvite, person(), json!({ "resets": "password and factors" })),
                "Demo operator created a one-time link for Ada, which resets the password and removes the second \
                 factors",
            ),
            (text(Action::PersonInvite, person(), Value::Null), "Demo operator invited Ada"),
            (
                text(Action::AuditExport, None, json!({ "operations": 2, "search": "team:payments" })),
                "Demo operator exported the audit log, 2 operations, matching team:payments",
            ),
            (
                text(Action::AuditExpire, None, json!({ "removed": 1, "days": 90 })),
                "Demo operator removed the contents of 1 entry, older than 90 days",
            ),
            (
                text(Action::AuditAcknowledge, None, json!({ "alarms": [{ "alarm": "mark_missing" }] })),
                "Demo operator acknowledged that the audit log contradicts what was signed",
            ),
            (
                text(
                    Action::AuditClockSet,
                    None,
                    json!({ "from": "2026-11-22T12:00:00Z", "to": "2026-11-22T10:00:00Z" }),
                ),
                "The clock was set back from 2026-11-22T12:00:00Z to 2026-11-22T10:00:00Z",
            ),
            (text(Action::AuditRead, None, Value::Null), "Demo operator read the audit log of Payments"),
        ] {
            assert_eq!(said, expected);
        }
    }

    #[test]
    fn a_sentence_that_begins_with_its_actor_can_leave_it_out() {
        let share = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        let sentence = Sentence::of(&share);
        assert_eq!(
            sentence.deed("Demo operator").as_deref(),
            Some("shared version 4 of Acme Connector, was not shared")
        );
        assert_eq!(sentence.deed("Somebody else"), None);
        assert_eq!(sentence.deed("Demo opera"), None, "a name that another begins with");
    }

    #[test]
    fn a_share_names_the_version_that_it_replaced() {
        let mut share = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        let with = |share: &mut OperationSummary, before: Value| {
            if let Some(first) = &mut share.first {
                first.before = Some(before);
            }
            Sentence::of(share).text()
        };
        let shared = "Demo operator shared version 4 of Acme Connector";
        assert_eq!(with(&mut share, json!({ "shared_version": 2 })), format!("{shared}, was 2"));
        assert_eq!(with(&mut share, json!({ "shared_version": null })), format!("{shared}, was not shared"));
        assert_eq!(with(&mut share, json!({ "found": false })), shared);
    }

    #[test]
    fn an_operation_that_did_not_succeed_says_so() {
        let mut delete =
            operation(Action::ConnectionDelete, Some(Target::new(TargetType::Connection, 36, None)), Value::Null);
        let mut with = |outcome| {
            delete.outcome = outcome;
            Sentence::of(&delete).text()
        };
        assert_eq!(with(Some(Outcome::Rejected)), "Demo operator tried to delete connection 36");
        assert_eq!(with(Some(Outcome::Denied)), "Demo operator wasn't allowed to delete connection 36");
        assert!(with(Some(Outcome::Unknown)).ends_with("; outcome unknown"));
        assert!(with(None).ends_with("; outcome pending"));
    }

    #[test]
    fn a_rejection_quotes_workato_and_a_success_gives_the_reason() {
        let mut share = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        if let (Some(first), Some(last)) = (&mut share.first, &mut share.last) {
            first.reason = Some("Customers wait".to_owned());
            last.workato = Some(WorkatoSaid {
                http_status: Some(422),
                message: Some("Not released".to_owned()),
                detail: "answered".to_owned(),
                ..WorkatoSaid::default()
            });
        }
        assert_eq!(Sentence::of(&share).detail.as_deref(), Some("Customers wait"));
        share.outcome = Some(Outcome::Rejected);
        assert_eq!(Sentence::of(&share).detail.as_deref(), Some("“Not released”"));
    }

    #[test]
    fn a_change_outside_the_portal_names_no_actor_of_the_portal() {
        let mut share = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        if let Some(first) = &mut share.first {
            first.stage = Stage::Observed;
            first.before = Some(json!({ "shared_version": 2 }));
            first.evidence = Some(json!({ "person": { "name": "Wanda" } }));
        }
        let sentence = Sentence::of(&share);
        assert_eq!(sentence.text(), "Outside the portal: shared version 4 of Acme Connector, was 2, by Wanda");
        assert_eq!(sentence.detail, None);
    }

    #[test]
    fn every_action_has_a_sentence() {
        for action in Action::ALL {
            let text = text(*action, Some(Target::new(TargetType::Connector, 36, Some("Acme"))), Value::Null);
            assert!(!text.trim().is_empty() && !text.contains("  "), "{action}: {text}");
        }
    }

    #[test]
    fn a_request_says_that_somebody_asked_and_break_glass_that_nobody_did() {
        let mut share = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        share.break_glass = true;
        assert_eq!(
            Sentence::of(&share).text(),
            "Demo operator shared version 4 of Acme Connector, was not shared, without approval"
        );
        share.break_glass = false;
        (share.acted_in, share.outcome, share.last) = (None, None, None);
        assert_eq!(
            Sentence::of(&share).text(),
            "Demo operator asked to share version 4 of Acme Connector, was not shared"
        );
    }
}
