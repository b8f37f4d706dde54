//! The commands that copy the database out of a data folder and into another.

use std::path::Path;

use app::wording::alarms;
use portal::audit::{self, StoredLog};

use crate::{command_error::CommandError, config::DataOptions, output::print_done};

pub async fn back_up(file: &Path, data: &DataOptions) -> Result<(), CommandError> {
    if data.database_url.is_some() {
        return Err(CommandError::NotOnPostgres);
    }
    let log = StoredLog::open(&data.data_dir, data.signing_key_file.as_deref()).await?;
    let unsigned = log.with_mark_file(data.mark_file.as_deref()).back_up(file).await?;
    let mut text =
        format!("Backed up to {}. The backup does not contain the keys, so keep those elsewhere.", file.display());
    if let Some(why) = unsigned {
        text += &format!("\nIts last entries have no checkpoint, because the log could not be signed: {why}");
    }
    print_done(text)
}

pub async fn restore(file: &Path, data: &DataOptions) -> Result<(), CommandError> {
    if data.database_url.is_some() {
        return Err(CommandError::NotOnPostgres);
    }
    let (key, mark) = (data.signing_key_file.as_deref(), data.mark_file.as_deref());
    let restored = audit::restore(file, &data.data_dir, key, mark).await?;
    let (folder, entries) = (data.data_dir.display(), restored.verified.entries);
    let mut text = format!("Restored to {folder}: {entries} entries, all unchanged.");
    for alarm in &restored.alarms {
        text += &format!("\n{}", alarms::sentence(alarm));
    }
    if !restored.alarms.is_empty() {
        text += &format!("\n{}", alarms::CHANGES_ARE_REFUSED);
    }
    print_done(text)
}
