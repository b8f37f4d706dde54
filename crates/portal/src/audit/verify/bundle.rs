//! Verifying an evidence bundle of this portal: its last entry records the export itself.

use std::io::BufRead;

use evidence::{
    bundle::{self, BundleError},
    checkpoint::Checkpoint,
    key::VerifierKey,
};
use serde_json::Value;
use store::Action;

/// A bundle that was verified.
#[derive(Clone, Debug)]
pub struct VerifiedBundle {
    /// The checkpoint that every proof leads to.
    pub checkpoint: Checkpoint,
    /// How many entries it holds, its own export's included.
    pub entries: usize,
    /// How many of them had lost their contents to retention.
    pub removed: usize,
    /// The entry of this export: who asked for what, and when.
    pub export: Value,
}

/// Verifies a bundle from its first byte to its last, with nothing but the log's public key.
///
/// # Errors
/// [`BundleError::Bad`] for the first line that is not as it was written.
pub fn verify_bundle(file: impl BufRead, key: &VerifierKey) -> Result<VerifiedBundle, BundleError> {
    let bundle = bundle::verify_bundle(file, key)?;
    if bundle.last["action"] != Action::AuditExport.as_str() {
        let why = "the last entry is not the one that records this export".to_owned();
        return Err(BundleError::Bad { line: bundle.entries + 1, why });
    }
    Ok(VerifiedBundle {
        checkpoint: bundle.checkpoint,
        entries: bundle.entries,
        removed: bundle.removed,
        export: bundle.last,
    })
}
