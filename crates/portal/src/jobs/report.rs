//! A job's report as a file for spreadsheets: each item, how it ended and Workato's words. It is in the log before the first
//! byte is sent, as an export of the log.

use futures::stream::{self, Stream};
use std::{io, sync::Arc};
use store::jobs::items::{ItemFilter, ItemRow};

use crate::{
    OperationId, Portal, Result, TeamReader,
    audit::{Action, Draft, instant_text},
    gathering::Exports,
    spreadsheet::{BYTE_ORDER_MARK, write_rows},
};

/// How many items one piece of the file has.
const CHUNK: i64 = 500;

const COLUMNS: [&str; 11] =
    ["place", "type", "id", "name", "dry_run", "result", "workato_status", "workato_message", "at", "operation", "job"];

/// A report that is written piece by piece.
pub struct JobReport {
    /// The file's name.
    pub name: String,
    portal: Arc<Portal>,
    job: OperationId,
    kind: &'static str,
}

impl Portal {
    /// A job's report. Records the export first.
    ///
    /// # Errors
    /// `NotFound` if there is no such job, `LogUnavailable` if the log cannot be written.
    pub async fn job_report(self: &Arc<Self>, reader: &TeamReader, id: OperationId) -> Result<JobReport> {
        let job = self.job(reader, id, None, 1).await?.job;
        let draft = Draft::recorded(reader.actor().entry_actor(), Action::AuditExport)
            .team(reader.team().entry_team())
            .parameter("format", "csv")
            .parameter("search", format!("batch:{id}"))
            .parameter("operations", job.items);
        let exports = Exports { gatherer: &self.gatherer, person: reader.actor().id() };
        let team = Some(reader.team().id);
        if !exports.admit(Action::AuditExport, team, &draft)? {
            self.record(draft.clone()).await.map_err(crate::Error::LogUnavailable)?;
            exports.wrote(Action::AuditExport, team, &draft);
        }
        let kind = if job.act == super::Act::Share { "connector" } else { "connection" };
        let name = format!("job-{}-{id}.csv", reader.team().slug);
        Ok(JobReport { name, portal: Arc::clone(self), job: id, kind })
    }
}

impl JobReport {
    /// The file in pieces.
    pub fn chunks(self) -> impl Stream<Item = io::Result<Vec<u8>>> + Send + 'static {
        stream::try_unfold((self, -1_i64), |(report, done)| async move {
            if done < 0 {
                let mut text = BYTE_ORDER_MARK.as_bytes().to_vec();
                write_rows([COLUMNS.map(str::to_owned)], &mut text).map_err(io::Error::other)?;
                return Ok(Some((text, (report, 0))));
            }
            let filter = ItemFilter { state: None, offset: done, limit: CHUNK };
            let rows = {
                let mut conn = report.portal.store.read().await.map_err(io::Error::other)?;
                store::jobs::items::page(&mut conn, report.job, filter).await.map_err(io::Error::other)?
            };
            if rows.is_empty() {
                return Ok(None);
            }
            let count = i64::try_from(rows.len()).unwrap_or(CHUNK);
            let mut text = Vec::new();
            write_rows(rows.iter().map(|row| report.cells(row)), &mut text).map_err(io::Error::other)?;
            Ok(Some((text, (report, done + count))))
        })
    }

    fn cells(&self, row: &ItemRow) -> [String; 11] {
        let last = row.operation.as_ref().and_then(|operation| operation.last.as_ref());
        let said = last.and_then(|entry| entry.workato.as_ref());
        [
            row.item.place.to_string(),
            self.kind.to_owned(),
            row.item.target.clone(),
            row.item.name.clone().unwrap_or_default(),
            if row.item.taken_out { "taken_out".to_owned() } else { row.item.verdict.to_string() },
            row.state.to_string(),
            said.and_then(|said| said.http_status).map(|status| status.to_string()).unwrap_or_default(),
            said.and_then(|said| said.message.clone()).unwrap_or_default(),
            last.map(|entry| instant_text(entry.at)).unwrap_or_default(),
            row.operation.as_ref().map(|operation| operation.id.to_string()).unwrap_or_default(),
            self.job.to_string(),
        ]
    }
}
