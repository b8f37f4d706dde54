//! The commands that read the audit log.

use std::{
    fs::{self, File},
    io::{self, BufReader},
    path::Path,
};

use app::wording::{alarms, trust};
use portal::audit::{
    self, AuditQuery, ExportFormat, IndexCheck, OutsideCheckpoints, StoredLog, VerifiedBundle, VerifierKey,
};
use time::OffsetDateTime;

use crate::{
    command_error::CommandError,
    config::{AuditCommand, DataOptions},
    destination_options::DestinationOptions,
    output::{print, print_done},
    system_account::account,
};

pub async fn run(command: AuditCommand) -> Result<(), CommandError> {
    match command {
        AuditCommand::Verify { bundle: Some(bundle), key, .. } => verify_bundle(&bundle, &key),
        AuditCommand::Verify { bundle: None, checkpoints, key, deep, master_key_file, destinations, data } => {
            let keys: Vec<_> = key.iter().map(|key| verifier_key(key)).collect::<Result<_, _>>()?;
            let given = keys.last().cloned();
            let outside = audit::read_outside_checkpoints(&checkpoints, keys)?;
            let depth = if deep { Depth::Index } else { Depth::Log };
            verify(&data, outside, &destinations, given, master_key_file.as_deref(), depth).await
        }
        AuditCommand::Acknowledge { reason, destinations, data } => acknowledge(&data, &reason, &destinations).await,
        AuditCommand::PublicKey { data } => {
            let log = open_read_only(&data).await?;
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
        "{} entries, each in the log as it was when it had {}{removed}.\nRoot: {}\nExported by {} at {}: {}{teams}\n{}\n",
        found.entries,
        found.checkpoint.size,
        found.checkpoint.root_text(),
        text(&export["actor"]["name"]),
        text(&export["at"]),
        text(&export["parameters"]["search"]),
        trust::KEY_GIVEN,
    )
}

/// How much is verified.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// The log.
    Log,
    /// The log, and the search index that was made of it.
    Index,
}

async fn verify(
    data: &DataOptions,
    outside: OutsideCheckpoints,
    destinations: &DestinationOptions,
    given: Option<VerifierKey>,
    master_key_file: Option<&Path>,
    depth: Depth,
) -> Result<(), CommandError> {
    let key_was_given = given.is_some();
    let mut log = open_read_only(data).await?.with_key(given);
    if let Some(file) = master_key_file {
        log = log.with_master_key(file).await.map_err(|error| CommandError::Input(error.to_string()))?;
    }
    let witnesses = log.witnesses(&destinations.checkpoints_to, destinations.token()?).await?;
    let found = log.verify_with(outside, &witnesses).await?;
    let mut text = format!(
        "{} entries, all unchanged. Root: {}\nCheckpoints that agree: {} of the log's own, {} from outside.\n",
        found.entries,
        audit::root_text(&found.root),
        found.checkpoints,
        found.outside
    );
    if found.clock_set_back > 0 {
        text += &format!(
            "The clock was set back: {} entries say so. To list them, search for action:audit.clock.set.\n",
            found.clock_set_back
        );
    }
    text += &format!("Rows that grant or hide something: {}, all consistent with the log.\n", found.rows.rows);
    text += match found.rows.has_macs {
        true => "Their HMACs are the portal's.\n",
        false => "Their HMACs were not checked: give the master key with --master-key-file.\n",
    };
    text += &format!("{}\n", trust::sentence(&log.trust(&destinations.checkpoints_to).await?));
    if key_was_given {
        text += &format!("{}\n", trust::KEY_GIVEN);
    }
    for trouble in log.failing_destinations().await? {
        text += &format!("{trouble}\n");
    }
    for (place, why) in &witnesses.unread {
        text += &format!("{place} was not compared: {why}\n");
    }
    if depth == Depth::Index {
        text += &index_summary(log.verify_index().await?);
    }
    print(&text).map_err(CommandError::Output)?;
    match witnesses.failed.into_iter().next() {
        None => Ok(()),
        Some((place, why)) => Err(CommandError::NotCompared { place, why }),
    }
}

async fn acknowledge(data: &DataOptions, reason: &str, destinations: &DestinationOptions) -> Result<(), CommandError> {
    let log = open(data).await?;
    let witnesses = log.witnesses(&destinations.checkpoints_to, destinations.token()?).await?;
    let acknowledged = log.acknowledge(&account(), reason, &witnesses).await?;
    if acknowledged.is_empty() {
        return print("Nothing contradicts the audit log. Nothing was recorded.\n").map_err(CommandError::Output);
    }
    let mut text = String::new();
    for alarm in &acknowledged {
        text += &format!("{}\n", alarms::sentence(alarm));
    }
    print_done(format!("{text}Recorded. The log is accepted as it is, and the portal allows changes again."))
}

async fn open_read_only(data: &DataOptions) -> Result<StoredLog, CommandError> {
    let (folder, key) = (&data.data_dir, data.signing_key_file.as_deref());
    let log = match &data.database_url {
        Some(url) => StoredLog::connect_read_only(url, folder, key).await?,
        None => StoredLog::open_read_only(folder, key).await?,
    };
    Ok(log.with_mark_file(data.mark_file.as_deref()))
}

pub(super) async fn open(data: &DataOptions) -> Result<StoredLog, CommandError> {
    let (folder, key) = (&data.data_dir, data.signing_key_file.as_deref());
    let log = match &data.database_url {
        Some(url) => StoredLog::connect(url, folder, key).await?,
        None => StoredLog::open(folder, key).await?,
    };
    Ok(log.with_mark_file(data.mark_file.as_deref()))
}

fn index_summary(found: IndexCheck) -> String {
    match found {
        IndexCheck::Agrees { operations, newer: 0 } => {
            format!("Search index: {operations} operations, all matching the log.\n")
        }
        IndexCheck::Agrees { operations, newer } => format!(
            "Search index: {operations} operations, all matching the log. {newer} newer ones are not indexed yet.\n"
        ),
        IndexCheck::OtherVersion => {
            "Search index: made by another version of the portal, which rebuilds it when it starts.\n".to_owned()
        }
        _ => "Search index: there is none of this version. The portal makes it when it starts.\n".to_owned(),
    }
}

async fn export(data: &DataOptions, search: &str, format: ExportFormat) -> Result<(), CommandError> {
    let query = AuditQuery::read(search, OffsetDateTime::now_utc())?;
    let log = open(data).await?;
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
