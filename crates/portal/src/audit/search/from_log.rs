//! Finding operations without the index: every operation's document is made of the log's own entries and compared with
//! the conditions. Slower than the index by far, and nobody can hide an operation from it by changing the index.

use store::{
    OperationSummary, Read, StoreError,
    index::{document::Document, query::Criteria},
    micros,
    operations::OperationRow,
};

use super::document::documents_at;

/// How many entries are looked at in one step.
const BATCH: i64 = 500;

/// The sequences of all operations that meet the criteria, oldest first.
pub(in crate::audit) async fn all_matching(conn: &mut Read, asked: &Criteria) -> Result<Vec<i64>, StoreError> {
    let mut found = Vec::new();
    let has_terms = !asked.all.is_empty() || !asked.none.is_empty();
    let (head, mut above) = (store::tree::size(conn).await?, 0);
    while above < head {
        let up_to = head.min(above + BATCH);
        let rows = store::operations::rows_between(conn, above, up_to).await?;
        above = up_to;
        let candidates: Vec<i64> = rows.iter().filter(|row| row_meets(row, asked)).map(|row| row.sequence).collect();
        if has_terms && !candidates.is_empty() {
            let documents = documents_at(conn, &candidates).await?;
            let met = documents.iter().rev().filter(|(_, document)| asked.are_met_by(document));
            found.extend(met.map(|(operation, _)| operation.sequence));
        } else {
            found.extend(candidates);
        }
    }
    Ok(found)
}

/// Every operation up to an entry, with its document, oldest first.
pub(super) async fn for_each_document(
    conn: &mut Read,
    up_to: i64,
    mut each: impl FnMut(&OperationSummary, &Document) + Send,
) -> Result<(), StoreError> {
    let mut above = 0;
    while above < up_to {
        let to = up_to.min(above + BATCH);
        let rows = store::operations::rows_between(conn, above, to).await?;
        above = to;
        let sequences: Vec<i64> = rows.iter().map(|row| row.sequence).collect();
        for (operation, document) in documents_at(conn, &sequences).await?.iter().rev() {
            each(operation, document);
        }
    }
    Ok(())
}

/// The conditions that an operation's row decides.
fn row_meets(row: &OperationRow, asked: &Criteria) -> bool {
    asked.visible.as_ref().is_none_or(|visible| row.team_id.is_some_and(|team| visible.contains(&team)))
        && asked.only.is_none_or(|only| row.id == only)
        && !asked.except.contains(&row.id)
        && asked.after.is_none_or(|after| row.at >= micros(after))
        && asked.before.is_none_or(|before| row.at < micros(before))
}
