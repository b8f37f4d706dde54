//! A checkpoint: the log's size and root as a signed note in the format of
//! [C2SP `tlog-checkpoint`](https://c2sp.org/tlog-checkpoint).

use base64::{Engine, engine::general_purpose::STANDARD};
use signed_note::NoteError;
use tlog_tiles::{Checkpoint as TreeHead, tlog::Hash as Node};

use crate::{
    key::{SigningKey, VerifierKey},
    note::open,
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
    /// The note's text is not that of a checkpoint.
    #[error("its text is not that of a checkpoint")]
    Malformed,
    /// It is a checkpoint of another log.
    #[error("it is a checkpoint of {origin}")]
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
        let entries = u64::try_from(size).map_err(|_| CheckpointError::Malformed)?;
        let head =
            TreeHead::new(key.verifier().name(), entries, Node(root), "").map_err(|_| CheckpointError::Malformed)?;
        let text = String::from_utf8(head.to_bytes()).map_err(|_| CheckpointError::Malformed)?;
        Ok(Self { size, root, note: key.sign(&text)? })
    }

    /// Reads a note that one of the keys signed. Other signatures, such as those of witnesses, are ignored.
    ///
    /// # Errors
    /// If none of the keys signed it, or it is not a checkpoint of the log that the key belongs to.
    pub fn read(note: &str, keys: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let opened = open(note, keys)?;
        let head = head(&opened.text)?;
        if head.origin() != opened.key.name() {
            return Err(CheckpointError::Origin { origin: head.origin().to_owned() });
        }
        Self::of(&head, note)
    }

    /// Reads a note without checking its signature.
    ///
    /// # Errors
    /// If it is not a checkpoint.
    pub fn read_unchecked(note: &str) -> Result<Self, CheckpointError> {
        let (text, _) = note.rsplit_once("\n\n").ok_or(CheckpointError::Malformed)?;
        Self::of(&head(&format!("{text}\n"))?, note)
    }

    fn of(head: &TreeHead, note: &str) -> Result<Self, CheckpointError> {
        let size = i64::try_from(head.size()).map_err(|_| CheckpointError::Malformed)?;
        Ok(Self { size, root: head.hash().0, note: note.to_owned() })
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

fn head(text: &str) -> Result<TreeHead, CheckpointError> {
    TreeHead::from_bytes(text.as_bytes()).map_err(|_| CheckpointError::Malformed)
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

fn on_json_line(line: &str) -> Option<String> {
    let value: serde_json::Value = line.starts_with('{').then(|| serde_json::from_str(line).ok())??;
    Some(value.get("checkpoint")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
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
        assert!(matches!(Checkpoint::read(note, &[key().verifier().clone()]), Err(CheckpointError::Note(_))));
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
