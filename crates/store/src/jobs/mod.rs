//! The table `job`: many operations that somebody asked for at once. A job's row is sealed, and its items are bound to it
//! and to the entry that records it by their hash.

pub mod items;

use time::OffsetDateTime;

pub use self::items::{Item, ItemFilter, ItemState, Verdict};
use crate::{
    Entry, OperationId, PersonId, Read, StoreError, TeamId, Write,
    rows::{
        cells::{Cell, Checked, Fields},
        tables::JOB,
    },
    sql::{self, Row},
    values::micros,
    words,
};

words! {
    /// What a job does with each of its items.
    pub enum Act {
        /// Delete connections.
        Delete => "delete",
        /// Disconnect connections.
        Disconnect => "disconnect",
        /// Add a tag to connections.
        Tag => "tag",
        /// Remove a tag from connections.
        Untag => "untag",
        /// Move connections to another folder.
        Move => "move",
        /// Share the latest release of connectors.
        Share => "share",
    }
}

words! {
    /// What the portal does about a job.
    pub enum JobState {
        /// A dry run: nobody has started it.
        Draft => "draft",
        /// It waits for a second person, or none approved it.
        Requested => "requested",
        /// Its items are carried out, one after the other.
        Running => "running",
        /// No further item is carried out until somebody resumes it.
        Paused => "paused",
        /// Somebody cancelled it. Items that were not sent never are.
        Cancelled => "cancelled",
        /// Every item was carried out or left out.
        Finished => "finished",
    }
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id, which is that of its operation `job.create` and the batch of its items' operations.
    pub id: OperationId,
    /// Its team.
    pub team: TeamId,
    /// Who made it, and in whose name its items are carried out.
    pub person: PersonId,
    /// What it does.
    pub act: Act,
    /// The tag or folder, if the act has one.
    pub argument: Option<String>,
    /// The job whose failed items it repeats.
    pub retries: Option<OperationId>,
    /// What the portal does about it.
    pub state: JobState,
    /// When its dry run was made.
    pub created_at: OffsetDateTime,
    /// How many items are carried out. Only set once it was started.
    pub items: i64,
    /// The hash of its items, in hexadecimal digits. `None` before it was started.
    pub items_sha256: Option<String>,
    /// The place after which refusals in a row are counted: where it began, or was last resumed.
    pub counted_from: i64,
    /// The entry that records its newest change.
    pub recorded_in: Option<i64>,
}

// A request that nobody has approved is closed without a change of the job's row.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT job.*, 'log' AS \"table\",
                    (SELECT max(CASE WHEN acted_in IS NULL THEN sequence ELSE last_sequence END) FROM operation
                      WHERE team_id = job.team_id AND target_type = 'job' AND target_id = job.id
                        AND outcome IS NOT 'denied') AS newest
               FROM job ",
            $rest
        )
    };
}

/// A job, if the portal wrote its row and the log says nothing against it.
pub async fn find(conn: &mut Read, id: OperationId) -> Result<Option<Job>, StoreError> {
    let row = sql::query(select!("WHERE id = ?")).bind(id.to_string()).fetch_optional(conn.database()).await?;
    row.map_or(Ok(None), |row| job(conn, &row))
}

/// The jobs that are carried out, in the order of their beginning.
pub async fn running(conn: &mut Read) -> Result<Vec<Job>, StoreError> {
    let rows = sql::query(select!("WHERE state = 'running' ORDER BY id")).fetch_all(conn.database()).await?;
    jobs(conn, &rows)
}

/// A team's jobs that are more than a dry run, newest first; those before `before` in this order.
pub async fn of_team(
    conn: &mut Read,
    team: TeamId,
    before: Option<OperationId>,
    limit: i64,
) -> Result<Vec<Job>, StoreError> {
    let rows = sql::query(select!(
        "WHERE job.team_id = ?1 AND job.recorded_in IS NOT NULL AND (?2 IS NULL OR job.id < ?2) ORDER BY job.id DESC LIMIT ?3"
    ))
    .bind(team.to_string())
    .bind(before.map(|before| before.to_string()))
    .bind(limit)
    .fetch_all(conn.database())
    .await?;
    jobs(conn, &rows)
}

/// How many of a team's jobs are running, paused or wait for a second person.
pub async fn count_open(conn: &mut Read, team: TeamId) -> Result<i64, StoreError> {
    Ok(sql::query_scalar("SELECT count(*) FROM job WHERE team_id = ? AND state IN ('running', 'paused')")
        .bind(team.to_string())
        .fetch_one(conn.database())
        .await?)
}

/// A person's dry runs in a team, newest first.
pub async fn drafts(conn: &mut Read, person: PersonId, team: TeamId) -> Result<Vec<Job>, StoreError> {
    let rows = sql::query(select!(
        "WHERE job.team_id = ? AND job.person_id = ? AND job.recorded_in IS NULL ORDER BY job.id DESC"
    ))
    .bind(team.to_string())
    .bind(person.to_string())
    .fetch_all(conn.database())
    .await?;
    jobs(conn, &rows)
}

