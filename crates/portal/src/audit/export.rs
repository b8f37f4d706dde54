//! Handing the log out: every entry the filter lets through, streamed, as JSONL or CSV.

use std::io::Write;

use super::{Action, Draft, Entry, Target, TargetType, append::append};
use crate::{
    Admin,
    spreadsheet::defused,
    store::{self, Store, StoreError},
};

words! {
    /// How the log is written out.
    pub enum ExportFormat {
        /// One entry a line, its hashes beside it.
        Jsonl => "jsonl",
        /// One entry a row, for spreadsheets; formulas defused.
        Csv => "csv",
    }
}

/// Entries that are read at once.
const BATCH: i64 = 1_000;

/// Why an export stopped.
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
}

const COLUMNS: [&str; 18] = [
    "sequence",
    "operation_id",
    "stage",
    "at",
    "actor",
    "actor_email",
    "ip",
    "team",
    "action",
    "target_type",
    "target_id",
    "target_name",
    "parameters",
    "outcome",
    "workato_status",
    "workato_message",
    "reason",
    "leaf_hash",
];

/// Writes every entry to `out`, oldest first; returns how many.
///
/// # Errors
/// When the log cannot be read or `out` cannot be written.
pub async fn export(store: &Store, format: ExportFormat, out: impl Write) -> Result<i64, ExportError> {
    let mut conn = store.read().await?;
    let mut sheet = Sheet::new(format, out)?;
    let (mut count, mut last) = (0, 0);
    loop {
        let entries = store::entries::after(&mut conn, last, BATCH).await?;
        let Some(newest) = entries.last() else { break };
        last = newest.sequence;
        for stored in entries {
            let Some(body) = stored.body else { continue };
            sheet.row(&body.bytes, &hex::encode(&stored.leaf))?;
            count += 1;
        }
    }
    sheet.finish()?;
    Ok(count)
}

/// Writes down that the log is handed out, before it is.
///
/// # Errors
/// When the log cannot be written.
pub async fn note_export(store: &Store, admin: &Admin, format: ExportFormat) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    let draft = Draft::recorded(admin.actor.clone(), Action::AuditExport)
        .target(Target::new(TargetType::AuditLog, "entries", Some("the audit log")))
        .parameter("format", format);
    append(&mut tx, draft).await?;
    tx.commit().await.map_err(StoreError::Unwritable)
}

enum Sheet<W: Write> {
    Jsonl(W),
    Csv(Box<csv::Writer<W>>),
}

impl<W: Write> Sheet<W> {
    fn new(format: ExportFormat, out: W) -> Result<Self, ExportError> {
        Ok(match format {
            ExportFormat::Jsonl => Self::Jsonl(out),
            ExportFormat::Csv => {
                let mut writer = csv::Writer::from_writer(out);
                writer.write_record(COLUMNS)?;
                Self::Csv(Box::new(writer))
            }
        })
    }

    fn row(&mut self, bytes: &[u8], leaf: &str) -> Result<(), ExportError> {
        match self {
            // The entry's own bytes, untouched: whoever checks the hash cuts them out of the line as they are.
            Self::Jsonl(out) => {
                out.write_all(b"{\"entry\":")?;
                out.write_all(bytes)?;
                writeln!(out, ",\"leaf_hash\":\"{leaf}\"}}")?;
            }
            Self::Csv(writer) => writer.write_record(cells(&store::entries::read(bytes)?, leaf))?,
        }
        Ok(())
    }

    fn finish(self) -> Result<(), ExportError> {
        match self {
            Self::Jsonl(mut out) => out.flush()?,
            Self::Csv(mut writer) => writer.flush()?,
        }
        Ok(())
    }
}

fn cells(entry: &Entry, leaf: &str) -> [String; COLUMNS.len()] {
    let target = entry.targets.first();
    let said = entry.workato.as_ref();
    let text = |text: Option<&str>| text.map(defused).unwrap_or_default();
    [
        entry.sequence.to_string(),
        entry.operation_id.to_string(),
        entry.stage.to_string(),
        super::entry::instant::text(entry.at).unwrap_or_default(),
        defused(&entry.actor.name),
        text(entry.actor.email.as_deref()),
        text(entry.actor.ip.as_deref()),
        text(entry.team.as_ref().map(|team| team.slug.as_str())),
        entry.action.to_string(),
        target.map(|target| target.kind.to_string()).unwrap_or_default(),
        text(target.map(|target| target.id.as_str())),
        text(target.and_then(|target| target.name.as_deref())),
        serde_json::to_string(&entry.parameters).unwrap_or_default(),
        entry.outcome.map(|outcome| outcome.to_string()).unwrap_or_default(),
        text(said.and_then(|said| said.status.as_deref())),
        text(said.and_then(|said| said.message.as_deref())),
        text(entry.reason.as_deref()),
        leaf.to_owned(),
    ]
}
