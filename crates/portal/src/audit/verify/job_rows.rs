//! Compares the items of jobs with the hash that binds them to the log.

use std::collections::BTreeMap;

use store::{
    OperationId, Read, StoreError, jobs,
    rows::all::{Cell, StoredRow},
};

use super::said::{Columns, Says, id_of, parameter};
use crate::audit::{Action, Entry, Stage, TargetType};

/// Rows that must exist as they are, by table and key.
type Rows = BTreeMap<(&'static str, String), Columns>;

/// A job's row changes with its request, and with what was recorded of it. An approved request ends with an outcome.
/// Returns whether the entry is about a job.
pub(super) fn follow(rows: &mut Rows, entry: &Entry) -> bool {
    let is_of_job =
        matches!(entry.action, Action::JobCreate | Action::JobPause | Action::JobResume | Action::JobCancel);
    let changes = matches!(entry.stage, Stage::Requested | Stage::Recorded | Stage::Outcome);
    let (true, true, Some(job), Some(team)) = (is_of_job, changes, id_of(entry, TargetType::Job), &entry.team) else {
        return is_of_job;
    };
    let columns = rows.entry(("job", job)).or_default();
    columns.insert("team_id", Says::Exactly(Some(team.id.to_string().into())));
    for (column, name) in [
        ("person_id", "created_by"),
        ("act", "act"),
        ("argument", "argument"),
        ("retries", "retries"),
        ("items", "items"),
        ("items_sha256", "items_sha256"),
    ] {
        columns.insert(column, parameter(entry, name));
    }
    let state = match (entry.action, entry.stage) {
        (_, Stage::Requested) => Says::Exactly(Some("requested".into())),
        (Action::JobPause, _) => Says::Exactly(Some("paused".into())),
        (Action::JobCancel, _) => Says::Exactly(Some("cancelled".into())),
        // That it runs, or has finished: the log has no entry for its end.
        _ => Says::Something,
    };
    columns.insert("state", state);
    columns.insert("recorded_in", Says::Exactly(Some(entry.sequence.into())));
    true
}

/// The first job that was started whose items are not those that its entry names, or an item without a job. The items of a
/// dry run are nobody's order.
pub(super) async fn fault(conn: &mut Read, rows: &[StoredRow]) -> Result<Option<(String, &'static str)>, StoreError> {
    for row in rows.iter().filter(|row| row.table == "job") {
        let Some(Cell::Text(hash)) = row.columns.get("items_sha256") else { continue };
        let items = match row.row.parse::<OperationId>() {
            Ok(id) => jobs::items::all(conn, id).await?,
            Err(_) => Vec::new(),
        };
        if jobs::items::hash(&items) != *hash {
            return Ok(Some((row.row.clone(), "differs from what the log says of the job")));
        }
    }
    let strays = jobs::items::strays(conn).await?;
    Ok((strays > 0).then(|| ("of no job".to_owned(), "belongs to no job")))
}
