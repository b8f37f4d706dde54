//! A checkpoint: the log's size and root as a signed note in the format of
//! [C2SP `tlog-checkpoint`](https://c2sp.org/tlog-checkpoint).

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    key::{SigningKey, VerifierKey},
    note::{NoteError, Parsed, decode},
    signed_text::{SignedText, open, open_single},
    tree::Hash,
};

/// A signed statement of the log's root at one size.
///
/// ```
/// use evidence::{checkpoint::Checkpoint, key::SigningKey, tree::{GrowingTree, leaf_hash}};
///
/// let mut tree = GrowingTree::default();
/// tree.push(leaf_hash(b"first"));
/// let key: SigningKey = SigningKey::generate("log.example.com/orders")?.parse()?;
/// let signed = Checkpoint::sign(&key, 1, tree.root())?;
/// // Anybody with the public key can check it later.
/// let read = Checkpoint::read(&signed.note, &[key.verifier().clone()])?;
/// assert_eq!((read.size, read.root), (1, tree.root()));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The number of entries.
    pub size: i64,
    /// The root over them.
    pub root: Hash,
    /// The signed note, byte for byte.
    pub note: String,
}

/// Why a note is not a checkpoint of this log.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The note is malformed, or none of the keys signed it.
    #[error("{0}")]
    Note(#[from] NoteError),
    /// The note's text is not that of a checkpoint: the log's name, a size and a root, one line each. The format allows
    /// more lines, but this log writes none, so nobody has to decide what they mean.
    #[error("its text is not that of a checkpoint")]
    Malformed,
    /// It is a checkpoint of another log.
    #[error("it is a checkpoint of another log, {origin}")]
    Origin {
        /// The log that it names.
        origin: String,
    },
}

impl Checkpoint {
    /// Signs that the log had this root at this size.
    ///
    /// # Errors
    /// If the size is negative.
    pub fn sign(key: &SigningKey, size: i64, root: Hash) -> Result<Self, CheckpointError> {
        if size < 0 {
            return Err(CheckpointError::Malformed);
        }
        let text = format!("{}\n{size}\n{}\n", key.verifier().name(), root_text(&root));
        Ok(Self { size, root, note: key.sign(&text)? })
    }

    /// Reads a note that one of the keys signed. Other signatures, such as those of witnesses, are ignored.
    ///
    /// # Errors
    /// If it is not a checkpoint of the log that the keys belong to, or none of them signed it.
    pub fn read(note: &str, keys: &[VerifierKey]) -> Result<Self, CheckpointError> {
        Self::opened(note, keys, open)
    }

    /// Reads a note that holds one signature, as [`Checkpoint::sign`] makes it.
    ///
    /// # Errors
    /// As [`Checkpoint::read`], and if there is a second signature, even one by another key.
    pub fn read_single(note: &str, keys: &[VerifierKey]) -> Result<Self, CheckpointError> {
        Self::opened(note, keys, open_single)
    }

    fn opened(
        note: &str,
        keys: &[VerifierKey],
        open: impl FnOnce(&str, &[VerifierKey]) -> Result<SignedText, NoteError>,
    ) -> Result<Self, CheckpointError> {
        let head = Head::of(Parsed::of(note)?.text)?;
        let of_another = || CheckpointError::Origin { origin: head.origin.to_owned() };
        if !keys.is_empty() && !keys.iter().any(|key| key.name() == head.origin) {
            return Err(of_another());
        }
        if open(note, keys)?.key.name() == head.origin { Ok(head.of_note(note)) } else { Err(of_another()) }
    }

    /// Reads a note without checking its signature.
    ///
    /// # Errors
    /// If it is not a checkpoint.
    pub fn read_unchecked(note: &str) -> Result<Self, CheckpointError> {
        Ok(Head::of(Parsed::of(note)?.text)?.of_note(note))
    }

    /// The root in base64, as in the note.
    #[must_use]
    pub fn root_text(&self) -> String {
        root_text(&self.root)
    }
}

/// A root in base64, as checkpoints write it.
#[must_use]
pub fn root_text(root: &Hash) -> String {
    STANDARD.encode(root)
}

