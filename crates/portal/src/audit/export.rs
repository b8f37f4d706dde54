//! Handing the log out: exactly what was asked for, streamed, without a cap. That it was handed out, to whom and what,
//! is an entry before the first byte. How each format writes an entry is `sheet`'s and `bundle`'s.

mod sheet;

use std::{io::Write, sync::Arc};

use futures::{Stream, stream};

use self::sheet::Sheet;
use super::{
    Action, AuditQuery, Draft, EntryActor, Indexer, SealError, SignError, SigningKey, Target, TargetType, append,
    bundle::BundleWriter,
    checkpoints::{agree, introduce, sign_at},
    search::asked,
};
use crate::{
    Actor, Admin, Error, Portal, Result, TeamId,
    store::{
        self, Store, StoreError,
        entries::StoredEntry,
        search::{self, Asked},
        tree::Tree,
    },
};

/// Entries, or operations with theirs, that are read at once.
const BATCH: i64 = 250;

words! {
    /// How the log is written out.
    pub enum ExportFormat {
        /// One entry a line, its leaf's hash beside it.
        Jsonl => "jsonl",
        /// One entry a row, for spreadsheets; formulas defused.
        Csv => "csv",
        /// One entry a line with the proof that it is in the log, under a signed checkpoint.
        Bundle => "bundle",
    }
}

