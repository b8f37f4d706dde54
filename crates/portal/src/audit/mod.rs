//! The audit log: entries, how they are hashed, appended, found, checked and handed out.
//! What an operation is and when its entries are written is told in `operations`.

#[cfg(all(test, feature = "server"))]
pub(crate) mod a_log;
mod action;
mod entry;
mod review;
mod took;

#[cfg(feature = "server")]
mod append;
#[cfg(test)]
#[cfg(feature = "server")]
mod bench;
#[cfg(feature = "server")]
mod bundle;
#[cfg(feature = "server")]
mod checkpoint;
#[cfg(feature = "server")]
mod checkpoints;
#[cfg(feature = "server")]
mod destination;
#[cfg(feature = "server")]
mod export;
#[cfg(feature = "server")]
mod feed;
#[cfg(feature = "server")]
mod figures;
#[cfg(test)]
#[cfg(feature = "server")]
pub(crate) mod fixture;
#[cfg(feature = "server")]
mod index;
#[cfg(feature = "server")]
mod query;
#[cfg(feature = "server")]
mod reading;
#[cfg(feature = "server")]
mod related;
#[cfg(feature = "server")]
mod retention;
#[cfg(feature = "server")]
mod saved;
#[cfg(feature = "server")]
mod search;
#[cfg(feature = "server")]
mod sentence;
#[cfg(feature = "server")]
mod signing_key;
#[cfg(feature = "server")]
mod suggestions;
#[cfg(feature = "server")]
mod tree;
#[cfg(feature = "server")]
mod verify;

pub use action::{Action, Outcome, Stage};
pub use entry::{Entry, EntryActor, EntryTeam, EntryWorkspace, Target, TargetType, WorkatoSaid};
pub use review::ReviewStanding;
pub use took::Took;

#[cfg(feature = "server")]
pub use self::{
    append::Draft,
    bundle::SealError,
    checkpoint::{Checkpoint, CheckpointError, notes_in, root_text},
    checkpoints::{SignError, places_that_take_nothing},
    destination::{Destination, DestinationError},
    export::{Export, ExportError, ExportFormat, export},
    feed::{Collector, FeedPage, FeedToken},
    figures::{ByActor, Family, Figures, FiguresAsked, Period},
    query::{
        AnyOf, Asks, AuditFilter, AuditQuery, BOX, Clause, Cursor, FilterInput, Key, OutcomeAsked, ReviewAsked, When,
        Words,
    },
    reading::LogOf,
    related::{Related, Relation},
    review::{Answerer, Review, Reviewer},
    saved::{CountedSearch, Finds, SavedSearch},
    search::{AuditPage, Count, Logged, LoggedEntry, OperationSummary, RemovedEntry, State},
    sentence::{Part, Sentence},
    signing_key::{InvalidVerifierKey, SigningKey, SigningKeyError, VerifierKey},
    suggestions::Suggestions,
    tree::{GrowingTree, Hash, leaf_hash},
    verify::{
        BadEntry, BundleError, OutsideCheckpoints, OutsideError, Verified, VerifiedBundle, VerifyError, verify,
        verify_against, verify_bundle,
    },
};
#[cfg(feature = "server")]
pub(crate) use {append::append, index::Indexer, reading::KnownReaders, saved::SearchCounts};

/// An instant as the log writes it.
#[cfg(feature = "server")]
#[must_use]
pub fn instant_text(at: time::OffsetDateTime) -> String {
    entry::instant::text(at).unwrap_or_else(|error| error.to_string())
}
