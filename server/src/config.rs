//! The command line and the environment, defined once: `--help` and the README's tables come from here. Every setting
//! is a flag and a variable; secrets come from a file or standard input, never as an argument.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use ipnet::IpNet;
use portal::{PortalRole, Settings, TeamRole, audit::ExportFormat};
use secrecy::SecretString;

use crate::{
    PublicUrl, PublicUrlError, ServeError, check_part::Part, demo_options::DemoOptions,
    destination_options::DestinationOptions, factor_options::RecoveryUrl, plain_http::check, web_options::WebOptions,
};

/// A web portal for teams that embed Workato: connections, connector versions, and an audit log of every change.
#[derive(Debug, Parser)]
#[command(name = "partner-portal", version)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the portal
    Serve(ServeOptions),
    /// Serve the portal with a sandbox as its Workato, two demo teams, a month of history, an operator and an auditor
    Demo(DemoOptions),
    /// Serve a simulated Workato, for demos and for tests of Workato clients
    Sandbox(sandbox::Options),
    /// Print a new master key, or with --signing a new signing key
    Keygen {
        /// Print a signing key with this name instead, such as audit.example.com/portal. Every checkpoint carries the
        /// name
        #[arg(long, value_name = "NAME")]
        signing: Option<String>,
    },
    /// Manage the keys in the database
    #[command(subcommand)]
    Key(KeyCommand),
    /// Manage people
    #[command(subcommand)]
    User(UserCommand),
    /// Manage teams
    #[command(subcommand)]
    Team(TeamCommand),
    /// Manage team members
    #[command(subcommand)]
    Member(MemberCommand),
    /// Verify and export the audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Write a consistent copy of the database to a new file, while the portal serves. Keys are not in it
    Backup {
        /// The file. It must not exist
        file: PathBuf,
        #[command(flatten)]
        data: DataOptions,
    },
    /// Verify a backup and make it the database of a data folder that has none
    Restore {
        /// The backup
        file: PathBuf,
        #[command(flatten)]
        data: DataOptions,
    },
    /// Move the portal to a PostgreSQL database, or into another data folder, and verify both
    ///
    /// Stop the portal first. It is not changed; what was the database in a data folder is renamed in the end, so that it
    /// is not served by mistake. If it is stopped, run it again: it goes on where it was.
    Move {
        /// The URL of the PostgreSQL database, or the data folder
        #[arg(long, value_name = "URL|FOLDER")]
        to: String,
        #[command(flatten)]
        data: DataOptions,
    },
    /// Check settings, keys, files, database, disk, clock, and what each team's token may read
    ///
    /// Prints a line for each and changes nothing, while the portal is served or not. Exits with 0 if all is fine, 1 with
    /// warnings, 2 if something is broken.
    Check(Box<CheckOptions>),
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the man pages into a folder
    Man {
        /// The folder
        folder: PathBuf,
    },
}

/// The keys in the database.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Replace the keys in the database while the portal serves, and seal them with the first key in the master key file.
    /// Can be stopped and run again
    Rotate {
        #[command(flatten)]
        store: StoreOptions,
    },
}

