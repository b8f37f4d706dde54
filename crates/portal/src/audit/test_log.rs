//! A log for unit tests: a portal on a folder of its own, teams and people by name, and operations that were never
//! sent.

use std::{path::Path, sync::Arc};

use serde_json::json;
use store::{
    Action, Draft, Entry, EntryActor, EntryTeam, OperationSummary, Outcome, Stage, State, Store, Target, TargetType,
    Team, WorkatoSaid, Write, append, testing::Attacker,
};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

use crate::{
    Actor, OperationId, PersonId, Portal, PortalRole, Settings, TeamId, TeamRole, accounts::PersonInput,
    teams::TeamInput, vault::Vault,
};

/// A portal with a log.
pub(crate) struct TestLog {
    pub portal: Arc<Portal>,
    pub store: Store,
    folder: TempDir,
}

/// An operation that was done, or tried.
#[derive(Clone, Debug)]
pub(crate) struct Done<'a> {
    pub actor: &'a Actor,
    pub team: Option<&'a Team>,
    pub action: Action,
    pub target: (TargetType, &'a str, &'a str),
    pub reason: &'a str,
    /// None: it is open still.
    pub outcome: Option<Outcome>,
    pub said: &'a str,
}

impl TestLog {
    /// A log without entries.
    pub async fn empty() -> Self {
        Self::empty_in(TempDir::with_prefix("portal-log-").expect("a folder")).await
    }

    /// A log with this many entries in a file of SQLite, also where tests use PostgreSQL: for tests about files.
    pub async fn on_file(entries: usize) -> Self {
        let folder = TempDir::with_prefix("portal-log-").expect("a folder");
        let data_dir = folder.path().join("data");
        std::fs::create_dir(&data_dir).expect("a data folder");
        store::private_file::create(&data_dir.join(store::DATABASE), b"").expect("an empty database");
        let log = Self::empty_in(folder).await;
        log.grow_by(entries).await;
        log
    }

    async fn empty_in(folder: TempDir) -> Self {
        let key = folder.path().join("key");
        store::private_file::create(&key, Vault::new_key().expect("a key").as_bytes()).expect("a key file");
        let portal = Portal::open(Settings::new(folder.path().join("data"), key)).await.expect("a portal");
        Self { store: portal.store().clone(), portal, folder }
    }

    /// A log with this many entries, of operations that overlap.
    pub async fn of(entries: usize) -> Self {
        let log = Self::empty().await;
        log.grow_by(entries).await;
        log
    }

