//! What the portal does: accounts, teams, the vault, operations and the audit log.
//! No HTML and no HTTP server here; without the feature `server` only the plain types that a browser may see.
#![warn(missing_docs)]

#[macro_use]
mod words;

pub mod audit;
#[cfg(feature = "server")]
mod fields;
mod ids;
#[cfg(feature = "server")]
pub mod moment;
mod problem;
mod roles;
mod slug;

#[cfg(feature = "server")]
pub mod accounts;
#[cfg(feature = "server")]
mod actor;
#[cfg(feature = "server")]
mod attempt;
#[cfg(feature = "server")]
pub mod connections;
#[cfg(feature = "server")]
pub mod connectors;
#[cfg(feature = "server")]
pub mod customers;
#[cfg(feature = "server")]
mod error;
#[cfg(feature = "server")]
mod one_line;
#[cfg(feature = "server")]
pub mod operations;
#[cfg(feature = "server")]
mod paging;
#[cfg(feature = "server")]
mod portal;
#[cfg(feature = "server")]
mod reason;
#[cfg(feature = "server")]
mod spreadsheet;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
pub mod teams;
#[cfg(feature = "server")]
pub mod upstream;
#[cfg(feature = "server")]
pub mod vault;
#[cfg(feature = "server")]
mod watch;

pub use ids::{FeedTokenId, InvalidId, OperationId, PersonId, SavedSearchId, TeamId};
pub use problem::{FieldProblem, FieldProblems, PublicError};
pub use roles::{PortalRole, TeamRole};
pub use slug::{InvalidSlug, TeamSlug};

#[cfg(feature = "server")]
pub use self::{
    actor::{Actor, Admin, Origin, TeamOperator, TeamReader},
    attempt::Attempt,
    error::{Error, Result},
    one_line::one_line,
    paging::{ListPage, PAGE_SIZE},
    portal::{Portal, Settings, StartError},
    reason::Reason,
    watch::Compared,
};
