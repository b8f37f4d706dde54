//! Reading the log from its first entry to its last, batch by batch, for a thread that checks one while the next is read.

use futures::TryStreamExt;
use store::Read;
use tokio::sync::mpsc::Sender;

use store::{
    self, ROWS_AHEAD, StoreError, checkpoints::StoredCheckpoint, entries::StoredEntry, operations::OperationRow,
};

/// Entries in a batch.
const BATCH: i64 = ROWS_AHEAD as i64;

/// The entries of one stretch of the log, and what else is kept about that.
pub(super) struct Batch {
    /// The stretch's last place.
    pub up_to: i64,
    pub entries: Vec<StoredEntry>,
    /// The operations that begin in it.
    pub operations: Vec<OperationRow>,
    /// The log's own checkpoints of sizes in it.
    pub checkpoints: Vec<StoredCheckpoint>,
}

/// Reads everything up to `head`, or until nobody takes it any more.
pub(super) async fn read_all(conn: &mut Read, head: i64, batches: Sender<Batch>) -> Result<(), StoreError> {
    let mut count = 0;
    while count < head {
        let up_to = head.min(count + BATCH);
        if batches.send(read(conn, count, up_to).await?).await.is_err() {
            break;
        }
        count = up_to;
    }
    Ok(())
}

async fn read(conn: &mut Read, above: i64, up_to: i64) -> Result<Batch, StoreError> {
    let mut removed = store::retention::removed_between(conn, above, up_to).await?;
    let mut entries: Vec<StoredEntry> = store::entries::between(conn, above, up_to).try_collect().await?;
    for entry in &mut entries {
        entry.removed = removed.remove(&entry.sequence);
    }
    Ok(Batch {
        up_to,
        entries,
        operations: store::operations::rows_between(conn, above, up_to).await?,
        checkpoints: store::checkpoints::of_sizes(conn, above, up_to).await?,
    })
}