/// People.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Create a person with a password
    Add {
        /// The person's email address
        #[arg(long)]
        email: String,
        /// The person's name
        #[arg(long)]
        name: String,
        /// The person's role in the portal: member, auditor or admin
        #[arg(long)]
        role: PortalRole,
        /// Read the password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Make a one-time link that lets a person choose a new password, and that removes their second factors
    Recover {
        /// The person's email address
        email: String,
        #[command(flatten)]
        public_url: RecoveryUrl,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Release a person's new one-time link in place of a second admin
    ReleaseLink {
        /// The person's email address
        #[arg(long)]
        email: String,
        #[command(flatten)]
        store: StoreOptions,
    },
}

/// Teams.
#[derive(Debug, Subcommand)]
pub enum TeamCommand {
    /// Create a team and store its Workato token
    Add {
        /// The team's short name, used in URLs
        #[arg(long)]
        slug: String,
        /// The team's name
        #[arg(long)]
        name: String,
        /// The base URL of the team's Workato data centre
        #[arg(long)]
        workato_url: String,
        /// Read the API client's token from standard input
        #[arg(long, required = true)]
        token_stdin: bool,
        /// Mark the team as production: every change needs a reason
        #[arg(long)]
        production: bool,
        #[command(flatten)]
        reasons: ReasonOptions,
        #[command(flatten)]
        store: StoreOptions,
    },
}

/// What the reasons for changes in a team must contain.
#[derive(Debug, Args)]
pub struct ReasonOptions {
    /// A regular expression that every reason for a change must contain
    #[arg(long, value_name = "PATTERN", default_value = "", hide_default_value = true)]
    pub reason_pattern: String,
    /// What people read about the pattern, such as "Name a ticket, such as PAY-123"
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub reason_hint: String,
}

/// Who belongs to which team.
#[derive(Debug, Subcommand)]
pub enum MemberCommand {
    /// Give a person a role in a team
    Add {
        /// The team's slug
        #[arg(long)]
        team: String,
        /// The person's email
        #[arg(long)]
        email: String,
        /// The role in the team: viewer or operator
        #[arg(long)]
        role: TeamRole,
        #[command(flatten)]
        store: StoreOptions,
    },
}

/// The audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Recompute every hash, compare it with the checkpoints, and report the first bad entry; or check a bundle
    Verify {
        /// Check this evidence bundle instead of the database
        #[arg(long, value_name = "FILE", requires = "key", conflicts_with = "checkpoints")]
        bundle: Option<PathBuf>,
        /// A file or folder of checkpoints kept by somebody else. Repeatable
        #[arg(long, value_name = "PATH")]
        checkpoints: Vec<PathBuf>,
        /// The public key that must have signed them, or a file that holds it. Repeatable; by default the keys in the
        /// log
        #[arg(long, value_name = "KEY")]
        key: Vec<String>,
        /// Also make the search index again in memory and compare it with index.db, document for document
        #[arg(long, conflicts_with = "bundle")]
        deep: bool,
        /// The file with the master key. With it, the HMACs of people, memberships, sessions, tokens and the like are
        /// checked as well
        #[arg(long, env = "PORTAL_MASTER_KEY_FILE")]
        master_key_file: Option<PathBuf>,
        #[command(flatten)]
        destinations: DestinationOptions,
        #[command(flatten)]
        data: DataOptions,
    },
    /// Record that you know that the log contradicts what was signed or is held elsewhere. The portal then accepts the log
    /// as it is and allows changes again. `audit verify` says what is wrong: find out why first
    Acknowledge {
        /// Why the log is accepted as it is: what happened, and who decided
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        destinations: DestinationOptions,
        #[command(flatten)]
        data: DataOptions,
    },
    /// Print the public key that verifies checkpoints and bundles
    PublicKey {
        #[command(flatten)]
        data: DataOptions,
    },
    /// Write entries to standard output
    Export {
        /// jsonl: one entry per line, with its hash; csv: for spreadsheets, with formulas defused; bundle: with a proof
        /// that each entry is in the log, for people who do not trust this portal
        #[arg(long, default_value = "jsonl")]
        format: ExportFormat,
        /// Export only matching entries. Uses the audit log's search syntax: team:payments after:2026-01-01
        #[arg(long, default_value = "")]
        search: String,
        #[command(flatten)]
        data: DataOptions,
    },
}

/// Where the data is.
#[derive(Args, Clone, Debug)]
pub struct DataOptions {
    /// The folder that holds the database
    #[arg(long, env = "PORTAL_DATA_DIR", default_value = "./data")]
    pub data_dir: PathBuf,
    /// The PostgreSQL database that several instances share, such as
    /// postgres://portal@db.example.com/portal?sslmode=verify-full. By default the database is a file in the data folder. The
    /// password can be in the file that PGPASSFILE names
    #[arg(long, env = "PORTAL_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,
    /// The file with the key that signs the audit log's checkpoints. By default the portal creates one in the data
    /// folder
    #[arg(long, env = "PORTAL_SIGNING_KEY_FILE")]
    pub signing_key_file: Option<PathBuf>,
    /// The file that says how far the audit log was signed, so that an older or rewritten database is noticed. By default
    /// it is beside the signing key and ends in .mark. The portal must be able to replace it
    #[arg(long, env = "PORTAL_MARK_FILE")]
    pub mark_file: Option<PathBuf>,
}

