//! Files that only the portal's own account may read: how they are created, mended and checked. What is in them is
//! decided elsewhere.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

/// The mode of every file that the portal creates.
const PRIVATE: u32 = 0o600;
/// Everything that the group and others may do.
const OF_OTHERS: u32 = 0o077;
/// The longest file with a secret, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Why a file with a secret is not used.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Other accounts can read or change it.
    #[error("other accounts can read or change it. Run: chmod 600 {}", quoted(path))]
    NotPrivate {
        /// The file.
        path: PathBuf,
    },
}

/// Reads a file with a secret that somebody else has put there.
///
/// # Errors
/// `NotPrivate` if other accounts can read or change it. A group may read a file of root's, since that is how a
/// service's secrets are handed to it.
pub fn read_secret(path: &Path) -> Result<Zeroizing<String>, SecretFileError> {
    let file = File::open(path)?;
    // Of the open file, so that nobody can exchange it in between.
    let found = file.metadata()?;
    let handed_over_by_root = found.uid() == 0 && !rustix::process::geteuid().is_root();
    let allowed = if handed_over_by_root { 0o640 } else { PRIVATE | 0o100 };
    if found.is_file() && found.mode() & 0o777 & !allowed & OF_OTHERS != 0 {
        return Err(SecretFileError::NotPrivate { path: path.to_owned() });
    }
    let mut text = Zeroizing::new(String::new());
    file.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// Creates a new file with this content. It is on the disk when this returns.
///
/// # Errors
/// If there is such a file, or it cannot be written.
pub fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Replaces a file's content in one step, or creates the file.
///
/// # Errors
/// If it cannot be written.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(format!(".{}.new", uuid::Uuid::new_v4().simple()));
    let unfinished = PathBuf::from(unfinished);
    let replaced = create(&unfinished, content).and_then(|()| fs::rename(&unfinished, path));
    if replaced.is_err() {
        // It may not have been created.
        let _ = fs::remove_file(&unfinished);
    }
    replaced
}

/// Makes sure that the file of a database exists and that only its owner can read it and the files that SQLite keeps
/// beside it. SQLite gives those the mode of the database.
///
/// # Errors
/// If it cannot be created.
pub fn prepare_database(path: &Path) -> io::Result<()> {
    match create(path, b"") {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut file = path.as_os_str().to_owned();
        file.push(ending);
        mend(Path::new(&file));
    }
    Ok(())
}

/// Takes the rights of others to one of the portal's own files away, if the file exists.
pub fn mend(path: &Path) {
    let Ok(found) = fs::metadata(path) else { return };
    if found.mode() & OF_OTHERS == 0 {
        return;
    }
    match fs::set_permissions(path, Permissions::from_mode(found.mode() & !OF_OTHERS & 0o7777)) {
        Ok(()) => tracing::warn!(
            file = %path.display(),
            "other accounts could read this file. Its permissions are corrected, so that only its owner can"
        ),
        Err(error) => tracing::error!(
            file = %path.display(), %error,
            "other accounts can read this file, and its permissions cannot be corrected"
        ),
    }
}

/// The path as a shell takes it.
fn quoted(path: &Path) -> String {
    let shown = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if shown.chars().all(plain) && !shown.starts_with('-') {
        shown
    } else {
        format!("-- '{}'", shown.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::Path};

    use super::{SecretFileError, create, mend, prepare_database, quoted, read_secret, replace};

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_secret_that_others_can_read_or_change_is_refused_with_the_command_that_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        create(&file, b"secret").unwrap();
        assert_eq!(mode(&file), 0o600);
        for allowed in [0o600, 0o400, 0o700, 0o500] {
            set_mode(&file, allowed);
            assert_eq!(read_secret(&file).unwrap().as_str(), "secret", "{allowed:o}");
        }
        for refused in [0o644, 0o604, 0o602, 0o620, 0o660, 0o666, 0o444] {
            set_mode(&file, refused);
            let error = read_secret(&file).unwrap_err();
            assert!(matches!(error, SecretFileError::NotPrivate { .. }), "{refused:o}");
            assert!(error.to_string().ends_with(&format!("Run: chmod 600 {}", file.display())), "{error}");
        }
        assert!(matches!(read_secret(&folder.path().join("none")), Err(SecretFileError::Io(_))));
    }

    #[test]
    fn the_command_can_be_pasted_into_a_shell() {
        assert_eq!(quoted(Path::new("/etc/portal/portal.key")), "/etc/portal/portal.key");
        assert_eq!(quoted(Path::new("/my keys/it's")), r"-- '/my keys/it'\''s'");
        assert_eq!(quoted(Path::new("-R")), "-- '-R'");
    }

    #[test]
    fn a_databases_files_are_private_whether_they_are_new_or_not() {
        let folder = tempfile::tempdir().unwrap();
        set_mode(folder.path(), 0o755);
        let database = folder.path().join("portal.db");
        prepare_database(&database).unwrap();
        assert_eq!(mode(&database), 0o600);
        let wal = folder.path().join("portal.db-wal");
        fs::write(&wal, b"").unwrap();
        for (file, before, after) in [(&database, 0o644, 0o600), (&wal, 0o666, 0o600), (&database, 0o440, 0o400)] {
            set_mode(file, before);
            prepare_database(&database).unwrap();
            assert_eq!(mode(file), after);
        }
        mend(&folder.path().join("none"));
    }

    #[test]
    fn a_replaced_file_is_private_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("link");
        fs::write(&file, b"old").unwrap();
        set_mode(&file, 0o644);
        replace(&file, b"new").unwrap();
        assert_eq!((fs::read(&file).unwrap(), mode(&file)), (b"new".to_vec(), 0o600));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(create(&file, b"again").is_err());
    }
}
