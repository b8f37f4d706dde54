//! The keys of the rows' HMACs as this process knows them, followed while another process rotates them.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    Read, StoreError,
    data_keys::{self, DataKey},
    rows::row_key::RowKey,
};

/// How often reading looks for other keys. A rotation waits longer than this between announcing a key and using it.
pub const LOOKED_EVERY: Duration = Duration::from_secs(1);

type Open = dyn Fn(&[DataKey]) -> Result<RowKey, String> + Send + Sync;

/// The row keys, and how they are opened when they change. Shared by every clone of a store.
pub struct KeyRing {
    known: Mutex<Known>,
    open: Box<Open>,
}

struct Known {
    sealed: Vec<DataKey>,
    key: RowKey,
    looked_at: Instant,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing")
    }
}

impl KeyRing {
    /// The key in these rows, and `open`, which opens other rows or says in one line why it cannot.
    pub fn new(
        sealed: Vec<DataKey>,
        key: RowKey,
        open: impl Fn(&[DataKey]) -> Result<RowKey, String> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let known = Mutex::new(Known { sealed, key, looked_at: Instant::now() });
        Arc::new(Self { known, open: Box::new(open) })
    }

    /// The key for a transaction that writes, which holds the write lock: it never writes with a key that was replaced.
    pub(crate) async fn for_writing(&self, conn: &mut Read) -> Result<RowKey, StoreError> {
        let sealed = data_keys::all(conn).await?;
        self.follow(sealed)
    }

    /// The key for reading.
    pub(crate) async fn for_reading(&self, conn: &mut Read) -> Result<RowKey, StoreError> {
        {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.looked_at.elapsed() < LOOKED_EVERY {
                return Ok(known.key.clone());
            }
        }
        let sealed = data_keys::all(conn).await?;
        self.follow(sealed)
    }

    fn follow(&self, sealed: Vec<DataKey>) -> Result<RowKey, StoreError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.sealed != sealed {
            let key = (self.open)(&sealed).map_err(StoreError::DataKeys)?;
            known.key = key.remembering(&known.key);
            known.sealed = sealed;
        }
        known.looked_at = Instant::now();
        Ok(known.key.clone())
    }
}
