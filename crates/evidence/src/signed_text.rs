//! Checks who signed a note.

use crate::{
    key::VerifierKey,
    note::{NoteError, Parsed, Signature},
};

/// A note whose signature was checked.
#[derive(Clone, Debug)]
pub struct SignedText {
    /// The signed text, with its last line break.
    pub text: String,
    /// The key that signed it.
    pub key: VerifierKey,
}

/// Checks a note against the keys. It may hold signatures by others, such as witnesses.
///
/// # Errors
/// If the text is not a note, none of the keys signed it, or a signature by one of them is not valid.
pub fn open(note: &str, keys: &[VerifierKey]) -> Result<SignedText, NoteError> {
    checked(&Parsed::of(note)?, keys)
}

/// Checks a note that holds one signature and nothing else.
///
/// ```
/// use evidence::{key::SigningKey, note::NoteError, signed_text::{open, open_single}};
///
/// let key: SigningKey = SigningKey::generate("log.example.com/orders")?.parse()?;
/// let keys = [key.verifier().clone()];
/// let note = key.sign("some text\n")?;
/// assert_eq!(open_single(&note, &keys)?.text, "some text\n");
///
/// let witness: SigningKey = SigningKey::generate("witness.example.com")?.parse()?;
/// let signature = witness.sign("some text\n")?.split_off("some text\n\n".len());
/// let witnessed = format!("{note}{signature}");
/// assert!(open(&witnessed, &keys).is_ok());
/// assert_eq!(open_single(&witnessed, &keys).unwrap_err(), NoteError::SeveralSignatures);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`open`], and if there is a second signature, even one by another key.
pub fn open_single(note: &str, keys: &[VerifierKey]) -> Result<SignedText, NoteError> {
    let parsed = Parsed::of(note)?;
    if parsed.signatures.len() > 1 {
        return Err(NoteError::SeveralSignatures);
    }
    checked(&parsed, keys)
}

fn checked(note: &Parsed<'_>, keys: &[VerifierKey]) -> Result<SignedText, NoteError> {
    let mut signed_by = None;
    for key in keys {
        let by_it = |signature: &&Signature<'_>| (signature.name, signature.id) == (key.name(), key.id());
        let Some(signature) = note.signatures.iter().find(by_it) else { continue };
        if !key.has_signed(note.text.as_bytes(), &signature.bytes) {
            return Err(NoteError::Invalid { key: label(key) });
        }
        signed_by.get_or_insert(key);
    }
    match signed_by {
        Some(key) => Ok(SignedText { text: note.text.to_owned(), key: key.clone() }),
        None => {
            let keys: Vec<_> = keys.iter().map(label).collect();
            Err(NoteError::NotSigned { key: if keys.is_empty() { "a known key".into() } else { keys.join(" or ") } })
        }
    }
}

fn label(key: &VerifierKey) -> String {
    format!("{}+{:08x}", key.name(), key.id())
}

#[cfg(test)]
mod tests {
    use super::{open, open_single};
    use crate::{
        key::{SigningKey, VerifierKey},
        note::NoteError,
    };

    fn key(name: &str) -> SigningKey {
        SigningKey::generate(name).unwrap().parse().unwrap()
    }

    fn keys(key: &SigningKey) -> [VerifierKey; 1] {
        [key.verifier().clone()]
    }

    #[test]
    fn a_repeated_signature_is_refused_whether_it_is_valid_or_not() {
        let key = key("a.example/log");
        let note = key.sign("some\ntext\n").unwrap();
        let signature = note.split_once("\n\n").unwrap().1;
        let (line, base64) = signature.trim_end().rsplit_once(' ').unwrap();
        // The same key's name and id, and other bytes behind them.
        let garbage = format!("{line} {}{}\n", &base64[..8], base64[8..].replace(['a', 'b', 'c', 'd', 'e'], "f"));
        for second in [signature, garbage.as_str()] {
            for twice in [format!("{note}{second}"), note.replacen(signature, second, 1) + signature] {
                assert!(matches!(open(&twice, &keys(&key)), Err(NoteError::Malformed(_))), "{twice}");
                assert!(open_single(&twice, &keys(&key)).is_err(), "{twice}");
            }
        }
    }

    #[test]
    fn a_signature_by_a_known_key_must_be_valid_even_beside_a_valid_one() {
        let (old, new) = (key("a.example/log"), key("a.example/log"));
        let both = [old.verifier().clone(), new.verifier().clone()];
        let note = old.sign("some text\n").unwrap();
        let of_other_text = new.sign("another text\n").unwrap();
        let with_second = format!("{note}{}", of_other_text.split_once("\n\n").unwrap().1);
        assert!(matches!(open(&with_second, &both), Err(NoteError::Invalid { .. })));
        // Nobody can say whether the second belongs to it if its key is not known.
        assert!(open(&with_second, &both[..1]).is_ok());
        assert!(matches!(open(&note, &[]), Err(NoteError::NotSigned { .. })));
    }

    #[test]
    fn every_other_spelling_of_a_note_is_refused() {
        let key = key("a.example/log");
        let note = key.sign("some\ntext\n").unwrap();
        open_single(&note, &keys(&key)).unwrap();
        let respelled = [
            note.replace('\n', "\r\n"),
            note.replacen('\n', "\r\n", 1),
            note.replace("\n\n", "\n\n\n"),
            note.replace("\n\n", "\n"),
            note.replace("— ", "—  "),
            note.replace("— ", "—\u{a0}"),
            note.replace("— ", "- "),
            note.replace("— ", " — "),
            note.trim_end().to_owned(),
            format!("{note}\n"),
            format!("\n{note}"),
            format!("\u{feff}{note}"),
            format!("{note} "),
            format!("{note}\0"),
            format!("{} \n", note.trim_end()),
            format!("{}=\n", note.trim_end()),
            format!("{note}— \n"),
            format!("{note}— b.example/witness AAAA\n"),
            note.replace("some", "so\u{200a}me"),
            note.replace("text\n\n", "text \n\n"),
            note.split_once("\n\n").unwrap().0.to_owned() + "\n\n",
            String::new(),
        ];
        for respelled in respelled {
            let refused = open(&respelled, &keys(&key));
            assert!(refused.is_err(), "{respelled:?}");
        }
    }
}
