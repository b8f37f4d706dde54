//! A connection for reading and a transaction for writing. What is behind them is known to this crate alone.

use std::ops::{Deref, DerefMut};

use time::OffsetDateTime;

use crate::{
    EntryKey,
    clock::Clock,
    error::StoreError,
    rows::row_key::RowKey,
    sql::{self, Connection, Pooled, Transaction},
    together::Turn,
};

/// A connection that reads.
pub struct Read(Source, Option<RowKey>, Clock);

enum Source {
    Pool(Pooled),
    /// One view of the database, whatever is written meanwhile.
    Transaction(Transaction),
    /// A part of a transaction that others share.
    Together(Turn),
}

impl Read {
    pub(crate) fn pooled(connection: Pooled, clock: Clock) -> Self {
        Self(Source::Pool(connection), None, clock)
    }

    pub(crate) fn snapshot(transaction: Transaction, clock: Clock) -> Self {
        Self(Source::Transaction(transaction), None, clock)
    }

    pub(crate) fn together(turn: Turn, clock: Clock) -> Self {
        Self(Source::Together(turn), None, clock)
    }

    /// What the database's clock says.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.2.now()
    }

    pub(crate) fn check_rows_with(&mut self, key: RowKey) {
        self.1 = Some(key);
    }

    /// The key that rows are checked with. `None` for commands that read or export a log without the master key.
    pub(crate) fn row_key(&self) -> Option<RowKey> {
        self.1.clone()
    }

    pub(crate) fn is_sqlite(&mut self) -> bool {
        matches!(self.database(), Connection::Sqlite(_))
    }

    pub(crate) fn database(&mut self) -> Connection<'_> {
        match &mut self.0 {
            Source::Pool(connection) => connection.connection(),
            Source::Transaction(transaction) => transaction.connection(),
            Source::Together(turn) => turn.connection(),
        }
    }
}

/// A transaction that holds the write lock from its beginning, so that what it reads stays true until it commits.
/// Dropped, it changes nothing.
pub struct Write {
    read: Read,
    /// Whether the log contradicts a signature, so that most entries are refused.
    history_in_doubt: bool,
    /// The key of entries' HMACs. `None` only in tests.
    pub(crate) entry_key: Option<EntryKey>,
    /// How many entries of the log it has appended.
    pub(crate) appended: u64,
    /// The sequence of the last.
    pub(crate) last: Option<i64>,
    /// Rows that it removes.
    removed: Vec<(&'static str, String)>,
}

impl Write {
    /// Whether the log contradicts a signature, so that [`crate::append`] refuses most entries.
    #[must_use]
    pub fn is_history_in_doubt(&self) -> bool {
        self.history_in_doubt
    }

    pub(crate) fn new(read: Read, entry_key: Option<EntryKey>, history_in_doubt: bool) -> Self {
        Self { read, history_in_doubt, entry_key, appended: 0, last: None, removed: Vec::new() }
    }

    /// Takes note that the entry that was appended last removes a row.
    pub(crate) fn forget(&mut self, table: &'static str, row: String) {
        self.removed.push((table, row));
    }

    /// Makes the changes durable.
    ///
    /// # Errors
    /// [`StoreError::Unwritable`]; nothing is changed then.
    pub async fn commit(self) -> Result<(), StoreError> {
        let key = self.read.1.map(RowKey::for_reading);
        match self.read.0 {
            Source::Transaction(transaction) => transaction.commit().await.map_err(StoreError::Unwritable)?,
            Source::Together(turn) => turn.commit().await?,
            Source::Pool(_) => {}
        }
        if let (Some(key), Some(last)) = (key, self.last) {
            for (table, row) in self.removed {
                key.is_older(table, row, last);
            }
        }
        metrics::counter!("portal_entries_appended_total").increment(self.appended);
        Ok(())
    }
}

impl Write {
    /// PostgreSQL need not wait for the disk when this transaction is committed: a crash may lose it.
    pub(crate) async fn need_not_be_durable(&mut self) -> Result<(), StoreError> {
        if !self.is_sqlite() {
            sql::query("SET LOCAL synchronous_commit = off").execute(self.database()).await?;
        }
        Ok(())
    }

    /// Changes nothing, and waits until what was read is durable, which it may not be in a transaction that others share.
    ///
    /// # Errors
    /// [`StoreError::Unwritable`] if what was read never became durable.
    pub async fn leave(self) -> Result<(), StoreError> {
        match self.read.0 {
            Source::Together(turn) => turn.leave().await,
            Source::Transaction(_) | Source::Pool(_) => Ok(()),
        }
    }
}

impl Deref for Write {
    type Target = Read;

    fn deref(&self) -> &Read {
        &self.read
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut Read {
        &mut self.read
    }
}
