//! The settings of second factors.

use std::time::Duration;

use clap::{Args, ValueEnum};
use portal::{Settings, accounts::SecondFactorRule};

/// The settings of second factors.
#[derive(Args, Clone, Debug)]
pub struct FactorOptions {
    /// Whether operators, auditors and admins need a second factor: required or optional. By default it is required, and
    /// in the demo optional
    #[arg(long, env = "PORTAL_SECOND_FACTOR", value_enum)]
    pub second_factor: Option<SecondFactor>,
    /// For how many seconds a factor counts as fresh before changes to tokens, keys, feeds, roles, sessions and ways to sign in
    #[arg(long, env = "PORTAL_FRESH_FACTOR", default_value = "600", value_parser = clap::value_parser!(u64).range(5..=600))]
    pub fresh_factor: u64,
}

/// Where a recovery link leads.
#[derive(Args, Clone, Debug)]
pub struct RecoveryUrl {
    /// The URL that people open, such as https://portal.example.com
    #[arg(long, env = "PORTAL_PUBLIC_URL", default_value = "http://localhost:3000")]
    pub public_url: String,
}

impl FactorOptions {
    pub fn apply(&self, settings: &mut Settings) {
        settings.fresh_factor = Duration::from_secs(self.fresh_factor);
        settings.second_factor = self.second_factor.unwrap_or(SecondFactor::Required).into();
    }
}

/// Whether operators, auditors and admins need a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SecondFactor {
    /// They do nothing else until they have set one up.
    Required,
    /// Everybody may have one.
    Optional,
}

impl From<SecondFactor> for SecondFactorRule {
    fn from(word: SecondFactor) -> Self {
        match word {
            SecondFactor::Required => Self::Required,
            SecondFactor::Optional => Self::Optional,
        }
    }
}
