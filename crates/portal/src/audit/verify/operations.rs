//! Compares the table of operations with the log: each row must agree with its first and its newest entry. Rows and
//! entries come in the same order, so that only operations that are open at one place are held in memory.

use std::collections::{HashMap, VecDeque};

use crate::{
    OperationId,
    audit::{Action, Entry, EntryActor, Stage, State},
};
use evidence::verify::BadEntry;
use store::{micros, operations::OperationRow};

const DIFFERS: &str = "the list of operations differs from the log";

/// The rows that are not compared yet.
#[derive(Default)]
pub(super) struct Operations {
    /// Rows whose first entry is ahead.
    next: VecDeque<OperationRow>,
    /// Rows whose newest entry is ahead.
    open: HashMap<OperationId, OperationRow>,
    /// The approval whose intent has to be next: they are written in one transaction.
    approved: Option<(OperationId, EntryActor)>,
    /// Whether the entry before has no contents, so that it may have been an approval.
    after_removed: bool,
    /// How jobs were started, which their items say as well.
    jobs: HashMap<OperationId, Started>,
    /// Whether any entry had no contents, so that it may have started a job.
    any_removed: bool,
}

/// How a job was started.
enum Started {
    /// It needed nobody else.
    Freely,
    /// It was not: somebody asked for a second person.
    NotYet,
    /// This person approved it.
    ApprovedBy(EntryActor),
    /// At once, without approval.
    AtOnce,
}

impl Operations {
    /// Adds the next rows, in the order of the log.
    pub fn expect(&mut self, rows: Vec<OperationRow>) {
        self.next.extend(rows);
    }

    /// Compares with one entry; `None` if its body was removed.
    pub fn follow(&mut self, sequence: i64, id: OperationId, entry: Option<&Entry>) -> Result<(), BadEntry> {
        self.follow_approval(sequence, entry)?;
        let next = self.next.front().map(|row| row.sequence);
        let row_begins = next == Some(sequence);
        let begins = entry.map_or(row_begins, Entry::begins);
        if next.is_some_and(|next| next < sequence) || row_begins != begins {
            return Err(BadEntry::new(next.unwrap_or(sequence).min(sequence), DIFFERS));
        }
        let row = if begins { self.next.pop_front() } else { self.open.remove(&id) };
        let Some(row) = row.filter(|row| row.id == id) else { return Err(BadEntry::new(sequence, DIFFERS)) };
        let is_newest = row.last_sequence == sequence;
        let agrees = entry.is_none_or(|entry| {
            entry.batch == row.batch
                && (!begins || is_as_it_began(&row, entry))
                && is_as_it_acted(&row, entry)
                && (!is_newest || is_as_it_stands(&row, entry))
        });
        if !agrees || row.last_sequence < sequence {
            return Err(BadEntry::new(row.sequence, DIFFERS));
        }
        if !is_newest {
            self.open.insert(id, row);
        }
        Ok(())
    }

    /// An approval is followed by its intent, and an intent that names who approved follows the approval. An entry that the
    /// clock was set back may be between them.
    fn follow_approval(&mut self, sequence: i64, entry: Option<&Entry>) -> Result<(), BadEntry> {
        let after_removed = std::mem::replace(&mut self.after_removed, entry.is_none());
        self.any_removed |= entry.is_none();
        let Some(entry) = entry else {
            self.approved = None;
            return Ok(());
        };
        if entry.action == Action::AuditClockSet {
            self.after_removed = after_removed;
            return Ok(());
        }
        let approved = self.approved.take();
        let follows = match (&approved, &entry.approved_by) {
            (None, None) => entry.approved_in.is_none() && self.may_go_without(entry),
            (None, Some(by)) => self.is_item_of_approved(entry, by),
            (Some((id, approver)), Some(by)) => {
                entry.stage == Stage::Intent
                    && entry.approved_in.is_none()
                    && *id == entry.operation_id
                    && approver == by
                    && approver.id.is_none_or(|approver| entry.actor.id != Some(approver))
            }
            _ => false,
        };
        if entry.stage == Stage::Approved {
            self.approved = Some((entry.operation_id, entry.actor.clone()));
        }
        if entry.action == Action::JobCreate {
            let started = match entry.stage {
                Stage::Requested => Some(Started::NotYet),
                Stage::Approved => Some(Started::ApprovedBy(entry.actor.clone())),
                Stage::Recorded if entry.break_glass => Some(Started::AtOnce),
                Stage::Recorded => Some(Started::Freely),
                _ => None,
            };
            if let Some(started) = started {
                self.jobs.insert(entry.operation_id, started);
            }
        }
        if follows || after_removed {
            Ok(())
        } else {
            Err(BadEntry::new(sequence, "it does not follow from an approval"))
        }
    }

