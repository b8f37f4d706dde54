//! The audit log: finding operations, reviewing them, signing the log, verifying it, and exporting it.
//! When the entries of an operation are written is `operations`' concern; how they are stored is `store`'s.

#[cfg(test)]
mod bench;
mod export;
mod log;
mod review;
mod sealing;
mod search;
mod stored_log;
#[cfg(test)]
pub(crate) mod test_log;
pub(crate) mod verify;

pub use evidence::{
    bundle::BundleError,
    checkpoint::{Checkpoint, CheckpointError, notes_in, root_text},
    key::{InvalidVerifierKey, SigningKey, VerifierKey},
    tree::{GrowingTree, Hash, leaf_hash},
    verify::{BadEntry, OutsideCheckpoints},
};
pub use store::{
    Action, Doubt, Draft, Entry, EntryActor, EntryTeam, EntryWorkspace, NameFrom, OperationSummary, Outcome, Review,
    ReviewStanding, Stage, State, Target, TargetType, Took, WorkatoSaid,
    index::facets::{OutcomeFilter, ReviewFilter},
};

pub use self::{
    export::{
        Export, ExportError, ExportFormat,
        feed::{Collector, FeedPage},
    },
    log::{
        known_readers::LogOf,
        log_head::LogHead,
        logged::{Logged, LoggedEntry, RemovedEntry},
    },
    review::{Answerer, Reviewer, review_obstacle},
    sealing::{
        delivery::Delivery,
        destination::{Destination, DestinationError},
        key_file::{SigningKeyError, new_signing_key},
        sign_error::SignError,
        trust::Trust,
    },
    search::{
        count::Count,
        figures::{ByActor, Family, Figures, FiguresQuery, Period},
        find::AuditPage,
        index_check::IndexCheck,
        query::{AnyOf, AuditFilter, AuditQuery, BOX, Clause, Condition, Cursor, FilterInput, Key, When, Words},
        related::{Related, Relation},
        suggestions::Suggestions,
    },
    stored_log::{MoveError, MoveTo, Moved, Restored, StoredLog, Witnesses, restore, set_aside},
    verify::{
        OutsideFileError, Verified, VerifiedBundle, VerifyError, read_outside_checkpoints, verify, verify_bundle,
    },
};
pub(crate) use self::{
    log::known_readers::KnownReaders,
    sealing::{guard::HistoryGuard, key_file::has_signing_key, seal::Seal},
    search::indexer::Indexer,
};
pub use store::FeedToken;
pub(crate) use store::append;

/// An instant as the log writes it.
#[must_use]
pub fn instant_text(at: time::OffsetDateTime) -> String {
    store::instant::text(at).unwrap_or_else(|error| error.to_string())
}
