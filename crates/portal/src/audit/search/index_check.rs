//! Compares the search index with the log, document for document: each is made again from the log's entries, and its
//! words, facets, times and counts are compared with what the file holds.

use std::path::Path;

use store::{
    Store, StoreError,
    index::contents::{Contents, Difference, Fingerprints},
    tree::Tree,
};

use super::{document::VERSION, from_log::for_each_document};

/// What a comparison of the index with the log found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexCheck {
    /// There is no index, or one in another format, which the portal replaces.
    Missing,
    /// It was written by another version of the portal, which is why this one rebuilds it.
    OtherVersion,
    /// It is as it should be.
    Agrees {
        /// How many operations were compared.
        operations: usize,
        /// How many were left out, since they changed after they were indexed.
        newer: usize,
    },
    /// It is no database, or tables are missing.
    Damaged,
    /// It was made of another log.
    OfAnotherLog,
    /// It differs from the log.
    Differs(Difference),
}

/// Compares the index in a data folder with the log.
pub(in crate::audit) async fn compare(store: &Store, folder: &Path) -> Result<IndexCheck, StoreError> {
    let fingerprints = Fingerprints::default();
    let read = Contents::read(folder, &fingerprints).await;
    let Some((progress, mut found)) = (match read {
        Err(error) if error.is_corruption() || error.is_other_format() => return Ok(IndexCheck::Damaged),
        read => read?,
    }) else {
        return Ok(IndexCheck::Missing);
    };
    if progress.version != VERSION {
        return Ok(IndexCheck::OtherVersion);
    }
    // Later than the index was read, so that the log has everything that the index has.
    let mut conn = store.snapshot().await?;
    let head = store::tree::size(&mut conn).await?;
    if !(0..=head).contains(&progress.indexed) {
        return Ok(IndexCheck::OfAnotherLog);
    }
    if progress.indexed > 0 {
        let root = Tree::default().root(&mut conn, progress.indexed).await?;
        if progress.root.as_deref() != Some(root.as_slice()) {
            return Ok(IndexCheck::OfAnotherLog);
        }
    }
    let mut expected = Contents::new(&fingerprints);
    for_each_document(&mut conn, progress.indexed, |_, document| expected.add(document)).await?;
    let newer = store::search::touched(&mut conn, progress.indexed, head).await?;
    expected.leave_out(&newer);
    found.leave_out(&newer);
    Ok(match expected.difference(&found) {
        None => IndexCheck::Agrees { operations: expected.documents(), newer: newer.len() },
        Some(difference) => IndexCheck::Differs(difference),
    })
}

#[cfg(test)]
mod tests;
