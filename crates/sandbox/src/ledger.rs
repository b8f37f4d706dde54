//! One JSON line for every mutation that a call carried out, written before the call is answered.
//! Reads, refusals and changes made through the control API are not in it.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// What a mutation touched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// `connection`, `connector`, `recipe`, `customer` or `tag`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Workato's id, or the handle of a tag.
    pub id: String,
    /// Its name or title at that moment.
    pub name: Option<String>,
}

impl Target {
    /// A target by its kind, id and name.
    pub fn new(kind: &'static str, id: impl ToString, name: Option<&str>) -> Self {
        Self { kind, id: id.to_string(), name: name.map(str::to_owned) }
    }
}

/// One mutation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Counts from 1 in each run of the sandbox.
    pub sequence: u64,
    /// UTC, RFC 3339, as fine as the clock gives it.
    pub at: String,
    /// The id of the workspace.
    pub workspace: u64,
    /// The HTTP method.
    pub method: String,
    /// The path as it was sent, without its query.
    pub path: String,
    /// What was done, for example `connector.share`.
    pub action: &'static str,
    /// What it was done to.
    pub targets: Vec<Target>,
    /// What was asked for. Credentials are left out.
    pub parameters: Value,
    /// The body that the call is answered with.
    pub result: Value,
}

/// The mutations of one run, in memory and, when a file is named, on disk.
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
    /// A ledger that also appends to `path`, which is created when missing.
    ///
    /// # Errors
    /// When the file cannot be opened for appending.
    pub fn appending_to(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { written: Mutex::new(Written { file: Some(file), entries: Vec::new() }) })
    }

    /// Everything carried out so far, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).entries.clone()
    }

    /// Writes one line, whole and unbuffered, before it returns; numbers and dates the entry.
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
