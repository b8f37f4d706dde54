//! The portal's settings that every command needs which opens the database: where the data is and which key opens it.

use portal::Settings;

use crate::{StoreOptions, command_error::CommandError};

/// The settings, with the defaults for everything else.
///
/// # Errors
/// `NoKey` without a master key.
pub fn settings(options: &StoreOptions) -> Result<Settings, CommandError> {
    let key = options.master_key_file.clone().ok_or(CommandError::NoKey)?;
    let mut settings = Settings::new(options.data.data_dir.clone(), key);
    settings.database_url = options.data.database_url.clone();
    settings.has_other_instances = settings.database_url.is_some();
    settings.signing_key_file = options.data.signing_key_file.clone();
    settings.mark_file = options.data.mark_file.clone();
    settings.workato_hosts =
        options.workato_hosts.iter().map(|host| host.trim().trim_end_matches('/').to_owned()).collect();
    Ok(settings)
}
