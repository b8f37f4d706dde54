//! The checkpoints that the log has to agree with: those that it keeps itself, and those that somebody else kept.
//! Both are compared as the tree grows past their sizes.

use std::{
    collections::VecDeque,
    fs, io,
    path::{Path, PathBuf},
};

use sqlx::SqliteConnection;

use super::{BadEntry, VerifyError, bad};
use crate::{
    audit::{Action, Checkpoint, Entry, GrowingTree, VerifierKey, notes_in},
    store::{self, checkpoints::StoredCheckpoint},
};

/// Checkpoints that were kept outside the portal.
#[derive(Clone, Debug, Default)]
pub struct OutsideCheckpoints {
    pub(super) claims: Vec<Claim>,
    pub(super) keys: Vec<VerifierKey>,
}

/// Why checkpoints from outside cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// The file or folder cannot be read.
    #[error("{path}: {cause}")]
    Read {
        /// The file or folder.
        path: String,
        /// Why.
        cause: io::Error,
    },
    /// The file holds none.
    #[error("{path} holds no checkpoint")]
    Empty {
        /// The file.
        path: String,
    },
    /// What looks like one is none.
    #[error("{path}: {why}")]
    Malformed {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
}

impl OutsideCheckpoints {
    /// Reads every checkpoint in these files, and in the files of these folders. They have to be signed with one of
    /// `keys`; where there is none, with one that the log itself says has signed it.
    ///
    /// # Errors
    /// When a file cannot be read, or holds no checkpoint or a malformed one.
    pub fn read(paths: &[PathBuf], keys: Vec<VerifierKey>) -> Result<Self, OutsideError> {
        let mut outside = Self { claims: Vec::new(), keys };
        for path in paths {
            let failed = |cause| OutsideError::Read { path: path.display().to_string(), cause };
            if path.is_dir() {
                for file in fs::read_dir(path).map_err(failed)? {
                    let file = file.map_err(failed)?.path();
                    if file.is_file() {
                        outside.read_file(&file)?;
                    }
                }
            } else {
                outside.read_file(path)?;
            }
        }
        outside.claims.sort_by_key(|claim| claim.said.size);
        Ok(outside)
    }

    fn read_file(&mut self, file: &Path) -> Result<(), OutsideError> {
        let path = file.display().to_string();
        let text = fs::read_to_string(file).map_err(|cause| OutsideError::Read { path: path.clone(), cause })?;
        let notes = notes_in(&text);
        if notes.is_empty() {
            return Err(OutsideError::Empty { path });
        }
        for note in notes {
            let said = Checkpoint::read_unchecked(&note)
                .map_err(|why| OutsideError::Malformed { path: path.clone(), why: why.to_string() })?;
            self.claims.push(Claim { place: path.clone(), said });
        }
        Ok(())
    }
}

/// What a checkpoint says, and where it was found.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub place: String,
    pub said: Checkpoint,
}

/// The checkpoints that are still to be compared.
pub(super) struct Claims {
    outside: VecDeque<Claim>,
    stored: VecDeque<StoredCheckpoint>,
    /// The keys that outside checkpoints have to be signed with; where there is none, the log's own.
    trusted: Vec<VerifierKey>,
    /// The keys of which the log has told so far.
    told: Vec<VerifierKey>,
    /// The size up to which a checkpoint has agreed with the log.
    agreed: i64,
    pub from_outside: i64,
    pub own: i64,
}

impl Claims {
    pub fn new(outside: OutsideCheckpoints) -> Self {
        Self {
            from_outside: outside.claims.len() as i64,
            own: 0,
            outside: outside.claims.into(),
            stored: VecDeque::new(),
            trusted: outside.keys,
            told: Vec::new(),
            agreed: 0,
        }
    }

    /// These of the log's own are to be compared next.
    pub fn expect(&mut self, stored: Vec<StoredCheckpoint>) {
        self.stored.extend(stored);
    }

    /// Takes note of a key that begins to sign.
    pub fn learn(&mut self, entry: &Entry) -> Result<(), BadEntry> {
        if entry.action == Action::AuditKeySet {
            let key = entry.parameters.get("verifier_key").and_then(|key| key.as_str()?.parse().ok());
            self.told.push(key.ok_or_else(|| bad(entry.sequence, "it names no key"))?);
        }
        Ok(())
    }

    /// Compares every checkpoint of the size that the tree has now.
    pub fn compare(&mut self, tree: &GrowingTree) -> Result<(), VerifyError> {
        let size = tree.size() as i64;
        while let Some(claim) = self.outside.pop_front_if(|claim| claim.said.size <= size) {
            let keys = if self.trusted.is_empty() { &self.told } else { &self.trusted };
            let signed = Checkpoint::read(&claim.said.note, keys).map_err(|error| VerifyError::Checkpoint {
                place: format!("in {}", claim.place),
                size: claim.said.size,
                why: error.to_string(),
            })?;
            self.check(&format!("in {}", claim.place), &signed, tree)?;
        }
        while let Some(stored) = self.stored.pop_front_if(|stored| stored.size <= size) {
            let failed = |why: String| VerifyError::Checkpoint { place: "in the database".to_owned(), size, why };
            let signed = Checkpoint::read(&stored.note, &self.told).map_err(|error| failed(error.to_string()))?;
            if signed.size != stored.size {
                return Err(failed(format!("it stands there as one of {} entries", stored.size)));
            }
            self.check("in the database", &signed, tree)?;
            self.own += 1;
        }
        Ok(())
    }

    fn check(&mut self, place: &str, signed: &Checkpoint, tree: &GrowingTree) -> Result<(), BadEntry> {
        if tree.root() == signed.root {
            self.agreed = signed.size;
            return Ok(());
        }
        let why = format!("from here to {} the log is not what the checkpoint {place} signed", signed.size);
        Err(bad(self.agreed + 1, why))
    }

    /// After the last entry no checkpoint may be left, none of the log's own may be missing, and every key has to be
    /// one that the log told of.
    pub async fn finish(&self, conn: &mut SqliteConnection, entries: i64) -> Result<(), VerifyError> {
        let beyond = self.stored.front().map(|stored| (stored.size, "in the database".to_owned()));
        let beyond =
            beyond.or_else(|| self.outside.front().map(|claim| (claim.said.size, format!("in {}", claim.place))));
        if let Some((size, place)) = beyond {
            let why = format!("is missing: the checkpoint {place} signed {size} entries, and the log ends before");
            return Err(bad(entries + 1, why).into());
        }
        if store::checkpoints::last_number(conn).await? != self.own {
            let why = "one or more of the log's own checkpoints were removed".to_owned();
            return Err(VerifyError::Checkpoint { place: "in the database".to_owned(), size: self.agreed, why });
        }
        let known = store::checkpoints::keys(conn).await?;
        if let Some(key) = known.iter().find(|key| !self.told.iter().any(|told| told.to_string() == **key)) {
            let why = format!("no entry tells of the key {key}");
            return Err(VerifyError::Checkpoint { place: "in the database".to_owned(), size: self.agreed, why });
        }
        Ok(())
    }
}
