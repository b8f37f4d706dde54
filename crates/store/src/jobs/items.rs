//! The table `job_item`: what a job acts on. Once a job is started, its items stay as they are; how each ended is in the log.

use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::{
    OperationId, OperationSummary, Outcome, Read, StoreError, Write,
    log::operations,
    sql::{self, Row},
    values::{json_list, parsed},
    words,
};

words! {
    /// What a dry run says of an item.
    pub enum Verdict {
        /// Nothing speaks against it.
        Ready => "ready",
        /// Workato refuses it, since active recipes use it.
        InUse => "in_use",
        /// It is already so.
        AlreadySo => "already_so",
        /// It no longer exists.
        Gone => "gone",
        /// Workato sent values of it that cannot be read, so nobody could see what would change.
        Unreadable => "unreadable",
        /// No version of it is released.
        NotReleased => "not_released",
    }
}

/// An item of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its place, from 1.
    pub place: i64,
    /// The operation that carries it out.
    pub operation: OperationId,
    /// The id of the connection or connector.
    pub target: String,
    /// Its name in the dry run.
    pub name: Option<String>,
    /// What the dry run said.
    pub verdict: Verdict,
    /// Whether somebody took it out.
    pub taken_out: bool,
    /// How many recipes use it, if that was known.
    pub recipes: Option<i64>,
    /// How many of these are running.
    pub active: Option<i64>,
    /// The version to share.
    pub version: Option<i64>,
    /// What in the dry run would have to be the same when it is carried out, as a hash.
    pub seen: String,
}

impl Item {
    /// Whether the job carries it out.
    #[must_use]
    pub fn is_in(&self) -> bool {
        self.verdict == Verdict::Ready && !self.taken_out
    }
}

words! {
    /// How an item stands, for filters.
    pub enum ItemState {
        /// It is not part of the job: taken out, or it would have been refused.
        LeftOut => "left_out",
        /// It was not sent.
        Waiting => "waiting",
        /// It was sent, and has no outcome yet.
        Sent => "sent",
        /// It was done.
        Succeeded => "succeeded",
        /// Workato refused it.
        Rejected => "rejected",
        /// It did not happen.
        Failed => "failed",
        /// It may or may not have happened.
        Unknown => "unknown",
        /// It was no longer as in the dry run, so it was not sent.
        Changed => "changed",
    }
}

impl ItemState {
    /// How an item stands whose operation has this outcome.
    fn of_sent(outcome: Option<Outcome>) -> Self {
        match outcome {
            None => Self::Sent,
            Some(Outcome::Succeeded) => Self::Succeeded,
            Some(Outcome::Rejected) => Self::Rejected,
            Some(Outcome::Failed | Outcome::Denied) => Self::Failed,
            Some(Outcome::Unknown) => Self::Unknown,
        }
    }
}

/// The items of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ItemFilter {
    /// Only items that stand like this.
    pub state: Option<ItemState>,
    /// How many to leave out before the first.
    pub offset: i64,
    /// The most.
    pub limit: i64,
}

/// An item as a page shows it, with what became of it.
#[derive(Clone, Debug)]
pub struct ItemRow {
    /// The item.
    pub item: Item,
    /// Its state.
    pub state: ItemState,
    /// Its operation, if it was sent.
    pub operation: Option<OperationSummary>,
}

/// How many items stand how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemCounts(pub Vec<(ItemState, i64)>);

impl ItemCounts {
    /// How many stand like this.
    #[must_use]
    pub fn of(&self, state: ItemState) -> i64 {
        self.0.iter().filter(|(of, _)| *of == state).map(|(_, count)| count).sum()
    }

    /// How many items the job carries out, or carried out.
    #[must_use]
    pub fn in_job(&self) -> i64 {
        self.0.iter().filter(|(of, _)| *of != ItemState::LeftOut).map(|(_, count)| count).sum()
    }

    /// How many were sent, or left alone because they had changed.
    #[must_use]
    pub fn done(&self) -> i64 {
        self.in_job() - self.of(ItemState::Waiting) - self.of(ItemState::Sent)
    }
}

