//! The ledger: one JSON line for each change made through the API, written before the call is answered.
//! Reads, refusals and changes through the control API are not in it.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// An object that a change affected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// `connection`, `connector`, `recipe`, `customer` or `tag`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The id, or the handle of a tag.
    pub id: String,
    /// The name or title at that time.
    pub name: Option<String>,
}

impl Target {
    pub fn new(kind: &'static str, id: impl ToString, name: Option<&str>) -> Self {
        Self { kind, id: id.to_string(), name: name.map(str::to_owned) }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// The number of the change in this run, from 1.
    pub sequence: u64,
    /// When it was made: UTC, RFC 3339.
    pub at: String,
    /// The id of the workspace.
    pub workspace: u64,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The action, for example `connector.share`.
    pub action: &'static str,
    /// The affected objects.
    pub targets: Vec<Target>,
    /// The parameters of the call, without credentials.
    pub parameters: Value,
    /// The body of the answer.
    pub result: Value,
}

/// The changes of one run, in memory and optionally in a file.
#[derive(Debug, Default)]
pub struct Ledger {
    written: Mutex<Written>,
}

#[derive(Debug, Default)]
struct Written {
    file: Option<File>,
    entries: Vec<Entry>,
}

impl Ledger {
    /// A ledger that also appends to the file at `path`, and creates it if it does not exist.
    ///
    /// # Errors
    /// If the file cannot be opened for appending.
    pub fn appending_to(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { written: Mutex::new(Written { file: Some(file), entries: Vec::new() }) })
    }

    /// The changes so far, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).entries.clone()
    }

    /// Numbers and dates the entry, and writes it as one line, unbuffered.
    pub(crate) fn append(&self, mut entry: Entry) -> io::Result<()> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        entry.sequence = written.entries.len() as u64 + 1;
        entry.at = OffsetDateTime::now_utc().format(&Rfc3339).map_err(io::Error::other)?;
        if let Some(file) = &mut written.file {
            let mut line = serde_json::to_vec(&entry)?;
            line.push(b'\n');
            file.write_all(&line)?;
        }
        written.entries.push(entry);
        Ok(())
    }
}