/// Why an export stopped. What came until then is not all, and a bundle lacks its seal.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The log cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The output cannot be written.
    #[error("writing the export: {0}")]
    Write(#[from] std::io::Error),
    /// The output cannot be written as CSV.
    #[error("writing the export: {0}")]
    Csv(#[from] csv::Error),
    /// The bundle cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// An export that is in the log and on its way.
pub struct Export {
    store: Store,
    key: Arc<SigningKey>,
    /// What is asked for; all of it where there is nothing here.
    asked: Option<Asked>,
    /// The export's own entry: nothing later is handed out.
    own: i64,
    /// The last entry, or the last operation's first, that was handed out.
    last: i64,
    step: Step,
}

/// What comes next.
enum Step {
    /// Text that begins it.
    Begin(Writer, Vec<u8>),
    Entries(Writer),
    Done,
}

enum Writer {
    Sheet(Sheet),
    Bundle(BundleWriter, Tree),
}

/// For whom, and which teams' operations that person may read; none stands for all.
struct Reader {
    actor: EntryActor,
    visible: Option<Vec<TeamId>>,
}

impl Portal {
    /// Writes down that the actor exports what matches and may be seen, and begins to hand it out.
    ///
    /// # Errors
    /// When the query names a team that the actor may not read, or the log cannot be read or written; a bundle also
    /// where the log is no longer what was signed.
    pub async fn export(&self, actor: &Actor, query: &AuditQuery, format: ExportFormat) -> Result<Export> {
        let reader = Reader { actor: actor.entry_actor(), visible: actor.readable_teams() };
        begin(&self.store, &self.indexer, &self.signing_key, reader, query, format).await
    }
}

/// The same for whoever runs the command line.
///
/// # Errors
/// The same.
pub async fn export(
    store: &Store,
    key: SigningKey,
    admin: &Admin,
    query: &AuditQuery,
    format: ExportFormat,
) -> Result<Export> {
    let reader = Reader { actor: admin.actor.clone(), visible: None };
    begin(store, &Indexer::new(store.clone()), &Arc::new(key), reader, query, format).await
}

async fn begin(
    store: &Store,
    indexer: &Indexer,
    key: &Arc<SigningKey>,
    reader: Reader,
    query: &AuditQuery,
    format: ExportFormat,
) -> Result<Export> {
    let asked = asked(store, reader.visible.clone(), query).await?;
    let mut draft = Draft::recorded(reader.actor, Action::AuditExport)
        .target(Target::new(TargetType::AuditLog, "entries", Some("the audit log")))
        .parameter("format", format);
    if !query.is_empty() {
        draft = draft.parameter("search", query.to_string());
    }
    if let Some(teams) = reader.visible {
        draft = draft.parameter("teams", teams);
    }
    let mut tx = store.write().await?;
    let mut tree = Tree::default();
    if format == ExportFormat::Bundle {
        introduce(&mut tx, key).await?;
        let head = store::tree::head(&mut tx).await?.sequence;
        let newest = store::checkpoints::newest(&mut tx).await?;
        agree(&mut tx, &mut tree, newest.as_ref(), head).await?;
    }
    let own = append(&mut tx, draft).await?.sequence;
    let mut text = Vec::new();
    let writer = match format {
        ExportFormat::Jsonl => Writer::Sheet(Sheet::Jsonl),
        ExportFormat::Csv => Writer::Sheet(Sheet::csv(&mut text).map_err(|error| Error::Internal(error.to_string()))?),
        ExportFormat::Bundle => {
            let checkpoint = sign_at(&mut tx, &mut tree, key, own).await?;
            Writer::Bundle(BundleWriter::begin(&checkpoint.note, &mut text)?, tree)
        }
    };
    tx.commit().await.map_err(StoreError::Unwritable)?;
    let is_all = asked.is_plain() && asked.visible.is_none();
    if !asked.is_plain() {
        indexer.catch_up().await?;
    }
    let (store, key, step) = (store.clone(), Arc::clone(key), Step::Begin(writer, text));
    Ok(Export { store, key, asked: (!is_all).then_some(asked), own, last: 0, step })
}

impl From<SignError> for Error {
    fn from(error: SignError) -> Self {
        match error {
            SignError::Store(error) => Self::Store(error),
            error => Self::Internal(error.to_string()),
        }
    }
}

impl Export {
    /// The export as pieces of some hundred entries, each read when it is asked for.
    pub fn stream(self) -> impl Stream<Item = Result<Vec<u8>, ExportError>> + Send {
        stream::try_unfold(self, async |mut export| Ok(export.next().await?.map(|piece| (piece, export))))
    }

    /// Writes it all.
    ///
    /// # Errors
    /// When the log cannot be read or `out` cannot be written.
    pub async fn write_to(mut self, mut out: impl Write) -> Result<(), ExportError> {
        while let Some(piece) = self.next().await? {
            out.write_all(&piece)?;
        }
        Ok(out.flush()?)
    }

    /// The next piece, until there is none.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ExportError> {
        match std::mem::replace(&mut self.step, Step::Done) {
            Step::Begin(writer, text) => {
                self.step = Step::Entries(writer);
                Ok(Some(text))
            }
            Step::Entries(writer) => self.entries(writer).await.map(Some),
            Step::Done => Ok(None),
        }
    }

    async fn entries(&mut self, mut writer: Writer) -> Result<Vec<u8>, ExportError> {
        let mut conn = self.store.read().await?;
        let mut text = Vec::new();
        let found = self.batch(&mut conn).await?;
        let is_end = found.is_none();
        let entries = match found {
            Some(entries) => entries,
            // A bundle ends with what tells of itself, whatever was asked for.
            None if matches!(writer, Writer::Bundle(..)) && self.last < self.own => {
                store::entries::after(&mut conn, self.own - 1, 1).await?
            }
            None => Vec::new(),
        };
        match &mut writer {
            Writer::Sheet(sheet) => sheet.rows(&entries, &mut text)?,
            Writer::Bundle(bundle, tree) => {
                let sequences: Vec<i64> = entries.iter().map(|stored| stored.sequence).collect();
                let proofs = tree.proofs(&mut conn, self.own, &sequences).await?;
                for (stored, proof) in entries.iter().zip(&proofs) {
                    bundle.entry(stored, proof, &mut text)?;
                }
            }
        }
        match writer {
            writer if !is_end => self.step = Step::Entries(writer),
            Writer::Bundle(bundle, _) => bundle.seal(&self.key, &mut text)?,
            Writer::Sheet(_) => {}
        }
        Ok(text)
    }

    /// The next entries; none at the end.
    async fn batch(&mut self, conn: &mut sqlx::SqliteConnection) -> Result<Option<Vec<StoredEntry>>, StoreError> {
        let entries = match &self.asked {
            None => {
                let mut entries = store::entries::after(conn, self.last, BATCH).await?;
                entries.retain(|stored| stored.sequence <= self.own);
                self.last = entries.last().map_or(self.last, |stored| stored.sequence);
                entries
            }
            Some(asked) => {
                let mut found =
                    store::search::sequences(conn, asked, search::From::NewerThan(self.last), BATCH).await?;
                found.retain(|sequence| *sequence < self.own);
                self.last = found.iter().max().copied().unwrap_or(self.last);
                if found.is_empty() {
                    return Ok(None);
                }
                return store::entries::of_operations(conn, &found, self.own).await.map(Some);
            }
        };
        Ok((!entries.is_empty()).then_some(entries))
    }
}

#[cfg(test)]
mod tests;
