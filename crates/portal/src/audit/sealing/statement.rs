//! Statements in entries, signed by the log's key. Somebody who can write the database alone can append an entry, but not
//! one with a statement.

use evidence::{
    canonical,
    key::{SigningKey, VerifierKey},
    signed_text::open_single,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::StoreError;

/// What a statement is about. No checkpoint and no high-water mark begins like one.
#[derive(Clone, Copy, Debug)]
pub(in crate::audit) enum Kind {
    /// That the log contradicts what was signed.
    Acknowledgement,
    /// That retention removed contents.
    Removal,
}

impl Kind {
    /// What the first line says after the log's name.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledgement => " acknowledgement",
            Self::Removal => " removal",
        }
    }
}

/// The statement that `said` is what the log's key says.
pub(in crate::audit) fn sign(kind: Kind, said: &impl Serialize, key: &SigningKey) -> Result<String, StoreError> {
    key.sign(&text(kind, said, key.verifier())?).map_err(|error| StoreError::damaged("statement", error))
}

/// Whether one of the keys signed that `said` is what it says.
pub(in crate::audit) fn is_signed(statement: &str, kind: Kind, said: &impl Serialize, keys: &[VerifierKey]) -> bool {
    let Ok(opened) = open_single(statement, keys) else { return false };
    text(kind, said, &opened.key).is_ok_and(|expected| opened.text == expected)
}

fn text(kind: Kind, said: &impl Serialize, key: &VerifierKey) -> Result<String, StoreError> {
    let bytes = canonical::to_bytes(said).map_err(|error| StoreError::damaged("statement", error))?;
    Ok(format!("{}{}\n{}\n", key.name(), kind.as_str(), hex::encode(Sha256::digest(&bytes))))
}
