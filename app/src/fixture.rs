//! An operation for unit tests.

use portal::{
    OperationId,
    audit::{Action, Entry, EntryActor, OperationSummary, Outcome, Stage, State, Target, TargetType},
};
use serde_json::json;
use time::{Duration, OffsetDateTime};

/// Version `version` of Acme Connector, shared at `at` by Demo operator. No version was shared before.
pub fn share_of(version: i64, at: OffsetDateTime) -> OperationSummary {
    let id = OperationId::new();
    let target = Target::new(TargetType::Connector, 3066, Some("Acme Connector"));
    let deadline = Some(at + Duration::seconds(47));
    let intent = Entry {
        sequence: 1,
        operation_id: id,
        stage: Stage::Intent,
        at,
        actor: EntryActor { name: "Demo operator".to_owned(), ..EntryActor::system() },
        team: None,
        action: Action::ConnectorShare,
        targets: vec![target.clone()],
        parameters: [("version".to_owned(), json!(version))].into_iter().collect(),
        before: Some(json!({ "shared_version": null })),
        impact: None,
        outcome: None,
        workato: None,
        reason: None,
        deadline,
        evidence: None,
        batch: None,
        approved_by: None,
        approved_in: None,
        break_glass: false,
        portal: String::new(),
    };
    let outcome = Some(Outcome::Succeeded);
    let last = Entry { sequence: 2, stage: Stage::Outcome, outcome, deadline: None, before: None, ..intent.clone() };
    OperationSummary {
        id,
        sequence: 1,
        last_sequence: 2,
        at,
        actor_id: None,
        actor_name: intent.actor.name.clone(),
        actor_email: None,
        team_id: None,
        team_slug: None,
        team_name: None,
        action: Action::ConnectorShare,
        target: Some(target),
        deadline,
        outcome,
        state: State::Closed,
        acted_in: Some(1),
        break_glass: false,
        batch: None,
        first: Some(intent),
        last: Some(last),
        changed: None,
        review: None,
        about: None,
    }
}
