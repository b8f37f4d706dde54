//! One operation with all its entries.

use evidence::{
    tree::{Hash, is_included},
    verify::BadEntry,
};
use store::{
    Action, Entry, OperationSummary, Read, StoreError, Target, TargetType,
    entries::{RemovedBody, StoredEntry},
    tree::Tree,
};
use time::OffsetDateTime;

use crate::{Actor, Error, OperationId, Portal, Result, teams::reading};

/// One entry of the log.
#[derive(Clone, Debug)]
pub struct LoggedEntry {
    /// The entry.
    pub entry: Entry,
    /// The exact bytes that are hashed.
    pub json: String,
    /// Their hash.
    pub leaf: Hash,
}

/// One operation with all its entries, oldest first.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The operation.
    pub summary: OperationSummary,
    /// Its entries whose contents are kept.
    pub entries: Vec<LoggedEntry>,
    /// Its entries whose contents retention has removed.
    pub removed: Vec<RemovedEntry>,
}

/// An entry without contents: only its place and its hash are kept.
#[derive(Clone, Debug)]
pub struct RemovedEntry {
    /// Its place in the log.
    pub sequence: i64,
    /// The hash of its bytes.
    pub leaf: Hash,
    /// When its contents were removed.
    pub at: OffsetDateTime,
    /// For how many days contents were kept at that time.
    pub days: i64,
    /// The operation that records the removal.
    pub told: Option<OperationId>,
}

impl Portal {
    /// One operation with all its entries, each checked against its hash and its place in the log's tree.
    ///
    /// # Errors
    /// `NotFound` without such an operation, `Forbidden` if it belongs to a team that the actor may not read, which is
    /// recorded, [`StoreError::Changed`] if it is not as it was appended.
    pub async fn operation(&self, actor: &Actor, id: OperationId) -> Result<Logged> {
        let mut conn = self.store.read().await?;
        let Some(summary) = store::operations::find(&mut conn, id).await? else { return Err(Error::NotFound) };
        if !actor.sees(&summary) {
            let team = match summary.team_id {
                Some(team) => store::teams::by_id(&mut conn, team).await?,
                None => None,
            };
            drop(conn);
            let target = Target::new(TargetType::Operation, id, None);
            let attempt = reading(actor, Action::OperationRead, Some(target));
            return Err(self.deny(actor, team.map(|team| team.entry_team()), attempt).await);
        }
        if let Some(bad) = summary.changed {
            return Err(StoreError::Changed(bad).into());
        }
        let all = store::entries::of_operation(&mut conn, id).await?;
        let leaves = in_the_log(&mut conn, &summary, &all).await?;
        let mut logged = Logged { summary, entries: Vec::new(), removed: Vec::new() };
        for (stored, leaf) in all.into_iter().zip(leaves) {
            match (stored.checked().map_err(StoreError::Changed)?, stored.body, stored.removed) {
                (Some(entry), Some(body), _) => {
                    let json = String::from_utf8_lossy(&body.bytes).into_owned();
                    logged.entries.push(LoggedEntry { entry, json, leaf });
                }
                (_, _, Some(RemovedBody { run, days, at, .. })) => {
                    let told = store::operations::beginning_at(&mut conn, run).await?;
                    logged.removed.push(RemovedEntry { sequence: stored.sequence, leaf, at, days, told });
                }
                _ => {}
            }
        }
        Ok(logged)
    }
}

/// The leaf hashes of an operation's entries, if each leads to the root of the log and the first and the newest are
/// among them. A changed hash beside a changed body is found here, since the tree above it does not follow.
async fn in_the_log(conn: &mut Read, summary: &OperationSummary, all: &[StoredEntry]) -> Result<Vec<Hash>, StoreError> {
    let sequences: Vec<i64> = all.iter().map(|stored| stored.sequence).collect();
    if let Some(missing) = [summary.sequence, summary.last_sequence].iter().find(|at| !sequences.contains(at)) {
        return Err(BadEntry::new(*missing, "its body is missing").into());
    }
    let size = store::tree::size(conn).await?;
    let mut tree = Tree::default();
    let root = tree.root(conn, size).await?;
    let proofs = tree.proofs(conn, size, &sequences).await?;
    let leaf = |(stored, proof): (&StoredEntry, Vec<Hash>)| {
        let leaf = stored.leaf.as_slice().try_into().ok();
        leaf.filter(|leaf| is_included(stored.sequence, *leaf, &proof, (size, root))).ok_or_else(|| {
            BadEntry::new(stored.sequence, "its hash does not lead to the log's root: the entry was changed").into()
        })
    };
    all.iter().zip(proofs).map(leaf).collect()
}
