//! Server functions: what the portal's forms are posted to, under `/api/fn/`. One file a resource.
//! Each authorises, asks `portal`, and says where to go; the work is `portal`'s.

mod account;
mod audit;
mod connections;
mod connectors;
mod feeds;
mod operations;
mod people;
mod recipes;
mod refresh;
mod reviews;
mod searches;
mod session;
mod setup;
mod teams;
mod watch;

use std::str::FromStr;

use portal::{
    Admin, Attempt, Error, TeamOperator,
    audit::{Action, Target, TargetType},
};

use crate::{
    answer::{actor, safe_next},
    context,
};

/// The right to set up the portal. A refusal is written down as an attempt at `attempted`, on what the form names.
async fn admin(attempted: Action, kind: TargetType, id: &str) -> Result<Admin, Error> {
    context::portal().admin(&actor()?, Attempt::new(attempted, attempted_on(kind, id))).await
}

/// The right to change a team's things, before anything else of the form is read: who has none is told so, and the
/// attempt written down. What only the form says, such as a name, is no part of that.
async fn operator(team: &str, attempt: Attempt) -> Result<TeamOperator, Error> {
    context::portal().team_operator(&actor()?, team, attempt).await
}

/// A hidden field, which no page sends wrong.
fn hidden<T: FromStr>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Malformed)
}

/// What a form says that it is about, as it is written down when its sender has no right to it: unread, and cut.
fn attempted_on(kind: TargetType, id: &str) -> Option<Target> {
    let id: String = id.chars().filter(|c| !c.is_control()).take(60).collect();
    (!id.is_empty()).then(|| Target::new(kind, id, None))
}

/// The audit log's list that a form stands on, with its query, if it stands on one.
fn log_page(page: &str) -> Option<String> {
    let page = safe_next(page);
    (page.split(['?', '#']).next() == Some("/audit")).then_some(page)
}
