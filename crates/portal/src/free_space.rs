//! How much space is free on the data folder's file system. With too little, the portal refuses changes, so that
//! what has begun can still be recorded.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{Error, Result};

/// How long an answer of the operating system is used again.
const REUSED_FOR: Duration = Duration::from_secs(1);

/// The free space, asked for at most once a second.
#[derive(Debug)]
pub(crate) struct FreeSpace {
    folder: PathBuf,
    /// In bytes. 0 switches the check off.
    least: u64,
    last: Mutex<Option<(Instant, Option<u64>)>>,
}

impl FreeSpace {
    pub fn of(folder: &Path, least: u64) -> Self {
        Self { folder: folder.to_owned(), least, last: Mutex::default() }
    }

    /// The free bytes. `None` if the operating system does not say.
    fn bytes(&self) -> Option<u64> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, bytes)) = *last
            && at.elapsed() < REUSED_FOR
        {
            return bytes;
        }
        let bytes = bytes_of(&self.folder);
        if let Some(bytes) = bytes {
            metrics::gauge!("portal_free_disk_bytes").set(bytes as f64);
        }
        *last = Some((Instant::now(), bytes));
        bytes
    }

    /// Checks that there is enough space to change something and to record it.
    ///
    /// # Errors
    /// `DiskAlmostFull`.
    pub fn check(&self) -> Result<()> {
        match self.bytes() {
            // An unknown amount must not stop everybody's work.
            Some(free) if free < self.least => Err(Error::DiskAlmostFull { free, least: self.least }),
            _ => Ok(()),
        }
    }
}

/// The free bytes of a folder's file system. `None` if the operating system does not say.
pub(crate) fn bytes_of(folder: &Path) -> Option<u64> {
    match rustix::fs::statvfs(folder) {
        // Of blocks, those that processes without privileges may use.
        Ok(stat) => Some(stat.f_bavail.saturating_mul(stat.f_frsize)),
        Err(error) => {
            tracing::warn!(%error, "cannot read how much disk space is free");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::FreeSpace;

    #[test]
    fn the_free_space_of_a_folder_is_known_and_that_of_none_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let free = FreeSpace::of(folder.path(), 0).bytes().unwrap();
        assert!(free > 0);
        assert_eq!(FreeSpace::of(Path::new("/no/such/folder"), 0).bytes(), None);
        assert!(FreeSpace::of(folder.path(), u64::MAX).check().is_err());
        assert!(FreeSpace::of(Path::new("/no/such/folder"), u64::MAX).check().is_ok());
    }
}
