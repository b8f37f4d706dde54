//! Reading the checkpoints that somebody else kept, from files.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use evidence::{
    key::VerifierKey,
    verify::{OutsideCheckpoints, OutsideError},
};

/// Why a file of checkpoints cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OutsideFileError {
    /// The file or folder cannot be read.
    #[error("{path}: {cause}")]
    Read {
        /// The file or folder.
        path: String,
        /// Why.
        cause: io::Error,
    },
    /// It holds no checkpoint, or a malformed one.
    #[error(transparent)]
    Checkpoint(#[from] OutsideError),
}

/// Every checkpoint in these files and in the files of these folders. They must be signed with one of `keys`, or, if
/// `keys` is empty, with a key that the log itself names.
///
/// # Errors
/// If a file cannot be read, or holds no checkpoint or a malformed one.
pub fn read_outside_checkpoints(
    paths: &[PathBuf],
    keys: Vec<VerifierKey>,
) -> Result<OutsideCheckpoints, OutsideFileError> {
    let mut outside = OutsideCheckpoints::signed_with(keys);
    for path in paths {
        if path.is_dir() {
            for file in fs::read_dir(path).map_err(|cause| unreadable(path, cause))? {
                let file = file.map_err(|cause| unreadable(path, cause))?.path();
                if file.is_file() {
                    add_file(&mut outside, &file)?;
                }
            }
        } else {
            add_file(&mut outside, path)?;
        }
    }
    Ok(outside)
}

fn add_file(outside: &mut OutsideCheckpoints, file: &Path) -> Result<(), OutsideFileError> {
    let text = fs::read_to_string(file).map_err(|cause| unreadable(file, cause))?;
    Ok(outside.add(&file.display().to_string(), &text)?)
}

fn unreadable(path: &Path, cause: io::Error) -> OutsideFileError {
    OutsideFileError::Read { path: path.display().to_string(), cause }
}
