//! An installed portal: a data folder, a master key, two teams with their people, and a sandbox as their Workato.
//! Whether a process serves it, and which one, is decided elsewhere.

use std::{path::PathBuf, time::Duration};

use portal::{
    OperationId, Settings,
    accounts::SecondFactorRule,
    audit::{self, Action, Entry, Outcome, OutsideCheckpoints, Stage, StoredLog, Target},
    private_file,
    vault::Vault,
};
use sandbox::{Options, Running, Sandbox};
use tempfile::TempDir;
use workato::Limits;

use super::{
    database::{self, Database},
    eventually,
    template::{self, Borrowed},
};

/// The team of `operator` and `viewer`. `auditor`, `admin` and `leaver` belong to none.
pub const PAYMENTS: &str = "payments";
/// Another team, in production; `stranger` is its operator.
pub const LENDING: &str = "lending";

/// The email address of one of the people.
pub fn email(who: &str) -> String {
    format!("{who}@partner.example")
}

/// The password of one of the people.
pub fn password(who: &str) -> String {
    format!("{who}-knows-four-words")
}

/// An installed portal.
pub struct Installation {
    folder: TempDir,
    pub sandbox: Running,
    /// After the sandbox, whose address it holds.
    template: Option<Borrowed>,
}

impl Installation {
    /// With a sandbox of a modest size.
    pub async fn new() -> Self {
        Self::with(Options { connections: 150, ..Options::on_any_port() }).await
    }

    /// With this sandbox, whose tokens are the teams'.
    pub async fn with(options: Options) -> Self {
        let folder = TempDir::with_prefix("portal-test-").unwrap();
        let (key_file, data_dir) = (folder.path().join("key"), folder.path().join("data"));
        let (sandbox, template) = template::install(&Self::options(options), &key_file, &data_dir).await;
        Self { folder, sandbox, template: Some(template) }
    }

    /// Without a data folder, so with no teams and no people yet.
    pub async fn empty(options: Options) -> Self {
        let folder = TempDir::with_prefix("portal-test-").unwrap();
        private_file::create(&folder.path().join("key"), Vault::new_key().unwrap().as_bytes()).unwrap();
        let sandbox = Sandbox::start(Self::options(options)).await.unwrap();
        Self { folder, sandbox, template: None }
    }

    fn options(options: Options) -> Options {
        let tokens = [PAYMENTS, LENDING].map(|slug| format!("wrkaus-{slug}-0123456789").parse().unwrap()).to_vec();
        Options { tokens, no_limits: true, oddities: true, ..options }
    }

