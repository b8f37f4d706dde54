//! Entries as JSONL, for programs, and as CSV, for spreadsheets.

use super::error::ExportError;
use crate::{
    audit::{Entry, instant_text},
    spreadsheet::{BYTE_ORDER_MARK, write_rows},
};
use evidence::verify::BadEntry;
use store::entries::{RemovedBody, StoredEntry};

const COLUMNS: [&str; 20] = [
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
    "target_name_from",
    "parameters",
    "outcome",
    "workato_status",
    "workato_message",
    "reason",
    "leaf_hash",
    "removed",
];

/// The format.
pub(super) enum Sheet {
    Jsonl,
    Csv,
}

impl Sheet {
    /// Begins a CSV file with its header.
    pub fn csv(out: &mut Vec<u8>) -> Result<Self, csv::Error> {
        out.extend(BYTE_ORDER_MARK.as_bytes());
        write_rows([COLUMNS.map(str::to_owned)], out)?;
        Ok(Self::Csv)
    }

    /// Writes entries, each after checking that it is the one that was appended.
    pub fn rows(&self, entries: &[StoredEntry], out: &mut Vec<u8>) -> Result<(), ExportError> {
        match self {
            Self::Jsonl => {
                for stored in entries {
                    stored.checked()?;
                    line(stored, out);
                }
            }
            Self::Csv => {
                let rows: Result<Vec<_>, BadEntry> = entries.iter().map(cells).collect();
                write_rows(rows?, out)?;
            }
        }
        Ok(())
    }
}

/// The last line of JSONL or of a bundle that stops before its end. It cannot be taken for an entry.
pub(super) fn broken_off_line(why: &str) -> Vec<u8> {
    format!("{}\n", serde_json::json!({ "broken_off": why })).into_bytes()
}

/// The last row of a CSV file that stops before its end: two cells.
pub(super) fn broken_off_row(why: &str) -> Vec<u8> {
    let mut row = Vec::new();
    // What cannot be written is left out, since the download breaks off in any case.
    if let Err(error) = write_rows([["BROKEN OFF: this file is incomplete".to_owned(), why.to_owned()]], &mut row) {
        tracing::error!(%error, "the end of an export cannot be marked");
    }
    row
}

/// Writes the entry's exact bytes, so that its hash can be checked on the part of the line that holds them.
pub(in crate::audit) fn line(stored: &StoredEntry, out: &mut Vec<u8>) {
    let leaf = hex::encode(&stored.leaf);
    let rest = match (&stored.body, &stored.removed) {
        (Some(body), _) => {
            out.extend_from_slice(b"{\"entry\":");
            out.extend_from_slice(&body.bytes);
            format!(",\"leaf_hash\":\"{leaf}\"}}\n")
        }
        (None, removed) => {
            let removed = removed.as_ref().map(|removed| {
                serde_json::json!({ "at": instant_text(removed.at), "days": removed.days, "entry": removed.run })
            });
            let line = serde_json::json!({ "leaf_hash": leaf, "removed": removed, "sequence": stored.sequence });
            format!("{line}\n")
        }
    };
    out.extend_from_slice(rest.as_bytes());
}

fn cells(stored: &StoredEntry) -> Result<[String; COLUMNS.len()], BadEntry> {
    let leaf = hex::encode(&stored.leaf);
    let Some(entry) = stored.checked()? else {
        let mut cells = [const { String::new() }; COLUMNS.len()];
        cells[0] = stored.sequence.to_string();
        cells[1] = stored.removed.as_ref().map(|removed| removed.operation_id.clone()).unwrap_or_default();
        cells[COLUMNS.len() - 2] = leaf;
        cells[COLUMNS.len() - 1] = stored.removed.as_ref().map(told).unwrap_or_default();
        return Ok(cells);
    };
    Ok(cells_of(&entry, leaf))
}

fn told(removed: &RemovedBody) -> String {
    format!("{} by entry {}: contents are kept for {} days", instant_text(removed.at), removed.run, removed.days)
}

fn cells_of(entry: &Entry, leaf: String) -> [String; COLUMNS.len()] {
    let target = entry.targets.first();
    let said = entry.workato.as_ref();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    [
        entry.sequence.to_string(),
        entry.operation_id.to_string(),
        entry.stage.to_string(),
        instant_text(entry.at),
        entry.actor.name.clone(),
        text(entry.actor.email.as_deref()),
        text(entry.actor.ip.as_deref()),
        text(entry.team.as_ref().map(|team| team.slug.as_str())),
        entry.action.to_string(),
        target.map(|target| target.kind.to_string()).unwrap_or_default(),
        text(target.map(|target| target.id.as_str())),
        text(target.and_then(|target| target.name.as_deref())),
        target.and_then(|target| target.name_from).map(|from| from.to_string()).unwrap_or_default(),
        serde_json::to_string(&entry.parameters).unwrap_or_default(),
        entry.outcome.map(|outcome| outcome.to_string()).unwrap_or_default(),
        text(said.and_then(|said| said.status.as_deref())),
        text(said.and_then(|said| said.message.as_deref())),
        text(entry.reason.as_deref()),
        leaf,
        String::new(),
    ]
}
