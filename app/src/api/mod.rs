//! Server functions: what the portal's forms are posted to, under `/api/fn/`. One file a resource.
//! Each authorises, asks `portal`, and says where to go; the work is `portal`'s.

mod account;
mod connections;
mod connectors;
mod operations;
mod people;
mod recipes;
mod refresh;
mod session;
mod setup;
mod teams;
mod watch;

use portal::{
    Admin, Error,
    audit::{Action, Target, TargetType},
};

use crate::{answer::actor, context};

/// The right to set up the portal. A refusal is written down as an attempt at `attempted`, on what the form names.
async fn admin(attempted: Action, kind: TargetType, id: &str) -> Result<Admin, Error> {
    context::portal().admin(&actor()?, attempted, attempted_on(kind, id)).await
}

/// What a form says that it is about, as it is written down when its sender has no right to it: unread, and cut.
fn attempted_on(kind: TargetType, id: &str) -> Option<Target> {
    let id: String = id.chars().filter(|c| !c.is_control()).take(60).collect();
    (!id.is_empty()).then(|| Target::new(kind, id, None))
}
