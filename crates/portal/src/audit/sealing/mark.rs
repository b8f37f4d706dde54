//! The high-water mark: how far the log had come, signed with the log's own key, in a file beside that key and outside
//! the database. A database that is older than its mark was taken back; one that differs from it was rewritten.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use evidence::{
    checkpoint::root_text,
    key::{SigningKey, VerifierKey},
    note::NoteError,
    signed_text::open_single,
    tree::{GrowingTree, Hash},
};
use store::TeamId;
use uuid::Uuid;

/// The file in the data folder, unless the signing key or the mark is configured to be elsewhere.
const FILE: &str = "signing.mark";
/// What the first line says after the log's name. No checkpoint begins like this, so neither passes for the other.
const KIND: &str = " high-water mark";

/// How far the log had come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::audit) struct Mark {
    /// How many entries there were.
    pub size: i64,
    /// The root over them.
    pub root: Hash,
    /// How many checkpoints there were in the database.
    pub checkpoints: i64,
    /// The largest of their sizes.
    pub newest: i64,
    /// When each team's Workato had been compared with what was last seen of it, in microseconds since 1970.
    pub compared: BTreeMap<TeamId, i64>,
}

impl Mark {
    /// The mark of a log that is not signed yet.
    pub fn zero() -> Self {
        Self { size: 0, root: GrowingTree::default().root(), checkpoints: 0, newest: 0, compared: BTreeMap::new() }
    }

    fn sign(&self, key: &SigningKey) -> Result<String, NoteError> {
        let Self { size, root, checkpoints, newest, compared } = self;
        let name = key.verifier().name();
        let compared: Vec<String> = compared.iter().map(|(team, at)| format!("{team}={at}")).collect();
        let (root, compared) = (root_text(root), compared.join(" "));
        key.sign(&format!("{name}{KIND}\n{size}\n{root}\n{checkpoints}\n{newest}\ncompared {compared}\n"))
    }

    /// Reads the mark that one of the keys signed, or says what is wrong with it.
    pub fn read(text: &str, keys: &[VerifierKey]) -> Result<Self, &'static str> {
        let opened = open_single(text, keys).map_err(|_| "it is not signed with a key of this log")?;
        let mut lines = opened.text.lines();
        let mut number = {
            let mut lines = lines.clone().skip(1);
            move |skipped: usize| lines.nth(skipped)?.parse::<i64>().ok().filter(|number| *number >= 0)
        };
        let is_ours = lines.next().and_then(|first| first.strip_suffix(KIND)) == Some(opened.key.name());
        let root = lines.nth(1).and_then(|root| STANDARD.decode(root).ok()).and_then(|root| root.try_into().ok());
        let (size, checkpoints, newest) = (number(0), number(1), number(0));
        let compared = opened.text.lines().nth(5).and_then(|line| compared_in(line.strip_prefix("compared ")?));
        match (size, root, checkpoints, newest, compared) {
            (Some(size), Some(root), Some(checkpoints), Some(newest), Some(compared))
                if is_ours && opened.text.lines().count() == 6 =>
            {
                Ok(Self { size, root, checkpoints, newest, compared })
            }
            _ => Err("it is not the high-water mark of a log"),
        }
    }
}

fn compared_in(text: &str) -> Option<BTreeMap<TeamId, i64>> {
    let one = |pair: &str| {
        let (team, at) = pair.split_once('=')?;
        Some((team.parse().ok()?, at.parse().ok()?))
    };
    text.split_ascii_whitespace().map(one).collect()
}

/// What the file holds. Its signature is checked later, with the keys that the log names.
#[derive(Clone, Debug)]
pub(in crate::audit) enum FoundMark {
    /// There is no file.
    Missing,
    /// It cannot be read.
    Unreadable(String),
    /// A signed note, or something else.
    Text(String),
}

/// The file.
#[derive(Clone, Debug)]
pub(crate) struct MarkFile(PathBuf);

