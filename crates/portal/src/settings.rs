//! The settings of a portal, with their defaults.

use std::{fs, io, path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use store::{Store, StoreError, clock::Clock};

use crate::{
    accounts::{FRESH_FOR, SecondFactorRule, SessionSettings, provider::ProviderSettings},
    audit::Destination,
    operations::{Observer, unobserved},
    upstream::UpstreamSettings,
};

/// The portal's settings.
#[derive(Clone)]
pub struct Settings {
    /// The folder that holds the database, or with [`Settings::database_url`] what each instance has for itself.
    pub data_dir: PathBuf,
    /// The URL of a PostgreSQL database that several instances share. By default the database is SQLite's in the data folder.
    pub database_url: Option<SecretString>,
    /// The file with the master key.
    pub master_key_file: PathBuf,
    /// Base URLs that teams may have, in addition to Workato's data centers.
    pub workato_hosts: Vec<String>,
    /// Whether people who can do harm need a second factor.
    pub second_factor: SecondFactorRule,
    /// How long a factor that was given counts as fresh, at most [`FRESH_FOR`].
    pub fresh_factor: Duration,
    /// How Workato is called.
    pub upstream: UpstreamSettings,
    /// How long a request waits for a second person.
    pub approval_expires: Duration,
    /// A job stops by itself after this many refusals in a row. 0 never stops it.
    pub job_stops_after: u16,
    /// How often operations without a known outcome are settled.
    pub settle_every: Duration,
    /// How often each team's workspace is compared with the log.
    pub watch_every: Duration,
    /// How long after the start the first comparison is made. By default within three seconds.
    pub first_watch_after: Option<Duration>,
    /// How often the recipes of each team and of its customers are read in the background.
    pub impact_every: Duration,
    /// The file with the key that signs checkpoints. By default, a file in the data folder, created if it is missing.
    pub signing_key_file: Option<PathBuf>,
    /// The file with the log's high-water mark. By default, it is beside the signing key.
    pub mark_file: Option<PathBuf>,
    /// How often new entries of the audit log are signed, in addition to every hundredth entry.
    pub checkpoint_every: Duration,
    /// Where checkpoints are delivered.
    pub checkpoints_to: Vec<Destination>,
    /// The bearer token for delivering checkpoints.
    pub checkpoints_token: Option<SecretString>,
    /// How many days the contents of entries are kept. `None` keeps them forever.
    pub retention_days: Option<u16>,
    /// How many bytes must be free on the data folder's file system for anything to be changed. 0 switches this off.
    pub min_free_disk: u64,
    /// The URL that people open, if it is known: no password may be made of it.
    pub public_url: Option<String>,
    /// How long sessions last.
    pub sessions: SessionSettings,
    /// The OpenID Connect provider that people can sign in at.
    pub provider: Option<ProviderSettings>,
    /// Whether other instances may serve the same database.
    pub has_other_instances: bool,
    /// Where the portal reads the time.
    pub clock: Clock,
    /// Called at each step of an operation. For tests that stop the process at a step.
    pub observer: Observer,
}

impl Settings {
    /// Creates the data folder, which only its owner can read.
    pub(crate) fn make_data_dir(&self) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        builder.create(&self.data_dir)
    }

    /// Opens the database. Creates it if there is none, and migrates it.
    pub(crate) async fn open_store(&self) -> Result<Store, StoreError> {
        match &self.database_url {
            Some(url) => Store::connect(url.expose_secret()).await,
            None => Store::open(&self.data_dir).await,
        }
    }

    /// Opens the database for reading.
    pub(crate) async fn open_store_read_only(&self) -> Result<Store, StoreError> {
        match &self.database_url {
            Some(url) => Store::connect_read_only(url.expose_secret()).await,
            None => Store::open_read_only(&self.data_dir).await,
        }
    }

    /// The defaults, for this data folder and master key.
    #[must_use]
    pub fn new(data_dir: PathBuf, master_key_file: PathBuf) -> Self {
        Self {
            data_dir,
            database_url: None,
            master_key_file,
            workato_hosts: Vec::new(),
            second_factor: SecondFactorRule::Required,
            fresh_factor: FRESH_FOR,
            upstream: UpstreamSettings::default(),
            approval_expires: Duration::from_secs(86_400),
            job_stops_after: 5,
            settle_every: Duration::from_secs(60),
            watch_every: Duration::from_secs(300),
            first_watch_after: None,
            impact_every: Duration::from_secs(600),
            signing_key_file: None,
            mark_file: None,
            checkpoint_every: Duration::from_secs(600),
            checkpoints_to: Vec::new(),
            checkpoints_token: None,
            retention_days: None,
            min_free_disk: 512 * 1024 * 1024,
            public_url: None,
            sessions: SessionSettings::default(),
            provider: None,
            has_other_instances: false,
            clock: Clock::system(),
            observer: unobserved(),
        }
    }
}
