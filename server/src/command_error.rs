//! Why a command failed. Each error is one line for the person at the terminal.

use std::io;

use app::wording::{alarms, problems, refusals};
use portal::{
    Problem, PublicError, StoreError,
    alarms::Alarm,
    audit::{BundleError, ExportError, OutsideFileError, SigningKeyError, VerifyError},
    vault::VaultError,
};
use tracing_subscriber::filter::ParseError;

use crate::ServeError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The portal is not served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The portal does not start.
    #[error(transparent)]
    Start(#[from] portal::StartError),
    /// There is no master key.
    #[error("PORTAL_MASTER_KEY_FILE is not set: `partner-portal keygen > portal.key` makes a key file")]
    NoKey,
    /// The portal cannot be moved.
    #[error(transparent)]
    Move(#[from] portal::audit::MoveError),
    /// A command is for SQLite alone.
    #[error(
        "PORTAL_DATABASE_URL is set: back up and restore a PostgreSQL database with pg_dump and pg_restore, and check it \
         with `partner-portal audit verify`"
    )]
    NotOnPostgres,
    /// The input is wrong.
    #[error("{0}")]
    Input(String),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The keys cannot be rotated.
    #[error(transparent)]
    Rotate(#[from] portal::key_rotation::RotateError),
    /// The signing key.
    #[error(transparent)]
    SigningKey(#[from] SigningKeyError),
    /// The log was changed, or cannot be read.
    #[error(transparent)]
    Verify(VerifyError),
    /// The log contradicts what was signed.
    #[error("{}", all(.0))]
    History(Vec<Alarm>),
    /// The log is whole, but a destination could not be read.
    #[error("{place} was not compared: {why}")]
    NotCompared {
        /// The destination.
        place: String,
        /// Why it could not be read.
        why: String,
    },
    /// The bundle is refused.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Checkpoints from outside cannot be used.
    #[error(transparent)]
    Outside(#[from] OutsideFileError),
    /// The log cannot be exported.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log filter is invalid.
    #[error("PORTAL_LOG: {0}")]
    Log(#[from] ParseError),
    /// The sandbox.
    #[error("the sandbox: {0}")]
    Sandbox(#[from] sandbox::Error),
    /// The result cannot be printed.
    #[error("cannot write to standard output: {0}")]
    Output(#[source] io::Error),
    /// The command changed what it was asked to change, but cannot print that.
    #[error("{done} But this could not be written to standard output: {cause}")]
    DoneButNotPrinted {
        /// What was done, as a sentence.
        done: String,
        /// Why it could not be printed.
        cause: io::Error,
    },
    /// A file, standard input or the network.
    #[error("{0}")]
    Io(#[from] io::Error),
}

fn all(found: &[Alarm]) -> String {
    let sentences: Vec<_> = found.iter().map(alarms::sentence).collect();
    sentences.join(" ")
}

impl From<VerifyError> for CommandError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::History(alarms) => Self::History(alarms),
            error => Self::Verify(error),
        }
    }
}

impl From<portal::Error> for CommandError {
    fn from(error: portal::Error) -> Self {
        Self::Input(match error.public() {
            PublicError::Invalid(found) => {
                let all: Vec<_> = found.iter().map(problems::named).collect();
                all.join(" ")
            }
            PublicError::NotFound => "there is no such team or person".to_owned(),
            PublicError::Internal => error.to_string(),
            public => refusals::message(&public),
        })
    }
}

impl From<Problem> for CommandError {
    fn from(problem: Problem) -> Self {
        Self::Input(problems::problem(&problem))
    }
}
