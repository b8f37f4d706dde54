//! The settings of sessions.

use std::time::Duration;

use clap::Args;
use portal::accounts::SessionSettings;

/// How long sessions last.
#[derive(Args, Clone, Debug)]
pub struct SessionOptions {
    /// How long a session lasts without being used, in minutes
    #[arg(long, env = "PORTAL_SESSION_IDLE", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=10_080))]
    pub session_idle: u64,
    /// How long a session lasts, however much it is used, in hours
    #[arg(long, env = "PORTAL_SESSION_LENGTH", default_value = "12", value_parser = clap::value_parser!(u64).range(1..=720))]
    pub session_length: u64,
    /// Let people choose to stay signed in for this many days, even if they close the browser and do not use the portal. 0
    /// does not offer it
    #[arg(long, env = "PORTAL_KEEP_SIGNED_IN", default_value = "0", value_parser = clap::value_parser!(u64).range(0..=90))]
    pub keep_signed_in: u64,
}

impl SessionOptions {
    pub fn settings(&self) -> SessionSettings {
        SessionSettings {
            idle: Duration::from_secs(60 * self.session_idle),
            length: Duration::from_secs(60 * 60 * self.session_length),
            kept: Duration::from_secs(24 * 60 * 60 * self.keep_signed_in),
        }
    }
}
