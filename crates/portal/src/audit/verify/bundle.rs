//! Checking an evidence bundle with nothing but the log's public key: no database, no portal.
//! A bundle with any byte changed is refused; what it proves is told in `docs/evidence-bundle.md`.

use std::{
    collections::HashSet,
    io::{self, BufRead, Read},
    slice::from_ref,
};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tlog_tiles::tlog::{Hash as Node, check_record};

use crate::audit::{
    Action, Checkpoint, CheckpointError, Hash, VerifierKey,
    bundle::{ENTRY, FORMAT, Head, PROOF, RemovedLine, SealLine, json, seal_text},
    leaf_hash,
    signing_key::open,
};

/// The longest line that is read: longer than any entry can be.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;

/// What a bundle holds: all of it as the log has it.
#[derive(Clone, Debug)]
pub struct VerifiedBundle {
    /// The checkpoint that it was made under.
    pub checkpoint: Checkpoint,
    /// How many entries it holds, its own export's included.
    pub entries: usize,
    /// Of how many of them retention had removed the body.
    pub removed: usize,
    /// The entry that tells of this very export: who asked for what, and when.
    pub export: Value,
}

/// Why a bundle is refused.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// It is not what the portal wrote.
    #[error("line {line}: {why}")]
    Bad {
        /// Where, counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// It could not be read.
    #[error("{0}")]
    Read(#[from] io::Error),
}

/// Checks a bundle from its first byte to its last.
///
/// # Errors
/// `Bad` with the first line that is not as it was written.
pub fn verify_bundle(bundle: impl BufRead, key: &VerifierKey) -> Result<VerifiedBundle, BundleError> {
    let mut lines = Lines { bundle, hasher: Sha256::new(), number: 0 };
    let first = lines.next()?.ok_or_else(|| lines.bad("there is nothing"))?;
    let checkpoint = head(&first, key).map_err(|why| lines.bad(why))?;
    let mut proven = Proven { checkpoint, seen: HashSet::new(), removed: 0, last: None };
    loop {
        let before: Hash = lines.hasher.clone().finalize().into();
        let Some(line) = lines.next()? else { return Err(lines.bad("the end is missing")) };
        if line.starts_with(b"{\"seal\":") {
            check_seal(&line, &seal_text(proven.seen.len(), &before), key).map_err(|why| lines.bad(why))?;
            if lines.next()?.is_some() {
                return Err(lines.bad("something stands behind the end"));
            }
            return proven.bundle().map_err(|why| lines.bad(why));
        }
        proven.line(&line).map_err(|why| lines.bad(why))?;
    }
}

/// Lines without their line breaks, and the hash of all so far.
struct Lines<R> {
    bundle: R,
    hasher: Sha256,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<Vec<u8>>, BundleError> {
        let mut line = Vec::new();
        self.bundle.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        self.hasher.update(&line);
        match line.pop() {
            Some(b'\n') => Ok(Some(line)),
            _ => Err(self.bad("it does not end")),
        }
    }

    fn bad(&self, why: impl ToString) -> BundleError {
        BundleError::Bad { line: self.number, why: why.to_string() }
    }
}

type Checked<T> = Result<T, String>;

/// Parses a line and asks that it was written in the one way in which the portal writes it.
fn exactly<T: serde::Serialize + serde::de::DeserializeOwned>(line: &[u8]) -> Checked<T> {
    let value: T = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let again = json(&value).map_err(|error| error.to_string())?;
    if again == line { Ok(value) } else { Err("it is not written as the portal writes it".to_owned()) }
}

fn head(line: &[u8], key: &VerifierKey) -> Checked<Checkpoint> {
    let head: Head = exactly(line)?;
    if head.format != FORMAT {
        return Err(format!("its format is {:?} and not {FORMAT:?}", head.format));
    }
    let opened = open(&head.checkpoint, from_ref(key)).map_err(|error| error.to_string())?;
    if !opened.is_bare {
        return Err("the checkpoint holds more than one signature".to_owned());
    }
    Checkpoint::read(&head.checkpoint, from_ref(key)).map_err(|error: CheckpointError| error.to_string())
}

fn check_seal(line: &[u8], expected: &str, key: &VerifierKey) -> Checked<()> {
    let line: SealLine = exactly(line)?;
    let opened = open(&line.seal, from_ref(key)).map_err(|error| error.to_string())?;
    if opened.text != expected {
        return Err("the lines before are not those that were sealed".to_owned());
    }
    if opened.is_bare { Ok(()) } else { Err("the seal holds more than one signature".to_owned()) }
}

/// What was found in the log so far.
struct Proven {
    checkpoint: Checkpoint,
    seen: HashSet<i64>,
    removed: usize,
    /// The last line's entry, if its body is there.
    last: Option<Value>,
}

impl Proven {
    fn line(&mut self, line: &[u8]) -> Checked<()> {
        if line.starts_with(ENTRY.as_bytes()) {
            let at = find_last(line, PROOF.as_bytes()).ok_or("it has no proof")?;
            let (bytes, tail) = (&line[ENTRY.len()..at], &line[at + PROOF.len()..]);
            let proof: Vec<String> = exactly(tail.strip_suffix(b"}").ok_or("it does not end")?)?;
            let entry: Value = serde_json::from_slice(bytes).map_err(|error| format!("it holds no entry: {error}"))?;
            let sequence = entry["sequence"].as_i64().ok_or("its entry has no sequence")?;
            self.prove(sequence, leaf_hash(bytes), &proof)?;
            self.last = Some(entry);
        } else {
            let removed: RemovedLine = exactly(line)?;
            self.prove(removed.sequence, hash(&removed.leaf_hash)?, &removed.proof)?;
            self.removed += 1;
            self.last = None;
        }
        Ok(())
    }

    fn prove(&mut self, sequence: i64, leaf: Hash, proof: &[String]) -> Checked<()> {
        let index = u64::try_from(sequence - 1).map_err(|_| "its sequence is no place in the log")?;
        let size = u64::try_from(self.checkpoint.size).map_err(|_| "the checkpoint's size is none")?;
        let proof = proof.iter().map(|text| hash(text).map(Node)).collect::<Checked<Vec<_>>>()?;
        check_record(&proof, size, Node(self.checkpoint.root), index, Node(leaf))
            .map_err(|_| format!("it is not proven that entry {sequence} is in the log"))?;
        if self.seen.insert(sequence) { Ok(()) } else { Err(format!("entry {sequence} stands there twice")) }
    }

    /// The whole, which has to end with the entry of its own export.
    fn bundle(self) -> Checked<VerifiedBundle> {
        let is_own = |entry: &Value| {
            entry["sequence"] == self.checkpoint.size && entry["action"] == Action::AuditExport.as_str()
        };
        match self.last.filter(is_own) {
            Some(export) => Ok(VerifiedBundle {
                entries: self.seen.len(),
                removed: self.removed,
                checkpoint: self.checkpoint,
                export,
            }),
            None => Err("the last entry is not that of this export".to_owned()),
        }
    }
}

fn hash(text: &str) -> Checked<Hash> {
    let hash: Option<Hash> = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    hash.filter(|hash| hex::encode(hash) == text).ok_or_else(|| format!("{text:?} is no hash"))
}

fn find_last(line: &[u8], text: &[u8]) -> Option<usize> {
    line.windows(text.len()).rposition(|window| window == text)
}
