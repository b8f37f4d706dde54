//! The tables `retention_run` and `removed_body`: which bodies were removed, when and why. A run and the entry that
//! records it are one transaction; triggers refuse to delete a body that no run names.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::{
    entries::RemovedBody,
    operation_row::{columns, read_row, rows_as_json},
    tree,
};
use crate::{
    Entry, Read, StoreError, Write, sql,
    values::{instant, json_list, micros},
};

/// One run that removed bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The sequence of the entry that records it.
    pub sequence: i64,
    /// For how many days bodies were kept.
    pub days: i64,
    /// No body above this was removed.
    pub up_to: i64,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// How many bodies it removed.
    pub removed: i64,
}

/// The last sequence before the first entry written at `before` or later, an instant as entries write it.
pub async fn older_than(conn: &mut Read, before: &str) -> Result<i64, StoreError> {
    let first_to_keep: Option<i64> = sql::query_scalar(sql::each(
        "SELECT sequence FROM entry_body WHERE CAST(body AS TEXT) ->> 'at' >= ? ORDER BY sequence LIMIT 1",
        "SELECT sequence FROM entry_body
          WHERE (convert_from(body, 'UTF8')::json ->> 'at') COLLATE \"C\" >= ? ORDER BY sequence LIMIT 1",
    ))
    .bind(before)
    .fetch_optional(conn.database())
    .await?;
    match first_to_keep {
        Some(sequence) => Ok(sequence - 1),
        None => tree::size(conn).await,
    }
}

/// The actions whose newest entry says what a person, a membership, a team, a shared view or a token of the feed is.
macro_rules! about_rights {
    () => {
        "'person.invite', 'person.create', 'person.join', 'person.role', 'person.disable', 'person.enable',
         'person.password', 'person.release', 'person.provider', 'factor.add', 'factor.remove', 'member.set', 'member.remove', 'team.create',
         'team.update', 'team.policy', 'team.token.set', 'team.token.replace', 'team.token.withdraw', 'team.token.refuse',
         'team.token.accept', 'team.retire', 'view.share', 'view.rename', 'view.delete', 'feed.create', 'feed.revoke',
         'job.create', 'job.pause', 'job.resume', 'job.cancel'"
    };
}

