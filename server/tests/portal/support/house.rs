//! Where a portal lives: a data folder, a master key, two teams with their people, and a sandbox as their Workato.
//! Whether a portal is served from it, and by which process, is not its matter.

use std::{path::PathBuf, time::Duration};

use portal::{
    Admin, OperationId, Portal, PortalRole, Settings, TeamRole,
    accounts::{Password, PersonInput},
    audit::{self, Entry, Outcome, Stage, Target},
    store::Store,
    teams::TeamInput,
    vault::Vault,
};
use sandbox::{Options, Running, Sandbox};
use secrecy::SecretString;
use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use workato::Limits;

use super::eventually;

/// The team of `operator` and `viewer`. `auditor` and `admin` belong to none.
pub const PAYMENTS: &str = "payments";
/// Another team, in production; `stranger` is its operator.
pub const LENDING: &str = "lending";

/// Who, with which role in the whole portal, and where with which role in a team.
type Resident = (&'static str, PortalRole, Option<(&'static str, TeamRole)>);

const PEOPLE: [Resident; 6] = [
    ("operator", PortalRole::Member, Some((PAYMENTS, TeamRole::Operator))),
    ("viewer", PortalRole::Member, Some((PAYMENTS, TeamRole::Viewer))),
    ("stranger", PortalRole::Member, Some((LENDING, TeamRole::Operator))),
    ("leaver", PortalRole::Member, None),
    ("auditor", PortalRole::Auditor, None),
    ("admin", PortalRole::Admin, None),
];

/// The e-mail of one of the people.
pub fn email(who: &str) -> String {
    format!("{who}@partner.example")
}

/// The password of one of the people.
pub fn password(who: &str) -> String {
    format!("{who}-knows-four-words")
}

/// A portal's house.
pub struct House {
    folder: TempDir,
    pub sandbox: Running,
}

impl House {
    /// With a sandbox of a modest size.
    pub async fn build() -> Self {
        Self::with(Options { connections: 150, ..Options::on_any_port() }).await
    }

    /// With this sandbox; its tokens are the teams'.
    pub async fn with(options: Options) -> Self {
        let house = Self::empty(options).await;
        let portal = Portal::open(house.settings()).await.unwrap();
        let admin = Admin::command_line("tests");
        for (number, (slug, production)) in [(PAYMENTS, false), (LENDING, true)].into_iter().enumerate() {
            let mut name = slug.to_owned();
            name[..1].make_ascii_uppercase();
            let input =
                TeamInput { slug: slug.to_owned(), name, workato_url: house.sandbox.base_url.clone(), production };
            let token = house.sandbox.tokens[number].as_str().into();
            portal.create_team_with_token(&admin, &input, token).await.unwrap();
        }
        for (who, role, membership) in PEOPLE {
            let input = PersonInput { email: email(who), name: format!("The {who}"), role };
            let password = Password::try_from(SecretString::from(password(who))).unwrap();
            let person = portal.create_person(&admin, &input, password).await.unwrap();
            if let Some((team, role)) = membership {
                let team = portal.team_for_admin(&admin, team).await.unwrap();
                portal.set_member(&admin, team.id, person.id, role).await.unwrap();
            }
        }
        portal.close().await;
        house
    }

    /// With nobody in it yet.
    pub async fn empty(options: Options) -> Self {
        let folder = TempDir::with_prefix("portal-test-").unwrap();
        std::fs::write(folder.path().join("key"), Vault::new_key().unwrap().as_bytes()).unwrap();
        let tokens = [PAYMENTS, LENDING].map(|slug| format!("wrkaus-{slug}-0123456789").parse().unwrap()).to_vec();
        let sandbox = Sandbox::start(Options { tokens, no_limits: true, ..options }).await.unwrap();
        Self { folder, sandbox }
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

    /// A connection to the database beside the portal's own.
    pub async fn database(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new()
            .filename(self.data_dir().join("portal.db"))
            .busy_timeout(Duration::from_secs(10));
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    /// Carries out a statement past the portal.
    pub async fn sql(&self, statement: &'static str) {
        sqlx::query(statement).execute(&mut self.database().await).await.unwrap();
    }

    /// Every entry of the log, oldest first, read past the portal.
    pub async fn entries(&self) -> Vec<Entry> {
        let rows = sqlx::query("SELECT body FROM entry_body ORDER BY sequence");
        let rows = rows.fetch_all(&mut self.database().await).await.unwrap();
        rows.iter().map(|row| serde_json::from_slice(row.get(0)).unwrap()).collect()
    }

    /// What the log tells of an operation: each entry's stage and outcome.
    pub async fn story(&self, operation: OperationId) -> Vec<(Stage, Option<Outcome>)> {
        let entries = self.entries().await;
        entries
            .iter()
            .filter(|entry| entry.operation_id == operation)
            .map(|entry| (entry.stage, entry.outcome))
            .collect()
    }

    /// Waits until every intent has its end: an outcome that is known, or an entry that says what a later look found.
    pub async fn until_settled(&self) -> Vec<Entry> {
        eventually("every operation has its end", Duration::from_secs(20), || async {
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

    /// Nothing reached Workato that was not in the log before, and the log is as it was written.
    pub async fn assert_nothing_untold(&self) {
        let entries = self.entries().await;
        let mut intents: Vec<&Entry> = entries.iter().filter(|entry| entry.stage == Stage::Intent).collect();
        for done in self.sandbox.ledger() {
            let target = &done.targets[0];
            let told = intents.iter().position(|intent| {
                action(done.action) == intent.action.as_str()
                    && is_target(&intent.targets[0], target.id.as_str(), target.name.as_deref())
                    && intent.parameters.get("version") == done.parameters.get("version")
                    && audit::instant_text(intent.at) < done.at
            });
            let told = told.unwrap_or_else(|| panic!("no intent before {done:?}"));
            // One intent is for one call.
            intents.remove(told);
        }
        let store = Store::open(&self.data_dir()).await.unwrap();
        audit::verify(&store).await.unwrap();
        store.close().await;
    }
}

/// The log's name for what the sandbox carried out.
fn action(done: &str) -> &str {
    if done == "tags.assign" { "connection.tag" } else { done }
}

/// Whether an intent's target is this one. What is to be created has no id yet.
fn is_target(intended: &Target, id: &str, name: Option<&str>) -> bool {
    if intended.id == Target::NOT_YET { intended.name.as_deref() == name } else { intended.id == id }
}

/// Settings without limits and with short waits.
pub fn quick_settings(data_dir: PathBuf, key_file: PathBuf, workato: String) -> Settings {
    let mut settings = Settings::new(data_dir, key_file);
    settings.workato_hosts.push(workato);
    settings.upstream.timeout = Duration::from_millis(700);
    settings.upstream.longest_wait = Duration::from_secs(1);
    settings.upstream.pause_when_down = Duration::from_millis(500);
    settings.upstream.limits = Limits::none();
    settings.settle_every = Duration::from_millis(300);
    settings
}
