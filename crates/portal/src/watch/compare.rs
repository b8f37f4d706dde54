//! Comparing two reads of a workspace, and finding the operations that explain a difference. Pure functions.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use time::Duration;
use workato::ActivityEvent;

use crate::{
    OperationId,
    audit::{Action, OperationSummary, Outcome, State, TargetType},
};
use store::seen::Seen;

/// The largest difference between Workato's clock and the portal's, with the delay of Workato's activity log.
pub const SKEW: Duration = Duration::seconds(60);

/// How something differs from when it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Another version is shared, or none.
    Share {
        /// As it was last seen. `None` for a new connector.
        before: Option<Seen>,
        /// As it is now.
        now: Seen,
    },
    /// It no longer exists.
    Gone(Seen),
    /// It is new or was renamed. This is noted, but it is not an entry.
    Noted(Seen),
}

/// What explains a difference.
#[derive(Clone, Debug, PartialEq)]
pub enum Explained {
    /// An operation that succeeded.
    ByAnOperation,
    /// Perhaps an operation whose outcome is not known yet.
    NotYet,
    /// No operation: it was changed outside the portal.
    ByNothing {
        /// The state before, as far as the portal knows it.
        before: Value,
        /// An operation that waits for a person and could be the cause.
        related: Option<OperationId>,
    },
}

/// The differences between what was last seen and what exists now.
pub fn differences(known: &[Seen], there: &[Seen]) -> Vec<Difference> {
    let by_key: HashMap<_, _> = known.iter().map(|seen| ((seen.kind, seen.id), seen)).collect();
    let still: HashSet<_> = there.iter().map(|seen| (seen.kind, seen.id)).collect();
    let changed = there.iter().filter_map(|now| {
        let before = by_key.get(&(now.kind, now.id)).copied();
        match before {
            Some(before) if before == now => None,
            Some(before) if before.share() != now.share() => {
                Some(Difference::Share { before: Some(before.clone()), now: now.clone() })
            }
            None if now.shared_version.is_some() => Some(Difference::Share { before: None, now: now.clone() }),
            _ => Some(Difference::Noted(now.clone())),
        }
    });
    let gone = known.iter().filter(|seen| !still.contains(&(seen.kind, seen.id))).cloned().map(Difference::Gone);
    changed.chain(gone).collect()
}

impl Difference {
    /// The thing that differs, as it is now, or as it was last seen if it no longer exists.
    pub fn seen(&self) -> &Seen {
        match self {
            Self::Share { now, .. } | Self::Noted(now) => now,
            Self::Gone(seen) => seen,
        }
    }