/// How an item stands, in SQL. `job_item` and its operation are joined.
macro_rules! state {
    () => {
        "CASE WHEN verdict <> 'ready' OR taken_out = 1 THEN 'left_out'
              WHEN operation.id IS NULL AND skipped_at IS NOT NULL THEN 'changed'
              WHEN operation.id IS NULL THEN 'waiting'
              WHEN operation.outcome IS NULL THEN 'sent'
              WHEN operation.outcome = 'denied' THEN 'failed'
              ELSE operation.outcome END"
    };
}

pub(super) async fn insert(tx: &mut Write, job: OperationId, items: &[Item]) -> Result<(), StoreError> {
    for item in items {
        sql::query(
            "INSERT INTO job_item (job_id, place, operation_id, target_id, target_name, verdict, taken_out, recipes,
                                   active, version, seen)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(job.to_string())
        .bind(item.place)
        .bind(item.operation.to_string())
        .bind(&item.target)
        .bind(&item.name)
        .bind(item.verdict.as_str())
        .bind(item.taken_out)
        .bind(item.recipes)
        .bind(item.active)
        .bind(item.version)
        .bind(&item.seen)
        .execute(tx.database())
        .await?;
    }
    Ok(())
}

/// Every item of a job, by place.
pub async fn all(conn: &mut Read, job: OperationId) -> Result<Vec<Item>, StoreError> {
    sql::query("SELECT * FROM job_item WHERE job_id = ? ORDER BY place")
        .bind(job.to_string())
        .fetch_all(conn.database())
        .await?
        .iter()
        .map(item)
        .collect()
}

/// The hash that binds items to their job: SHA-256 over one line of JSON for each, in the order of their places.
#[must_use]
pub fn hash(items: &[Item]) -> String {
    let mut hasher = Sha256::new();
    for item in items {
        let line = serde_json::json!([
            item.place,
            item.operation,
            item.target,
            item.name,
            item.verdict,
            item.taken_out,
            item.recipes,
            item.active,
            item.version,
            item.seen,
        ]);
        hasher.update(line.to_string());
        hasher.update(b"\n");
    }
    hex::encode(hasher.finalize())
}

/// How many items belong to no job.
pub async fn strays(conn: &mut Read) -> Result<i64, StoreError> {
    Ok(sql::query_scalar("SELECT count(*) FROM job_item WHERE job_id NOT IN (SELECT id FROM job)")
        .fetch_one(conn.database())
        .await?)
}

/// Takes items of a dry run out, or puts them back.
pub async fn take_out(tx: &mut Write, job: OperationId, places: &[i64], out: bool) -> Result<(), StoreError> {
    sql::query(
        "UPDATE job_item SET taken_out = ?
          WHERE job_id = ? AND place IN (SELECT value FROM json_each(?))
            AND EXISTS (SELECT 1 FROM job WHERE id = job_id AND recorded_in IS NULL)",
    )
    .bind(out)
    .bind(job.to_string())
    .bind(json_list(places))
    .execute(tx.database())
    .await?;
    Ok(())
}

/// Notes that an item was not sent because it was no longer as in the dry run.
pub async fn skip(tx: &mut Write, job: OperationId, place: i64, now: OffsetDateTime) -> Result<(), StoreError> {
    sql::query("UPDATE job_item SET skipped_at = ? WHERE job_id = ? AND place = ?")
        .bind(crate::values::micros(now))
        .bind(job.to_string())
        .bind(place)
        .execute(tx.database())
        .await?;
    Ok(())
}

/// The places of a job's items that were neither sent nor left alone.
pub async fn places_left(conn: &mut Read, job: OperationId) -> Result<Vec<i64>, StoreError> {
    Ok(sql::query_scalar(
        "SELECT place FROM job_item LEFT JOIN operation ON operation.id = job_item.operation_id
          WHERE job_id = ? AND verdict = 'ready' AND taken_out = 0 AND skipped_at IS NULL AND operation.id IS NULL
          ORDER BY place",
    )
    .bind(job.to_string())
    .fetch_all(conn.database())
    .await?)
}

/// The outcomes of a job's last items after a place that have one, newest first, at most `limit`.
pub async fn last_outcomes(
    conn: &mut Read,
    job: OperationId,
    after: i64,
    limit: i64,
) -> Result<Vec<Outcome>, StoreError> {
    let found: Vec<String> = sql::query_scalar(
        "SELECT outcome FROM job_item JOIN operation ON operation.id = job_item.operation_id
          WHERE job_id = ? AND place > ? AND outcome IS NOT NULL ORDER BY place DESC LIMIT ?",
    )
    .bind(job.to_string())
    .bind(after)
    .bind(limit)
    .fetch_all(conn.database())
    .await?;
    found.iter().map(|outcome| parsed("outcome", outcome)).collect()
}