/// The text of a checkpoint.
struct Head<'a> {
    origin: &'a str,
    size: i64,
    root: Hash,
}

impl<'a> Head<'a> {
    fn of(text: &'a str) -> Result<Self, CheckpointError> {
        let lines: Vec<&str> = text.split('\n').collect();
        let [origin, size, root, ""] = lines[..] else { return Err(CheckpointError::Malformed) };
        let is_number = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit());
        let size: i64 = size
            .parse()
            .ok()
            .filter(|number: &i64| is_number && number.to_string() == size)
            .ok_or(CheckpointError::Malformed)?;
        let root = decode(root).and_then(|root| root.try_into().ok()).ok_or(CheckpointError::Malformed)?;
        if origin.is_empty() { Err(CheckpointError::Malformed) } else { Ok(Self { origin, size, root }) }
    }

    fn of_note(&self, note: &str) -> Checkpoint {
        Checkpoint { size: self.size, root: self.root, note: note.to_owned() }
    }
}

/// A checkpoint on a JSON line of its own, for standard output and log collectors.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointLine {
    /// The signed note.
    pub checkpoint: String,
}

/// Finds every note in a text: notes one after the other, and [`CheckpointLine`]s among other lines.
#[must_use]
pub fn notes_in(text: &str) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = String::new();
    let mut is_signed = false;
    for line in text.split_inclusive('\n') {
        if let Some(found) = on_json_line(line) {
            notes.push(found);
            continue;
        }
        let is_signature = line.starts_with("— ");
        if is_signed && !is_signature {
            notes.push(std::mem::take(&mut note));
            is_signed = false;
            // Skip a blank line between two notes.
            if line.trim().is_empty() {
                continue;
            }
        }
        is_signed |= is_signature;
        note.push_str(line);
    }
    if is_signed {
        notes.push(note);
    }
    notes
}

/// Whether a text holds a checkpoint without any signature: anybody could have written it.
#[must_use]
pub fn holds_unsigned(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.windows(3).enumerate().any(|(at, window)| {
        let follows = |from: usize| lines.get(at + from).is_some_and(|line| line.starts_with('—'));
        Head::of(&format!("{}\n", window.join("\n"))).is_ok() && !follows(4)
    })
}