    pub fn key(&self) -> (TargetType, i64) {
        (self.seen().kind, self.seen().id)
    }

    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Gone(_))
    }

    /// The action that makes such a difference.
    pub fn action(&self) -> Action {
        match self {
            Self::Gone(seen) if seen.kind == TargetType::Connector => Action::ConnectorDelete,
            Self::Gone(_) => Action::ConnectionDelete,
            Self::Share { now, .. } if now.shared_version.is_none() => Action::ConnectorSuppress,
            Self::Share { .. } | Self::Noted(_) => Action::ConnectorShare,
        }
    }

    pub fn shared_version(&self) -> Option<i64> {
        match self {
            Self::Share { now, .. } => now.shared_version,
            Self::Gone(_) | Self::Noted(_) => None,
        }
    }

    /// What the read showed, for the log.
    pub fn seen_now(&self) -> Value {
        match self {
            Self::Gone(_) => json!({ "present": false }),
            Self::Share { now, .. } | Self::Noted(now) => {
                json!({ "shared_version": now.shared_version, "shared_at": now.shared_at.map(workato::Timestamp::new) })
            }
        }
    }

    /// What explains it, given the operations on the same target, oldest first.
    pub fn explained(&self, operations: &[OperationSummary]) -> Explained {
        if operations.iter().any(|operation| matches!(operation.state, State::Open | State::Unsettled)) {
            return Explained::NotYet;
        }
        let done: Vec<&OperationSummary> =
            operations.iter().filter(|operation| operation.outcome == Some(Outcome::Succeeded)).collect();
        if done.iter().any(|operation| self.is_made_by(operation)) {
            return Explained::ByAnOperation;
        }
        let before = match self {
            Self::Gone(seen) => json!({
                "found": true, "name": seen.name, "shared_version": seen.shared_version,
                "shared_at": seen.shared_at.map(workato::Timestamp::new),
            }),
            Self::Noted(_) => Value::Null,
            // The newest successful operation is more recent than what was last seen.
            Self::Share { before, .. } => match done.iter().rev().find_map(|operation| shared_by(operation)) {
                Some(shared) => json!({ "found": true, "shared_version": shared }),
                None => json!({
                    "found": before.is_some(),
                    "shared_version": before.as_ref().and_then(|seen| seen.shared_version),
                    "shared_at": before.as_ref().and_then(|seen| seen.shared_at).map(workato::Timestamp::new),
                }),
            },
        };
        let waits = operations.iter().rev().find(|operation| operation.state == State::Waiting);
        Explained::ByNothing { before, related: waits.map(|operation| operation.id) }
    }

    fn is_made_by(&self, operation: &OperationSummary) -> bool {
        match self {
            Self::Noted(_) => true,
            Self::Gone(_) => operation.action == self.action(),
            Self::Share { now, .. } if shared_by(operation) != Some(now.shared_version) => false,
            Self::Share { now, .. } => now.shared_at.is_none_or(|at| {
                let last = operation.last.as_ref().map_or(operation.at, |entry| entry.at);
                (operation.at - SKEW..=last + SKEW).contains(&at)
            }),
        }
    }

    /// The event in Workato's activity log that describes it: the newest one that fits.
    pub fn event_in<'a>(&self, events: &'a [ActivityEvent]) -> Option<&'a ActivityEvent> {
        let (seen, word) = (
            self.seen(),
            match self {
                Self::Gone(_) => "deleted",
                Self::Share { now, .. } if now.shared_version.is_some() => "shared",
                // Workato has no event for a suppression.
                Self::Share { .. } | Self::Noted(_) => "updated",
            },
        );
        let kind = if seen.kind == TargetType::Connector { "connector" } else { "connection" };
        let name = format!("{kind}_{word}");
        let fits = |event: &&ActivityEvent| {
            let is_of_it = event.resource.as_ref().is_some_and(|of| of.id.as_deref() == Some(&*seen.id.to_string()));
            let at = event.timestamp.map(|at| at.get());
            let is_then = match (self.shared_version().and(seen.shared_at), at) {
                (Some(shared_at), Some(at)) => (shared_at - SKEW..=shared_at + SKEW).contains(&at),
                _ => true,
            };
            is_of_it && is_then && event.event_type.as_deref() == Some(&*name)
        };
        events.iter().filter(fits).max_by_key(|event| event.timestamp.map(|at| at.get()))
    }
}

