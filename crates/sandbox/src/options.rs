//! The options of a sandbox, for the command line and for tests.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

use axum::http::StatusCode;
use clap::{Args, ValueEnum};
use time::{Duration, OffsetDateTime};

use crate::{clock::Clock, faults::Fault, privileges::Privilege};

/// The options of a sandbox.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value_t = Self::ADDR)]
    pub addr: SocketAddr,

    /// A token to accept. Repeatable; each token has its own workspace. By default, one token is made from the seed
    #[arg(long = "token", value_name = "TOKEN")]
    pub tokens: Vec<Token>,

    /// A token for the first workspace, with a role that lacks the privileges of --lacks
    #[arg(long, value_name = "TOKEN")]
    pub restricted_token: Option<Token>,

    /// Privileges that the role of --restricted-token lacks
    #[arg(long, value_name = "PRIVILEGE", value_delimiter = ',', default_values_t = Self::LACKS)]
    pub lacks: Vec<Privilege>,

    /// Number of connections in each workspace
    #[arg(long, value_name = "N", default_value_t = Self::CONNECTIONS)]
    pub connections: usize,

    /// Number of custom connectors in each workspace
    #[arg(long, value_name = "N", default_value_t = Self::CONNECTORS)]
    pub connectors: usize,

    /// Number of embedded customers in each workspace
    #[arg(long, value_name = "N", default_value_t = Self::CUSTOMERS)]
    pub customers: usize,

    /// Number of recipes in each workspace. By default, one for every five connections
    #[arg(long, value_name = "N")]
    pub recipes: Option<usize>,

    /// Number of recipes of each embedded customer. By default, a few that differ
    #[arg(long, value_name = "N")]
    pub customer_recipes: Option<usize>,

    /// Seed of the generated data; the same seed gives the same data
    #[arg(long, value_name = "S", default_value_t = Self::SEED)]
    pub seed: u64,

    /// Turn off the rate limits
    #[arg(long)]
    pub no_limits: bool,

    /// Append one JSON line to this file for each change
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,

    /// A fault to inject: 'METHOD PATH: KIND [@ RATE] [xTIMES]', for example
    /// 'POST /api/custom_connectors/*/share_oem_version/*: reset-after @ 0.2'. Repeatable
    #[arg(long = "fault", value_name = "FAULT")]
    pub faults: Vec<Fault>,

    /// HTTP status of a refusal with `success: false`, which Workato does not document
    #[arg(long, value_name = "STATUS", default_value = "200", value_parser = status)]
    pub refusal_status: StatusCode,

    /// Spelling of the share path to serve
    #[arg(long, value_enum, default_value_t = SharePath::Both)]
    pub share_path: SharePath,

    /// Add data that no document describes: connections without a name, and with a status that is not documented
    #[arg(long)]
    pub oddities: bool,

    /// Act as if the Home assets folder was converted to a project: new connections need a folder
    #[arg(long)]
    pub home_is_project: bool,

    /// The instant that the dates of the generated data count back from. By default, now
    #[arg(skip)]
    pub started_at: Option<OffsetDateTime>,

    /// How long before that instant no connector's version was released
    #[arg(skip)]
    pub no_releases_for: Duration,

    /// Where the time of changes is read
    #[arg(skip)]
    pub clock: Clock,
}

impl Options {
    const ADDR: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 4010);
    const CONNECTIONS: usize = 412;
    const CONNECTORS: usize = 18;
    const CUSTOMERS: usize = 64;
    const SEED: u64 = 1;
    const REFUSAL_STATUS: StatusCode = StatusCode::OK;
    const LACKS: [Privilege; 5] =
        [Privilege::Folders, Privilege::Tags, Privilege::ActivityLogs, Privilege::Customers, Privilege::Code];

    /// The defaults, with a port that the system chooses.
    #[must_use]
    pub fn on_any_port() -> Self {
        Self { addr: SocketAddr::new(Self::ADDR.ip(), 0), ..Self::default() }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            addr: Self::ADDR,
            tokens: Vec::new(),
            restricted_token: None,
            lacks: Self::LACKS.into(),
            connections: Self::CONNECTIONS,
            connectors: Self::CONNECTORS,
            customers: Self::CUSTOMERS,
            recipes: None,
            customer_recipes: None,
            seed: Self::SEED,
            no_limits: false,
            ledger: None,
            faults: Vec::new(),
            refusal_status: Self::REFUSAL_STATUS,
            share_path: SharePath::Both,
            oddities: false,
            home_is_project: false,
            started_at: None,
            no_releases_for: Duration::ZERO,
            clock: Clock::default(),
        }
    }
}

/// A bearer token of a sandbox: one or more visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(String);

impl Token {
    /// The text that a client sends.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Token {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("a token consists of visible ASCII characters, without white space");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The two spellings of the share path in Workato's API reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SharePath {
    /// Both spellings.
    Both,
    /// Only `/api/custom_connectors/:id/share_oem_version/:version`.
    #[value(name = "share_oem_version")]
    ShareOemVersion,
    /// Only `/api/custom_connectors/:id/oem_share/:version`.
    #[value(name = "oem_share")]
    OemShare,
}

fn status(text: &str) -> Result<StatusCode, String> {
    text.parse().map_err(|_| format!("{text:?} is not an HTTP status"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn an_empty_command_line_gives_the_defaults() {
        let parsed = CommandLine::try_parse_from(["sandbox"]).expect("everything is optional").options;
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Options::default()));
    }

    #[test]
    fn a_command_line_sets_everything() {
        let parsed = CommandLine::try_parse_from([
            "sandbox",
            "--addr",
            "127.0.0.1:0",
            "--token",
            "a",
            "--token",
            "b",
            "--restricted-token",
            "c",
            "--lacks",
            "folders,code",
            "--connections",
            "20000",
            "--connectors",
            "3",
            "--customers",
            "5",
            "--recipes",
            "40",
            "--customer-recipes",
            "6",
            "--seed",
            "7",
            "--no-limits",
            "--ledger",
            "ledger.jsonl",
            "--fault",
            "GET /api/connections: 500 @ 0.5",
            "--refusal-status",
            "422",
            "--share-path",
            "oem_share",
            "--oddities",
            "--home-is-project",
        ])
        .expect("every option is spelled as the README does")
        .options;
        assert_eq!(parsed.tokens.len(), 2);
        assert_eq!((parsed.connections, parsed.connectors, parsed.customers), (20_000, 3, 5));
        assert_eq!((parsed.recipes, parsed.customer_recipes), (Some(40), Some(6)));
        assert_eq!(parsed.lacks, [Privilege::Folders, Privilege::Code]);
        assert_eq!(parsed.refusal_status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(parsed.share_path, SharePath::OemShare);
        assert_eq!(parsed.faults.len(), 1);
        assert!(parsed.oddities);
    }

    #[test]
    fn a_token_with_white_space_is_refused() {
        assert!("two words".parse::<Token>().is_err());
        assert!("".parse::<Token>().is_err());
    }
}
