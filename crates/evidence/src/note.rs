//! Signed notes in the format of [C2SP `signed-note`](https://c2sp.org/signed-note): a text and its signatures.

pub use signed_note::NoteError;
use signed_note::{Note, VerifierList};

use crate::key::VerifierKey;

/// A note whose signature was checked.
#[derive(Clone, Debug)]
pub struct SignedText {
    /// The signed text, with its last line break.
    pub text: String,
    /// The key that signed it.
    pub key: VerifierKey,
    /// Whether the note holds nothing but the text and this one signature.
    pub has_one_signature: bool,
}

/// Checks a note against the keys.
///
/// # Errors
/// If the text is not a note, or none of the keys signed it.
pub fn open(note: &str, keys: &[VerifierKey]) -> Result<SignedText, NoteError> {
    let parsed = Note::from_bytes(note.as_bytes())?;
    let verifiers = keys.iter().map(|key| Box::new(key.verifier().clone()) as Box<dyn signed_note::Verifier>);
    let (verified, others) = parsed.verify(&VerifierList::new(verifiers.collect()))?;
    let signed_by = |key: &&VerifierKey| {
        verified.iter().any(|signature| {
            signature.name() == key.name() && signature.id() == signed_note::Verifier::key_id(key.verifier())
        })
    };
    let key = keys.iter().find(signed_by).ok_or(NoteError::UnverifiedNote)?.clone();
    let has_one_signature = verified.len() == 1 && others.is_empty() && parsed.to_bytes() == note.as_bytes();
    let text = String::from_utf8(parsed.text().to_vec()).map_err(|_| NoteError::MalformedNote)?;
    Ok(SignedText { text, key, has_one_signature })
}
