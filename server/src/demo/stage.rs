//! Plays the script: everything that people do goes through the portal, everything that happens in Workato is done in
//! the sandbox.

use std::{collections::HashMap, io, sync::Arc};

use portal::{
    Actor, OperationId, Origin, Portal, PublicError,
    audit::{Action, AuditFilter, AuditQuery, Cursor, EntryActor, ExportFormat, State, Target, TargetType},
    connections,
    operations::{Change, Finding, Request},
    teams::{Guarded, PolicyInput},
};
use sandbox::{Alteration, Connection, Connector, Fault, Running, WorkspaceHandle};
use secrecy::SecretString;
use workato::{
    ConnectionDraft, ConnectionId, ConnectionUpdate, ConnectorId, ConnectorVersion, CustomerId, CustomerRef, Force,
    RecipeId, TagAssignment, TagHandle,
};

use super::{
    cast::{TEAMS, Who, new_password, sign_in},
    scene::{Ask, Fate, Pick, Scene, Team, Which},
};
use crate::command_error::CommandError;

/// The fault that decides what becomes of the next change.
const FAULT: &str = "demo";

/// The portal and the sandbox, and who is signed in.
pub struct Stage<'a> {
    pub portal: Arc<Portal>,
    pub sandbox: &'a Running,
    pub passwords: HashMap<Who, SecretString>,
    actors: HashMap<Who, Actor>,
    labelled: HashMap<&'static str, OperationId>,
    /// Operations without a label that nobody has reviewed.
    pub(super) unreviewed: Vec<OperationId>,
}

impl<'a> Stage<'a> {
    pub fn new(portal: Arc<Portal>, sandbox: &'a Running, passwords: HashMap<Who, SecretString>) -> Self {
        let (actors, labelled, unreviewed) = (HashMap::new(), HashMap::new(), Vec::new());
        Self { portal, sandbox, passwords, actors, labelled, unreviewed }
    }

