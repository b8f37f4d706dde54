//! The portal as one value, which has what every call needs. Each background job is a method; the serving process
//! decides when it runs.

use std::{
    collections::{HashMap, HashSet},
    io,
    sync::{Arc, Mutex, atomic::AtomicBool},
};

use store::{DataKey, Store, StoreError, index::Index, micros};
use time::OffsetDateTime;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use workato::in_trace;
use workato::{Connector, List};

use crate::{
    Admin, Error, OperationId, Result,
    accounts::{FactorSetup, Hasher, SessionUses, attempts, provider::Provider},
    alarms::Alarms,
    audit::{Draft, HistoryGuard, Indexer, KnownReaders, Seal, SigningKeyError, append, has_signing_key},
    bad_rows::{BadRows, alarm},
    caller::with_caller,
    code::CodeReads,
    connections::KnownLists,
    each_team::TeamJob,
    free_space::FreeSpace,
    gathering::Gatherer,
    home::SideCountsCache,
    impact::ImpactCache,
    instances::instance::Instance,
    kept_reads::KeptReads,
    per_snapshot::PerSnapshot,
    promotions,
    settings::Settings,
    upstream::{Elsewhere, Upstream},
    vault::{MasterKeys, Vault, VaultError},
    views::SavedViewCounts,
};

/// Why the portal does not start. Each message is one line.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be created or locked.
    #[error("cannot use the data folder {path}: {cause}")]
    DataDir {
        /// The folder.
        path: String,
        /// The cause.
        cause: io::Error,
    },
    /// Another process serves this data folder.
    #[error("another partner-portal is already serving the data folder {path}")]
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

/// The portal. Its calls take an actor, or a right that was made from one.
pub struct Portal {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) kept: KeptReads,
    pub(crate) kept_long: KeptReads,
    pub(crate) known_lists: KnownLists,
    pub(crate) connectors_behind: PerSnapshot<List<Connector>, (), usize>,
    pub(crate) indexer: Arc<Indexer>,
    pub(crate) saved_view_counts: SavedViewCounts,
    pub(crate) side_counts: SideCountsCache,
    pub(crate) readers: KnownReaders,
    pub(crate) vault: Arc<Vault>,
    pub(crate) upstream: Upstream,
    /// What other instances have changed.
    pub(crate) elsewhere: Elsewhere,
    pub(crate) hasher: Hasher,
    pub(crate) attempts: Arc<attempts::Ledger>,
    pub(crate) factor_setup: FactorSetup,
    pub(crate) provider: Option<Provider>,
    pub(crate) gatherer: Arc<Gatherer>,
    pub(crate) session_uses: SessionUses,
    pub(crate) free_space: FreeSpace,
    pub(crate) running: TaskTracker,
    /// Cancelled when the process is asked to stop.
    pub(crate) leaving: CancellationToken,
    pub(crate) instance: Instance,
    /// Operations that this process is performing.
    pub(crate) in_flight: Mutex<HashSet<OperationId>>,
    /// Known outcomes that could not be appended yet.
    pub(crate) unrecorded: Mutex<HashMap<OperationId, Draft>>,
    pub(crate) settling: TeamJob,
    pub(crate) working_on_jobs: TeamJob,
    pub(crate) watching: TeamJob,
    /// Whether every team was compared once since the process began, as far as its Workato answered.
    pub(crate) has_compared: AtomicBool,
    pub(crate) reading_recipes: TeamJob,
    pub(crate) impacts: ImpactCache,
    pub(crate) keeping_code: TeamJob,
    pub(crate) code_reads: CodeReads,
    pub(crate) promoting: promotions::Running,
    pub(crate) alarms: Arc<Alarms>,
    pub(crate) guard: Arc<HistoryGuard>,
    /// Why no checkpoint can be signed at the moment.
    pub(crate) signing_trouble: Mutex<Option<String>>,
}

