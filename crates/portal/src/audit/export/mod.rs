//! Handing the log out: exactly what was asked for, streamed, without a cap. That it was handed out, to whom and what,
//! is an entry before the first byte. How each format writes an entry is `sheet`'s and `bundle`'s.

pub(super) mod feed;
mod sheet;

use std::{io::Write, sync::Arc};

use evidence::{
    bundle::{BundleEntry, BundleWriter, Removal, SealError},
    key::SigningKey,
};

use futures::{Stream, TryStreamExt, stream};
use time::Date;

use self::sheet::Sheet;
pub(super) use self::sheet::line as jsonl_line;
use super::{
    AuditQuery, Indexer,
    sealing::signing::{SignError, agree, introduce, sign_at, sign_hundreds},
    search::find::asked,
};
use crate::audit::instant_text;
use crate::{Actor, Error, FieldProblems, Portal, Result, TeamId};
use evidence::tree::Hash;
use store::{
    Action, Draft, EntryActor, Read, Store, StoreError, Target, TargetType, append,
    entries::StoredEntry,
    index::{
        Index,
        query::{Criteria, PageStart},
    },
    tree::Tree,
};

/// Entries, or operations with theirs, that are read at once.
const BATCH: usize = 250;

store::words! {
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

impl ExportFormat {
    /// What a file of an export is called that was asked for on this day, in ASCII.
    #[must_use]
    pub fn file_name(self, day: Date) -> String {
        let (name, ending) = match self {
            Self::Jsonl => ("audit-log", "jsonl"),
            Self::Csv => ("audit-log", "csv"),
            Self::Bundle => ("evidence", "jsonl"),
        };
        format!("{name}-{day}.{ending}")
    }

    /// What a browser is told that it is.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jsonl | Self::Bundle => "application/jsonl; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
        }
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
    chosen: Chosen,
    /// The export's own entry: nothing later is handed out.
    own: i64,
    step: Step,
}

