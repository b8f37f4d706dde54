//! What the portal does: people and rights, teams and tokens, operations, the audit log, watching.
//! Returns values. Text for people is in `app`, SQL in `store`, and HTTP to Workato in `workato`.
#![warn(missing_docs)]

pub mod accounts;
mod actor;
pub mod alarms;
mod attempt;
pub mod audit;
mod background;
mod bad_rows;
mod caller;
pub mod characters;
pub mod checkup;
pub mod code;
pub mod connections;
pub mod connectors;
pub mod customers;
mod data_dir;
mod each_team;
mod error;
mod fields;
pub mod find;
mod free_space;
mod gathering;
pub mod home;
pub mod impact;
pub mod instances;
pub mod jobs;
mod kept_reads;
pub mod key_rotation;
pub mod looks;
pub mod moment;
mod names;
mod network;
mod one_line;
pub mod operations;
mod page_reads;
mod page_state;
mod paging;
mod per_snapshot;
mod portal;
mod problem;
pub mod promotions;
mod public_error;
mod random_secret;
mod read_failure;
mod reason;
mod reason_pattern;
mod settings;
mod spans;
mod spreadsheet;
pub mod teams;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod unreadable;
pub mod upstream;
pub mod vault;
pub mod views;
mod watch;

pub use store::{
    DATABASE, FeedTokenId, InvalidId, InvalidSlug, OperationId, Origin, PersonId, PortalRole, SavedViewId, StoreError,
    TeamId, TeamRole, TeamSlug, Version, clock::Clock, private_file,
};

pub use self::{
    actor::{Actor, Admin, TeamOperator, TeamReader},
    attempt::Attempt,
    bad_rows::key_ring,
    error::{Error, Result},
    names::is_blank,
    network::network,
    one_line::one_line,
    page_reads::PageReads,
    page_state::PageState,
    paging::{ListPage, PAGE_SIZES, Paging},
    portal::{Portal, StartError},
    problem::{
        ApprovalObstacle, ApprovalProblem, BaseUrlFault, CredentialsProblem, CustomerProblem, FactorProblem,
        FieldProblem, FieldProblems, Guessable, IdOf, JobProblem, PasswordProblem, PatternProblem, Problem,
        PromotionProblem, ReasonRequired, ReviewObstacle, ReviewProblem, SearchProblem, Typed, ViewProblem,
    },
    public_error::PublicError,
    read_failure::{ReadCause, ReadFailure},
    reason::{Reason, ReasonRules},
    reason_pattern::pattern_problem,
    settings::Settings,
    watch::Compared,
};