/// The jobs of a team that repeat the failed items of this one.
pub async fn retried_by(conn: &mut Read, team: TeamId, job: OperationId) -> Result<Vec<OperationId>, StoreError> {
    let found: Vec<String> = sql::query_scalar(
        "SELECT id FROM job WHERE team_id = ? AND retries = ? AND recorded_in IS NOT NULL ORDER BY id",
    )
    .bind(team.to_string())
    .bind(job.to_string())
    .fetch_all(conn.database())
    .await?;
    found.iter().map(|id| crate::values::parsed("job", id)).collect()
}

/// How many dry runs were made before this instant.
pub async fn old_drafts(conn: &mut Read, before: OffsetDateTime) -> Result<i64, StoreError> {
    Ok(sql::query_scalar("SELECT count(*) FROM job WHERE recorded_in IS NULL AND created_at < ?")
        .bind(micros(before))
        .fetch_one(conn.database())
        .await?)
}

/// Writes a dry run with its items.
pub async fn insert(tx: &mut Write, job: &Job, items: &[Item]) -> Result<(), StoreError> {
    sql::query(
        "INSERT INTO job (id, team_id, person_id, act, argument, retries, state, created_at, items, items_sha256,
                          counted_from, recorded_in, mac)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, zeroblob(32))",
    )
    .bind(job.id.to_string())
    .bind(job.team.to_string())
    .bind(job.person.to_string())
    .bind(job.act.as_str())
    .bind(&job.argument)
    .bind(job.retries.map(|id| id.to_string()))
    .bind(job.state.as_str())
    .bind(micros(job.created_at))
    .bind(job.items)
    .bind(&job.items_sha256)
    .bind(job.counted_from)
    .bind(job.recorded_in)
    .execute(tx.database())
    .await?;
    JOB.seal(tx, &key(job.id)).await?;
    items::insert(tx, job.id, items).await
}

/// Writes what changes in the life of a job. `told` is the entry that records it; without one, the state follows from
/// what the log has.
pub async fn update(tx: &mut Write, job: &Job, told: Option<&Entry>) -> Result<(), StoreError> {
    JOB.guard(tx, &key(job.id)).await?;
    sql::query(
        "UPDATE job SET state = ?, items = ?, items_sha256 = ?, counted_from = ?, recorded_in = coalesce(?, recorded_in)
          WHERE id = ?",
    )
    .bind(job.state.as_str())
    .bind(job.items)
    .bind(&job.items_sha256)
    .bind(job.counted_from)
    .bind(told.map(|told| told.sequence))
    .bind(job.id.to_string())
    .execute(tx.database())
    .await?;
    JOB.seal(tx, &key(job.id)).await
}

/// Removes dry runs: those made before this instant, and these.
pub async fn remove_drafts(tx: &mut Write, before: OffsetDateTime, these: &[OperationId]) -> Result<(), StoreError> {
    let these: Vec<String> = these.iter().map(ToString::to_string).collect();
    let these = crate::values::json_list(&these);
    for statement in [
        "DELETE FROM job_item WHERE job_id IN (SELECT id FROM job WHERE recorded_in IS NULL
                                                  AND (created_at < ?1 OR id IN (SELECT value FROM json_each(?2))))",
        "DELETE FROM job WHERE recorded_in IS NULL AND (created_at < ?1 OR id IN (SELECT value FROM json_each(?2)))",
    ] {
        sql::query(statement).bind(micros(before)).bind(&these).execute(tx.database()).await?;
    }
    Ok(())
}

fn jobs(conn: &Read, rows: &[Row]) -> Result<Vec<Job>, StoreError> {
    let mut jobs = Vec::new();
    for row in rows {
        jobs.extend(job(conn, row)?);
    }
    Ok(jobs)
}

fn job(conn: &Read, row: &Row) -> Result<Option<Job>, StoreError> {
    let mut parts = Fields::parts(row)?.into_iter();
    let (Some(row), log) = (parts.next(), parts.next()) else { return Ok(None) };
    let key = conn.row_key();
    let Some(row) = JOB.check(key.as_ref(), row) else { return Ok(None) };
    let newest = log.map_or(Ok(None), |log| Checked::unsealed(log).opt_number("newest"))?;
    let Some(row) = JOB.check_newest(key.as_ref(), row, newest)? else { return Ok(None) };
    let retries = match row.opt_text("retries")? {
        Some(_) => Some(row.parsed("retries")?),
        None => None,
    };
    Ok(Some(Job {
        id: row.parsed("id")?,
        team: row.parsed("team_id")?,
        person: row.parsed("person_id")?,
        act: row.parsed("act")?,
        argument: row.opt_text("argument")?.map(str::to_owned),
        retries,
        state: row.parsed("state")?,
        created_at: row.instant("created_at")?,
        items: row.number("items")?,
        items_sha256: row.opt_text("items_sha256")?.map(str::to_owned),
        counted_from: row.number("counted_from")?,
        recorded_in: row.recorded_in()?,
    }))
}

fn key(id: OperationId) -> [Cell; 1] {
    [id.to_string().into()]
}
