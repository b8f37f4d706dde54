//! Backups: a copy of the database made while the portal serves, with a checkpoint and without any key, and how such a
//! copy becomes a data folder again.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use evidence::verify::OutsideCheckpoints;
use store::{DATABASE, Store, StoreError};
use uuid::Uuid;

use super::{StoredLog, Witnesses};
use crate::{
    alarms::Alarm,
    audit::{
        sealing::{
            history::History,
            sign_error::SignError,
            signing::{Due, sign_due},
        },
        verify::{Verified, VerifyError, verify_against},
    },
};

/// What else belongs to a database in a data folder.
const BESIDE: [&str; 4] = ["portal.db-wal", "portal.db-shm", "index.db", "index.db-wal"];

/// A backup that became a data folder.
pub struct Restored {
    /// What was verified.
    pub verified: Verified,
    /// What the log in it contradicts: the portal changes nothing until that is acknowledged.
    pub alarms: Vec<Alarm>,
}

impl StoredLog {
    /// Writes a consistent copy of the database to a new file that only its owner can read, while the portal may serve.
    /// A checkpoint of all entries is signed first, unless the log contradicts what was signed. Returns the reason if
    /// it could not be signed.
    ///
    /// # Errors
    /// If the file exists or cannot be written.
    pub async fn back_up(&self, file: &Path) -> Result<Option<String>, StoreError> {
        let unsigned = match self.seal().await {
            Ok(seal) => {
                let store = self.store.clone().with_entry_key(seal.entry_key());
                match sign_due(&store, &seal, Due::News).await {
                    Ok(()) => None,
                    Err(SignError::Store(error)) => return Err(error),
                    Err(error) => Some(error.to_string()),
                }
            }
            Err(error) => Some(error.to_string()),
        };
        let failed = |cause| StoreError::File { path: file.display().to_string(), cause };
        // SQLite takes an empty file, but would create one that everybody can read.
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(failed)?;
        let copied = async {
            self.store.copy_to(file).await?;
            sync(file).map_err(failed)
        };
        let copied = copied.await;
        if copied.is_err() {
            fs::remove_file(file).map_err(failed)?;
        }
        copied.map(|()| unsigned)
    }
}

/// Makes a backup the database of a data folder that has none, once it is verified. The signing key and the high-water
/// mark that may be there stay, and tell whether the backup is older than what was signed last.
///
/// # Errors
/// If the folder has a database, the backup is not whole, or a file cannot be written. The folder has no database then.
pub async fn restore(
    backup: &Path,
    data_dir: &Path,
    signing_key_file: Option<&Path>,
    mark_file: Option<&Path>,
) -> Result<Restored, VerifyError> {
    let database = data_dir.join(DATABASE);
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |cause| VerifyError::Store(StoreError::File { path, cause })
    };
    for there in [DATABASE].iter().chain(&BESIDE).map(|name| data_dir.join(name)) {
        if there.exists() {
            return Err(failed(&there)(io::Error::new(io::ErrorKind::AlreadyExists, "it exists")));
        }
    }
    if !backup.is_file() {
        return Err(StoreError::Missing { path: backup.display().to_string() }.into());
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(data_dir).map_err(failed(data_dir))?;
    // In the same folder, so that the last step is a rename.
    let aside = data_dir.join(format!("restoring-{}", Uuid::new_v4().simple()));
    fs::DirBuilder::new().mode(0o700).create(&aside).map_err(failed(&aside))?;
    let copy = aside.join(DATABASE);
    let restored = async {
        copy_private(backup, &copy).map_err(failed(&copy))?;
        let store = Store::open_read_only(&aside).await?;
        let restored = check(StoredLog::new(store, data_dir, signing_key_file).with_mark_file(mark_file)).await?;
        fs::rename(&copy, &database).map_err(failed(&database))?;
        sync(&database).map_err(failed(&database))?;
        Ok(restored)
    };
    let restored = restored.await;
    fs::remove_dir_all(&aside).map_err(failed(&aside))?;
    restored
}

/// Verifies the copy, and says what it contradicts.
async fn check(log: StoredLog) -> Result<Restored, VerifyError> {
    let verified = verify_against(&log.store, OutsideCheckpoints::default()).await;
    let alarms = match &verified {
        Ok(_) => log.contradictions(&Witnesses::default()).await,
        Err(_) => Ok(Vec::new()),
    };
    log.store.close().await;
    Ok(Restored { verified: verified?, alarms: alarms? })
}

/// Copies a file into a new one that only its owner can read.
fn copy_private(from: &Path, to: &Path) -> io::Result<()> {
    let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(&mut File::open(from)?, &mut new)?;
    new.sync_all()
}

impl StoredLog {
    /// What the log contradicts.
    async fn contradictions(&self, witnesses: &Witnesses) -> Result<Vec<Alarm>, StoreError> {
        let mark = self.mark_file().read();
        let own = self.own_key().await;
        let mut conn = self.store.snapshot().await?;
        History::of(&mut conn, own.as_ref()).await?.contradictions(&mark, &witnesses.held).await
    }
}

/// Waits until a file and its name are on the disk.
fn sync(file: &Path) -> io::Result<()> {
    File::open(file)?.sync_all()?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