fn on_json_line(line: &str) -> Option<String> {
    let value: serde_json::Value = line.starts_with('{').then(|| serde_json::from_str(line).ok())??;
    Some(value.get("checkpoint")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::{Checkpoint, CheckpointError, notes_in};
    use crate::{
        key::{SigningKey, VerifierKey},
        tree::leaf_hash,
    };

    fn key() -> SigningKey {
        SigningKey::generate("log.example.com/test").unwrap().parse().unwrap()
    }

    #[test]
    fn the_specifications_example_is_a_checkpoint() {
        let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
                    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/\
                    Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
        let checkpoint = Checkpoint::read_unchecked(note).unwrap();
        assert_eq!(checkpoint.size, 20_852_163);
        assert_eq!(checkpoint.root_text(), "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
        let of_another = Checkpoint::read(note, &[key().verifier().clone()]).unwrap_err();
        assert_eq!(of_another.to_string(), "it is a checkpoint of another log, example.com/behind-the-sofa");
    }

    #[test]
    fn a_text_with_more_lines_or_another_spelling_of_a_number_is_no_checkpoint() {
        let key = key();
        let (name, root) = (key.verifier().name(), super::root_text(&leaf_hash(b"any")));
        let keys = [key.verifier().clone()];
        let read = |text: &str| Checkpoint::read(&key.sign(text).unwrap(), &keys);
        assert_eq!(read(&format!("{name}\n7\n{root}\n")).unwrap().size, 7);
        for text in [
            format!("{name}\n7\n{root}\nan extension\n"),
            format!("{name}\n7\n{root}\n\n"),
            format!("{name}\n7\n\n{root}\n"),
            format!("{name}\n07\n{root}\n"),
            format!("{name}\n+7\n{root}\n"),
            format!("{name}\n-7\n{root}\n"),
            format!("{name}\n 7\n{root}\n"),
            format!("{name}\n7 \n{root}\n"),
            format!("{name}\n9223372036854775808\n{root}\n"),
            format!("{name}\n٧\n{root}\n"),
            format!("{name}\n7\n{}\n", root.trim_end_matches('=')),
            format!("{name}\n7\n{root} \n"),
            format!("{name}\n7\n{}\n", STANDARD.encode([7; 31])),
            format!("\n7\n{root}\n"),
            format!("{name}\n7\n"),
        ] {
            assert!(matches!(read(&text), Err(CheckpointError::Malformed)), "{text:?}");
        }
    }

    #[test]
    fn a_checkpoint_with_a_second_signature_is_not_one_as_the_log_makes_it() {
        let key = key();
        let witness: SigningKey = SigningKey::generate("witness.example.com").unwrap().parse().unwrap();
        let keys = [key.verifier().clone()];
        let signed = Checkpoint::sign(&key, 117, leaf_hash(b"any")).unwrap();
        let text = &signed.note[..signed.note.find("\n\n").unwrap() + 1];
        let witnessed = signed.note.clone() + witness.sign(text).unwrap().split_once("\n\n").unwrap().1;
        assert_eq!(Checkpoint::read(&witnessed, &keys).unwrap().size, 117);
        assert!(Checkpoint::read_single(&witnessed, &keys).is_err());
        assert_eq!(Checkpoint::read_single(&signed.note, &keys).unwrap(), signed);
    }

    #[test]
    fn a_checkpoint_without_a_signature_is_noticed_wherever_it_is() {
        let signed = Checkpoint::sign(&key(), 117, leaf_hash(b"any")).unwrap().note;
        let unsigned = signed.split_once("\n\n").unwrap().0;
        assert!(!super::holds_unsigned(&signed) && !super::holds_unsigned("") && !super::holds_unsigned("no note\n"));
        for text in [unsigned.to_owned(), format!("{unsigned}\n\n"), format!("{signed}\n{unsigned}\n")] {
            assert!(super::holds_unsigned(&text), "{text}");
        }
    }

    #[test]
    fn a_checkpoint_is_accepted_only_with_its_key_and_for_its_log() {
        let key = key();
        let keys = [key.verifier().clone()];
        let signed = Checkpoint::sign(&key, 117, leaf_hash(b"any")).unwrap();
        assert_eq!(Checkpoint::read(&signed.note, &keys).unwrap(), signed);
        for (from, to) in [("\n117\n", "\n118\n"), ("\n117\n", "\n0117\n"), ("— ", "- ")] {
            assert!(Checkpoint::read(&signed.note.replace(from, to), &keys).is_err(), "{from:?} as {to:?}");
        }
        let of_another = key.sign("another.example/log\n117\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n").unwrap();
        assert!(matches!(Checkpoint::read(&of_another, &keys), Err(CheckpointError::Origin { .. })));
        let no_checkpoint = key.sign("hello\n").unwrap();
        assert!(matches!(Checkpoint::read(&no_checkpoint, &keys), Err(CheckpointError::Malformed)));
        assert!(Checkpoint::read("", &keys).is_err());
        let none: [VerifierKey; 0] = [];
        assert!(Checkpoint::read(&signed.note, &none).is_err());
    }

    #[test]
    fn notes_are_found_in_files_of_many_and_on_json_lines() {
        let key = key();
        let notes: Vec<_> = (1..4).map(|size| Checkpoint::sign(&key, size, leaf_hash(&[])).unwrap().note).collect();
        assert_eq!(notes_in(&notes.concat()), notes);
        assert_eq!(notes_in(&notes.join("\n")), notes);
        let lines: String = notes
            .iter()
            .map(|note| format!("{}\nsomething else\n", serde_json::json!({ "checkpoint": note })))
            .collect();
        assert_eq!(notes_in(&format!("Partner Portal on http://localhost:3000\n{lines}")), notes);
        assert!(notes_in("").is_empty());
        assert!(notes_in("no note\n\nat all\n").is_empty());
    }
}
