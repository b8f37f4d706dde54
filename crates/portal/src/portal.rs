//! The portal as one value: what every call needs. Each background job is a method; when each runs is up to the process
//! that serves.

use crate::Admin;
use crate::audit::load_signing_key;
use std::{
    collections::{HashMap, HashSet},
    fs::{self, File, TryLockError},
    io,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};
use store::index::Index;

use secrecy::SecretString;
use tokio::task::JoinHandle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Error, OperationId, Result,
    accounts::{Hasher, RefusedSignIns},
    audit::{Destination, Draft, Indexer, KnownReaders, SearchCounts, SigningKey, SigningKeyError, append},
    each_team::TeamJob,
    operations::{Observer, unobserved},
    teams::MasterKeyError,
    upstream::{Upstream, UpstreamSettings},
    vault::{Vault, VaultError},
};
use store::{Store, StoreError};

/// What the portal is set to.
#[derive(Clone)]
pub struct Settings {
    /// The folder that holds the database.
    pub data_dir: PathBuf,
    /// The file that holds the master key.
    pub master_key_file: PathBuf,
    /// Base URLs that teams may have beside Workato's data centres.
    pub workato_hosts: Vec<String>,
    /// How Workato is called.
    pub upstream: UpstreamSettings,
    /// How often unsettled operations are looked at.
    pub settle_every: Duration,
    /// How often each team's Workato is compared with the log.
    pub watch_every: Duration,
    /// The file that holds the key that signs checkpoints; by default one that is made in the data folder.
    pub signing_key_file: Option<PathBuf>,
    /// How often what is new in the audit log is signed, beside every hundredth entry.
    pub checkpoint_every: Duration,
    /// Where checkpoints are handed to.
    pub checkpoints_to: Vec<Destination>,
    /// What addresses that take checkpoints ask for.
    pub checkpoints_token: Option<SecretString>,
    /// For how many days the contents of entries are kept; for ever where there is nothing here.
    pub retention_days: Option<u16>,
    /// Is told of every step of an operation, and may hold it there: for tests that end the process at each.
    pub observer: Observer,
}

impl Settings {
    /// The defaults, for this data folder and master key.
    #[must_use]
    pub fn new(data_dir: PathBuf, master_key_file: PathBuf) -> Self {
        Self {
            data_dir,
            master_key_file,
            workato_hosts: Vec::new(),
            upstream: UpstreamSettings::default(),
            settle_every: Duration::from_secs(60),
            watch_every: Duration::from_secs(300),
            signing_key_file: None,
            checkpoint_every: Duration::from_secs(600),
            checkpoints_to: Vec::new(),
            checkpoints_token: None,
            retention_days: None,
            observer: unobserved(),
        }
    }
}

/// Why the portal does not start. Each is one clear line.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be made.
    #[error("the data folder {path} cannot be used: {cause}")]
    DataDir {
        /// The folder.
        path: String,
        /// Why.
        cause: io::Error,
    },
    /// Another process serves this data folder.
    #[error("another partner-portal serves the data folder {path} already")]
    Taken {
        /// The folder.
        path: String,
    },
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The key that signs checkpoints.
    #[error(transparent)]
    SigningKey(#[from] SigningKeyError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Anything else.
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<MasterKeyError> for StartError {
    fn from(error: MasterKeyError) -> Self {
        match error {
            MasterKeyError::Store(error) => Self::Store(error),
            MasterKeyError::Vault(error) => Self::Vault(error),
        }
    }
}

/// The portal. Everything in it is called with an actor, or a right that was made of one.
pub struct Portal {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) indexer: Arc<Indexer>,
    pub(crate) search_counts: SearchCounts,
    pub(crate) readers: KnownReaders,
    pub(crate) vault: Vault,
    pub(crate) upstream: Upstream,
    pub(crate) hasher: Hasher,
    pub(crate) refused: RefusedSignIns,
    pub(crate) running: TaskTracker,
    /// Whether the process is asked to stop: nobody waits any longer for what may yet come.
    pub(crate) leaving: CancellationToken,
    /// Operations that this process is performing right now.
    pub(crate) in_flight: Mutex<HashSet<OperationId>>,
    /// Outcomes that are known but could not be appended yet.
    pub(crate) unrecorded: Mutex<HashMap<OperationId, Draft>>,
    pub(crate) settling: TeamJob,
    pub(crate) watching: TeamJob,
    pub(crate) signing_key: Arc<SigningKey>,
    /// Why no checkpoint can be signed at present.
    pub(crate) signing_trouble: Mutex<Option<String>>,
}

