//! Exporting the log: exactly what was asked for, streamed, without a limit. The export is an entry itself, committed
//! before the first byte leaves. `sheet` writes entries as JSONL and CSV, the crate `evidence` as bundles.

mod error;
pub(super) mod feed;
mod sheet;

use std::{collections::HashSet, io::Write, sync::Arc};

use evidence::{
    bundle::{BundleEntry, BundleWriter, Removal},
    key::SigningKey,
    verify::BadEntry,
};

use futures::{Stream, TryStreamExt, stream};
use time::Date;

pub use self::error::ExportError;
use self::sheet::Sheet;
pub(super) use self::sheet::line as jsonl_line;
use super::{
    AuditQuery,
    sealing::{
        seal::Seal,
        sign_error::SignError,
        signing::{begin_to_sign, sign_at, sign_hundreds},
    },
    search::{find::asked, from_log::all_matching},
    verify::{VerifyError, verify_view},
};
use crate::audit::instant_text;
use crate::{Actor, Error, Portal, Problem, Result, TeamId, gathering::Exports};
use evidence::tree::Hash;
use store::{
    Action, Draft, EntryActor, Read, Store, StoreError, Target, TargetType, append, entries::StoredEntry,
    index::query::Criteria, tree::Tree,
};

/// How many entries, or operations with their entries, are read at a time.
const BATCH: usize = 250;

store::words! {
    /// The format of an export.
    pub enum ExportFormat {
        /// One entry per line, with its leaf hash.
        Jsonl => "jsonl",
        /// One entry per row, for spreadsheets; formulas are defused.
        Csv => "csv",
        /// One entry per line with the proof that it is in the log, under a signed checkpoint.
        Bundle => "bundle",
    }
}