impl MarkFile {
    /// The configured file, or one beside the signing key.
    pub fn new(data_dir: &Path, signing_key_file: Option<&Path>, configured: Option<&Path>) -> Self {
        Self(match (configured, signing_key_file) {
            (Some(file), _) => file.to_owned(),
            (None, Some(key)) => key.with_extension("mark"),
            (None, None) => data_dir.join(FILE),
        })
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub(in crate::audit) fn read(&self) -> FoundMark {
        match fs::read_to_string(&self.0) {
            Ok(text) => FoundMark::Text(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => FoundMark::Missing,
            Err(error) => FoundMark::Unreadable(error.to_string()),
        }
    }

    /// Writes the mark in one step. It is on the disk when this returns.
    pub(in crate::audit) fn write(&self, mark: &Mark, key: &SigningKey) -> io::Result<()> {
        let note = mark.sign(key).map_err(io::Error::other)?;
        let unfinished = self.0.with_extension(format!("{}.new", Uuid::new_v4().simple()));
        let written = self.replace_by(&unfinished, &note);
        if written.is_err() {
            // Nothing is lost if it stays.
            let _ = fs::remove_file(&unfinished);
        }
        written
    }

    fn replace_by(&self, unfinished: &Path, note: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(unfinished)?;
        file.write_all(note.as_bytes())?;
        file.sync_all()?;
        fs::rename(unfinished, &self.0)?;
        // The new name, too, has to survive a power cut.
        let folder = self.0.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use evidence::{checkpoint::Checkpoint, key::SigningKey, tree::leaf_hash};

    use store::TeamId;

    use super::{FoundMark, Mark, MarkFile};

    fn key(name: &str) -> SigningKey {
        SigningKey::generate(name).unwrap().parse().unwrap()
    }

    fn mark() -> Mark {
        let compared = [(TeamId::new(), 1_700_000_000_000_000), (TeamId::new(), 0)].into();
        Mark { size: 131, root: leaf_hash(b"any"), checkpoints: 6, newest: 117, compared }
    }

    #[test]
    fn a_written_mark_is_read_with_the_logs_key_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = MarkFile::new(folder.path(), None, None);
        assert!(matches!(file.read(), FoundMark::Missing));
        let key = key("a.example/log");
        for mark in [Mark::zero(), mark()] {
            file.write(&mark, &key).unwrap();
            let FoundMark::Text(text) = file.read() else { panic!("it was written") };
            assert_eq!(Mark::read(&text, &[key.verifier().clone()]), Ok(mark));
            assert!(Mark::read(&text, &[self::key("a.example/log").verifier().clone()]).is_err());
        }
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(names, ["signing.mark"]);
        assert_eq!(file.path().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_changed_mark_or_a_checkpoint_is_not_a_mark() {
        let key = key("a.example/log");
        let keys = [key.verifier().clone()];
        let note = mark().sign(&key).unwrap();
        let signature = note.lines().last().unwrap();
        for changed in [
            note.replace("\n131\n", "\n13\n"),
            note.replace("\n6\n", "\n5\n"),
            format!("{note}{signature}\n"),
            note.replace(signature, ""),
            String::new(),
            key.sign("a.example/log high-water mark\n-1\nAAAA\n0\n0\n").unwrap(),
            key.sign("a.example/log high-water mark\n1\n2\n").unwrap(),
            Checkpoint::sign(&key, 131, leaf_hash(b"any")).unwrap().note,
        ] {
            assert!(Mark::read(&changed, &keys).is_err(), "{changed}");
        }
        assert!(Checkpoint::read(&note, &keys).is_err());
    }

    #[test]
    fn the_mark_is_beside_the_key_unless_it_is_configured() {
        let at = |key: Option<&str>, mark: Option<&str>| {
            MarkFile::new("/data".as_ref(), key.map(AsRef::as_ref), mark.map(AsRef::as_ref)).path().to_owned()
        };
        assert_eq!(at(None, None).to_str(), Some("/data/signing.mark"));
        assert_eq!(at(Some("/etc/portal/log.key"), None).to_str(), Some("/etc/portal/log.mark"));
        assert_eq!(at(Some("/etc/portal/log.key"), Some("/var/lib/m")).to_str(), Some("/var/lib/m"));
    }
}