impl Portal {
    /// Opens the data folder: makes it if there is none, brings the database up to date, checks the master key.
    ///
    /// # Errors
    /// One clear line.
    pub async fn open(settings: Settings) -> Result<Arc<Self>, StartError> {
        let vault = Vault::from_file(&settings.master_key_file)?;
        make_data_dir(&settings.data_dir)?;
        let store = Store::open(&settings.data_dir).await?;
        let index = Index::open(&settings.data_dir).await?;
        let signing_key = load_signing_key(&store, &settings.data_dir, settings.signing_key_file.as_deref()).await?;
        let portal = Arc::new(Self {
            indexer: Indexer::new(store.clone(), index),
            search_counts: SearchCounts::default(),
            readers: KnownReaders::default(),
            store,
            signing_key: Arc::new(signing_key),
            signing_trouble: Mutex::default(),
            vault,
            upstream: Upstream::new(settings.upstream.clone()),
            hasher: Hasher::new()?,
            refused: RefusedSignIns::default(),
            running: TaskTracker::new(),
            leaving: CancellationToken::new(),
            in_flight: Mutex::default(),
            unrecorded: Mutex::default(),
            settling: TeamJob::default(),
            watching: TeamJob::default(),
            settings,
        });
        portal.check_master_key().await?;
        Ok(portal)
    }

    /// Takes the data folder for serving. Only one process may; the command line writes beside it.
    ///
    /// # Errors
    /// When another process has it.
    pub fn take_data_dir(&self) -> Result<File, StartError> {
        let path = self.settings.data_dir.join("serve.lock");
        let failed = |cause| StartError::DataDir { path: path.display().to_string(), cause };
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                Err(StartError::Taken { path: self.settings.data_dir.display().to_string() })
            }
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }

    /// Base URLs that a team may have beside those of Workato's data centres.
    #[must_use]
    pub fn workato_hosts(&self) -> &[String] {
        &self.settings.workato_hosts
    }

    /// The database, for what reads the whole log: checking and exporting it.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Appends what is gathered in memory: failed sign-ins whose minute is over, and outcomes that could not be
    /// appended when they were known.
    ///
    /// # Errors
    /// If the log cannot be written. Outcomes are kept for the next call, failed sign-ins are not.
    pub async fn append_gathered(&self) -> Result<(), StoreError> {
        let sign_ins = self.append_refused_sign_ins(false).await;
        self.append_late_outcomes().await?;
        sign_ins
    }

    /// Brings the search index up to date with the log, and stops half-way if the process is asked to stop.
    ///
    /// # Errors
    /// If the index cannot be written.
    pub async fn update_index(&self) -> Result<(), StoreError> {
        self.leaving.run_until_cancelled(self.indexer.catch_up()).await.unwrap_or(Ok(()))
    }

    /// Lets go of those who only wait for what may yet come: the process is asked to stop.
    pub fn leave(&self) {
        self.leaving.cancel();
    }

    /// Runs `work` as a task of its own. Dropping the handle does not cancel it, and [`Portal::close`] waits for it.
    pub fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.running.spawn(work)
    }

    /// Waits for the operations under way, writes down what is gathered, and closes the database.
    pub async fn close(&self) {
        self.running.close();
        self.running.wait().await;
        if let Err(error) = self.append_refused_sign_ins(true).await {
            tracing::error!(%error, "failed sign-ins could not be appended to the audit log");
        }
        if let Err(error) = self.append_late_outcomes().await {
            tracing::error!(%error, "outcomes could not be recorded; settling finds them after the next start");
        }
        self.sign_and_deliver_news().await;
        self.store.close().await;
    }

    /// The right of whoever runs the command line on the portal's own machine, under this system account.
    #[must_use]
    pub fn command_line(&self, account: &str) -> Admin {
        Admin::command_line(account)
    }

    /// Appends one entry in a transaction of its own.
    pub(crate) async fn record(&self, draft: Draft) -> Result<(), StoreError> {
        let mut tx = self.store.write().await?;
        append(&mut tx, draft).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn make_data_dir(path: &PathBuf) -> Result<(), StartError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path).map_err(|cause| StartError::DataDir { path: path.display().to_string(), cause })
}
