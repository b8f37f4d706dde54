//! The modes and owners of the data folder and what is in it. SQLite and the portal create files there as the account that
//! runs them, so a command that somebody ran as root can leave files that the portal cannot write.

use std::{
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use rustix::fs::{Access, access};

use crate::Settings;

/// What the group and others may read, and change.
const READ: u32 = 0o044;
const CHANGE: u32 = 0o022;

/// What is wrong with a file or folder.
#[derive(Debug)]
pub enum FileFault {
    /// Other accounts can read it.
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Other accounts can change it.
    Changeable {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It belongs to another account than the data folder.
    OtherOwner {
        /// The file.
        path: PathBuf,
        /// The data folder.
        folder: PathBuf,
        /// The number of the account that owns the file.
        owner: u32,
        /// The number of the account that owns the data folder.
        wanted: u32,
    },
    /// This account cannot write to it, and the portal must.
    Unwritable {
        /// The folder or file.
        path: PathBuf,
    },
    /// It cannot be looked at.
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

impl FileFault {
    /// Whether the portal cannot work like this, or cannot be trusted.
    #[must_use]
    pub const fn is_grave(&self) -> bool {
        !matches!(self, Self::Readable { .. })
    }
}

/// What is wrong with the data folder, the files in it, and the folder of the high-water mark. An empty list if there is no
/// data folder.
#[must_use]
pub fn file_faults(settings: &Settings) -> Vec<FileFault> {
    let folder = &settings.data_dir;
    let found = match fs::metadata(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(cause) => return vec![FileFault::Unreadable { path: folder.clone(), cause }],
    };
    let mut faults = Vec::new();
    // Others may see which files there are. What is in them is private.
    faults.extend(mode_fault(folder, &found).filter(|fault| matches!(fault, FileFault::Changeable { .. })));
    match fs::read_dir(folder) {
        Err(cause) => faults.push(FileFault::Unreadable { path: folder.clone(), cause }),
        Ok(files) => {
            let mut files: Vec<PathBuf> = files.filter_map(Result::ok).map(|file| file.path()).collect();
            files.sort();
            for path in files {
                faults.extend(file_fault(folder, path, found.uid()));
            }
        }
    }
    let mark = settings.mark_file.as_deref().or(settings.signing_key_file.as_deref());
    let mark_folder = mark.and_then(Path::parent).filter(|parent| !parent.as_os_str().is_empty());
    for written in [Some(folder.as_path()), mark_folder].into_iter().flatten() {
        if access(written, Access::WRITE_OK | Access::EXEC_OK).is_err() {
            faults.push(FileFault::Unwritable { path: written.to_owned() });
        }
    }
    faults
}

fn file_fault(folder: &Path, path: PathBuf, wanted: u32) -> Option<FileFault> {
    let found = match fs::metadata(&path) {
        Ok(found) => found,
        // SQLite and the portal remove files of theirs meanwhile.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(cause) => return Some(FileFault::Unreadable { path, cause }),
    };
    if found.uid() != wanted {
        let (folder, owner) = (folder.to_owned(), found.uid());
        return Some(FileFault::OtherOwner { path, folder, owner, wanted });
    }
    if found.is_file() { mode_fault(&path, &found) } else { None }
}

fn mode_fault(path: &Path, found: &Metadata) -> Option<FileFault> {
    let (path, mode) = (path.to_owned(), found.mode() & 0o7777);
    match mode {
        mode if mode & CHANGE != 0 => Some(FileFault::Changeable { path, mode }),
        mode if mode & READ != 0 => Some(FileFault::Readable { path, mode }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, Permissions},
        os::unix::fs::{PermissionsExt, chown},
    };

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn modes_and_owners_that_are_wrong_are_found_and_nothing_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let settings = Settings::new(data.clone(), folder.path().join("key"));
        assert!(file_faults(&settings).is_empty(), "there is no data folder yet");
        fs::create_dir(&data).unwrap();
        set_mode(&data, 0o700);
        for name in ["portal.db", "portal.db-wal", "signing.key"] {
            fs::write(data.join(name), b"").unwrap();
            set_mode(&data.join(name), 0o600);
        }
        assert!(file_faults(&settings).is_empty());

        set_mode(&data.join("portal.db"), 0o640);
        set_mode(&data.join("signing.key"), 0o602);
        set_mode(&data, 0o770);
        let faults = file_faults(&settings);
        assert!(
            matches!(
                &faults[..],
                [
                    FileFault::Changeable { path: folder, mode: 0o770 },
                    FileFault::Readable { path: database, mode: 0o640 },
                    FileFault::Changeable { path: key, mode: 0o602 },
                ] if *folder == data && database.ends_with("portal.db") && key.ends_with("signing.key")
            ),
            "{faults:?}"
        );
        assert_eq!(faults.iter().filter(|fault| fault.is_grave()).count(), 2);
        assert_eq!(fs::metadata(data.join("portal.db")).unwrap().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_file_that_a_command_of_root_left_behind_is_found() {
        if !rustix::process::geteuid().is_root() {
            // Only root can give files away.
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        set_mode(folder.path(), 0o700);
        chown(folder.path(), Some(12_345), None).unwrap();
        let file = folder.path().join("portal.db-wal");
        fs::write(&file, b"").unwrap();
        set_mode(&file, 0o600);
        let faults = file_faults(&Settings::new(folder.path().to_owned(), file.clone()));
        assert!(
            matches!(&faults[..], [FileFault::OtherOwner { path, owner: 0, wanted: 12_345, .. }] if *path == file),
            "{faults:?}"
        );
    }

    #[test]
    fn the_folder_of_the_high_water_mark_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        set_mode(folder.path(), 0o700);
        let mut settings = Settings::new(folder.path().to_owned(), folder.path().join("key"));
        settings.signing_key_file = Some(folder.path().join("keys/signing.key"));
        let faults = file_faults(&settings);
        assert!(matches!(&faults[..], [FileFault::Unwritable { path }] if path.ends_with("keys")), "{faults:?}");
        settings.mark_file = Some(folder.path().join("signing.mark"));
        assert!(file_faults(&settings).is_empty());
    }
}
