//! Server functions, which receive the portal's forms under `/api/fn/`. One file per resource. Each checks the right,
//! calls `portal`, and says where to go next.

mod account;
mod approvals;
mod audit;
mod connections;
mod connectors;
mod factors;
mod feeds;
mod jobs;
mod operations;
mod people;
mod promotions;
mod recipes;
mod refresh;
mod reviews;
mod session;
mod setup;
mod team_tokens;
mod teams;
mod views;
mod watch;

use std::str::FromStr;

use portal::{
    Admin, Attempt, Error, TeamOperator,
    audit::{Action, Target, TargetType},
    operations::Urgency,
};

use crate::{
    answer::{actor, safe_next},
    context,
};

/// The right to set up the portal. If the sender does not have it, the log gets a denied attempt at `attempted`.
async fn admin(attempted: Action, kind: TargetType, id: &str) -> Result<Admin, Error> {
    context::portal().admin(&actor()?, Attempt::new(attempted, attempted_on(kind, id))).await
}

/// The right to change a team's things. This is checked before the rest of the form is parsed, so that someone without
/// the right learns nothing else. The log gets the denied attempt.
async fn operator(team: &str, attempt: Attempt) -> Result<TeamOperator, Error> {
    context::portal().team_operator(&actor()?, team, attempt).await
}

/// Whether the operator asked to act without a second person.
fn urgency(break_glass: &str) -> Urgency {
    if break_glass == "yes" { Urgency::BreakGlass } else { Urgency::Usual }
}

/// Parses a hidden field. The portal's pages never send an invalid one.
fn hidden<T: FromStr>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Malformed)
}

/// The target of a denied attempt, as the form names it: not validated, and shortened.
fn attempted_on(kind: TargetType, id: &str) -> Option<Target> {
    let id: String = id.chars().filter(|c| !c.is_control()).take(60).collect();
    (!id.is_empty()).then(|| Target::new(kind, id, None))
}

/// The list page of the audit log that the form is on, if it is on one.
fn log_page(page: &str) -> Option<String> {
    let page = safe_next(page);
    (page.split(['?', '#']).next() == Some("/audit")).then_some(page)
}
