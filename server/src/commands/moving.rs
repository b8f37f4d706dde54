//! The command that moves a portal to another database.

use std::path::PathBuf;

use portal::audit::{self, MoveTo};

use super::audit::open;
use crate::{
    command_error::CommandError,
    config::DataOptions,
    output::{print, print_done},
};

pub async fn run(to: &str, data: &DataOptions) -> Result<(), CommandError> {
    let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| to.starts_with(scheme));
    let place = match is_url {
        true => MoveTo::Url(to.into()),
        false => MoveTo::Folder(PathBuf::from(to)),
    };
    let log = open(data).await?;
    let mut last = String::new();
    let moved = log
        .move_to(&place, |table, rows| {
            if table != last || rows.is_multiple_of(100_000) {
                // It is only for somebody who watches.
                let _ = print(&format!("{table}: {rows} rows\n"));
                table.clone_into(&mut last);
            }
        })
        .await?;
    log.close().await;
    let entries = moved.verified.entries;
    let mut text = format!(
        "Moved: {entries} entries and {} rows in all, verified at both ends, with the same root {}.",
        moved.copied.compared,
        audit::root_text(&moved.verified.root)
    );
    match &place {
        MoveTo::Url(_) => text += "\nSet PORTAL_DATABASE_URL to that database, and keep the keys of this portal.",
        MoveTo::Folder(folder) => {
            text += &format!("\nSet PORTAL_DATA_DIR to {}, with the keys of this portal.", folder.display())
        }
    }
    if data.database_url.is_none() {
        let aside = audit::set_aside(&data.data_dir).map_err(audit::VerifyError::from).map_err(CommandError::Verify)?;
        text += &format!("\nThe old database is now {}. Delete it when you no longer need it.", aside.display());
    }
    print_done(text)
}
