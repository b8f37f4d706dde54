//! `partner-portal key rotate`: replaces the keys in the database while the portal serves, and seals all of them with the
//! newest master key (`docs/key-rotation.md`).
//!
//! Each step is a transaction of its own that says in the table `data_key` how far the rotation has come, so that it can
//! be stopped at any point and begun again. Rows are genuine, and secrets can be opened, by the old keys as well as the
//! new ones until everything has been moved.

use std::{
    fs::{File, TryLockError},
    io::{self, Read as _},
    os::unix::fs::OpenOptionsExt,
    time::Duration,
};

use store::{
    DataKey, KeyPurpose, KeyState, StoreError, Write, connector_code, data_keys,
    key_ring::LOOKED_EVERY,
    micros,
    rows::{
        follow_keys::{follow_keys, of_other_keys},
        sealed::{seal_again, sealed_with_another_key},
    },
};

use crate::{
    Admin, Error, Portal,
    audit::{Action, Draft, append},
    code::sealed_for,
    vault::VaultError,
};

/// The keys that a rotation replaces. The hash key stays: what it hashes cannot be hashed again, and has so many random
/// bits that knowing the key does not help to guess it.
const RENEWED: [KeyPurpose; 2] = [KeyPurpose::Row, KeyPurpose::Seal];
/// How long every process gets to notice the announced keys.
const NOTICE: Duration = Duration::from_millis(2_500);
const _: () = assert!(NOTICE.as_millis() > 2 * LOOKED_EVERY.as_millis());
/// How much code is sealed again in a transaction.
const CODE_AT_ONCE: i64 = 10;
/// How often rows are moved again because others appeared meanwhile.
const ROUNDS: usize = 5;

/// Why the keys are not rotated. Each is one line for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// Another process rotates the keys.
    #[error("another `partner-portal key rotate` is running")]
    Running,
    /// The serving process does not have the newest master key.
    #[error(
        "the portal that serves this data folder does not have the new key {newest} yet. Restart it with the new key on \
         the first line of PORTAL_MASTER_KEY_FILE and the old key below it"
    )]
    ServerLacksKey {
        /// The id of the key.
        newest: String,
    },
    /// A sealed secret cannot be moved.
    #[error(
        "the secret in the row {row} of the table {table} cannot be opened, so the old key is kept. Replace it (a team's \
         token on the Teams page), and run this again"
    )]
    Secret {
        /// Its table.
        table: &'static str,
        /// The values of its key.
        row: String,
    },
    /// Rows that were written with the old key keep appearing.
    #[error("{0} rows still depend on the old key, so it is kept. Run this again")]
    Left(usize),
    /// A file in the data folder cannot be used.
    #[error("{path}: {cause}")]
    File {
        /// The file.
        path: String,
        /// The cause.
        cause: io::Error,
    },
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Anything else.
    #[error(transparent)]
    Other(#[from] Error),
}

/// A finished rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The id of the master key that now seals every key in the database.
    pub master: String,
    /// The ids of the other master keys in the file. Nothing depends on them.
    pub unused: Vec<String>,
}

