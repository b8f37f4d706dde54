//! Signed notes in the format of [C2SP `signed-note`](https://c2sp.org/signed-note): a text and its signatures.
//! Checking the signatures is `signed_text`'s concern.
//!
//! Every note is parsed here, in the one spelling that the format has, before a signature is checked. Parsers of
//! signed notes differ in what they overlook, so a note that two of them read differently must not be accepted by one.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::STANDARD};

/// What a signature line begins with: an em dash and a space.
const MARK: &str = "— ";
/// The most signatures that a note may have.
const MOST_SIGNATURES: usize = 100;

/// Why a note is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is not written as notes are.
    #[error("it is not a signed note: {0}")]
    Malformed(&'static str),
    /// It has no signature.
    #[error("it has no signature")]
    Unsigned,
    /// It has more than the one signature that it may have.
    #[error("it has more than one signature")]
    SeveralSignatures,
    /// The key has not signed it.
    #[error("it has no signature by {key}")]
    NotSigned {
        /// The name and id of the keys that were expected.
        key: String,
    },
    /// The signature does not belong to the text.
    #[error("the signature by {key} is not valid")]
    Invalid {
        /// The name and id of the key.
        key: String,
    },
}

/// A note in its one spelling, with signatures that were not checked.
pub(crate) struct Parsed<'a> {
    /// The text, with its last line break.
    pub text: &'a str,
    pub signatures: Vec<Signature<'a>>,
}

pub(crate) struct Signature<'a> {
    pub name: &'a str,
    pub id: u32,
    pub bytes: Vec<u8>,
}

impl<'a> Parsed<'a> {
    pub fn of(note: &'a str) -> Result<Self, NoteError> {
        if note.chars().any(is_foreign) {
            return Err(NoteError::Malformed("it holds a control character or an unusual space"));
        }
        let Some(end) = note.rfind("\n\n") else { return Err(NoteError::Unsigned) };
        let (text, lines) = (&note[..=end], &note[end + 2..]);
        if text.len() == 1 {
            return Err(NoteError::Malformed("it has no text"));
        }
        if lines.is_empty() {
            return Err(NoteError::Unsigned);
        }
        let Some(lines) = lines.strip_suffix('\n') else {
            return Err(NoteError::Malformed("its last line does not end"));
        };
        let signatures = lines.split('\n').map(Signature::of).collect::<Result<Vec<_>, _>>()?;
        if signatures.len() > MOST_SIGNATURES {
            return Err(NoteError::Malformed("it has too many signatures"));
        }
        let mut seen = HashSet::new();
        if !signatures.iter().all(|signature| seen.insert((signature.name, signature.id))) {
            return Err(NoteError::Malformed("it has two signatures by one key"));
        }
        Ok(Self { text, signatures })
    }
}

impl<'a> Signature<'a> {
    fn of(line: &'a str) -> Result<Self, NoteError> {
        let malformed = NoteError::Malformed("a line below the text is not a signature");
        let Some((name, base64)) = line.strip_prefix(MARK).and_then(|line| line.split_once(' ')) else {
            return Err(malformed);
        };
        let Some(data) = decode(base64).filter(|data| data.len() > 4) else {
            return Err(NoteError::Malformed("a signature is not canonical base64"));
        };
        if name.is_empty() || name.contains('+') {
            return Err(malformed);
        }
        let (id, bytes) = data.split_at(4);
        let id = id.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
        Ok(Self { name, id, bytes: bytes.to_vec() })
    }
}

/// Base64 in its canonical form: with padding, without white space, and with zeros in the bits that are left over.
pub(crate) fn decode(base64: &str) -> Option<Vec<u8>> {
    STANDARD.decode(base64).ok().filter(|data| STANDARD.encode(data) == base64)
}

/// Characters that no note of a log holds: a reader cannot see them, or takes them for something else.
fn is_foreign(character: char) -> bool {
    match character {
        '\n' | ' ' => false,
        character => character.is_control() || character.is_whitespace() || character == '\u{feff}',
    }
}
