//! Moving a portal to another database: from the data folder to PostgreSQL, or back. Both ends are verified.

use std::{
    fs::{DirBuilder, File, TryLockError},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use evidence::verify::OutsideCheckpoints;
use secrecy::{ExposeSecret, SecretString};
use store::{DATABASE, Store, StoreError, moving};

use super::StoredLog;
use crate::audit::verify::{Verified, VerifyError};

/// Where a portal is moved to.
#[derive(Clone, Debug)]
pub enum MoveTo {
    /// A PostgreSQL database.
    Url(SecretString),
    /// A data folder.
    Folder(PathBuf),
}

/// A portal that was moved.
pub struct Moved {
    /// The log, as it is at both ends.
    pub verified: Verified,
    /// How many rows were copied, and how many compared.
    pub copied: moving::Copied,
}

/// Why a portal is not moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// One of the logs is not as it was appended, or a database cannot be read or written.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The portal is served from this folder.
    #[error("the portal in {0} is running: stop it first")]
    Serving(String),
}

impl From<StoreError> for MoveError {
    fn from(error: StoreError) -> Self {
        Self::Verify(error.into())
    }
}

impl StoredLog {
    /// Copies the whole portal into another database and verifies both. The portal must not be served meanwhile, and is not
    /// changed. If it is interrupted, run it again: it continues where it stopped. `seen` is called with each table and the
    /// number of its rows that were copied.
    ///
    /// # Errors
    /// If the log is not as it was appended, the other database holds another portal, or one of them cannot be used.
    pub async fn move_to(&self, to: &MoveTo, seen: impl FnMut(&str, u64)) -> Result<Moved, MoveError> {
        let _not_served = self.lock()?;
        let before = self.verify(OutsideCheckpoints::default()).await?;
        let target = open(to).await?;
        let moved = async {
            moving::check_target(&self.store, &target).await?;
            let copied = moving::copy(&self.store, &target, seen).await?;
            let there = StoredLog::new(target.clone(), &self.data_dir, self.signing_key_file.as_deref());
            let there = there.with_mark_file(self.mark_file.as_deref()).with_key(self.key.clone());
            let after = there.verify(OutsideCheckpoints::default()).await?;
            if (before.entries, before.root) != (after.entries, after.root) {
                return Err(StoreError::damaged("copy", "its log has another root").into());
            }
            Ok(Moved { verified: after, copied })
        };
        let moved = moved.await;
        target.close().await;
        moved
    }

    /// Keeps `serve` from the data folder while the portal is moved.
    fn lock(&self) -> Result<File, MoveError> {
        let path = self.data_dir.join("serve.lock");
        let failed = |cause| StoreError::File { path: path.display().to_string(), cause };
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(MoveError::Serving(self.data_dir.display().to_string())),
            Err(TryLockError::Error(cause)) => Err(failed(cause).into()),
        }
    }
}

async fn open(to: &MoveTo) -> Result<Store, StoreError> {
    match to {
        MoveTo::Url(url) => Store::connect(url.expose_secret()).await,
        MoveTo::Folder(folder) => {
            let failed = |cause| StoreError::File { path: folder.display().to_string(), cause };
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
            Store::open(folder).await
        }
    }
}

/// Sets the database that was moved aside, so that nobody serves it by mistake. Returns its new name.
///
/// # Errors
/// If it cannot be renamed.
pub fn set_aside(data_dir: &Path) -> Result<PathBuf, StoreError> {
    let file = data_dir.join(DATABASE);
    let aside = data_dir.join(format!("{DATABASE}.moved"));
    std::fs::rename(&file, &aside).map_err(|cause| StoreError::File { path: file.display().to_string(), cause })?;
    Ok(aside)
}