impl Portal {
    /// Opens the data folder. Creates it if it is missing, migrates the database, and checks the master key.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn open(settings: Settings) -> Result<Arc<Self>, StartError> {
        let masters = MasterKeys::from_file(&settings.master_key_file)?;
        settings
            .make_data_dir()
            .map_err(|cause| StartError::DataDir { path: settings.data_dir.display().to_string(), cause })?;
        let bad_rows = BadRows::default();
        let store = settings.open_store().await?.with_clock(settings.clock.clone());
        let sealed = data_keys(&store, &masters).await?;
        let vault = Arc::new(Vault::open(masters, &sealed)?);
        let store = store.with_keys(bad_rows.keys(&vault, sealed)?);
        let alarms = Arc::new(Alarms::new(store.clone()));
        bad_rows.report_to(&alarms);
        check_rows(&store, &alarms).await?;
        let index = Index::open(&settings.data_dir).await?;
        let (key_file, mark_file) = (settings.signing_key_file.as_deref(), settings.mark_file.as_deref());
        // A key that was made here before has had a mark.
        let is_new_key = key_file.is_some() || !has_signing_key(&settings.data_dir);
        let seal = Seal::load(&store, &settings.data_dir, key_file, mark_file).await?;
        if is_new_key {
            seal.begin_mark(&store).await?;
        }
        let store = store.with_entry_key(seal.entry_key());
        let counted_in = settings.has_other_instances.then(|| store.clone());
        let portal = Arc::new(Self {
            indexer: Indexer::new(store.clone(), index),
            saved_view_counts: SavedViewCounts::default(),
            side_counts: SideCountsCache::default(),
            kept: KeptReads::default(),
            kept_long: KeptReads::long(),
            known_lists: KnownLists::default(),
            connectors_behind: PerSnapshot::default(),
            readers: KnownReaders::default(),
            guard: Arc::new(HistoryGuard::new(store.clone(), seal, Arc::clone(&alarms))),
            alarms,
            store,
            signing_trouble: Mutex::default(),
            vault,
            elsewhere: Elsewhere::default(),
            upstream: Upstream::new(settings.upstream.clone(), settings.clock.clone(), counted_in),
            hasher: Hasher::new()?,
            attempts: Arc::default(),
            provider: settings.provider.clone().map(Provider::new),
            factor_setup: FactorSetup::at(settings.public_url.as_deref(), settings.clock.clone()),
            gatherer: Arc::new(Gatherer::new(settings.clock.clone())),
            session_uses: SessionUses::default(),
            free_space: FreeSpace::of(&settings.data_dir, settings.min_free_disk),
            running: TaskTracker::new(),
            leaving: CancellationToken::new(),
            instance: Instance::new(settings.has_other_instances),
            in_flight: Mutex::default(),
            unrecorded: Mutex::default(),
            settling: TeamJob::default(),
            working_on_jobs: TeamJob::default(),
            watching: TeamJob::default(),
            has_compared: AtomicBool::new(false),
            reading_recipes: TeamJob::default(),
            impacts: ImpactCache::default(),
            keeping_code: TeamJob::default(),
            code_reads: CodeReads::default(),
            promoting: promotions::Running::default(),
            settings,
        });
        // Before anything is appended or signed.
        portal.check_history().await?;
        Ok(portal)
    }

    /// What the portal's clock says.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.settings.clock.now()
    }

    /// Base URLs that a team may have, in addition to those of Workato's data centers.
    #[must_use]
    pub fn workato_hosts(&self) -> &[String] {
        &self.settings.workato_hosts
    }

    /// The database, for reading the whole log.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The alarms that are raised.
    #[must_use]
    pub fn alarms(&self) -> &Alarms {
        &self.alarms
    }

    /// Appends what is gathered in memory: what was counted in minutes that are over, and outcomes that could not be
    /// appended earlier.
    ///
    /// # Errors
    /// If the log cannot be written. Everything is kept for the next call.
    pub async fn append_gathered(&self) -> Result<(), StoreError> {
        if let Err(error) = self.check_free_space() {
            tracing::warn!(%error, "nothing is changed until there is more space");
        }
        let counted = self.append_counted(false).await;
        self.append_late_outcomes().await?;
        counted
    }

    /// Checks that there is enough disk space to change something and to record it.
    ///
    /// # Errors
    /// `DiskAlmostFull`.
    pub fn check_free_space(&self) -> Result<()> {
        self.free_space.check()
    }

    /// Compares the database's own indexes with its tables, and the whole search index with the log; the latter is rebuilt
    /// if it differs. Stops halfway if the process is asked to stop.
    ///
    /// # Errors
    /// If the log or the index cannot be read.
    pub async fn check_index(&self) -> Result<(), StoreError> {
        let check = async {
            self.guard.check_damage().await?;
            self.indexer.check().await
        };
        self.leaving.run_until_cancelled(check).await.unwrap_or(Ok(()))
    }

    /// Updates the search index. Stops halfway if the process is asked to stop.
    ///
    /// # Errors
    /// If the index cannot be written.
    pub async fn update_index(&self) -> Result<(), StoreError> {
        self.leaving.run_until_cancelled(self.indexer.catch_up()).await.unwrap_or(Ok(()))
    }

    /// Ends long-polling requests and background work that can stop halfway: the process is asked to stop.
    pub fn leave(&self) {
        self.leaving.cancel();
    }

    /// Whether the process is asked to stop.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.leaving.is_cancelled()
    }

    /// Runs `work` as a task of its own. Dropping the handle does not cancel it, and [`Portal::close`] waits for it.
    pub fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.running.spawn(work)
    }

    /// Runs the work of a request as a task of its own, as [`Portal::spawn`] does. A sender that hangs up cancels nothing
    /// halfway; what is expensive and has not begun by then is left out.
    ///
    /// # Errors
    /// If the work panics.
    pub async fn run_request<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, JoinError> {
        let hung_up = CancellationToken::new();
        // Cancels it if this future is dropped.
        let waiting = hung_up.clone().drop_guard();
        let done = self.running.spawn(in_trace(with_caller(hung_up, work))).await;
        waiting.disarm();
        done
    }

    /// Waits for tasks under way, appends what is gathered in memory, signs a last checkpoint if this instance signs, and
    /// closes the database.
    pub async fn close(&self) {
        self.running.close();
        self.running.wait().await;
        if let Err(error) = self.append_counted(true).await {
            tracing::error!(%error, "cannot append counted attempts to the audit log");
        }
        if let Err(error) = self.append_late_outcomes().await {
            tracing::error!(%error, "cannot append outcomes; they are settled after the next start");
        }
        self.sign_and_deliver_news().await;
        if let Err(error) = self.release_leases().await {
            tracing::warn!(%error, "cannot give up this instance's leases; they expire");
        }
        self.store.close().await;
    }

    /// The right of a person who runs the command line on the portal's machine as this system account.
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

/// The database's data keys, which are made if the database is new.
async fn data_keys(store: &Store, masters: &MasterKeys) -> Result<Vec<DataKey>, StartError> {
    let mut tx = store.write().await?;
    let known = store::data_keys::all(&mut tx).await?;
    if !known.is_empty() {
        return Ok(known);
    }
    let made = masters.new_data_keys(micros(store.now()))?;
    for key in &made {
        store::data_keys::put(&mut tx, key).await?;
    }
    tx.commit().await?;
    // In the order of the database.
    Ok(store::data_keys::all(&mut store.read().await?).await?)
}

/// Reports every row that the portal did not write. It grants nothing, so the portal starts all the same.
async fn check_rows(store: &Store, alarms: &Alarms) -> Result<(), StoreError> {
    for bad in store::rows::all::bad(&mut store.snapshot().await?).await?.unwrap_or_default() {
        alarms.raise(alarm(&bad));
    }
    Ok(())
}
