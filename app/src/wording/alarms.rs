//! What an alarm says: for `/readyz`, the audit log's page and the command line.

use portal::alarms::{Alarm, Holder, SchemaFault};

/// One sentence or two about what is wrong.
pub fn sentence(alarm: &Alarm) -> String {
    match alarm {
        Alarm::HistoryContradicted { holder, size, root } => format!(
            "The audit log was changed or truncated: {} a signature for {size} entries with root {root}, and the log \
             does not match it.",
            holds(holder)
        ),
        Alarm::CheckpointsMissing { signed, found } => {
            format!("Checkpoints were removed: {signed} were signed, and {found} of them are in the database.")
        }
        Alarm::MarkMissing => "The file with the audit log's high-water mark is missing.".to_owned(),
        Alarm::MarkInvalid { why } => {
            format!("The file with the audit log's high-water mark cannot be used: {why}.")
        }
        Alarm::EntryForged { sequence } => format!(
            "Entry {sequence} of the audit log was not written by the portal, or another signing key was in use then."
        ),
        Alarm::SchemaChanged { fault, kind, name } => {
            let what = match fault {
                SchemaFault::Unexpected => "the portal did not create it",
                SchemaFault::Changed => "it differs from what the portal created",
                SchemaFault::Missing => "it is missing",
            };
            format!("The database's {kind} {name} was tampered with: {what}.")
        }
        Alarm::DatabaseDamaged { why } => format!("The database is damaged. SQLite reports: {why}."),
        Alarm::TriggerMissing { name } => {
            format!("The trigger {name}, which guards the audit log, was removed from the database.")
        }
        Alarm::KeyUnknown { place, size, root } => format!(
            "{place} holds a checkpoint of {size} entries with root {root} that has this log's name, does not match this \
             log, and is not signed with a key of this log. Find out who replaced the signing key, or who else delivers to \
             this place."
        ),
        Alarm::RowForged { table, row } => {
            format!("Row {row} of table {table} was not written by the portal. It is ignored.")
        }
        Alarm::RowOutdated { table, row } => format!(
            "Row {row} of table {table} is older than the audit log says: someone restored an old copy. It is ignored."
        ),
        Alarm::RowsMissing { table, row } => format!(
            "Row {row} of table {table} lacks rows that belong to it: someone removed them or restored old ones."
        ),
        Alarm::IndexDiffers { indexed, entries } => {
            format!("The search index does not match the audit log: it has {indexed} entries instead of {entries}.")
        }
    }
}

/// What the portal does about alarms about history.
pub const CHANGES_ARE_REFUSED: &str = "The portal refuses every change and signs nothing until an admin has looked \
                                       into this and run `partner-portal audit acknowledge --reason …`.";

fn holds(holder: &Holder) -> String {
    match holder {
        Holder::Mark => "the high-water mark beside the signing key has".to_owned(),
        Holder::Database => "a checkpoint in the database has".to_owned(),
        Holder::Destination(place) => format!("{place} holds"),
    }
}