    /// Whether an intent is that of an item of a job that this person approved before.
    fn is_item_of_approved(&self, entry: &Entry, by: &EntryActor) -> bool {
        let Some(job) = entry.approved_in else { return false };
        let is_approved = match self.jobs.get(&job) {
            Some(Started::ApprovedBy(approver)) => approver == by,
            Some(Started::Freely | Started::NotYet | Started::AtOnce) => false,
            None => self.any_removed,
        };
        entry.stage == Stage::Intent && entry.batch == Some(job) && is_approved
    }

    /// Whether an entry that names no approval needs none: it is no item of a job that needed one, or it says that it went
    /// without, as its job does.
    fn may_go_without(&self, entry: &Entry) -> bool {
        let Some(batch) = entry.batch.filter(|_| entry.stage == Stage::Intent) else { return true };
        match self.jobs.get(&batch) {
            Some(Started::NotYet | Started::ApprovedBy(_)) => false,
            Some(Started::Freely) => !entry.break_glass,
            Some(Started::AtOnce) => entry.break_glass,
            None => !entry.break_glass || self.any_removed,
        }
    }

    /// After the last entry no row may be left.
    pub fn finish(self) -> Result<(), BadEntry> {
        match self.next.iter().chain(self.open.values()).map(|row| row.sequence).min() {
            None => Ok(()),
            Some(sequence) => Err(BadEntry::new(sequence, "the list of operations holds more than the log")),
        }
    }
}

/// An operation acts in its first entry, or if it was a request, in the intent that follows the approval.
fn is_as_it_acted(row: &OperationRow, entry: &Entry) -> bool {
    match (entry.acts(), row.acted_in) {
        (true, acted_in) => acted_in == Some(entry.sequence) && entry.deadline.map(micros) == row.deadline,
        (false, Some(acted_in)) => acted_in != entry.sequence,
        (false, None) => entry.stage != Stage::Requested || entry.deadline.map(micros) == row.deadline,
    }
}

fn is_as_it_began(row: &OperationRow, first: &Entry) -> bool {
    micros(first.at) == row.at
        && i64::from(first.break_glass) == row.break_glass
        && first.actor.id == row.actor_id
        && first.actor.name == row.actor_name
        && first.actor.email == row.actor_email
        && first.team.as_ref().map(|team| team.id) == row.team_id
        && first.team.as_ref().map(|team| &team.slug) == row.team_slug.as_ref()
        && first.team.as_ref().map(|team| &team.name) == row.team_name.as_ref()
        && first.action == row.action
}

fn is_as_it_stands(row: &OperationRow, newest: &Entry) -> bool {
    // A target that the operation created has its id only in the newest entry.
    let target = newest.targets.first();
    target.map(|target| target.kind) == row.target_type
        && target.map(|target| &target.id) == row.target_id.as_ref()
        && target.and_then(|target| target.name.as_ref()) == row.target_name.as_ref()
        && newest.outcome == row.outcome
        && State::after(newest.stage, newest.outcome) == row.state
        // A request that nobody approved never acted.
        && (row.acted_in.is_none() == is_unapproved(newest.stage))
}

const fn is_unapproved(newest: Stage) -> bool {
    matches!(newest, Stage::Requested | Stage::Approved | Stage::Declined | Stage::Withdrawn | Stage::Expired)
}