impl ExportFormat {
    /// The file name of an export of this day, in ASCII.
    #[must_use]
    pub fn file_name(self, day: Date) -> String {
        let (name, ending) = match self {
            Self::Jsonl => ("audit-log", "jsonl"),
            Self::Csv => ("audit-log", "csv"),
            Self::Bundle => ("evidence", "jsonl"),
        };
        format!("{name}-{day}.{ending}")
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jsonl | Self::Bundle => "application/jsonl; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// An export whose entry is committed.
pub struct Export {
    store: Store,
    key: Arc<SigningKey>,
    chosen: Chosen,
    /// The export's own entry, or the last one if it only repeats another. Later entries are not exported.
    own: i64,
    format: ExportFormat,
    step: Step,
}

/// What is exported, as chosen when the export began.
enum Chosen {
    /// Every entry after this one.
    Behind(i64),
    /// Operations, by the sequences of their first entries, oldest first.
    Operations(std::vec::IntoIter<i64>),
}

/// What comes next.
enum Step {
    /// A header or a first line.
    Begin(Writer, Vec<u8>),
    Entries(Writer),
    /// The export has stopped, and what was written last says so.
    Failed(ExportError),
    Done,
}

enum Writer {
    Sheet(Sheet),
    Bundle(Box<BundleWriter>, Tree),
}

/// Who exports, and whose operations they may read: `visible` is `None` for all teams.
struct Reader {
    actor: EntryActor,
    visible: Option<Vec<TeamId>>,
}

impl Portal {
    /// Records that the actor exports what matches and they may read, and begins the export.
    ///
    /// # Errors
    /// `Invalid` if the query names a team that the actor may not read, or if the log is not what was signed and either a
    /// bundle or less than everything is asked for; `LogUnavailable` if the entry cannot be written.
    pub async fn export(&self, actor: &Actor, query: &AuditQuery, format: ExportFormat) -> Result<Export> {
        let reader = Reader { actor: actor.entry_actor(), visible: actor.readable_teams() };
        let exports = Some(Exports { gatherer: &self.gatherer, person: actor.id() });
        begin(&self.store, &self.guard.seal, reader, query, format, exports).await
    }
}

/// Does the same for the command line.
pub(super) async fn export_for(
    store: &Store,
    seal: &Seal,
    actor: EntryActor,
    query: &AuditQuery,
    format: ExportFormat,
) -> Result<Export> {
    begin(store, seal, Reader { actor, visible: None }, query, format, None).await
}

async fn begin(
    store: &Store,
    seal: &Seal,
    reader: Reader,
    query: &AuditQuery,
    format: ExportFormat,
    exports: Option<Exports<'_>>,
) -> Result<Export> {
    let asked = asked(store, reader.visible.clone(), query).await?;
    if format == ExportFormat::Bundle {
        // The bundle's own checkpoint will be the newest. Those that are due before it are signed first.
        sign_hundreds(store, seal).await.map_err(|error| match error {
            SignError::Store(error) => Error::LogUnavailable(error),
            error => error.into(),
        })?;
    }
    let chosen = choose(store, seal, asked).await?;
    let mut draft = Draft::recorded(reader.actor, Action::AuditExport)
        .target(Target::new(TargetType::AuditLog, "entries", None))
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
    let is_repeated = match &exports {
        // A bundle has a checkpoint of its own, over its own entry.
        Some(exports) if format == ExportFormat::Bundle => exports.admit_new(Action::AuditExport, None)?,
        Some(exports) => exports.admit(Action::AuditExport, None, &draft)?,
        None => false,
    };
    let mut tx = store.write().await.map_err(Error::LogUnavailable)?;
    let mut tree = Tree::default();
    if format == ExportFormat::Bundle {
        (_, _, tree) = begin_to_sign(&mut tx, seal).await.map_err(|error| match error {
            SignError::Store(error) => Error::LogUnavailable(error),
            error => error.into(),
        })?;
    }
    let own = match is_repeated {
        true => store::tree::head(&mut tx).await?.sequence,
        false => append(&mut tx, draft.clone()).await.map_err(Error::LogUnavailable)?.sequence,
    };
    let mut text = Vec::new();
    let writer = match format {
        ExportFormat::Jsonl => Writer::Sheet(Sheet::Jsonl),
        ExportFormat::Csv => Writer::Sheet(Sheet::csv(&mut text).map_err(|error| Error::Internal(error.to_string()))?),
        ExportFormat::Bundle => {
            seal.check_entries(&mut tx, own).await?;
            let checkpoint = sign_at(&mut tx, &mut tree, &seal.key, own).await?;
            Writer::Bundle(Box::new(BundleWriter::begin(&checkpoint, &mut text).map_err(not_json)?), tree)
        }
    };
    tx.commit().await.map_err(Error::LogUnavailable)?;
    if let Some(exports) = exports.filter(|_| !is_repeated) {
        exports.wrote(Action::AuditExport, None, &draft);
    }
    if format == ExportFormat::Bundle
        && let Err(error) = seal.raise_mark(store).await
    {
        tracing::warn!(%error, "the high-water mark is behind the log until the next checkpoint");
    }
    let step = if text.is_empty() { Step::Entries(writer) } else { Step::Begin(writer, text) };
    let (store, key) = (store.clone(), Arc::clone(&seal.key));
    Ok(Export { store, key, chosen, own, format, step })
}

/// Everything, or what matches now. What happens during the export changes neither.
///
/// The index is not used: somebody who can write its file could hide an operation from it. Every operation is compared
/// with the conditions instead, after the whole log was verified in the same view of the database: the tables that this
/// reads are known to agree with the entries then.
async fn choose(store: &Store, seal: &Seal, asked: Criteria) -> Result<Chosen> {
    if asked.is_plain() && asked.visible.is_none() {
        return Ok(Chosen::Behind(0));
    }
    let mut conn = store.snapshot().await?;
    verify_view(&mut conn, seal.key.verifier()).await?;
    Ok(Chosen::Operations(all_matching(&mut conn, &asked).await?.into_iter()))
}

/// A log that is not whole is reported beside the form, since trying again does not help.
impl From<VerifyError> for Error {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Store(error) => Self::Store(error),
            VerifyError::Bad(bad) => Problem::EntryChanged { entry: bad.sequence }.of("format"),
            VerifyError::Checkpoint { size, .. } => Problem::LogChanged { size }.of("format"),
            VerifyError::History(_) => Self::HistoryInDoubt,
            // Choosing operations checks neither the rows that grant something nor the index.
            error @ (VerifyError::Right(_) | VerifyError::Index { .. }) => Self::Internal(error.to_string()),
        }
    }
}

/// A log that is not what was signed is reported beside the form, since trying again does not help.
impl From<SignError> for Error {
    fn from(error: SignError) -> Self {
        match error {
            SignError::Store(error) => Self::Store(error),
            SignError::Disagrees { size } => Problem::LogChanged { size }.of("format"),
            SignError::HistoryInDoubt(_) => Self::HistoryInDoubt,
            error @ (SignError::Checkpoint(_) | SignError::Mark { .. }) => Self::Internal(error.to_string()),
        }
    }
}