    /// The data folder.
    pub fn data_dir(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// What seals the log.
    pub fn seal(&self) -> crate::audit::Seal {
        self.portal.guard.seal.clone()
    }

    /// Somewhere else than the data folder.
    pub fn elsewhere(&self) -> &Path {
        self.folder.path()
    }

    /// Appends this many entries in one transaction.
    pub async fn grow_by(&self, entries: usize) {
        let mut writer = Writer::default();
        let mut tx = self.store.write().await.expect("the writer");
        for _ in 0..entries {
            let entry = append(&mut tx, writer.next()).await.expect("an entry");
            writer.written(entry);
        }
        tx.commit().await.expect("a commit");
    }

    pub async fn team(&self, slug: &str) -> Team {
        let input = TeamInput {
            slug: slug.to_owned(),
            name: format!("{}{}", slug[..1].to_uppercase(), &slug[1..]),
            workato_url: "https://www.workato.com".to_owned(),
            production: false,
            ..TeamInput::default()
        };
        self.portal.create_team(&self.portal.command_line("tests"), &input).await.expect("a team")
    }

    /// Makes somebody one of the portal's people.
    pub async fn join(&self, actor: &mut Actor) {
        let input = PersonInput { email: actor.email().to_owned(), name: actor.name().to_owned(), role: actor.role() };
        let (person, _) = self.portal.invite(&self.portal.command_line("tests"), &input).await.expect("a person");
        *actor = actor.clone().with_id(person.id);
    }

    /// Appends an operation's entries as if it had been performed.
    pub async fn done(&self, done: &Done<'_>) -> OperationId {
        let mut tx = self.store.write().await.expect("the writer");
        let id = write(&mut tx, done).await;
        tx.commit().await.expect("a commit");
        id
    }

    /// Appends the outcome of an open operation.
    pub async fn end(&self, actor: &Actor, id: OperationId, outcome: Outcome) {
        let mut tx = self.store.write().await.expect("the writer");
        let found = store::operations::find(&mut tx, id).await.expect("the database").expect("an operation");
        let mut draft = Draft::follows(&found.first.expect("an intent"), Stage::Outcome, actor.entry_actor());
        draft.outcome = Some(outcome);
        append(&mut tx, draft).await.expect("an entry");
        tx.commit().await.expect("a commit");
    }

    /// Appends that no read could show what became of an operation.
    pub async fn wait_for_a_person(&self, id: OperationId) {
        let mut tx = self.store.write().await.expect("the writer");
        let found = store::operations::find(&mut tx, id).await.expect("the database").expect("an operation");
        let mut draft = Draft::follows(&found.first.expect("an intent"), Stage::Waiting, EntryActor::system());
        draft.outcome = Some(Outcome::Unknown);
        append(&mut tx, draft).await.expect("an entry");
        tx.commit().await.expect("a commit");
    }

    /// Runs statements as the portal's own writer.
    pub async fn sql(&self, statements: &str) {
        self.store.execute(statements).await.expect("statements");
    }

    /// Makes the database take no further entry, or take them again.
    pub async fn refuse_entries(&self, refuse: bool) {
        self.attacker().await.refuse_entries(refuse).await.expect("a trigger");
    }

    /// Runs statements on the search index.
    pub async fn index_sql(&self, statements: &str) {
        self.portal.indexer.index().execute(statements).await.expect("statements");
    }

    /// Somebody who can write the database, on a connection of their own.
    pub async fn attacker(&self) -> Attacker {
        Attacker::open(&self.data_dir().join(store::DATABASE)).await.expect("a connection")
    }
}

/// Somebody with this role in the portal, and with these in teams.
pub(crate) fn somebody(name: &str, role: PortalRole, teams: &[(&Team, TeamRole)]) -> Actor {
    let email = format!("{}@example.com", name.split(' ').next().unwrap_or_default().to_lowercase());
    Actor::for_test(name, &email, role, teams.iter().map(|(team, role)| (team.id, *role)).collect())
}

/// Appends an operation's entries in the caller's transaction.
pub(crate) async fn write(tx: &mut Write, done: &Done<'_>) -> OperationId {
    let id = OperationId::new();
    let team: Option<EntryTeam> = done.team.map(Team::entry_team);
    let denied = done.outcome == Some(Outcome::Denied);
    let first = if denied { Stage::Denied } else { Stage::Intent };
    let (kind, target, name) = done.target;
    let name = Some(name).filter(|name| !name.is_empty());
    let mut draft = Draft::new(id, first, done.actor.entry_actor(), done.action)
        .team(team)
        .target(Target::new(kind, target, name))
        .reason(Some(done.reason).filter(|reason| !reason.is_empty()).map(str::to_owned));
    if denied {
        draft.outcome = done.outcome;
        append(tx, draft).await.expect("an entry");
        return id;
    }
    let intent = append(tx, draft).await.expect("an entry");
    if done.outcome.is_some() {
        let mut draft = Draft::follows(&intent, Stage::Outcome, intent.actor.clone());
        draft.outcome = done.outcome;
        draft.workato = Some(WorkatoSaid {
            http_status: Some(200),
            status: None,
            message: Some(done.said).filter(|said| !said.is_empty()).map(str::to_owned),
            detail: "answered".to_owned(),
            ..WorkatoSaid::default()
        });
        append(tx, draft).await.expect("an entry");
    }
    id
}

/// Makes up entries: intents, their outcomes a little later, and now and then a recorded change.
pub(crate) struct Writer {
    team: EntryTeam,
    person: PersonId,
    open: Vec<Entry>,
    count: usize,
}

impl Default for Writer {
    fn default() -> Self {
        let team = EntryTeam {
            id: TeamId::new(),
            slug: "payments".parse().unwrap(),
            name: "Payments".to_owned(),
            workspace: None,
        };
        Self { team, person: PersonId::new(), open: Vec::new(), count: 0 }
    }
}

impl Writer {
    /// The next entry.
    pub fn next(&mut self) -> Draft {
        self.count += 1;
        if self.open.len() > 2 || (self.count.is_multiple_of(5) && !self.open.is_empty()) {
            let intent = self.open.remove(0);
            let mut draft = Draft::follows(&intent, Stage::Outcome, intent.actor.clone());
            draft.outcome = Some(if self.count.is_multiple_of(7) { Outcome::Rejected } else { Outcome::Succeeded });
            draft.workato = Some(WorkatoSaid {
                http_status: Some(200),
                status: Some("deleted".to_owned()),
                message: None,
                detail: "answered".to_owned(),
                ..WorkatoSaid::default()
            });
            return draft;
        }
        let actor = EntryActor {
            id: Some(self.person),
            email: Some("ada@partner.example".to_owned()),
            session: Some("0123456789abcdef".to_owned()),
            ip: Some("192.0.2.17".to_owned()),
            user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned()),
            ..EntryActor::named("Ada Lovelace")
        };
        if self.count.is_multiple_of(4) {
            return Draft::recorded(actor, Action::SessionStart);
        }
        let name = format!("Connection {} – “ACME”", self.count);
        Draft::new(crate::OperationId::new(), Stage::Intent, actor, Action::ConnectionDelete)
            .team(self.team.clone())
            .target(Target::new(TargetType::Connection, self.count, Some(&name)))
            .before(json!({ "found": true, "authorization_status": "success" }))
            .reason(Some(format!("No longer used since {} days", self.count)))
    }

