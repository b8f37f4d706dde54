//! A log for unit tests: a portal on a folder of its own, teams and people by name, and operations that were never
//! sent to anybody.

use std::{collections::BTreeMap, sync::Arc};

use tempfile::TempDir;

use super::{Action, Draft, EntryTeam, Outcome, Stage, Target, TargetType, WorkatoSaid, append};
use crate::{
    Actor, Admin, OperationId, Origin, PersonId, Portal, PortalRole, Settings, TeamRole,
    accounts::PersonInput,
    store::{self, WriteTx},
    teams::{Team, TeamInput},
    vault::Vault,
};

/// A portal with a log.
pub(crate) struct ALog {
    pub portal: Arc<Portal>,
    _folder: TempDir,
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

impl ALog {
    pub async fn new() -> Self {
        let folder = TempDir::with_prefix("portal-log-").expect("a folder");
        let key = folder.path().join("key");
        std::fs::write(&key, Vault::new_key().expect("a key").as_bytes()).expect("a key file");
        let portal = Portal::open(Settings::new(folder.path().join("data"), key)).await.expect("a portal");
        Self { portal, _folder: folder }
    }

    pub async fn team(&self, slug: &str) -> Team {
        let input = TeamInput {
            slug: slug.to_owned(),
            name: format!("{}{}", slug[..1].to_uppercase(), &slug[1..]),
            workato_url: "https://www.workato.com".to_owned(),
            production: false,
        };
        self.portal.create_team(&Admin::command_line("tests"), &input).await.expect("a team")
    }

    /// Makes somebody one of the portal's people.
    pub async fn come_in(&self, actor: &mut Actor) {
        let input = PersonInput { email: actor.email.clone(), name: actor.name.clone(), role: actor.role };
        let (person, _) = self.portal.invite(&Admin::command_line("tests"), &input).await.expect("a person");
        actor.id = person.id;
    }

    /// Writes an operation down as it would have been.
    pub async fn done(&self, done: &Done<'_>) -> OperationId {
        let mut tx = self.portal.store.write().await.expect("the writer");
        let id = write(&mut tx, done).await;
        tx.commit().await.expect("a commit");
        id
    }

    /// Writes down how an open operation ended.
    pub async fn end(&self, actor: &Actor, id: OperationId, outcome: Outcome) {
        let mut tx = self.portal.store.write().await.expect("the writer");
        let found = store::operations::find(&mut tx, id).await.expect("the database").expect("an operation");
        let mut draft = Draft::follows(&found.first.expect("an intent"), Stage::Outcome, actor.entry_actor());
        draft.outcome = Some(outcome);
        append(&mut tx, draft).await.expect("an entry");
        tx.commit().await.expect("a commit");
    }

    /// Carries out statements past the portal.
    pub async fn sql(&self, statements: &'static str) {
        let mut tx = self.portal.store.write().await.expect("the writer");
        sqlx::raw_sql(statements).execute(&mut *tx).await.expect("statements");
        tx.commit().await.expect("a commit");
    }
}

/// Somebody with this role in the portal, and with these in teams.
pub(crate) fn somebody(name: &str, role: PortalRole, teams: &[(&Team, TeamRole)]) -> Actor {
    Actor {
        id: PersonId::new(),
        name: name.to_owned(),
        email: format!("{}@example.com", name.split(' ').next().unwrap_or_default().to_lowercase()),
        role,
        memberships: teams.iter().map(|(team, role)| (team.id, *role)).collect::<BTreeMap<_, _>>(),
        origin: Origin::default(),
    }
}

/// Writes an operation down in a transaction of the test's own.
pub(crate) async fn write(tx: &mut WriteTx, done: &Done<'_>) -> OperationId {
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
            waited_seconds: None,
        });
        append(tx, draft).await.expect("an entry");
    }
    id
}