/// What is handed out, as it was when it was asked for.
enum Chosen {
    /// Every entry behind this one.
    Behind(i64),
    /// Operations, by the sequences of their first entries, oldest first.
    Operations(std::vec::IntoIter<i64>),
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

/// Does the same for the command line.
pub(super) async fn export_for(
    store: &Store,
    indexer: &Indexer,
    key: &Arc<SigningKey>,
    actor: EntryActor,
    query: &AuditQuery,
    format: ExportFormat,
) -> Result<Export> {
    begin(store, indexer, key, Reader { actor, visible: None }, query, format).await
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
    let chosen = choose(store, indexer, asked).await?;
    let mut draft = Draft::recorded(reader.actor, Action::AuditExport)
        .target(Target::new(TargetType::AuditLog, "entries", Some("the audit log")))
        .parameter("format", format);
    if !query.is_empty() {
        draft = draft.parameter("search", query.for_ever().to_string());
    }
    if let Some(teams) = reader.visible {
        draft = draft.parameter("teams", teams);
    }
    if let Chosen::Operations(chosen) = &chosen {
        draft = draft.parameter("operations", chosen.len());
    }
    if format == ExportFormat::Bundle {
        // The bundle's own checkpoint is the newest then: none that was due before may be left out for it.
        sign_hundreds(store, key).await.map_err(|error| match error {
            SignError::Store(error) => Error::LogUnavailable(error),
            error => error.into(),
        })?;
    }
    let mut tx = store.write().await.map_err(Error::LogUnavailable)?;
    let mut tree = Tree::default();
    if format == ExportFormat::Bundle {
        introduce(&mut tx, key).await.map_err(Error::LogUnavailable)?;
        let head = store::tree::head(&mut tx).await?.sequence;
        let newest = store::checkpoints::newest(&mut tx).await?;
        agree(&mut tx, &mut tree, newest.as_ref(), head).await?;
    }
    let own = append(&mut tx, draft).await.map_err(Error::LogUnavailable)?.sequence;
    let mut text = Vec::new();
    let writer = match format {
        ExportFormat::Jsonl => Writer::Sheet(Sheet::Jsonl),
        ExportFormat::Csv => Writer::Sheet(Sheet::csv(&mut text).map_err(|error| Error::Internal(error.to_string()))?),
        ExportFormat::Bundle => {
            let checkpoint = sign_at(&mut tx, &mut tree, key, own).await?;
            Writer::Bundle(BundleWriter::begin(&checkpoint.note, &mut text).map_err(not_json)?, tree)
        }
    };
    tx.commit().await.map_err(Error::LogUnavailable)?;
    let step = if text.is_empty() { Step::Entries(writer) } else { Step::Begin(writer, text) };
    let (store, key) = (store.clone(), Arc::clone(key));
    Ok(Export { store, key, chosen, own, step })
}

/// Everything, or what matches now: what happens while it is handed out makes it neither more nor less.
async fn choose(store: &Store, indexer: &Indexer, asked: Criteria) -> Result<Chosen> {
    if asked.is_plain() && asked.visible.is_none() {
        return Ok(Chosen::Behind(0));
    }
    if !asked.is_plain() {
        indexer.catch_up().await?;
    }
    let mut conn = store.read().await?;
    let mut found =
        store::search::sequences(&mut conn, indexer.index(), &asked, PageStart::NewerThan(0), i64::MAX).await?;
    found.sort_unstable();
    Ok(Chosen::Operations(found.into_iter()))
}

/// A log that is not what was signed is told of beside the form: it is nothing that passes.
impl From<SignError> for Error {
    fn from(error: SignError) -> Self {
        match error {
            SignError::Store(error) => Self::Store(error),
            error @ SignError::Disagrees { .. } => {
                Self::Invalid(FieldProblems::from([("format", error.to_string().as_str())]))
            }
            error @ SignError::Checkpoint(_) => Self::Internal(error.to_string()),
        }
    }
}

impl Export {
    /// The export as pieces of some hundred entries, each read when it is asked for.
    pub fn stream(self) -> impl Stream<Item = Result<Vec<u8>, ExportError>> + Send {
        stream::try_unfold(self, async |mut export| Ok(export.next().await?.map(|piece| (piece, export))))
            .inspect_err(|error| tracing::error!(%error, "an export stopped halfway"))
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
        let batch = self.batch(&mut conn).await?;
        let is_end = batch.is_none();
        // A bundle ends with what tells of itself, whatever was asked for.
        let lacks_own = matches!((&writer, &self.chosen), (Writer::Bundle(..), Chosen::Operations(_)));
        let entries = match batch {
            Some(entries) => entries,
            None if lacks_own => store::entries::after(&mut conn, self.own - 1, 1).await?,
            None => Vec::new(),
        };
        match &mut writer {
            Writer::Sheet(sheet) => sheet.rows(&entries, &mut text)?,
            Writer::Bundle(bundle, tree) => {
                let sequences: Vec<i64> = entries.iter().map(|stored| stored.sequence).collect();
                let proofs = tree.proofs(&mut conn, self.own, &sequences).await?;
                for (stored, proof) in entries.iter().zip(&proofs) {
                    put(bundle, stored, proof, &mut text)?;
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
    async fn batch(&mut self, conn: &mut Read) -> Result<Option<Vec<StoredEntry>>, StoreError> {
        match &mut self.chosen {
            Chosen::Behind(last) => {
                let mut entries = store::entries::after(conn, *last, BATCH as i64).await?;
                entries.retain(|stored| stored.sequence <= self.own);
                *last = entries.last().map_or(*last, |stored| stored.sequence);
                Ok((!entries.is_empty()).then_some(entries))
            }
            Chosen::Operations(left) => {
                let next: Vec<i64> = left.take(BATCH).collect();
                if next.is_empty() {
                    return Ok(None);
                }
                store::entries::of_operations(conn, &next, self.own).await.map(Some)
            }
        }
    }
}

/// Writes an entry into a bundle: its bytes, or, where retention removed them, its hash.
fn put(bundle: &mut BundleWriter, stored: &StoredEntry, proof: &[Hash], out: &mut Vec<u8>) -> Result<(), StoreError> {
    let written = match (&stored.body, &stored.removed) {
        (Some(body), _) => bundle.entry(BundleEntry::Kept(&body.bytes), proof, out),
        (None, Some(removed)) => {
            let leaf = stored
                .leaf
                .as_slice()
                .try_into()
                .map_err(|_| StoreError::damaged("leaf hash", "it is not 32 bytes"))?;
            let removal = Removal { at: instant_text(removed.at), days: removed.days, entry: removed.run };
            bundle.entry(BundleEntry::Removed { sequence: stored.sequence, leaf, removal: &removal }, proof, out)
        }
        (None, None) => return Err(StoreError::damaged("audit entry", format!("{} has no body", stored.sequence))),
    };
    written.map_err(not_json)
}

fn not_json(error: serde_json::Error) -> StoreError {
    StoreError::damaged("line of a bundle", error)
}

#[cfg(test)]
mod documented_bundle;
#[cfg(test)]
mod tests;