    /// Plays one scene. One whose subject the sandbox does not have is left out: it may be small.
    ///
    /// # Errors
    /// One line for the person at the terminal.
    pub async fn play(&mut self, scene: &Scene) -> Result<(), CommandError> {
        match *scene {
            Scene::SignIn(who) => drop(self.sign_in(who).await?),
            Scene::WrongPassword(who, times) => self.try_wrong_passwords(who, times).await?,
            Scene::Ask { by, team, ask, reason, fate, label } => {
                if let Some(asked) = self.change(team, ask) {
                    let operation = self.ask(by, team, asked, reason, fate).await?;
                    match label {
                        "" => self.unreviewed.push(operation),
                        label => {
                            self.labelled.insert(label, operation);
                        }
                    }
                }
            }
            Scene::Denied { by, team, connector } => {
                if let Some(connector) = self.connector(team, connector) {
                    let (actor, target) =
                        (self.actor(by).await?, Target::new(TargetType::Connector, connector.id, None));
                    let denied = self
                        .portal
                        .team_operator(&actor, TEAMS[team].0, (Action::ConnectorSuppress, Some(target)))
                        .await;
                    if denied.is_ok() {
                        return Err(CommandError::Input(format!("{} may suppress connectors", by.email())));
                    }
                }
            }
            Scene::Job { by, team, from, to, reason } => self.tag_dead(by, team, from..to, reason).await?,
            Scene::Promote { by, from, to, connector, note, reason } => {
                self.promote(by, (from, to), connector, (note, reason)).await?;
            }
            Scene::Settle { by, label, note } => self.settle(by, label, note).await?,
            Scene::Flag { by, label, note } => {
                if let Some(&operation) = self.labelled.get(label) {
                    let actor = self.actor(by).await?;
                    let reviewer = self.portal.reviewer(&actor, Action::OperationFlag, None).await?;
                    self.portal.flag(&reviewer, operation, OperationId::new(), note).await?;
                }
            }
            Scene::Answer { by, label, answer } => {
                if let Some(&operation) = self.labelled.get(label) {
                    let actor = self.actor(by).await?;
                    let answerer = self.portal.answerer(&actor, operation).await?;
                    self.portal.answer_flag(&answerer, OperationId::new(), answer).await?;
                }
            }
            Scene::Review { by, label } => {
                if let Some(&operation) = self.labelled.get(label) {
                    self.review(by, operation).await?;
                }
            }
            Scene::ReviewTheRest(by) => {
                let mut all = std::mem::take(&mut self.unreviewed);
                all.extend(self.changes_outside(by).await?);
                for operation in all {
                    self.review(by, operation).await?;
                }
            }
            Scene::ExportConnections(by, team) => {
                let actor = self.actor(by).await?;
                let reader = self.portal.team(&actor, TEAMS[team].0).await?;
                self.portal.export_connections(&reader, &connections::FilterInput::default()).await?;
            }
            Scene::ExportLog(by) => {
                let actor = self.actor(by).await?;
                let export = self.portal.export(&actor, &AuditQuery::default(), ExportFormat::Csv).await?;
                export.write_to(io::sink()).await?;
            }
            Scene::SaveSearch(by, name, search) => {
                let actor = self.actor(by).await?;
                self.portal.save_view(&actor, name, search, true).await?;
            }
            Scene::SaveView { by, team, list, name, query } => {
                let actor = self.actor(by).await?;
                let reader = self.portal.team(&actor, TEAMS[team].0).await?;
                self.portal.save_list_view(&reader, list, name, query, true).await?;
            }
            Scene::Released { team, connector, note } => {
                let released = self.connector(team, connector).map(|connector| Alteration::ReleaseVersion {
                    connector_id: connector.id,
                    note: Some(note.to_owned()),
                });
                self.alter(team, released)?;
            }
            Scene::SharedOutside { team, connector, which } => {
                let shared = self.connector(team, connector).and_then(|connector| {
                    let version = version(&connector, which)?;
                    Some(Alteration::ShareConnector { connector_id: connector.id, version })
                });
                self.alter(team, shared)?;
            }
            Scene::DeletedOutside { team, pick } => {
                let deleted = self.connection(team, pick);
                self.alter(team, deleted.map(|it| Alteration::RemoveConnection { connection_id: it.id }))?;
            }
            Scene::Lost { team, pick, cause } => {
                let lost = self.connection(team, pick).map(|connection| Alteration::LoseConnection {
                    connection_id: connection.id,
                    reason: cause.to_owned(),
                });
                self.alter(team, lost)?;
            }
            Scene::Policy { team, reason } => {
                let admin = self.portal.command_line("demo");
                let team = self.portal.team_for_admin(&admin, TEAMS[team].0).await?;
                let guarded = [Guarded::Suppress, Guarded::Delete].map(|kind| kind.to_string()).into();
                let (items, reason) = (String::new(), reason.to_owned());
                let policy = PolicyInput { guarded, items, break_glass: true, reason };
                self.portal.set_policy(&admin, team.id, &policy).await?;
            }
            Scene::Workers => {
                self.portal.settle_due().await?;
                self.portal.compare_due().await?;
                self.sign().await?;
            }
            Scene::Evening => self.sign().await?,
        }
        Ok(())
    }

    async fn sign(&self) -> Result<(), CommandError> {
        self.portal.append_all_gathered().await?;
        self.portal.sign_due().await.map_err(|error| CommandError::Input(error.to_string()))
    }

    async fn sign_in(&mut self, who: Who) -> Result<Actor, CommandError> {
        let password = self.passwords.get(&who).cloned().unwrap_or_default();
        let actor = sign_in(&self.portal, who, password).await?;
        self.actors.insert(who, actor.clone());
        Ok(actor)
    }

    pub(super) async fn actor(&mut self, who: Who) -> Result<Actor, CommandError> {
        match self.actors.get(&who) {
            Some(actor) => Ok(actor.clone()),
            None => self.sign_in(who).await,
        }
    }

    async fn try_wrong_passwords(&self, who: Who, times: usize) -> Result<(), CommandError> {
        let origin =
            Origin { ip: Some([203, 0, 113, 77].into()), user_agent: who.origin().user_agent, ..Origin::default() };
        for _ in 0..times {
            let refused = self.portal.sign_in(who.email(), new_password(), &origin).await;
            if !refused.is_err_and(|error| matches!(error.public(), PublicError::Invalid(_))) {
                return Err(CommandError::Input(format!("a wrong password of {} was not refused", who.email())));
            }
        }
        self.portal.append_all_gathered().await?;
        Ok(())
    }