impl Export {
    /// The export in pieces of some hundred entries, each read when it is polled. If an entry is not as it was written,
    /// the last piece says so and an error follows, which breaks off the download.
    pub fn stream(self) -> impl Stream<Item = Result<Vec<u8>, ExportError>> + Send {
        stream::try_unfold(self, async |mut export| Ok(export.next().await?.map(|piece| (piece, export))))
            .inspect_err(|error| tracing::error!(%error, "an export stopped halfway"))
    }

    /// Writes the whole export.
    ///
    /// # Errors
    /// If the log cannot be read or `out` cannot be written.
    pub async fn write_to(mut self, mut out: impl Write) -> Result<(), ExportError> {
        while let Some(piece) = self.next().await? {
            out.write_all(&piece)?;
        }
        Ok(out.flush()?)
    }

    /// The next piece; `None` at the end.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ExportError> {
        match std::mem::replace(&mut self.step, Step::Done) {
            Step::Begin(writer, text) => {
                self.step = Step::Entries(writer);
                Ok(Some(text))
            }
            Step::Entries(writer) => Ok(Some(self.entries(writer).await.unwrap_or_else(|error| {
                let last = match self.format {
                    ExportFormat::Csv => sheet::broken_off_row(&error.told()),
                    ExportFormat::Jsonl | ExportFormat::Bundle => sheet::broken_off_line(&error.told()),
                };
                self.step = Step::Failed(error);
                last
            }))),
            Step::Failed(error) => Err(error),
            Step::Done => Ok(None),
        }
    }

    async fn entries(&mut self, mut writer: Writer) -> Result<Vec<u8>, ExportError> {
        let mut conn = self.store.read().await?;
        let mut text = Vec::new();
        let batch = self.batch(&mut conn).await?;
        let is_end = batch.is_none();
        // A bundle always ends with its own entry.
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

    /// The next entries; `None` at the end.
    async fn batch(&mut self, conn: &mut Read) -> Result<Option<Vec<StoredEntry>>, ExportError> {
        match &mut self.chosen {
            Chosen::Behind(last) => {
                let mut entries = store::entries::after(conn, *last, BATCH as i64).await?;
                entries.retain(|stored| stored.sequence <= self.own);
                for stored in &entries {
                    *last += 1;
                    if stored.sequence != *last {
                        return Err(missing(*last).into());
                    }
                }
                if entries.is_empty() && *last < self.own {
                    return Err(missing(*last + 1).into());
                }
                Ok((!entries.is_empty()).then_some(entries))
            }
            Chosen::Operations(left) => {
                let next: Vec<i64> = left.take(BATCH).collect();
                if next.is_empty() {
                    return Ok(None);
                }
                let entries = store::entries::of_operations(conn, &next, self.own).await?;
                let mut expected = store::entries::newest_of(conn, &next).await?;
                expected.retain(|sequence| *sequence <= self.own);
                expected.extend(next);
                let found: HashSet<i64> = entries.iter().map(|stored| stored.sequence).collect();
                match expected.into_iter().filter(|sequence| !found.contains(sequence)).min() {
                    None => Ok(Some(entries)),
                    Some(sequence) => Err(missing(sequence).into()),
                }
            }
        }
    }
}

fn missing(sequence: i64) -> BadEntry {
    BadEntry::new(sequence, "it is missing")
}

/// Writes an entry into a bundle: its bytes, or, where retention removed them, its hash.
fn put(bundle: &mut BundleWriter, stored: &StoredEntry, proof: &[Hash], out: &mut Vec<u8>) -> Result<(), ExportError> {
    let sequence = stored.sequence;
    stored.checked()?;
    if let Some(body) = &stored.body {
        return Ok(bundle.entry(BundleEntry::Kept { sequence, bytes: &body.bytes }, proof, out)?);
    }
    let leaf = stored.leaf.as_slice().try_into().map_err(|_| BadEntry::new(sequence, "its leaf hash is not a hash"))?;
    let removed = stored.removed.as_ref().ok_or_else(|| missing(sequence))?;
    let removal = Removal { at: instant_text(removed.at), days: removed.days, entry: removed.run };
    Ok(bundle.entry(BundleEntry::Removed { sequence, leaf, removal: &removal }, proof, out)?)
}

fn not_json(error: serde_json::Error) -> StoreError {
    StoreError::damaged("line of a bundle", error)
}

#[cfg(test)]
mod documented_bundle;
#[cfg(test)]
mod tests;
