//! The log's own checkpoints that contradict it and may, because an admin acknowledged that.

use std::collections::BTreeSet;

use evidence::key::VerifierKey;
use store::{Read, StoreError, checkpoints::StoredCheckpoint};

use crate::audit::sealing::history::History;

/// What was acknowledged about the table of checkpoints.
#[derive(Default)]
pub(super) struct Acknowledged {
    /// The numbers of checkpoints that contradict the log.
    numbers: BTreeSet<i64>,
    /// How many numbers are missing.
    gaps: i64,
}

impl Acknowledged {
    /// `own` is the key that signs, if it is known.
    pub async fn of(conn: &mut Read, own: Option<&VerifierKey>) -> Result<Self, StoreError> {
        let mut history = History::of(conn, own).await?;
        let said = history.acknowledged().await?;
        let Some(last) = said.iter().map(|said| said.last_number).max() else { return Ok(Self::default()) };
        let gaps = said.iter().map(|said| said.gaps).max().unwrap_or_default();
        let mut numbers = BTreeSet::new();
        for stored in store::checkpoints::of_sizes(history.conn, 0, i64::MAX).await? {
            if stored.number <= last && !history.is_true(&stored).await? {
                numbers.insert(stored.number);
            }
        }
        Ok(Self { numbers, gaps })
    }

    /// The checkpoints that must agree with the log.
    pub fn without(&self, stored: Vec<StoredCheckpoint>) -> impl Iterator<Item = StoredCheckpoint> {
        stored.into_iter().filter(|stored| !self.numbers.contains(&stored.number))
    }

    /// How many fewer checkpoints may agree than were numbered.
    pub fn missing(&self) -> i64 {
        self.gaps + self.numbers.len() as i64
    }
}
