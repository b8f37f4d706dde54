//! A key in memory that is not written to swap, where the system allows that, and that is overwritten when it is
//! dropped.

use std::{fmt, sync::Once};

use region::LockGuard;
use zeroize::Zeroize;

/// 32 secret bytes, alone on a page of their own: locking and unlocking work on whole pages.
pub struct LockedKey {
    // Dropped in this order: the page is overwritten, unlocked and given back.
    _lock: Option<LockGuard>,
    memory: Vec<u8>,
    at: usize,
}

/// The length of a key in bytes.
const LENGTH: usize = 32;

impl LockedKey {
    /// Moves a key into memory of its own, and overwrites where it came from.
    #[must_use]
    pub fn new(key: &mut [u8; LENGTH]) -> Self {
        let page = region::page::size();
        let mut memory = vec![0; 2 * page];
        let at = memory.as_ptr().align_offset(page).min(page);
        memory[at..at + LENGTH].copy_from_slice(key);
        key.zeroize();
        let lock = region::lock(memory[at..].as_ptr(), LENGTH);
        if let Err(error) = &lock {
            static SAID: Once = Once::new();
            SAID.call_once(|| {
                tracing::info!(%error, "keys may be written to swap: the system does not allow locking them in memory");
            });
        }
        Self { _lock: lock.ok(), memory, at }
    }

    /// The key.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.memory[self.at..self.at + LENGTH]
    }

    /// Whether the system keeps it out of swap.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self._lock.is_some()
    }
}

impl Drop for LockedKey {
    fn drop(&mut self) {
        self.memory.zeroize();
    }
}

impl fmt::Debug for LockedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LockedKey")
    }
}

#[cfg(test)]
mod tests {
    use super::LockedKey;

    #[test]
    fn a_key_moves_to_a_page_of_its_own_that_is_locked() {
        let mut key = [7; 32];
        let locked = LockedKey::new(&mut key);
        assert_eq!((key, locked.bytes()), ([0; 32], [7; 32].as_slice()));
        assert_eq!(locked.bytes().as_ptr() as usize % region::page::size(), 0);
        assert_eq!(format!("{locked:?}"), "LockedKey");
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let kept = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap().trim().to_owned();
        // Some containers allow no locking at all.
        assert_eq!(locked.is_locked(), kept != "0 kB", "{kept}");
    }
}
