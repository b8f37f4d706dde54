//! Reading back what a destination holds, where it can be asked: a folder always, an address if it answers GET with the
//! newest checkpoint that it took.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use evidence::{
    checkpoint::{Checkpoint, notes_in},
    key::VerifierKey,
};
use tokio::task::spawn_blocking;

use super::{
    destination::{Destination, Messenger, NotTaken},
    history::Held,
};

/// How many of a folder's checkpoints of this log are read: the largest, each of which vouches for all that are smaller.
const MOST_READ: usize = 200;
/// How many files are looked at for them. Other logs may be delivered to the same folder.
const MOST_FILES: usize = 20_000;

/// What the destination holds of the log with these keys; `None` if it cannot be asked.
///
/// # Errors
/// If the folder cannot be read.
pub(in crate::audit) async fn read_back(
    messenger: &Messenger,
    destination: &Destination,
    keys: &[VerifierKey],
) -> Result<Option<Held>, NotTaken> {
    let found = match destination {
        Destination::Folder(folder) => {
            let (folder, keys) = (folder.clone(), keys.to_vec());
            spawn_blocking(move || largest_in(&folder, &keys)).await.map_err(io::Error::other)??
        }
        Destination::Address(url) => match messenger.ask(url).await {
            Some(texts) => {
                let mut found = Found::default();
                for text in &texts {
                    found.add(text, keys);
                }
                found
            }
            None => return Ok(None),
        },
        Destination::StandardOutput => return Ok(None),
    };
    let foreign = found.foreign;
    let mut checkpoints = found.ours;
    checkpoints.sort_by(|one, other| (other.size, &other.note).cmp(&(one.size, &one.note)));
    if checkpoints.is_empty() && foreign.is_none() && !matches!(destination, Destination::Folder(_)) {
        return Ok(None);
    }
    Ok(Some(Held { place: destination.to_string(), checkpoints, foreign }))
}

/// What was found at a destination.
#[derive(Default)]
struct Found {
    /// Checkpoints that one of the keys signed.
    ours: Vec<Checkpoint>,
    /// The largest of those that have this log's name and that none of the keys signed.
    foreign: Option<Checkpoint>,
}

impl Found {
    /// Adds the checkpoints in a text. Other logs may be delivered to the same place: theirs have other names.
    fn add(&mut self, text: &str, keys: &[VerifierKey]) {
        for note in notes_in(text) {
            match Checkpoint::read(&note, keys) {
                Ok(checkpoint) => self.ours.push(checkpoint),
                Err(_) if keys.iter().any(|key| note.lines().next() == Some(key.name())) => {
                    let foreign = Checkpoint::read_unchecked(&note).ok();
                    self.foreign = self.foreign.take().into_iter().chain(foreign).max_by_key(|it| it.size);
                }
                Err(_) => {}
            }
        }
    }
}

/// The largest checkpoints of this log. The files' names begin with the size, with leading zeros. What is no checkpoint of
/// this log is passed over, whatever it is.
fn largest_in(folder: &Path, keys: &[VerifierKey]) -> io::Result<Found> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension().is_some_and(|ending| ending == "note") {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    if paths.len() > MOST_FILES {
        let why = format!("it holds {} checkpoints, and at most {MOST_FILES} are looked at", paths.len());
        tracing::warn!(folder = %folder.display(), why, "give each log a folder of its own");
    }
    let mut found = Found::default();
    for path in paths.iter().rev().take(MOST_FILES) {
        if found.ours.len() >= MOST_READ {
            break;
        }
        match fs::read(path) {
            Ok(bytes) => found.add(&String::from_utf8_lossy(&bytes), keys),
            Err(error) => tracing::warn!(file = %path.display(), %error, "a checkpoint cannot be read"),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use evidence::{checkpoint::Checkpoint, key::SigningKey, tree::leaf_hash};

    use super::{Destination, MOST_READ, Messenger, read_back};

    #[tokio::test]
    async fn neither_larger_checkpoints_of_another_log_nor_unreadable_files_hide_those_of_this_one() {
        let key = |name: &str| -> SigningKey { SigningKey::generate(name).unwrap().parse().unwrap() };
        let (ours, other) = (key("a.example/log"), key("b.example/log"));
        let folder = tempfile::tempdir().unwrap();
        let put = |size: i64, key: &SigningKey| {
            let note = Checkpoint::sign(key, size, leaf_hash(b"any")).unwrap().note;
            fs::write(folder.path().join(format!("{size:012}-0.note")), note).unwrap();
        };
        put(131, &ours);
        for size in 0..MOST_READ as i64 + 10 {
            put(1_000_000 + size, &other);
        }
        fs::write(folder.path().join("999999999999-0.note"), [0xff, 0xfe, 0]).unwrap();
        fs::create_dir(folder.path().join("999999999999-1.note")).unwrap();
        let place = Destination::Folder(folder.path().to_owned());
        let keys = [ours.verifier().clone()];
        let held = read_back(&Messenger::new(None), &place, &keys).await.unwrap().unwrap();
        assert_eq!(held.checkpoints.iter().map(|it| it.size).collect::<Vec<_>>(), [131]);
        assert_eq!(held.foreign, None);

        // Somebody replaced the key, and rewrote the log under it.
        put(140, &key("a.example/log"));
        let held = read_back(&Messenger::new(None), &place, &keys).await.unwrap().unwrap();
        assert_eq!(held.foreign.map(|it| it.size), Some(140));
    }
}
