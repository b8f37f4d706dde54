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

/// How many of a folder's checkpoints are read: the largest, each of which vouches for all that are smaller.
const MOST_READ: usize = 200;

/// What the destination holds of the log with these keys; `None` if it cannot be asked.
///
/// # Errors
/// If the folder cannot be read.
pub(in crate::audit) async fn read_back(
    messenger: &Messenger,
    destination: &Destination,
    keys: &[VerifierKey],
) -> Result<Option<Held>, NotTaken> {
    let notes = match destination {
        Destination::Folder(folder) => {
            let folder = folder.clone();
            spawn_blocking(move || largest_in(&folder)).await.map_err(io::Error::other)??
        }
        Destination::Address(url) => match messenger.ask(url).await {
            Some(text) => text,
            None => return Ok(None),
        },
        Destination::StandardOutput => return Ok(None),
    };
    let notes = notes.iter().flat_map(|text| notes_in(text));
    // Other logs may be delivered to the same place.
    let mut checkpoints: Vec<_> = notes.filter_map(|note| Checkpoint::read(&note, keys).ok()).collect();
    checkpoints.sort_by(|one, other| (other.size, &other.note).cmp(&(one.size, &one.note)));
    if checkpoints.is_empty() && !matches!(destination, Destination::Folder(_)) {
        return Ok(None);
    }
    Ok(Some(Held { place: destination.to_string(), checkpoints }))
}

/// The files with the largest checkpoints. Their names begin with the size, with leading zeros.
fn largest_in(folder: &Path) -> io::Result<Vec<String>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension().is_some_and(|ending| ending == "note") {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    let read = |path: &PathBuf| fs::read_to_string(path);
    paths.iter().rev().take(MOST_READ).map(read).collect()
}