/// The targets of a job's items that Workato refused or that did not happen.
pub async fn failed(conn: &mut Read, job: OperationId) -> Result<Vec<String>, StoreError> {
    Ok(sql::query_scalar(
        "SELECT job_item.target_id FROM job_item JOIN operation ON operation.id = job_item.operation_id
          WHERE job_id = ? AND outcome IN ('rejected', 'failed') ORDER BY place",
    )
    .bind(job.to_string())
    .fetch_all(conn.database())
    .await?)
}

/// How many of a job's items stand how.
pub async fn counts(conn: &mut Read, job: OperationId) -> Result<ItemCounts, StoreError> {
    // Both from an index alone: joining ten thousand items with their operations takes ten times as long.
    let (left_out, changed, all): (i64, i64, i64) = sql::query_as(
        "SELECT count(*) FILTER (WHERE verdict <> 'ready' OR taken_out = 1), count(*) FILTER (WHERE skipped_at IS NOT NULL),
                count(*)
           FROM job_item WHERE job_id = ?",
    )
    .bind(job.to_string())
    .fetch_one(conn.database())
    .await?;
    let sent: Vec<(Option<String>, i64)> =
        sql::query_as("SELECT outcome, count(*) FROM operation WHERE batch = ? GROUP BY outcome")
            .bind(job.to_string())
            .fetch_all(conn.database())
            .await?;
    let mut counts = vec![(ItemState::LeftOut, left_out), (ItemState::Changed, changed)];
    for (outcome, count) in sent {
        let outcome = outcome.map(|outcome| parsed("outcome", &outcome)).transpose()?;
        counts.push((ItemState::of_sent(outcome), count));
    }
    let rest = all - counts.iter().map(|(_, count)| count).sum::<i64>();
    counts.push((ItemState::Waiting, rest.max(0)));
    Ok(ItemCounts(counts))
}

/// A page of a job's items, by place.
pub async fn page(conn: &mut Read, job: OperationId, filter: ItemFilter) -> Result<Vec<ItemRow>, StoreError> {
    let rows = sql::query(concat!(
        "SELECT job_item.*, operation.sequence AS sequence, ",
        state!(),
        " AS state FROM job_item LEFT JOIN operation ON operation.id = job_item.operation_id
          WHERE job_id = ?1 AND place > ?4 AND (?2 IS NULL OR ",
        state!(),
        " = ?2) ORDER BY place LIMIT ?3 OFFSET ?5"
    ))
    .bind(job.to_string())
    .bind(filter.state.map(ItemState::as_str))
    .bind(filter.limit)
    // Places are numbered without gaps.
    .bind(if filter.state.is_none() { filter.offset } else { 0 })
    .bind(if filter.state.is_none() { 0 } else { filter.offset })
    .fetch_all(conn.database())
    .await?;
    let mut sequences = Vec::new();
    for row in &rows {
        sequences.extend(row.try_get::<Option<i64>, _>("sequence")?);
    }
    let mut operations = operations::at(conn, &sequences).await?;
    rows.iter()
        .map(|row| {
            let (item, state): (_, String) = (item(row)?, row.try_get("state")?);
            let at = operations.iter().position(|operation| operation.id == item.operation);
            let operation = at.map(|at| operations.swap_remove(at));
            Ok(ItemRow { item, state: parsed("item", &state)?, operation })
        })
        .collect()
}

fn item(row: &Row) -> Result<Item, StoreError> {
    let (operation, verdict): (String, String) = (row.try_get("operation_id")?, row.try_get("verdict")?);
    Ok(Item {
        place: row.try_get("place")?,
        operation: parsed("operation id", &operation)?,
        target: row.try_get("target_id")?,
        name: row.try_get("target_name")?,
        verdict: parsed("verdict", &verdict)?,
        taken_out: row.try_get("taken_out")?,
        recipes: row.try_get("recipes")?,
        active: row.try_get("active")?,
        version: row.try_get("version")?,
        seen: row.try_get("seen")?,
    })
}
