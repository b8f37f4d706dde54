//! Server functions: what the portal's forms are posted to, under `/api/fn/`. One file a resource.
//! Each authorises, asks `portal`, and says where to go; the work is `portal`'s.

mod account;
mod connections;
mod connectors;
mod people;
mod refresh;
mod session;
mod setup;
mod teams;

use portal::{Admin, Error, audit::Action};

use crate::{answer::actor, context};

/// The right to set up the portal. A refusal is written down as an attempt at `attempted`.
async fn admin(attempted: Action) -> Result<Admin, Error> {
    context::portal().admin(&actor()?, attempted).await
}