    /// Notes whether a portal in this process serves it.
    pub fn set_served(&mut self, is_served: bool) {
        if let Some(template) = &mut self.template {
            template.is_served = is_served;
        }
    }

    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join("key")
    }

    /// Settings for serving from here, without limits and with short waits.
    pub fn settings(&self) -> Settings {
        quick_settings(self.data_dir(), self.key_file(), self.sandbox.base_url.clone())
    }

    /// The database, opened beside the portal.
    pub async fn database(&self) -> Database {
        Database::open(&self.data_dir()).await
    }

    /// Changes rows of one table as the portal would write them, without an entry.
    pub async fn write_with_key(&self, table: &str, statements: &str) {
        database::write_with_key(&self.data_dir(), &self.key_file(), table, statements).await;
    }

    /// Every entry of the log, oldest first.
    pub async fn entries(&self) -> Vec<Entry> {
        self.database().await.entries().await
    }

    /// The stage and outcome of each entry of an operation.
    pub async fn history(&self, operation: OperationId) -> Vec<(Stage, Option<Outcome>)> {
        let entries = self.entries().await;
        entries
            .iter()
            .filter(|entry| entry.operation_id == operation)
            .map(|entry| (entry.stage, entry.outcome))
            .collect()
    }

    /// Waits until every operation has ended: with a known outcome, settled, or waiting for a person.
    pub async fn until_settled(&self) -> Vec<Entry> {
        eventually("every operation has ended", Duration::from_secs(20), || async {
            let entries = self.entries().await;
            let intents = entries.iter().filter(|entry| entry.stage == Stage::Intent);
            let ends = |entry: &Entry| match entry.stage {
                Stage::Outcome => entry.outcome != Some(Outcome::Unknown),
                Stage::Settled | Stage::Waiting => true,
                _ => false,
            };
            let mut operations = intents.map(|intent| intent.operation_id);
            operations
                .all(|operation| entries.iter().any(|entry| entry.operation_id == operation && ends(entry)))
                .then_some(entries)
        })
        .await
    }

    /// # Panics
    /// If a call reached Workato without an intent in the log before it, or if the log does not verify.
    pub async fn assert_every_call_was_logged(&self) {
        let entries = self.entries().await;
        let mut intents: Vec<&Entry> = entries.iter().filter(|entry| entry.stage == Stage::Intent).collect();
        for done in self.sandbox.ledger() {
            let target = &done.targets[0];
            if done.action == "api_client.regenerate" {
                // Its target is the team, and the client a parameter.
                let logged = intents.iter().position(|intent| {
                    let client = intent.parameters.get("api_client").map(ToString::to_string);
                    intent.action == Action::TeamTokenRotate && client.as_deref() == Some(target.id.as_str())
                });
                intents.remove(logged.unwrap_or_else(|| panic!("no intent before {done:?}")));
                continue;
            }
            let logged = intents.iter().position(|intent| {
                action(done.action) == intent.action.as_str()
                    && is_target(&intent.targets[0], target.id.as_str(), target.name.as_deref())
                    && intent.parameters.get("version") == done.parameters.get("version")
                    && audit::instant_text(intent.at) < done.at
            });
            let logged = logged.unwrap_or_else(|| panic!("no intent before {done:?}"));
            // One intent is for one call.
            intents.remove(logged);
        }
        let log = StoredLog::open_read_only(&self.data_dir(), None).await.unwrap();
        let log = log.with_master_key(&self.key_file()).await.unwrap();
        log.verify(OutsideCheckpoints::default()).await.unwrap();
    }
}

impl Installation {
    /// Checks that every call had its intent right after the approval of somebody else. For a team that guards everything
    /// that was changed in it.
    pub async fn assert_every_call_was_approved(&self) {
        let entries = self.entries().await;
        let intents = entries.iter().filter(|entry| entry.stage == Stage::Intent);
        for intent in intents.clone() {
            if let Some(job) = intent.approved_in {
                let is_of_job = |entry: &&Entry| entry.stage == Stage::Approved && entry.operation_id == job;
                let approval = entries.iter().find(is_of_job).unwrap_or_else(|| panic!("nobody approved {intent:?}"));
                assert!(approval.sequence < intent.sequence && intent.approved_by.as_ref() == Some(&approval.actor));
                assert_ne!(intent.actor.id, approval.actor.id);
                continue;
            }
            let approval = entries.iter().find(|entry| entry.sequence == intent.sequence - 1);
            let approval = approval.unwrap_or_else(|| panic!("nothing before {intent:?}"));
            assert_eq!((approval.stage, approval.operation_id), (Stage::Approved, intent.operation_id));
            assert_eq!(intent.approved_by.as_ref(), Some(&approval.actor));
            assert_ne!(intent.actor.id, approval.actor.id);
        }
        assert!(self.sandbox.ledger().len() <= intents.count(), "more calls than approved changes");
    }
}

/// The log's name for what the sandbox carried out.
fn action(done: &str) -> &str {
    if done == "tags.assign" { "connection.tag" } else { done }
}

/// Whether an intent's target is this one. Something new has no id yet.
fn is_target(intended: &Target, id: &str, name: Option<&str>) -> bool {
    if intended.id == Target::NOT_YET { intended.name.as_deref() == name } else { intended.id == id }
}

/// Settings without limits and with short waits.
pub fn quick_settings(data_dir: PathBuf, key_file: PathBuf, workato: String) -> Settings {
    let mut settings = Settings::new(data_dir, key_file);
    settings.second_factor = SecondFactorRule::Optional;
    settings.workato_hosts.push(workato);
    settings.upstream.timeout = Duration::from_millis(700);
    settings.upstream.longest_wait = Duration::from_secs(1);
    settings.upstream.pause_when_down = Duration::from_millis(500);
    settings.upstream.limits = Limits::none();
    settings.settle_every = Duration::from_millis(300);
    // A comparison would use up faults that strike once.
    settings.first_watch_after = Some(Duration::from_secs(3_600));
    settings
}
