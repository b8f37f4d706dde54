//! Evidence bundles: entries, the proof that each is in the log, a signed checkpoint, and a seal over the whole.
//! One JSON object per line; `docs/evidence-bundle.md` in this repository defines every byte.

mod json;
mod verify;
mod write;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::tree::Hash;

pub use verify::{BundleError, VerifiedBundle, verify_bundle};
pub use write::{BundleEntry, BundleWriter, EntryError, SealError};

/// The name and version of the format.
pub const FORMAT: &str = "partner-portal-evidence-bundle/1";

/// The bytes before and after an entry's own bytes in its line.
const ENTRY: &str = "{\"entry\":";
const PROOF: &str = ",\"proof\":";

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    checkpoint: String,
    format: String,
}

/// The line of an entry whose body was removed by retention. The fields are in the order of RFC 8785.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RemovedLine {
    leaf_hash: String,
    proof: Vec<String>,
    removed: Removal,
    sequence: i64,
}

/// The removal of an entry's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// When the body was removed, as text.
    pub at: String,
    /// For how many days bodies were kept at that time.
    pub days: i64,
    /// The sequence of the entry that records the removal.
    pub entry: i64,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealLine {
    seal: String,
}

/// The text that the seal signs. It cannot be taken for a checkpoint, whose second line is a number.
fn seal_text(entries: usize, hash: &Hash) -> String {
    format!("{FORMAT}\nentries {entries}\nsha256 {}\n", STANDARD.encode(hash))
}