/// The version that is shared after an operation. The outer `None` if the operation neither shares nor suppresses.
fn shared_by(operation: &OperationSummary) -> Option<Option<i64>> {
    match operation.action {
        Action::ConnectorShare => {
            Some(Some(operation.first.as_ref()?.parameters.get("version").and_then(Value::as_i64)?))
        }
        Action::ConnectorSuppress => Some(None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::{Duration, OffsetDateTime, macros::datetime};
    use workato::ActivityEvent;

    use super::{Difference, Explained, differences};
    use crate::audit::{Action, OperationSummary, Outcome, State, TargetType, test_log};
    use store::seen::Seen;

    const AT: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

    fn connector(shared: Option<(i64, OffsetDateTime)>) -> Seen {
        Seen {
            kind: TargetType::Connector,
            id: 3066,
            name: Some("Acme Connector".to_owned()),
            shared_version: shared.map(|(version, _)| version),
            shared_at: shared.map(|(_, at)| at),
        }
    }

    fn connection(id: i64) -> Seen {
        Seen { kind: TargetType::Connection, id, name: Some("Jira".to_owned()), shared_version: None, shared_at: None }
    }

    fn operation(action: Action, version: Option<i64>, outcome: Option<Outcome>, state: State) -> OperationSummary {
        let mut operation = test_log::operation(action, AT);
        if let (Some(first), Some(version)) = (&mut operation.first, version) {
            first.parameters.insert("version".to_owned(), json!(version));
        }
        (operation.outcome, operation.state) = (outcome, state);
        operation
    }

    fn shared(version: i64) -> OperationSummary {
        operation(Action::ConnectorShare, Some(version), Some(Outcome::Succeeded), State::Closed)
    }

    fn share(before: Option<(i64, OffsetDateTime)>, now: Option<(i64, OffsetDateTime)>) -> Difference {
        let found = differences(&[connector(before)], &[connector(now)]);
        let [difference] = &found[..] else { panic!("one difference: {found:?}") };
        difference.clone()
    }

    #[test]
    fn equal_reads_have_no_difference() {
        let known = [connector(Some((2, AT))), connection(36)];
        assert_eq!(differences(&known, &known), []);
    }

    #[test]
    fn what_is_new_or_renamed_is_noted() {
        let renamed = Seen { name: Some("Jira 2".to_owned()), ..connection(36) };
        let found = differences(&[connection(36)], &[renamed.clone(), connection(37), connector(None)]);
        let noted = [renamed, connection(37), connector(None)].map(Difference::Noted);
        assert_eq!(found, noted);
    }

    #[test]
    fn a_share_is_explained_by_an_operation_of_the_same_time_and_version() {
        let difference = share(Some((2, AT - Duration::days(9))), Some((4, AT)));
        assert_eq!(difference.explained(&[shared(4)]), Explained::ByAnOperation);
        assert!(matches!(difference.explained(&[shared(3)]), Explained::ByNothing { .. }));
        assert!(matches!(difference.explained(&[]), Explained::ByNothing { .. }));
        let later = share(Some((4, AT)), Some((4, AT + Duration::hours(1))));
        assert!(matches!(later.explained(&[shared(4)]), Explained::ByNothing { .. }), "shared again by somebody else");
    }

    #[test]
    fn the_state_before_is_what_the_portal_shared_last() {
        let difference = share(Some((2, AT - Duration::days(9))), Some((3, AT + Duration::hours(1))));
        let Explained::ByNothing { before, .. } = difference.explained(&[shared(4)]) else { panic!("unexplained") };
        assert_eq!(before["shared_version"], 4);
        assert_eq!(difference.action(), Action::ConnectorShare);
    }

    #[test]
    fn a_removed_share_is_a_suppression() {
        let difference = share(Some((2, AT)), None);
        assert_eq!(difference.action(), Action::ConnectorSuppress);
        let suppressed = operation(Action::ConnectorSuppress, None, Some(Outcome::Succeeded), State::Closed);
        assert_eq!(difference.explained(&[suppressed]), Explained::ByAnOperation);
        let refused = operation(Action::ConnectorSuppress, None, Some(Outcome::Rejected), State::Closed);
        assert!(matches!(difference.explained(&[refused]), Explained::ByNothing { .. }));
    }

    #[test]
    fn nothing_is_observed_while_an_operation_may_explain_it() {
        let difference = share(Some((2, AT)), Some((4, AT)));
        let open = operation(Action::ConnectorShare, Some(4), None, State::Open);
        assert_eq!(difference.explained(&[open]), Explained::NotYet);
        let unknown = operation(Action::ConnectorShare, Some(4), Some(Outcome::Unknown), State::Unsettled);
        assert_eq!(difference.explained(&[unknown]), Explained::NotYet);
        let waits = operation(Action::ConnectorShare, Some(4), Some(Outcome::Unknown), State::Waiting);
        let id = waits.id;
        let Explained::ByNothing { related, .. } = difference.explained(&[waits]) else { panic!("unexplained") };
        assert_eq!(related, Some(id));
    }

    #[test]
    fn a_missing_connection_is_explained_by_its_deletion() {
        let gone = Difference::Gone(connection(36));
        let deleted = operation(Action::ConnectionDelete, None, Some(Outcome::Succeeded), State::Closed);
        assert_eq!(differences(&[connection(36)], &[]), std::slice::from_ref(&gone));
        assert_eq!(gone.explained(&[deleted]), Explained::ByAnOperation);
        assert!(matches!(gone.explained(&[]), Explained::ByNothing { .. }));
        assert_eq!(gone.action(), Action::ConnectionDelete);
        assert_eq!(Difference::Gone(connector(None)).action(), Action::ConnectorDelete);
    }

    #[test]
    fn the_event_that_fits_says_who_changed_it() {
        let event = |kind: &str, id: i64, at: &str, who: &str| -> ActivityEvent {
            serde_json::from_value(json!({
                "event_type": kind, "timestamp": at, "user": { "name": who }, "resource": { "id": id, "type": "Adapter" }
            }))
            .expect("an event")
        };
        let events = [
            event("connector_released", 3066, "2026-11-22T12:00:00Z", "Rita"),
            event("connector_shared", 3066, "2026-11-22T12:00:01Z", "Dana"),
            event("connector_shared", 3066, "2026-11-22T18:00:00Z", "Late"),
            event("connector_shared", 3067, "2026-11-22T12:00:00Z", "Other"),
        ];
        let told = |difference: &Difference| {
            difference.event_in(&events).and_then(|event| event.user.clone()?.name).unwrap_or_default()
        };
        assert_eq!(told(&share(None, Some((4, AT)))), "Dana");
        assert_eq!(told(&Difference::Gone(connection(36))), "");
    }
}
