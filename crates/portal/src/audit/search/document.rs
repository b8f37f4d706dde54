//! What an operation is found by: the document that the index holds of it, made of its row and its entries.

use std::{collections::BTreeSet, net::IpAddr};

use serde_json::Value;
use store::{
    Entry, OperationSummary, Read, ReviewStanding, State, StoreError, Target, Took,
    index::{
        document::Document,
        facets::{
            Exact, OutcomeFilter, ReviewFilter, facet_of_action, facet_of_outcome, facet_of_review, facet_of_team,
            facet_of_took,
        },
    },
};

use super::tokens::{addresses, of_document};

/// The version of these documents. A change rebuilds the index.
pub(super) const VERSION: i64 = 7;

/// The operations that begin at these sequences, each with its document.
pub(super) async fn documents_at(
    conn: &mut Read,
    sequences: &[i64],
) -> Result<Vec<(OperationSummary, Document)>, StoreError> {
    let operations = store::operations::at(conn, sequences).await?;
    let mut entries = store::operations::entries_at(conn, sequences).await?;
    let with_document = |operation: OperationSummary| {
        let document = document(&operation, &entries.remove(&operation.sequence).unwrap_or_default());
        (operation, document)
    };
    Ok(operations.into_iter().map(with_document).collect())
}

/// The document of an operation: its row, and those of its entries that have their contents. Names, reasons and
/// Workato's words, but no words of the portal's pages.
pub(super) fn document(operation: &OperationSummary, entries: &[Entry]) -> Document {
    let mut words = vec![operation.action.as_str().replace('.', " ")];
    words.extend(operation.team_name.clone());
    // Not the team's present slug, which may change without an entry of this operation.
    let team = entries.first().and_then(|first| first.team.as_ref());
    words.extend(team.map(|team| team.slug.to_string()));
    for entry in entries {
        words.extend(entry.reason.clone());
        words.extend(entry.workato.as_ref().and_then(|said| said.message.clone()));
    }
    if let Some(first) = entries.first() {
        words.extend(first.parameters.values().filter_map(|value| value.as_str().map(str::to_owned)));
        let person = first.evidence.as_ref().and_then(|evidence| evidence.pointer("/person/name")?.as_str());
        words.extend(person.map(str::to_owned));
    }
    // A review is found by what it is about.
    words.extend(operation.about.iter().filter_map(|about| about.target.as_ref()?.name.clone()));
    let others = entries.first().map(|entry| entry.targets.as_slice()).unwrap_or_default().iter().skip(1);
    let targets: Vec<&Target> = operation.target.iter().chain(others).collect();
    let target = targets.iter().map(|target| {
        let name = target.name.as_deref().unwrap_or_default();
        format!("{} {} {name}", target.kind, target.id)
    });
    let target = target.collect::<Vec<_>>().join("\n");
    let mut actor = vec![operation.actor_name.clone()];
    actor.extend(operation.actor_email.clone());
    let ips: BTreeSet<&str> = entries.iter().filter_map(|entry| entry.actor.ip.as_deref()).collect();
    actor.extend(ips.iter().map(|ip| (*ip).to_owned()));
    let (actor, words) = (actor.join("\n"), words.join("\n"));
    let mut found_in: BTreeSet<IpAddr> =
        [&actor, &target, &words].into_iter().flat_map(|text| addresses(text)).collect();
    for entry in entries {
        found_in.extend(entry.parameters.values().chain(&entry.evidence).flat_map(addresses_in));
    }
    let exact = targets.iter().map(|target| Exact::Target(target.kind, target.id.clone()));
    let exact =
        exact.chain(found_in.into_iter().map(Exact::Address)).chain(operation.batch.map(Exact::Batch)).collect();
    let took = Took::between(entries);
    Document {
        sequence: operation.sequence,
        at: operation.at,
        team: operation.team_id,
        actor: of_document(&actor),
        target: of_document(&target),
        words: of_document(&words),
        exact,
        facets: facets(operation, took),
        counted_actor: operation.actor_id.map_or_else(|| operation.actor_name.clone(), |id| id.to_string()),
        action: operation.action,
        outcome: outcome(operation),
        took,
    }
}

/// A request that nobody has approved has no outcome, and none is missing.
fn outcome(operation: &OperationSummary) -> OutcomeFilter {
    match (operation.is_unapproved(), operation.state) {
        (true, State::Requested) => OutcomeFilter::Requested,
        (true, _) => OutcomeFilter::Unapproved,
        (false, _) => operation.outcome.into(),
    }
}

fn facets(operation: &OperationSummary, took: Option<Took>) -> Vec<String> {
    let mut facets = vec![facet_of_action(operation.action), facet_of_outcome(outcome(operation))];
    facets.extend(operation.team_id.map(facet_of_team));
    facets.extend(took.map(facet_of_took));
    if operation.state == State::Waiting {
        facets.push(facet_of_outcome(OutcomeFilter::Waiting));
    }
    facets.extend(review_facets(operation).iter().map(|review| facet_of_review(*review)));
    facets
}

fn review_facets(operation: &OperationSummary) -> &'static [ReviewFilter] {
    match operation.review.as_ref().map(|review| review.standing) {
        Some(ReviewStanding::Reviewed) => &[ReviewFilter::Yes],
        Some(ReviewStanding::Flagged) => &[ReviewFilter::No, ReviewFilter::Flagged],
        Some(ReviewStanding::Answered) => &[ReviewFilter::No, ReviewFilter::Answered],
        // A request that nobody approved changed nothing.
        None if operation.action.is_reviewable() && !operation.is_unapproved() => &[ReviewFilter::No],
        None => &[],
    }
}

/// The addresses in a value and in what it holds.
fn addresses_in(value: &Value) -> BTreeSet<IpAddr> {
    match value {
        Value::String(text) => addresses(text),
        Value::Array(values) => values.iter().flat_map(addresses_in).collect(),
        Value::Object(fields) => fields.values().flat_map(addresses_in).collect(),
        _ => BTreeSet::new(),
    }
}
