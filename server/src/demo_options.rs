//! The options of the demo.

use std::path::PathBuf;

use clap::Args;

use crate::web_options::WebOptions;

/// How to run the demo.
#[derive(Args, Clone, Debug)]
pub struct DemoOptions {
    /// Keep the data in this folder. By default the demo uses a new folder and deletes it when it stops
    #[arg(long, env = "PORTAL_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Start with an empty audit log, without the month of history that the demo makes
    #[arg(long)]
    pub no_history: bool,
    /// Connections in each of the sandbox's workspaces
    #[arg(long, default_value = "412")]
    pub connections: usize,
    /// Custom connectors in each of the sandbox's workspaces
    #[arg(long, default_value = "18")]
    pub connectors: usize,
    /// Turn off the rate limits of the sandbox and the portal
    #[arg(long)]
    pub no_limits: bool,
    #[command(flatten)]
    pub web: WebOptions,
}
