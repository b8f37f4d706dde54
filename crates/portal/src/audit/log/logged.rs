//! One operation with all its entries.

use store::{Entry, OperationSummary, StoreError, entries::RemovedBody};
use time::OffsetDateTime;

use crate::{Actor, Error, OperationId, Portal, Result, audit::Hash};

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
    /// One operation with all its entries.
    ///
    /// # Errors
    /// `NotFound` without such an operation, `Forbidden` if it belongs to a team that the actor may not read.
    pub async fn operation(&self, actor: &Actor, id: OperationId) -> Result<Logged> {
        let mut conn = self.store.read().await?;
        let Some(summary) = store::operations::find(&mut conn, id).await? else { return Err(Error::NotFound) };
        let may_see = match summary.team_id {
            Some(team) => actor.reads(team),
            None => actor.role().reads_every_team() || summary.actor_id == Some(actor.id()),
        };
        if !may_see {
            return Err(Error::Forbidden { operation: None });
        }
        let mut logged = Logged { summary, entries: Vec::new(), removed: Vec::new() };
        for stored in store::entries::of_operation(&mut conn, id).await? {
            let leaf = stored.leaf.try_into().map_err(|_| StoreError::damaged("leaf hash", "not 32 bytes"))?;
            match (stored.body, stored.removed) {
                (Some(body), _) => logged.entries.push(LoggedEntry {
                    entry: store::entries::read(&body.bytes)?,
                    json: String::from_utf8_lossy(&body.bytes).into_owned(),
                    leaf,
                }),
                (None, Some(RemovedBody { run, days, at, .. })) => {
                    let told = store::operations::beginning_at(&mut conn, run).await?;
                    logged.removed.push(RemovedEntry { sequence: stored.sequence, leaf, at, days, told });
                }
                // A body is missing: `audit verify` reports it.
                (None, None) => {}
            }
        }
        Ok(logged)
    }
}
