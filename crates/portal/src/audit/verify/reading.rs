//! Reads the log in batches, so that one batch is checked on another thread while the next is read.

use futures::TryStreamExt;
use store::Read;
use tokio::sync::mpsc::Sender;

use store::{
    self, ROWS_AHEAD, StoreError, checkpoints::StoredCheckpoint, entries::StoredEntry, operations::OperationRow,
};

/// Entries in a batch.
const BATCH: i64 = ROWS_AHEAD as i64;

/// Consecutive entries, and the rows that belong to them.
pub(super) struct Batch {
    /// The last sequence of the batch.
    pub up_to: i64,
    pub entries: Vec<StoredEntry>,
    /// Operations that begin in the batch.
    pub operations: Vec<OperationRow>,
    /// The log's own checkpoints at sizes in the batch.
    pub checkpoints: Vec<StoredCheckpoint>,
}

/// Reads everything up to `head`, or until the receiver is gone.
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