    /// Asks the portal for a change, as a form does.
    async fn ask(
        &mut self,
        by: Who,
        team: Team,
        (change, typed_name): (Change, String),
        reason: &str,
        fate: Fate,
    ) -> Result<OperationId, CommandError> {
        let actor = self.actor(by).await?;
        let operator =
            self.portal.team_operator(&actor, TEAMS[team].0, (change.action(), Some(change.target(None)))).await?;
        let request = Request { typed_name, ..Request::new(OperationId::new(), change, reason) };
        let fault = match fate {
            Fate::Answered => None,
            Fate::AnswerLost => Some("reset-after"),
        };
        for method in ["POST", "PUT", "DELETE"] {
            if let Some(kind) = fault {
                let fault: Fault = format!("{method} /api/**: {kind} x1")
                    .parse()
                    .map_err(|error: sandbox::FaultSyntaxError| CommandError::Input(error.to_string()))?;
                self.sandbox.faults().put(&format!("{FAULT} {method}"), fault);
            }
        }
        let performed = self.portal.perform(&operator, request).await;
        self.sandbox.faults().clear();
        Ok(performed?)
    }

    /// The change, and the name that has to be typed for it.
    fn change(&self, team: Team, ask: Ask) -> Option<(Change, String)> {
        let workspace = self.workspace(team)?;
        let titled = |title| self.connector(team, title);
        let picked = |pick| self.connection(team, pick);
        let unnamed = |change| Some((change, String::new()));
        match ask {
            Ask::Share(title, which) => {
                let connector = titled(title)?;
                let replaces = connector.shared.and_then(|shared| version_number(shared.version));
                let version = version_number(version(&connector, which)?)?;
                unnamed(Change::ShareConnector { connector: connector_id(&connector)?, version, replaces })
            }
            Ask::Suppress(title) => {
                let connector = titled(title).filter(|connector| connector.shared.is_some())?;
                Some((Change::SuppressConnector { connector: connector_id(&connector)? }, connector.title))
            }
            Ask::Create(number) => {
                let customers = workspace.customers();
                let customer = customers.get(number % customers.len().max(1))?;
                let (provider, title) =
                    [("netsuite", "NetSuite"), ("workday", "Workday"), ("stripe", "Stripe")][number % 3];
                let draft = ConnectionDraft {
                    name: Some(format!("{title} – {}", customer.name)),
                    provider: Some(provider.to_owned()),
                    shell_connection: true,
                    ..ConnectionDraft::default()
                };
                unnamed(Change::CreateConnection { draft })
            }
            Ask::Rename(pick, note) => {
                let connection = picked(pick)?;
                let name = format!("{} ({note})", connection.name.as_deref()?);
                let update = ConnectionUpdate { name: Some(name), ..ConnectionUpdate::default() };
                unnamed(Change::UpdateConnection { connection: connection_id(&connection)?, update })
            }
            Ask::Tag(pick, number) => {
                let connection = picked(pick)?;
                let has = |handle: &String| connection.tags.as_ref().is_some_and(|tags| tags.contains(handle));
                let tags: Vec<String> =
                    workspace.tags().into_iter().map(|tag| tag.handle).filter(|handle| !has(handle)).collect();
                let tag = TagHandle::new(tags.get(number % tags.len().max(1))?);
                let tags = TagAssignment { add: vec![tag], remove: Vec::new() };
                unnamed(Change::TagConnection { connection: connection_id(&connection)?, tags })
            }
            Ask::Disconnect(pick) => {
                let connection = picked(pick)?;
                let change =
                    Change::DisconnectConnection { connection: connection_id(&connection)?, force: Force::Yes };
                Some((change, connection.name?))
            }
            Ask::Delete(pick) => {
                let connection = picked(pick)?;
                Some((Change::DeleteConnection { connection: connection_id(&connection)? }, connection.name?))
            }
            Ask::ShareRecipe(recipe, customer) => {
                let (recipes, customers) = (workspace.recipes(), workspace.customers());
                let recipe = recipes.get(recipe % recipes.len().max(1))?;
                let customer = customers.get(customer % customers.len().max(1))?;
                let recipe = RecipeId::new(i64::try_from(recipe.id).ok()?).ok()?;
                let customer = CustomerRef::Id(CustomerId::new(i64::try_from(customer.id).ok()?).ok()?);
                unnamed(Change::ShareRecipe { recipe, customer })
            }
        }
    }