/// Bodies up to `up_to` that may be removed, oldest first, at most `limit`. Operations that have not ended keep theirs
/// for settling; entries about keys, the clock, removals and acknowledged alarms, and the newest about each person,
/// membership, team, shared view, job and token of the feed keep theirs for verifying, and what started a job keeps it until
/// the job has ended; those about a password chosen with a
/// link, which name who made it, keep theirs so that this person is kept from reviewing, and those that say that a team is
/// watched or that code of its connectors is kept, since they explain rows that stay.
pub async fn removable(conn: &mut Read, up_to: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(sql::query_scalar(concat!(
        "SELECT entry_body.sequence
           FROM entry_body JOIN operation ON operation.id = entry_body.operation_id
          WHERE entry_body.sequence <= ?
            AND operation.state = 'closed'
            AND operation.action NOT IN ('audit.key.set', 'audit.clock.set', 'audit.expire', 'audit.alarm.acknowledge',
                                         'person.join', 'team.watch', 'connector.code.keep', 'connector.pair', 'connector.promote')
            AND NOT (operation.action = 'job.create'
                     AND EXISTS (SELECT 1 FROM job WHERE job.id = operation.id AND job.state IN ('running', 'paused')))
            AND (operation.outcome IS NOT 'succeeded'
                 OR operation.action NOT IN (",
        about_rights!(),
        ")
                 OR EXISTS (SELECT 1 FROM operation AS later
                             WHERE later.team_id IS operation.team_id
                               AND later.target_type = operation.target_type
                               AND later.target_id = operation.target_id
                               AND later.sequence > operation.sequence
                               AND later.outcome = 'succeeded'
                               AND later.action IN (",
        about_rights!(),
        ")))
          ORDER BY entry_body.sequence LIMIT ?"
    ))
    .bind(up_to)
    .bind(limit)
    .fetch_all(conn.database())
    .await?)
}

/// The digest of the operations to which these bodies belong. Once the bodies are gone, it is what the rows of these
/// operations are compared with.
pub async fn digest_of_bodies(conn: &mut Read, sequences: &[i64]) -> Result<String, StoreError> {
    let rows = sql::query_scalar(rows_as_json!(
        " FROM operation
         WHERE id IN (SELECT operation_id FROM entry_body WHERE sequence IN (SELECT value FROM json_each(?)))
         ORDER BY operation.sequence"
    ))
    .bind(json_list(sequences))
    .fetch_all(conn.database())
    .await?;
    digest(&rows)
}

/// The digest of the operations of which a run removed bodies.
pub async fn digest_of_run(conn: &mut Read, run: i64) -> Result<String, StoreError> {
    let rows = sql::query_scalar(rows_as_json!(
        " FROM operation WHERE id IN (SELECT operation_id FROM removed_body WHERE run = ?) ORDER BY operation.sequence"
    ))
    .bind(run)
    .fetch_all(conn.database())
    .await?;
    digest(&rows)
}

/// SHA-256 over one line of JSON per operation, in hexadecimal digits.
fn digest(rows: &[String]) -> Result<String, StoreError> {
    let mut hasher = Sha256::new();
    for row in rows {
        let row = serde_json::to_vec(&read_row(row)?);
        hasher.update(row.map_err(|error| StoreError::damaged("row of an operation", error))?);
        hasher.update(b"\n");
    }
    Ok(hex::encode(hasher.finalize()))
}

/// Removes these bodies. `told` is the entry that records it.
pub async fn remove(tx: &mut Write, told: &Entry, days: i64, up_to: i64, sequences: &[i64]) -> Result<(), StoreError> {
    let listed = json_list(sequences);
    sql::query("INSERT INTO retention_run (sequence, days, up_to, at) VALUES (?, ?, ?, ?)")
        .bind(told.sequence)
        .bind(days)
        .bind(up_to)
        .bind(micros(told.at))
        .execute(tx.database())
        .await?;
    sql::query(
        "INSERT INTO removed_body (sequence, operation_id, run)
         SELECT sequence, operation_id, ? FROM entry_body WHERE sequence IN (SELECT value FROM json_each(?))",
    )
    .bind(told.sequence)
    .bind(&listed)
    .execute(tx.database())
    .await?;
    sql::query("DELETE FROM entry_body WHERE sequence IN (SELECT value FROM json_each(?))")
        .bind(&listed)
        .execute(tx.database())
        .await?;
    Ok(())
}

/// The removals above one sequence and up to another, by sequence.
pub async fn removed_between(conn: &mut Read, above: i64, up_to: i64) -> Result<HashMap<i64, RemovedBody>, StoreError> {
    let rows: Vec<(i64, String, i64, i64, i64)> = sql::query_as(
        "SELECT removed_body.sequence, operation_id, run, days, at
           FROM removed_body JOIN retention_run ON retention_run.sequence = removed_body.run
          WHERE removed_body.sequence > ? AND removed_body.sequence <= ?",
    )
    .bind(above)
    .bind(up_to)
    .fetch_all(conn.database())
    .await?;
    rows.into_iter()
        .map(|(sequence, operation_id, run, days, at)| {
            Ok((sequence, RemovedBody { operation_id, run, days, at: instant(at)? }))
        })
        .collect()
}

/// Whether retention has removed the body of this entry.
pub async fn is_removed(conn: &mut Read, sequence: i64) -> Result<bool, StoreError> {
    let found = sql::query("SELECT 1 FROM removed_body WHERE sequence = ?")
        .bind(sequence)
        .fetch_optional(conn.database())
        .await?;
    Ok(found.is_some())
}

/// Every run, oldest first.
pub async fn runs(conn: &mut Read) -> Result<Vec<Run>, StoreError> {
    let rows: Vec<(i64, i64, i64, i64, i64)> = sql::query_as(
        "SELECT sequence, days, up_to, at, (SELECT count(*) FROM removed_body WHERE run = retention_run.sequence)
           FROM retention_run ORDER BY sequence",
    )
    .fetch_all(conn.database())
    .await?;
    let run = |(sequence, days, up_to, at, removed)| Run { sequence, days, up_to, at, removed };
    Ok(rows.into_iter().map(run).collect())
}

/// Makes this connection overwrite removed content with zeros, or not. On PostgreSQL, removed content is overwritten after
/// the next `VACUUM`, as the server needs the space.
pub async fn overwrite_what_is_removed(conn: &mut Read, on: bool) -> Result<(), StoreError> {
    if conn.database().is_postgres() {
        return Ok(());
    }
    let statement = if on { "PRAGMA secure_delete = ON" } else { "PRAGMA secure_delete = OFF" };
    sql::query(statement).execute(conn.database()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Action;

    /// Actions about people, memberships, teams, views and tokens of the feed that change none of them.
    // The new token of a rotation is in an entry of its own.
    const CHANGE_NOTHING: [Action; 5] =
        [Action::TeamWatch, Action::TeamRead, Action::FeedRead, Action::TeamTokenRotate, Action::FactorRefuse];

    #[test]
    fn what_says_what_somebody_or_something_is_is_kept() {
        let listed: Vec<&str> = about_rights!().split(',').map(|name| name.trim().trim_matches('\'')).collect();
        for action in Action::ALL {
            let (kind, _) = action.as_str().split_once('.').expect("two words");
            let is_about = ["person", "factor", "member", "team", "view", "feed", "job"].contains(&kind);
            let is_listed = listed.contains(&action.as_str());
            assert_eq!(is_listed, is_about && !CHANGE_NOTHING.contains(action), "{action}");
        }
    }

    #[test]
    fn every_action_that_a_statement_names_exists() {
        for (file, least) in [
            (include_str!("retention.rs"), 20),
            (include_str!("../accounts/people.rs"), 6),
            (include_str!("../accounts/sessions.rs"), 4),
            (include_str!("../accounts/invitations.rs"), 4),
        ] {
            // What stands between two quotes, and sometimes between an apostrophe and a quote.
            let quoted = file.split('\'').filter(|text| {
                text.split_once('.').is_some_and(|(kind, rest)| {
                    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_lowercase());
                    is_word(kind) && rest.split('.').all(is_word)
                })
            });
            let named: Vec<&str> = quoted.collect();
            assert!(named.len() >= least, "{named:?}");
            for name in named {
                assert!(name.parse::<Action>().is_ok(), "{name}");
            }
        }
    }
}
