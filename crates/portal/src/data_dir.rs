//! Locking the data folder for the process that serves it.

use std::{
    fs::{File, TryLockError},
    io::Write as _,
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
};

use store::private_file;

use crate::{Portal, StartError};

impl Portal {
    /// Locks the data folder for serving. Only one process can serve it; the command line can write at the same time.
    ///
    /// # Errors
    /// [`StartError::Taken`] if another process serves it.
    pub fn take_data_dir(&self) -> Result<File, StartError> {
        let path = self.serve_lock();
        private_file::mend(&path);
        let failed = |cause| StartError::DataDir { path: path.display().to_string(), cause };
        let mut file =
            File::options().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {
                // Rotating keys needs to know which keys this process has.
                let ids = self.vault.masters().ids().collect::<Vec<_>>().join("\n");
                file.set_len(0).and_then(|()| file.write_all(ids.as_bytes())).map_err(failed)?;
                Ok(file)
            }
            Err(TryLockError::WouldBlock) => {
                Err(StartError::Taken { path: self.settings.data_dir.display().to_string() })
            }
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }

    pub(crate) fn serve_lock(&self) -> PathBuf {
        self.settings.data_dir.join("serve.lock")
    }
}
