//! Compares the instants of entries and checkpoints in the order in which they were written. They go back by no more
//! than a minute, except at an entry that says that the clock was set back.

use std::collections::BTreeMap;

use evidence::verify::{BadEntry, CheckpointMismatch, IN_DATABASE};
use store::{Action, Entry, Outcome, Stage, checkpoints::StoredCheckpoint, clock::TOLERATED};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::audit::instant_text;

/// The newest instant so far, and what it is of.
#[derive(Default)]
pub(super) struct Clock {
    newest: Option<(OffsetDateTime, String)>,
    /// Checkpoints that were signed further on, by the size of the log then and by number.
    signed: BTreeMap<(i64, i64), (i64, OffsetDateTime)>,
    /// How often the log says that the clock was set back.
    pub set_back: i64,
}

impl Clock {
    /// Adds checkpoints that come next.
    pub fn expect(&mut self, checkpoints: &[StoredCheckpoint]) {
        self.signed.extend(checkpoints.iter().map(|one| ((one.head, one.number), (one.size, one.at))));
    }

    /// Compares an entry's instant, after those of the checkpoints that were signed before it was written.
    pub fn follow(&mut self, entry: &Entry) -> Result<(), CheckpointMismatch> {
        self.checkpoints_up_to(entry.sequence - 1)?;
        if is_set_back(entry) {
            let from =
                entry.parameters.get("from").and_then(|from| OffsetDateTime::parse(from.as_str()?, &Rfc3339).ok());
            if from.is_none_or(|from| self.goes_back(from).is_some()) {
                let why = "it does not say from which time the clock was set back";
                return Err(BadEntry::new(entry.sequence, why).into());
            }
            self.set_back += 1;
        } else if let Some((newest, what)) = self.goes_back(entry.at) {
            let why = format!(
                "its time, {}, is before that of {what}, {}, and no entry says that the clock was set back",
                instant_text(entry.at),
                instant_text(*newest)
            );
            return Err(BadEntry::new(entry.sequence, why).into());
        } else if self.newest.as_ref().is_some_and(|(newest, _)| *newest >= entry.at) {
            return Ok(());
        }
        self.newest = Some((entry.at, format!("entry {}", entry.sequence)));
        Ok(())
    }

    /// Compares the instants of the checkpoints that were signed when the log had up to so many entries.
    pub fn checkpoints_up_to(&mut self, head: i64) -> Result<(), CheckpointMismatch> {
        while let Some(next) = self.signed.first_entry().filter(|next| next.key().0 <= head) {
            let (size, at) = next.remove();
            if let Some((newest, what)) = self.goes_back(at) {
                let why = format!(
                    "it was signed at {}, which is before the time of {what}, {}",
                    instant_text(at),
                    instant_text(*newest)
                );
                return Err(CheckpointMismatch::Checkpoint { place: IN_DATABASE.to_owned(), size, why });
            }
            if self.newest.as_ref().is_none_or(|(newest, _)| *newest < at) {
                self.newest = Some((at, format!("the checkpoint of {size} entries")));
            }
        }
        Ok(())
    }

    /// The newest instant, if this one is before it by more than is tolerated.
    fn goes_back(&self, at: OffsetDateTime) -> Option<&(OffsetDateTime, String)> {
        self.newest.as_ref().filter(|(newest, _)| *newest - at > TOLERATED)
    }
}

fn is_set_back(entry: &Entry) -> bool {
    entry.action == Action::AuditClockSet
        && entry.stage == Stage::Recorded
        && entry.outcome == Some(Outcome::Succeeded)
        && entry.actor.name == "system"
        && entry.actor.id.is_none()
}

#[cfg(test)]
mod tests;