    async fn settle(&mut self, by: Who, label: &str, note: &str) -> Result<(), CommandError> {
        let Some(&operation) = self.labelled.get(label) else { return Ok(()) };
        let actor = self.actor(by).await?;
        let found = self.portal.operation(&actor, operation).await?.summary;
        let slug = found.team_slug.as_ref().map(ToString::to_string);
        let team = TEAMS.iter().find(|(team, ..)| slug.as_deref() == Some(*team));
        let (Some((team, ..)), State::Waiting) = (team, found.state) else { return Ok(()) };
        let target = Target::new(TargetType::Operation, operation, None);
        let operator = self.portal.team_operator(&actor, team, (Action::OperationSettle, Some(target))).await?;
        Ok(self.portal.settle_by_hand(&operator, operation, Some(Finding::Done), note).await?)
    }

    /// Changes outside the portal that nobody has reviewed.
    async fn changes_outside(&mut self, by: Who) -> Result<Vec<OperationId>, CommandError> {
        let actor = self.actor(by).await?;
        let search = format!("reviewed:no actor:\"{}\"", EntryActor::OUTSIDE);
        let query = AuditQuery::read(&search, self.portal.now())
            .map_err(|problem| CommandError::Input(format!("{search}: {problem:?}")))?;
        let found = self.portal.audit_page(&actor, &AuditFilter { query, cursor: Cursor::Newest }).await?;
        Ok(found.operations.iter().map(|operation| operation.id).collect())
    }

    /// Reviews an operation, unless something stands in the way, such as its unknown outcome.
    async fn review(&mut self, by: Who, operation: OperationId) -> Result<(), CommandError> {
        let actor = self.actor(by).await?;
        let found = self.portal.operation(&actor, operation).await?.summary;
        if self.portal.review_obstacle(&actor, &found).await?.is_none() {
            let reviewer = self.portal.reviewer(&actor, Action::OperationReview, None).await?;
            self.portal.review(&reviewer, operation).await?;
        }
        Ok(())
    }

    fn alter(&self, team: Team, alteration: Option<Alteration>) -> Result<(), CommandError> {
        match (self.workspace(team), alteration) {
            (Some(workspace), Some(alteration)) => {
                workspace.alter(&alteration).map_err(|error| CommandError::Input(error.to_string()))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn workspace(&self, team: Team) -> Option<WorkspaceHandle> {
        self.sandbox.workspace(team)
    }

    pub(super) fn connector(&self, team: Team, title: &str) -> Option<Connector> {
        self.workspace(team)?.connectors().into_iter().find(|connector| connector.title == title)
    }

    pub(super) fn connection(&self, team: Team, pick: Pick) -> Option<Connection> {
        let workspace = self.workspace(team)?;
        let is_usual = |it: &Connection| it.name.as_deref().is_some_and(is_usual_name) && !it.runtime_user;
        let works = |it: &Connection| it.authorization_status.as_deref() == Some("success");
        let (number, found): (usize, Vec<Connection>) = match pick {
            Pick::Working(number) => (number, workspace.connections().into_iter().filter(works).collect()),
            Pick::Dead(number) => {
                let is_dead = |it: &Connection| it.authorization_status.as_deref() == Some("failed");
                (number, workspace.deletable_connections().into_iter().filter(is_dead).collect())
            }
            Pick::InUse(number) => (number, workspace.connections_in_active_recipes()),
        };
        found.into_iter().filter(is_usual).nth(number)
    }
}

/// Names that people would choose: the sandbox has others as well.
fn is_usual_name(name: &str) -> bool {
    name.chars().count() <= 60
        && name.chars().all(|c| c.is_alphanumeric() || " –-()&.'".contains(c))
        && name.trim() == name
}

fn version(connector: &Connector, which: Which) -> Option<u64> {
    let shared = connector.shared.map(|shared| shared.version);
    let mut released = connector.released().map(|version| version.version);
    match which {
        Which::Newest => released.next().filter(|newest| Some(*newest) != shared),
        Which::Previous => released.find(|version| Some(*version) < shared),
    }
}

fn version_number(version: u64) -> Option<ConnectorVersion> {
    ConnectorVersion::new(i64::try_from(version).ok()?).ok()
}

pub(super) fn connector_id(connector: &Connector) -> Option<ConnectorId> {
    ConnectorId::new(i64::try_from(connector.id).ok()?).ok()
}

fn connection_id(connection: &Connection) -> Option<ConnectionId> {
    ConnectionId::new(i64::try_from(connection.id).ok()?).ok()
}
