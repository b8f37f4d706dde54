//! Compares the table of reviews with what the log says.

use std::collections::HashMap;

use crate::{OperationId, audit::Entry};
use evidence::verify::BadEntry;
use store::reviews::{self, OperationStanding, StoredReview};

const DIFFERS: &str = "the table of reviews differs from the log";

/// What the log says.
#[derive(Default)]
pub(super) struct Reviews(HashMap<OperationId, OperationStanding>);

impl Reviews {
    pub fn follow(&mut self, entry: &Entry) {
        if let Some(said) = reviews::said(entry) {
            self.0.insert(said.operation, said);
        }
    }

    /// Compares with the table. Rows that rest on an entry without a body cannot be compared.
    pub fn finish(mut self, kept: &[StoredReview], rows: i64) -> Result<(), BadEntry> {
        if kept.len() as i64 != rows {
            return Err(BadEntry::new(1, "the table of reviews has a row about no operation"));
        }
        for StoredReview { standing, has_body } in kept {
            match self.0.remove(&standing.operation) {
                Some(said) if said == *standing => {}
                None if !has_body => {}
                said => {
                    return Err(BadEntry::new(
                        said.map_or(standing.since, |said| said.since.min(standing.since)),
                        DIFFERS,
                    ));
                }
            }
        }
        match self.0.values().map(|said| said.since).min() {
            None => Ok(()),
            Some(sequence) => Err(BadEntry::new(sequence, DIFFERS)),
        }
    }
}