/// Where the data is and which key opens the tokens in it.
#[derive(Args, Clone, Debug)]
pub struct StoreOptions {
    #[command(flatten)]
    pub data: DataOptions,
    /// The file with the master key, on which every secret in the database depends. `partner-portal keygen` prints a key.
    /// While keys are rotated, it has the new key on its first line and the old one below
    #[arg(long, env = "PORTAL_MASTER_KEY_FILE")]
    pub master_key_file: Option<PathBuf>,
    /// Base URLs that teams may use besides Workato's data centres, comma-separated
    #[arg(long, env = "PORTAL_WORKATO_HOSTS", value_delimiter = ',')]
    pub workato_hosts: Vec<String>,
}

/// How to serve.
#[derive(Args, Clone, Debug)]
pub struct ServeOptions {
    #[command(flatten)]
    pub store: StoreOptions,
    #[command(flatten)]
    pub web: WebOptions,
}

/// What to check.
#[derive(Args, Clone, Debug)]
pub struct CheckOptions {
    /// Check only this. Repeatable, or comma-separated
    #[arg(long, value_enum, value_name = "PART", value_delimiter = ',')]
    pub only: Vec<Part>,
    /// How long to wait for Workato in all, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = clap::value_parser!(u64).range(2..=300))]
    pub within: u64,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub serve: ServeOptions,
}

impl CheckOptions {
    /// Whether this part is to be checked.
    pub fn includes(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// The configuration for serving.
#[derive(Clone)]
pub struct Config {
    /// The portal's own settings.
    pub portal: Settings,
    /// The URL that people open.
    pub public_url: PublicUrl,
    /// The networks of the proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// How many requests a session may send in a second, or an address without a session. 0 is no limit.
    pub requests_per_second: u32,
    /// Whether this is the demo.
    pub is_demo: bool,
}

impl Config {
    /// The configuration for serving on `addr`.
    ///
    /// # Errors
    /// `PublicUrl` if the public URL is invalid, `PlainHttp` if http would leave this machine, `Io` if the file with the token
    /// for checkpoints or the client secret cannot be read.
    pub fn new(mut portal: Settings, web: &WebOptions, addr: SocketAddr) -> Result<Self, ServeError> {
        portal.upstream.timeout = Duration::from_secs(web.workato_timeout);
        portal.settle_every = Duration::from_secs(web.settle_every);
        portal.approval_expires = Duration::from_secs(web.approval_expires * 3_600);
        portal.job_stops_after = web.job_stops_after;
        portal.watch_every = Duration::from_secs(web.watch_every);
        portal.first_watch_after = web.watch_first_after.map(Duration::from_secs);
        portal.impact_every = Duration::from_secs(web.impact_every);
        portal.retention_days = web.retention_days;
        portal.min_free_disk = web.min_free_disk;
        portal.sessions = web.sessions.settings();
        portal.checkpoints_to = web.destinations.checkpoints_to.clone();
        portal.checkpoints_token = web.destinations.token()?;
        let public_url = web.public_url.clone().unwrap_or_else(|| format!("http://localhost:{}", addr.port()));
        let public_url: PublicUrl =
            public_url.parse().map_err(|error: PublicUrlError| ServeError::PublicUrl(error.to_string()))?;
        check(web.insecure_http, addr, &public_url)?;
        web.factors.apply(&mut portal);
        portal.provider = web.provider.settings()?;
        let (trusted_proxies, requests_per_second) = (web.trusted_proxies.clone(), web.requests_per_second);
        Ok(Self { portal, public_url, trusted_proxies, requests_per_second, is_demo: false })
    }
}
