//! The key of the rows' HMACs, which the portal derives from its master key and hands over when it opens the store.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use super::cells::Cell;
use crate::locked_key::LockedKey;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What is wrong with a row that is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowFault {
    /// Its HMAC is not the portal's: it was written or changed by somebody else.
    Forged,
    /// The portal wrote it, but a later entry has changed it or ended it since: it was put back.
    Outdated,
    /// Rows that belong to it were removed or put back.
    Incomplete,
}

impl RowFault {
    /// The fault as a sentence's end.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Forged => "was not written by the portal: its HMAC is wrong",
            Self::Outdated => "is older than the audit log says: it was put back",
            Self::Incomplete => "does not have all the rows that belong to it",
        }
    }
}

/// A row that the portal does not use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BadRow {
    /// Its table.
    pub table: &'static str,
    /// The values of its key; of bytes the first 16 hexadecimal digits.
    pub row: String,
    /// What is wrong with it.
    pub fault: RowFault,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the row {} of the table {} {}", self.row, self.table, self.fault.text())
    }
}

type Alarm = dyn Fn(&BadRow) + Send + Sync;

/// The key of the rows' HMACs, and where a bad row is reported. Cheap to clone.
///
/// While the key is rotated there are two: rows are written with the first, and a row is genuine by either.
#[derive(Clone)]
pub struct RowKey {
    current: Arc<LockedKey>,
    others: Arc<[Arc<LockedKey>]>,
    alarm: Arc<Alarm>,
    /// The newest entry that each row was known to be recorded in: a row that is older was put back, whatever the database
    /// says of the entries that changed it since.
    newest: Arc<Mutex<HashMap<(&'static str, String), i64>>>,
    /// What is read in a transaction that writes may be taken back.
    learns: bool,
}

impl fmt::Debug for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RowKey")
    }
}

impl RowKey {
    /// A key that reports bad rows to `alarm`, which must not wait for anything. Rows of `others` are genuine as well.
    pub fn new(
        current: Arc<LockedKey>,
        others: impl IntoIterator<Item = Arc<LockedKey>>,
        alarm: impl Fn(&BadRow) + Send + Sync + 'static,
    ) -> Self {
        let (others, alarm) = (others.into_iter().collect(), Arc::new(alarm));
        Self { current, others, alarm, newest: Arc::default(), learns: true }
    }

    /// Whether rows can be genuine by another key than the one that they are written with.
    pub(crate) fn is_rotating(&self) -> bool {
        !self.others.is_empty()
    }

    fn all(&self) -> impl Iterator<Item = &LockedKey> {
        [&self.current].into_iter().chain(self.others.iter()).map(AsRef::as_ref)
    }

    /// This key, which remembers the rows that were read with another.
    pub(crate) fn remembering(self, other: &Self) -> Self {
        Self { newest: Arc::clone(&other.newest), ..self }
    }

    /// The same key for a transaction that writes.
    pub(crate) fn for_writing(self) -> Self {
        Self { learns: false, ..self }
    }

    /// The same key for what is committed.
    pub(crate) fn for_reading(self) -> Self {
        Self { learns: true, ..self }
    }

    /// Takes note that a row is recorded in this entry, or was removed by it. Returns whether it is older than was known.
    pub(crate) fn is_older(&self, table: &'static str, row: String, recorded_in: i64) -> bool {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        match newest.get(&(table, row.clone())) {
            Some(known) if *known > recorded_in => return true,
            Some(known) if *known == recorded_in => return false,
            _ => {}
        }
        if self.learns {
            newest.insert((table, row), recorded_in);
        }
        false
    }

    pub(crate) fn report(&self, bad: &BadRow) {
        (self.alarm)(bad);
    }

    /// The HMAC of a table's columns, by the current key.
    pub(super) fn mac<'a>(&self, table: &str, cells: impl Iterator<Item = (&'a str, &'a Cell)>) -> [u8; 32] {
        mac_by(&self.current, table, &sorted(cells))
    }

    /// Whether one of the keys made this HMAC; and if so, whether it was the current one.
    pub(super) fn verify<'a>(
        &self,
        table: &str,
        cells: impl Iterator<Item = (&'a str, &'a Cell)>,
        mac: &[u8],
    ) -> Option<IsCurrent> {
        let cells = sorted(cells);
        let made_it = |key: &LockedKey| begun_row(key, table, &cells).verify_slice(mac).is_ok();
        if made_it(&self.current) {
            return Some(IsCurrent(true));
        }
        self.others.iter().any(|key| made_it(key)).then_some(IsCurrent(false))
    }

    /// A digest of a set of rows, by their HMACs: keyed, and the same in every order.
    pub(crate) fn digest<'a>(&self, macs: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
        digest_by(&self.current, macs)
    }

    /// Whether one of the keys made this digest of a set of rows.
    pub(crate) fn is_digest_of(&self, digest: &[u8], macs: &[&[u8]]) -> bool {
        self.all().any(|key| digest_by(key, macs.iter().copied()) == *digest)
    }
}

/// Whether the current key made a row's HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IsCurrent(pub bool);

type NamedCells<'a> = Vec<(&'a str, &'a Cell)>;

fn sorted<'a>(cells: impl Iterator<Item = (&'a str, &'a Cell)>) -> NamedCells<'a> {
    let mut cells: Vec<_> = cells.collect();
    cells.sort_unstable_by_key(|(name, _)| *name);
    cells
}

fn mac_by(key: &LockedKey, table: &str, cells: &NamedCells<'_>) -> [u8; 32] {
    begun_row(key, table, cells).finalize().into_bytes().into()
}

/// Each name and value is hashed with its length, and NULL by the absence of its name, so that no two rows look alike,
/// and a column that is added later leaves rows without it as they are.
fn begun_row(key: &LockedKey, table: &str, cells: &NamedCells<'_>) -> Hmac<Sha256> {
    let mut mac = begin(key, "row");
    put(&mut mac, table.as_bytes());
    for (name, cell) in cells {
        put(&mut mac, name.as_bytes());
        match cell {
            Cell::Number(number) => {
                mac.update(b"n");
                put(&mut mac, &number.to_be_bytes());
            }
            Cell::Text(text) => {
                mac.update(b"t");
                put(&mut mac, text.as_bytes());
            }
            Cell::Bytes(bytes) => {
                mac.update(b"b");
                put(&mut mac, bytes);
            }
        }
    }
    mac
}

fn digest_by<'a>(key: &LockedKey, macs: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut digest = [0; 32];
    for mac in macs {
        let mut one = begin(key, "set");
        put(&mut one, mac);
        let one: [u8; 32] = one.finalize().into_bytes().into();
        for (sum, byte) in digest.iter_mut().zip(one) {
            *sum ^= byte;
        }
    }
    digest
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn begin(key: &LockedKey, purpose: &str) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.bytes()).expect("a key of 32 bytes");
    put(&mut mac, purpose.as_bytes());
    mac
}

fn put(mac: &mut Hmac<Sha256>, bytes: &[u8]) {
    mac.update(&(bytes.len() as u64).to_be_bytes());
    mac.update(bytes);
}
