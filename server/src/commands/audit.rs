//! The commands that read the audit log.

use std::{
    fs::{self, File},
    io::{self, BufReader},
    path::Path,
};

use portal::audit::{self, AuditQuery, ExportFormat, OutsideCheckpoints, StoredLog, VerifiedBundle, VerifierKey};
use time::OffsetDateTime;

use crate::{
    command_error::CommandError,
    config::{AuditCommand, DataOptions},
    output::print,
    system_account::account,
};

pub async fn run(command: AuditCommand) -> Result<(), CommandError> {
    match command {
        AuditCommand::Verify { bundle: Some(bundle), key, .. } => verify_bundle(&bundle, &key),
        AuditCommand::Verify { bundle: None, checkpoints, key, data } => {
            let keys = key.iter().map(|key| verifier_key(key)).collect::<Result<_, _>>()?;
            verify(&data, audit::read_outside_checkpoints(&checkpoints, keys)?).await
        }
        AuditCommand::PublicKey { data } => {
            let log = StoredLog::open_read_only(&data.data_dir, data.signing_key_file.as_deref()).await?;
            print(&format!("{}\n", log.public_key().await?)).map_err(CommandError::Output)
        }
        AuditCommand::Export { format, search, data } => export(&data, &search, format).await,
    }
}

fn verify_bundle(bundle: &Path, keys: &[String]) -> Result<(), CommandError> {
    let [key] = keys else { return Err(CommandError::Input("give one --key".to_owned())) };
    let file = File::open(bundle)
        .map_err(|error| CommandError::Input(format!("{} cannot be read: {error}", bundle.display())))?;
    let found = audit::verify_bundle(BufReader::new(file), &verifier_key(key)?)?;
    print(&summary_of(&found)).map_err(CommandError::Output)
}

/// What a bundle holds, for the person who was given it.
fn summary_of(found: &VerifiedBundle) -> String {
    let removed = match found.removed {
        0 => String::new(),
        removed => format!(", of {removed} of them only the hash, since their contents were no longer kept"),
    };
    let export = &found.export;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("everything").to_owned();
    // A person who can read some teams only has exported no more than theirs.
    let teams = if export["parameters"]["teams"].is_array() { ", of the teams that the exporter reads" } else { "" };
    format!(
        "{} entries, each in the log as it was when it had {}{removed}.\nRoot: {}\nExported by {} at {}: {}{teams}\n",
        found.entries,
        found.checkpoint.size,
        found.checkpoint.root_text(),
        text(&export["actor"]["name"]),
        text(&export["at"]),
        text(&export["parameters"]["search"]),
    )
}

async fn verify(data: &DataOptions, outside: OutsideCheckpoints) -> Result<(), CommandError> {
    let log = StoredLog::open_read_only(&data.data_dir, data.signing_key_file.as_deref()).await?;
    let found = log.verify(outside).await?;
    let mut text = format!(
        "{} entries, all as they were written. Root: {}\n\
         Checkpoints that agree: {} of the log's own, {} from outside.\n",
        found.entries,
        audit::root_text(&found.root),
        found.checkpoints,
        found.outside
    );
    for trouble in log.failing_destinations().await? {
        text += &format!("{trouble}\n");
    }
    print(&text).map_err(CommandError::Output)
}

async fn export(data: &DataOptions, search: &str, format: ExportFormat) -> Result<(), CommandError> {
    let query = AuditQuery::read(search, OffsetDateTime::now_utc())?;
    let log = StoredLog::open(&data.data_dir, data.signing_key_file.as_deref()).await?;
    let export = log.export(&account(), &query, format).await?;
    Ok(export.write_to(io::BufWriter::new(io::stdout().lock())).await?)
}

/// A public key, given as it is or as a file that holds it.
fn verifier_key(key: &str) -> Result<VerifierKey, CommandError> {
    let parsed = key.trim().parse().or_else(|error| match fs::read_to_string(key) {
        Ok(text) => text.trim().parse(),
        Err(_) => Err(error),
    });
    parsed.map_err(|error| CommandError::Input(format!("{key}: {error}")))
}