    /// Learns of an appended entry.
    pub fn written(&mut self, entry: Entry) {
        if entry.stage == Stage::Intent {
            self.open.push(entry);
        }
    }
}

/// An intent of `system`.
pub(crate) fn intent(action: Action, at: OffsetDateTime) -> Entry {
    let draft = Draft::new(crate::OperationId::new(), Stage::Intent, EntryActor::system(), action);
    Entry {
        sequence: 1,
        operation_id: draft.operation_id,
        stage: draft.stage,
        at,
        actor: draft.actor,
        team: None,
        action,
        targets: vec![Target::new(TargetType::Connector, 3066, Some("Acme Connector"))],
        parameters: draft.parameters,
        before: None,
        impact: None,
        outcome: None,
        workato: None,
        reason: None,
        deadline: None,
        evidence: None,
        batch: None,
        approved_by: None,
        approved_in: None,
        break_glass: false,
        portal: String::new(),
    }
}

/// An operation that succeeded a second later.
pub(crate) fn operation(action: Action, at: OffsetDateTime) -> OperationSummary {
    let first = intent(action, at);
    let outcome = Some(Outcome::Succeeded);
    let last = Entry { sequence: 2, stage: Stage::Outcome, at: at + Duration::SECOND, outcome, ..first.clone() };
    OperationSummary {
        id: first.operation_id,
        sequence: 1,
        last_sequence: 2,
        at,
        actor_id: None,
        actor_name: first.actor.name.clone(),
        actor_email: None,
        team_id: None,
        team_slug: None,
        team_name: None,
        action,
        target: first.targets.first().cloned(),
        deadline: None,
        outcome,
        state: State::Closed,
        acted_in: Some(1),
        break_glass: false,
        batch: None,
        first: Some(first),
        last: Some(last),
        changed: None,
        review: None,
        about: None,
    }
}
