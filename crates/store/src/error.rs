//! What the database answered instead of doing what it was asked. Callers decide what a person is told.

use sqlx::{error::DatabaseError, postgres::PgDatabaseError};

/// Why the store did not read or write.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database reported an error.
    #[error("the database: {0}")]
    Database(#[source] sqlx::Error),
    /// The database cannot be written: the disk is full, the file is locked or read-only, the server cannot be reached, or a
    /// trigger refused. Nothing was changed.
    #[error("the database cannot be written: {0}")]
    Unwritable(#[source] sqlx::Error),
    /// The log contradicts what was signed, and this entry is not one of the few that are written nevertheless. Nothing
    /// was changed.
    #[error("the audit log contradicts what was signed: run `partner-portal audit verify`")]
    HistoryInDoubt,
    /// Another instance has taken over what this task does. Nothing was changed.
    #[error("another instance has the lease `{name}` now")]
    LeaseLost {
        /// The lease's name.
        name: String,
    },
    /// This machine's clock differs too much from the database's.
    #[error("this machine's clock differs from the database's by {seconds:.1} s: set it by NTP")]
    ClockDiffers {
        /// By how many seconds it is ahead; negative if it is behind.
        seconds: f64,
    },
    /// A migration failed.
    #[error("the database's migrations: {0}")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// The schema is not the one that this version of the portal knows. Reading commands never migrate.
    #[error("the database {path} has {found}; this version of partner-portal reads schema {known}. {}", advice(found))]
    Schema {
        /// The file.
        path: String,
        /// What it has: `schema 3`, `no schema`.
        found: String,
        /// The schema that this version knows.
        known: i64,
    },
    /// There is no database.
    #[error("there is no database at {path}")]
    Missing {
        /// The file.
        path: String,
    },
    /// The SQLite library has a bug that can corrupt a WAL database.
    #[error("SQLite {found} can corrupt a database; 3.51.3 or newer is required")]
    TooOld {
        /// The version found.
        found: String,
    },
    /// The PostgreSQL server or its database cannot be used, or not for this.
    #[error("the PostgreSQL database: {why}")]
    Unsuitable {
        /// Why not.
        why: String,
    },
    /// A file cannot be read, copied or removed.
    #[error("{path}: {cause}")]
    File {
        /// The file.
        path: String,
        /// The cause.
        cause: std::io::Error,
    },
    /// An entry of the audit log is not as it was appended.
    #[error(transparent)]
    Changed(#[from] evidence::verify::BadEntry),
    /// A row that grants something was not written by the portal, so it is not used.
    #[error("{0}")]
    BadRow(String),
    /// The database was opened without the master key, so rows that grant something cannot be written.
    #[error("the database was opened without the master key")]
    NoRowKey,
    /// The keys in the database changed, and this process cannot open them.
    #[error("the keys in the database cannot be opened: {0}")]
    DataKeys(String),
    /// A secret was sealed with a key that was replaced meanwhile. Doing it again seals it with the new one.
    #[error("the key that sealed a secret was replaced meanwhile: try again")]
    SealedWithOldKey,
    /// A row holds a value that the portal did not write.
    #[error("the database holds a {what} that cannot be read: {why}")]
    Damaged {
        /// The kind of value.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl StoreError {
    /// A value that cannot be read.
    pub fn damaged(what: &'static str, why: impl ToString) -> Self {
        Self::Damaged { what, why: why.to_string() }
    }

    /// The same error, if it happened while writing.
    #[must_use]
    pub fn while_writing(self) -> Self {
        match self {
            Self::Database(error) => Self::Unwritable(error),
            other => other,
        }
    }

    /// Whether the database says that it is damaged, or SQLite that the file is not a database.
    #[must_use]
    pub fn is_corruption(&self) -> bool {
        const SQLITE_CORRUPT: i64 = 11;
        const SQLITE_NOTADB: i64 = 26;
        const POSTGRES_CORRUPTED: [&str; 2] = ["XX001", "XX002"];
        let (Self::Database(sqlx::Error::Database(error)) | Self::Unwritable(sqlx::Error::Database(error))) = self
        else {
            return false;
        };
        let code = error.code().unwrap_or_default();
        if is_of_postgres(error.as_ref()) {
            return POSTGRES_CORRUPTED.contains(&code.as_ref());
        }
        let code = code.parse::<i64>().unwrap_or_default();
        // The low byte is the primary code; the rest says more exactly what happened.
        matches!(code & 0xff, SQLITE_CORRUPT | SQLITE_NOTADB)
    }
}

impl StoreError {
    /// Whether a table or column is missing, so that the file has been changed or has another format.
    #[must_use]
    pub fn is_other_format(&self) -> bool {
        let (Self::Database(sqlx::Error::Database(error)) | Self::Unwritable(sqlx::Error::Database(error))) = self
        else {
            return false;
        };
        const POSTGRES_UNDEFINED: [&str; 2] = ["42P01", "42703"];
        if is_of_postgres(error.as_ref()) {
            return error.code().is_some_and(|code| POSTGRES_UNDEFINED.contains(&code.as_ref()));
        }
        // SQLite has no code of its own for this.
        error.message().contains("no such table") || error.message().contains("no such column")
    }
}

fn is_of_postgres(error: &dyn DatabaseError) -> bool {
    error.try_downcast_ref::<PgDatabaseError>().is_some()
}

fn advice(found: &str) -> &'static str {
    match found {
        "no schema" => "Is this the portal's data folder?",
        _ => "Use the version that wrote it, or start the newer one once to migrate it.",
    }
}
