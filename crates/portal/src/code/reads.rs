//! Code that was read of Workato and is not kept yet, and why it could not be read.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use secrecy::SecretString;
use store::CodeOf;

use super::naming::sha256_of;
use crate::{ReadFailure, TeamId};

/// Why the code of a team's connectors could not be read lately.
#[derive(Debug, Default)]
pub(crate) struct CodeReads(Mutex<HashMap<TeamId, ReadFailure>>);

impl CodeReads {
    pub fn set(&self, team: TeamId, failure: Option<ReadFailure>) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match failure {
            Some(failure) => drop(failures.insert(team, failure)),
            None => drop(failures.remove(&team)),
        }
    }

    pub fn of(&self, team: TeamId) -> Option<ReadFailure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&team).cloned()
    }
}

/// Code that was read and is not kept yet.
pub(crate) struct NewCode {
    pub of: CodeOf,
    pub code: SecretString,
    pub sha256: String,
    pub bytes: usize,
}

impl NewCode {
    pub fn new(of: CodeOf, code: String) -> Self {
        Self { of, sha256: sha256_of(&code), bytes: code.len(), code: code.into() }
    }
}