impl Portal {
    /// Whether a rotation was begun and is not finished.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn is_rotation_unfinished(&self) -> Result<bool, StoreError> {
        let keys = data_keys::all(&mut self.store.read().await?).await?;
        Ok(keys.iter().any(|key| key.state != KeyState::Current))
    }

    /// Rotates the keys, or finishes a rotation that was stopped.
    ///
    /// # Errors
    /// See [`RotateError`]. The portal works with the keys that it has.
    pub async fn rotate_keys(&self, admin: &Admin) -> Result<Rotated, RotateError> {
        let _only_one = self.lock_rotation()?;
        self.check_server_has_newest()?;
        self.check_free_space()?;
        self.begin(admin).await?;
        tokio::time::sleep(NOTICE).await;
        self.switch().await?;
        self.move_everything().await?;
        // Once more: since the switch, nobody can keep any with the old key.
        self.seal_code_again().await?;
        self.end(admin).await?;
        // What the old keys sealed is not left in the write-ahead log either.
        self.store.write_back().await?;
        let mut ids = self.vault.masters().ids().map(str::to_owned);
        Ok(Rotated { master: ids.next().unwrap_or_default(), unused: ids.collect() })
    }

    fn lock_rotation(&self) -> Result<File, RotateError> {
        let path = self.settings.data_dir.join("rotate.lock");
        let failed = |cause| RotateError::File { path: path.display().to_string(), cause };
        let options = File::options().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = options.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(RotateError::Running),
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }

    /// Refuses while a process serves that could not open what the newest master key seals.
    fn check_server_has_newest(&self) -> Result<(), RotateError> {
        let newest = self.vault.masters().newest();
        let path = self.serve_lock();
        let failed = |cause| RotateError::File { path: path.display().to_string(), cause };
        let mut file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file.map_err(failed)?,
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(()),
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
            Err(TryLockError::WouldBlock) => {
                let mut held = String::new();
                file.read_to_string(&mut held).map_err(failed)?;
                match held.lines().any(|id| id == newest) {
                    true => Ok(()),
                    false => Err(RotateError::ServerLacksKey { newest: newest.to_owned() }),
                }
            }
        }
    }

    /// Announces new keys, unless a rotation is under way.
    async fn begin(&self, admin: &Admin) -> Result<(), RotateError> {
        let masters = self.vault.masters();
        let mut tx = self.store.write().await?;
        let keys = data_keys::all(&mut tx).await?;
        if keys.iter().any(|key| key.state != KeyState::Current) {
            return Ok(());
        }
        let mut from: Vec<&str> = keys.iter().map(|key| key.key_id.as_str()).collect();
        from.sort_unstable();
        from.dedup();
        let draft = Draft::recorded(admin.entry_actor(), Action::KeyRotateBegin)
            .parameter("from", from)
            .parameter("to", masters.newest());
        let told = append(&mut tx, draft).await?;
        for purpose in RENEWED {
            put(&mut tx, masters.new_data_key(purpose, KeyState::Announced, micros(told.at))?).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// From now on everything is written with the new keys. The old ones stay sealed with the old master key.
    async fn switch(&self) -> Result<(), RotateError> {
        let masters = self.vault.masters();
        let mut tx = self.store.write().await?;
        let keys = data_keys::all(&mut tx).await?;
        let announced: Vec<KeyPurpose> =
            keys.iter().filter(|key| key.state == KeyState::Announced).map(|key| key.purpose).collect();
        for key in keys.iter().filter(|key| announced.contains(&key.purpose)) {
            let state = match key.state {
                KeyState::Announced => KeyState::Current,
                KeyState::Current | KeyState::Old => KeyState::Old,
            };
            put(&mut tx, masters.with_state(key, state)?).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn move_everything(&self) -> Result<(), RotateError> {
        for _ in 0..ROUNDS {
            self.seal_secrets_again().await?;
            self.seal_code_again().await?;
            follow_keys(&self.store).await?;
            if of_other_keys(&mut self.store.snapshot().await?).await? == 0 {
                break;
            }
        }
        Ok(())
    }

    async fn seal_secrets_again(&self) -> Result<(), RotateError> {
        let mut tx = self.store.write().await?;
        self.seal_secrets_in(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Seals every secret with the current key. One that cannot be opened stops the rotation: without the old key, nobody
    /// could ever open it.
    async fn seal_secrets_in(&self, tx: &mut Write) -> Result<(), RotateError> {
        for row in sealed_with_another_key(tx, &self.vault.key_id()).await? {
            let failed = || RotateError::Secret { table: row.table, row: row.row.clone() };
            let subject = subject(row.table, &row.row).ok_or_else(failed)?;
            let secret = self.vault.open_for(&subject, &row.sealed).map_err(|_| failed())?;
            seal_again(tx, &row, &self.vault.seal_for(&subject, &secret)?).await?;
        }
        Ok(())
    }

    /// Seals the code of connectors with the current key, a few versions in a transaction: there can be much of it. What
    /// cannot be opened is damaged, and stays as it is: nobody could read it with the old key either.
    async fn seal_code_again(&self) -> Result<(), RotateError> {
        let (mut after, key_id) = (None, self.vault.key_id());
        loop {
            let mut tx = self.store.write().await?;
            let found = connector_code::sealed_with_another_key(&mut tx, &key_id, after, CODE_AT_ONCE).await?;
            for (of, sealed) in &found {
                match self.vault.open_for(&sealed_for(of), sealed) {
                    Ok(code) => {
                        let sealed = self.vault.seal_for(&sealed_for(of), &code)?;
                        connector_code::seal_again(&mut tx, of, &sealed).await?;
                    }
                    Err(error) => tracing::error!(code = of.row(), %error, "code that is kept cannot be opened"),
                }
            }
            tx.commit().await?;
            match found.last() {
                Some((of, _)) => after = Some(*of),
                None => return Ok(()),
            }
        }
    }

    /// Removes the old keys, once nothing depends on them.
    async fn end(&self, admin: &Admin) -> Result<(), RotateError> {
        let masters = self.vault.masters();
        let mut tx = self.store.write().await?;
        self.seal_secrets_in(&mut tx).await?;
        let left = of_other_keys(&mut tx).await?;
        if left > 0 {
            return Err(RotateError::Left(left));
        }
        let (old, kept): (Vec<DataKey>, Vec<DataKey>) =
            data_keys::all(&mut tx).await?.into_iter().partition(|key| key.state == KeyState::Old);
        for key in &old {
            data_keys::remove(&mut tx, &key.id).await?;
        }
        for key in kept.iter().filter(|key| key.key_id != masters.newest()) {
            put(&mut tx, masters.sealed_with_newest(key)?).await?;
        }
        let mut ids: Vec<&str> = kept.iter().map(|key| key.id.as_str()).collect();
        ids.sort_unstable();
        let draft = Draft::recorded(admin.entry_actor(), Action::KeyRotateEnd)
            .parameter("to", masters.newest())
            .parameter("data_keys", ids);
        append(&mut tx, draft).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// What the secret of a row is sealed for. `None` for a table that nobody has named here.
fn subject(table: &str, row: &str) -> Option<String> {
    match table {
        "team_token" => Some(format!("token v1 {row}")),
        "factor" => Some(format!("factor v1 {row}")),
        _ => None,
    }
}

async fn put(tx: &mut Write, key: DataKey) -> Result<(), StoreError> {
    data_keys::put(tx, &key).await
}

#[cfg(test)]
mod tests;
