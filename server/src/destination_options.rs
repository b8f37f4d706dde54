//! The settings of where checkpoints are delivered.

use std::{io, path::PathBuf};

use clap::Args;
use portal::audit::Destination;
use secrecy::SecretString;

use crate::setting_values::token;

/// Where checkpoints are delivered.
#[derive(Args, Clone, Debug)]
pub struct DestinationOptions {
    /// Where to send the audit log's checkpoints, comma-separated: an existing folder, an https:// address that accepts
    /// POST, or - for standard output
    #[arg(long, env = "PORTAL_CHECKPOINTS_TO", value_delimiter = ',')]
    pub checkpoints_to: Vec<Destination>,
    /// The file with the bearer token for these https:// addresses
    #[arg(long, env = "PORTAL_CHECKPOINTS_TOKEN_FILE")]
    pub checkpoints_token_file: Option<PathBuf>,
}

impl DestinationOptions {
    /// The bearer token.
    ///
    /// # Errors
    /// If its file cannot be read.
    pub fn token(&self) -> Result<Option<SecretString>, io::Error> {
        self.checkpoints_token_file.as_deref().map(token).transpose()
    }
}
