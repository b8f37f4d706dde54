//! Every SQL statement of the portal. Outside this crate a connection is an opaque [`Read`], a transaction an opaque
//! [`Write`], and rows are typed.
//!
//! `portal.db` holds what must not be lost: the audit log, people, teams, sealed tokens. `index.db` holds what can be
//! rebuilt from it: the search index and the counts behind the charts ([`index`]).

mod accounts;
#[cfg(test)]
mod append_only;
pub mod call_windows;
mod connection;
pub mod data_keys;
mod database;
mod error;
mod ids;
pub mod index;
pub mod jobs;
pub mod key_ring;
pub mod leases;
pub mod locked_key;
mod log;
pub mod moving;
#[cfg(test)]
mod odd_text;
mod postgres;
pub mod private_file;
#[cfg(test)]
mod query_plans;
#[cfg(test)]
mod read_only;
mod roles;
pub mod rows;
pub mod schema;
mod sealed;
pub mod search;
#[cfg(test)]
mod several_instances;
mod slug;
mod sql;
mod sqlite;
pub mod teams;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod together;
#[cfg(test)]
mod together_tests;
#[cfg(test)]
mod two_schemas;
mod values;
mod version;
mod words;

pub use accounts::{factors, feed_tokens, invitations, members, people, recovery_codes, sessions};
pub use accounts::{
    factors::{Factor, FactorKind, StoredFactor},
    feed_tokens::FeedToken,
    invitations::{InvitationFor, Link, Release},
    people::Person,
    session::{Alive, Elsewhere, NewSession, Origin, SessionFacts, SessionKey, SignIn, SignedInWith},
};
pub use connection::{Read, Write};
pub use data_keys::{DataKey, KeyPurpose, KeyState};
pub use database::Store;
pub use error::StoreError;
pub use ids::{FactorId, FeedTokenId, InvalidId, OperationId, PersonId, SavedViewId, TeamId};
pub use key_ring::KeyRing;
pub use leases::{Fence, Lease};
pub use locked_key::LockedKey;
pub use log::{
    about_person, append, batches, checkpoints, clock, ended_operations, entries, instant_now, log_reads, operations,
    own_operations, requests, retention, reviews, saved_views, tree,
};
pub use log::{
    action::{Action, Outcome, Stage},
    doubt::Doubt,
    draft::Draft,
    entry::{Entry, EntryActor, EntryTeam, EntryWorkspace, NameFrom, Target, TargetType, WorkatoSaid, instant},
    entry_key::EntryKey,
    review_standing::ReviewStanding,
    saved_views::{SavedView, ViewedList},
    state::State,
    summary::{OperationSummary, Review},
    took::Took,
};
pub use roles::{PortalRole, TeamRole};
pub use rows::row_key::{BadRow, RowFault, RowKey};
pub use sealed::Sealed;
pub use slug::{InvalidSlug, TeamSlug};
pub use sqlite::{DATABASE, ROWS_AHEAD};
pub use teams::{
    Guarded, Policy, ReasonPattern, Team, TokenFacts, Workspace,
    connector_code::{self, CodeOf, KeptCode},
    promotions::{self, ConnectorIn, ConnectorPair, PromotionRow},
    seen, tokens,
};
pub use values::micros;
pub use version::Version;
pub use words::UnknownWord;
