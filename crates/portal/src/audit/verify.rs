//! Checking the log: every hash recomputed, every derived column compared with the bytes it came from.
//! It trusts nothing but the bytes; it does not prove that the end was not cut off.

use futures::TryStreamExt;

use super::{Chain, Entry, Hash, append, leaf_hash};
use crate::store::{
    self, Store, StoreError,
    entries::{StoredBody, StoredEntry},
};

/// The log as it was found: whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub entries: i64,
    /// The chain's head over all of them.
    pub head: Hash,
}

/// The first entry that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {sequence}: {why}")]
pub struct BadEntry {
    /// Its place in the log.
    pub sequence: i64,
    /// What is wrong with it.
    pub why: String,
}

/// Why the log could not be found whole.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is not.
    #[error(transparent)]
    Bad(#[from] BadEntry),
    /// It could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Recomputes the whole log and names the first bad sequence.
///
/// # Errors
/// `Bad` with the first entry that is not as it was written; `Store` when the log cannot be read.
pub async fn verify(store: &Store) -> Result<Verified, VerifyError> {
    let mut conn = store.read().await?;
    let mut chain = Chain::empty();
    let mut count = 0;
    let mut operations = 0;
    {
        let mut entries = std::pin::pin!(store::entries::all(&mut conn));
        while let Some(stored) = entries.try_next().await? {
            let expected = count + 1;
            if stored.sequence != expected {
                return Err(bad(expected, "is missing").into());
            }
            let (next, begins) = check(&stored, chain)?;
            chain = next;
            count = expected;
            operations += i64::from(begins);
        }
    }
    if let Some(sequence) = store::entries::first_stray_body(&mut conn).await? {
        return Err(bad(sequence, "has a body but no place in the log").into());
    }
    if let Some((sequence, why)) = store::operations::first_difference(&mut conn).await? {
        return Err(bad(sequence, why).into());
    }
    if store::operations::count(&mut conn).await? != operations {
        return Err(bad(count, "the list of operations holds more or fewer than the log").into());
    }
    Ok(Verified { entries: count, head: chain.head() })
}

fn bad(sequence: i64, why: impl Into<String>) -> BadEntry {
    BadEntry { sequence, why: why.into() }
}

/// Checks one entry; returns the chain after it, and whether it begins an operation.
fn check(stored: &StoredEntry, chain: Chain) -> Result<(Chain, bool), BadEntry> {
    let bad = |why: &str| bad(stored.sequence, why);
    let Some(body) = &stored.body else { return Err(bad("its body is missing")) };
    let leaf = leaf_hash(&body.bytes);
    if stored.leaf != leaf {
        return Err(bad("its bytes do not have its leaf hash: the entry was changed"));
    }
    let next = chain.with(leaf);
    if stored.chain != next.head() {
        return Err(bad("its chain hash does not follow from the entries before it"));
    }
    let entry: Entry =
        serde_json::from_slice(&body.bytes).map_err(|error| bad(&format!("its bytes are no entry: {error}")))?;
    if entry.sequence != stored.sequence {
        return Err(bad("its bytes name another sequence"));
    }
    if !derived_columns_agree(body, &entry) {
        return Err(bad("what is derived from it for search differs from its bytes"));
    }
    Ok((next, entry.stage.begins()))
}

fn derived_columns_agree(body: &StoredBody, entry: &Entry) -> bool {
    body.operation_id == entry.operation_id.to_string()
        && body.stage == entry.stage.as_str()
        && body.search == append::search_text(entry)
}
