//! The key of the entries' HMACs. Until a checkpoint covers an entry, its HMAC is what shows that the portal appended it: the
//! hashes of the tree can be computed by everybody.

use std::{fmt, sync::Arc};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The key. Cheap to clone.
#[derive(Clone)]
pub struct EntryKey(Arc<Zeroizing<[u8; 32]>>);

impl fmt::Debug for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EntryKey")
    }
}

impl EntryKey {
    /// Whoever appends entries derives this from the key that signs the log.
    #[must_use]
    pub fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(Arc::new(key))
    }

    /// The HMAC of the entry with this hash at this place.
    pub(super) fn mac(&self, sequence: i64, leaf: &[u8]) -> [u8; 32] {
        self.of(sequence, leaf).finalize().into_bytes().into()
    }

    /// Whether this is the HMAC of the entry.
    pub(super) fn is_genuine(&self, sequence: i64, leaf: &[u8], mac: &[u8]) -> bool {
        self.of(sequence, leaf).verify_slice(mac).is_ok()
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    fn of(&self, sequence: i64, leaf: &[u8]) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(self.0.as_slice()).expect("a key of 32 bytes");
        mac.update(&sequence.to_be_bytes());
        mac.update(leaf);
        mac
    }
}
