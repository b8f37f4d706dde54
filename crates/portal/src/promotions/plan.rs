//! The plan of a promotion: making one, and reading it from the log. The entry says what is promoted; its row only finds
//! the entry. So somebody who can write the database still cannot get other code released.

use std::sync::Arc;

use evidence::verify::BadEntry;
use serde_json::{Value, json};
use store::{ConnectorIn, Entry, EntryActor, OperationId, Read, StoreError, operations::IdUse};
use time::OffsetDateTime;
use tokio::time::timeout;
use workato::{ConnectorId, ConnectorVersion};

use super::{pairs::Counterpart, promoter::Promoter, source::Source};
use crate::{
    Error, Portal, Problem, PromotionProblem, ReasonRules, Result,
    alarms::Alarm,
    audit::{Action, Draft, Target, TargetType, append},
    code::workspace_of,
    connectors,
    fields::no_hidden,
};

/// How long a form waits for a promotion. It goes on.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
/// The most characters of a note.
const LONGEST_NOTE: usize = 1_000;

/// What a form asks for.
#[derive(Clone, Debug)]
pub struct PromotionInput {
    /// Made when the form was rendered: the promotion's id.
    pub operation: OperationId,
    /// The version that the form showed.
    pub version: ConnectorVersion,
    /// The hash of its code then.
    pub sha256: String,
    /// The release note in the other team.
    pub note: String,
    /// Whether to share the new version.
    pub shares: bool,
    /// Whether to create the connector, if it has no counterpart.
    pub creates: bool,
    /// Why.
    pub reason: String,
}

/// What is promoted, as its entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// Its operation.
    pub id: OperationId,
    /// The connector that is promoted.
    pub source: ConnectorIn,
    /// Its version.
    pub version: ConnectorVersion,
    /// The counterpart. `None` if the first step creates it.
    pub counterpart: Option<ConnectorId>,
    /// The workspace that it is promoted to.
    pub workspace: i64,
    /// What it is called.
    pub title: String,
    /// The release note.
    pub note: Option<String>,
    /// The SHA-256 of the code.
    pub sha256: String,
    /// Whether the new version is shared.
    pub shares: bool,
    /// Why.
    pub reason: Option<String>,
    /// Who asked for it.
    pub by: EntryActor,
    /// When.
    pub at: OffsetDateTime,
}

impl Promotion {
    fn of(entry: &Entry) -> Option<Self> {
        let parameter = |name: &str| entry.parameters.get(name).cloned().unwrap_or_default();
        let text = |name: &str| entry.parameters.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| entry.parameters.get(name).and_then(Value::as_i64);
        (entry.action == Action::ConnectorPromote && entry.stage == store::Stage::Recorded).then_some(())?;
        Some(Self {
            id: entry.operation_id,
            source: ConnectorIn {
                team: text("source_team")?.parse().ok()?,
                workspace: number("source_workspace_id")?,
                connector: number("source_connector")?,
            },
            version: serde_json::from_value(parameter("version")).ok()?,
            counterpart: entry.targets.first()?.id.parse().ok(),
            workspace: number("workspace_id")?,
            title: text("title")?,
            note: text("note"),
            sha256: text("sha256")?,
            shares: parameter("share") == json!(true),
            reason: entry.reason.clone(),
            by: entry.actor.clone(),
            at: entry.at,
        })
    }
}

impl Portal {
    /// Makes the plan of a promotion and begins to carry it out. Returns when it has ended or stopped, or after some seconds;
    /// it then goes on.
    ///
    /// # Errors
    /// `Invalid` for input that has to be corrected, `Conflict` for an id that was used for something else, `Workato` if
    /// the connector, its code or its counterpart cannot be read, `LogUnavailable` if the plan cannot be written. Nothing was
    /// sent in these cases.
    pub async fn promote(self: &Arc<Self>, promoter: &Promoter, input: &PromotionInput) -> Result<OperationId> {
        let binding = self.binding_of(promoter, input);
        match store::operations::id_use(&mut self.store.read().await?, input.operation, &binding).await? {
            IdUse::New => {}
            IdUse::Same => return Ok(input.operation),
            IdUse::Conflict => return Err(Error::Conflict { operation: input.operation }),
        }
        self.check_free_space()?;
        promoter.check_teams()?;
        let target = promoter.target.team();
        let reason = ReasonRules::of(target).read(&input.reason).map_err(|problem| problem.of("reason"))?;
        let note = read_note(&input.note)?;
        let source = self.promotion_source_now(&promoter.from.reader(), promoter.connector).await?;
        if source.version != input.version || source.sha256 != input.sha256 {
            return Err(Problem::from(PromotionProblem::CodeChanged).of("version"));
        }
        let found = self.counterpart(&promoter.from.reader(), &source.connector, &promoter.target.reader()).await?;
        let counterpart = match found {
            Counterpart::Paired(paired) => Some(paired.id),
            Counterpart::Suggested(_) if input.creates => None,
            Counterpart::Suggested(_) => return Err(Problem::from(PromotionProblem::NotPaired).of("counterpart")),
        };
        self.keep_source(&promoter.from.reader(), &source).await?;
        let draft = entry_of(promoter, input, &source, (counterpart, note, reason.map(|it| it.as_str().to_owned())));
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        match store::operations::id_use(&mut tx, input.operation, &binding).await.map_err(Error::LogUnavailable)? {
            IdUse::New => {}
            IdUse::Same => return Ok(input.operation),
            IdUse::Conflict => return Err(Error::Conflict { operation: input.operation }),
        }
        let newest = store::promotions::of_pair(&mut tx, &promoter.source(), target.id, 1).await?;
        if newest.first().is_some_and(|newest| self.promoting.is_running(newest.id)) {
            return Err(Problem::from(PromotionProblem::AlreadyRunning).of("version"));
        }
        let written = async {
            let told = append(&mut tx, draft).await?;
            store::promotions::insert(&mut tx, &promoter.source(), target.id, &told).await?;
            store::operations::bind(&mut tx, input.operation, &binding).await?;
            tx.commit().await
        };
        written.await.map_err(Error::LogUnavailable)?;
        self.carry_on(promoter, input.operation).await;
        Ok(input.operation)
    }

    /// Carries a promotion out as a task of its own, and waits for it a while.
    pub(super) async fn carry_on(self: &Arc<Self>, promoter: &Promoter, id: OperationId) {
        let (portal, promoter) = (Arc::clone(self), promoter.clone());
        let running = self.running.spawn(async move { portal.run_promotion(&promoter, id).await });
        drop(timeout(PATIENCE, running).await);
    }

    /// What a promotion is, as the log has it.
    ///
    /// # Errors
    /// `NotFound` if there is no such promotion, `Store` if its entry is not one that the portal has written.
    pub(crate) async fn promotion_entry(&self, conn: &mut Read, id: OperationId) -> Result<Promotion> {
        let row = store::promotions::find(conn, id).await?.ok_or(Error::NotFound)?;
        let found = store::operations::find(conn, id).await?.ok_or(Error::NotFound)?;
        if let Some(bad) = found.changed {
            return Err(StoreError::Changed(bad).into());
        }
        let entry = found.first.ok_or(Error::NotFound)?;
        let bad = |why: &str| Error::from(StoreError::Changed(BadEntry::new(entry.sequence, why)));
        let key = self.guard.seal.entry_key();
        if store::entries::first_forged(conn, entry.sequence - 1, entry.sequence, &key).await?.is_some() {
            self.alarms.raise(Alarm::EntryForged { sequence: entry.sequence });
            return Err(bad("the portal did not append it"));
        }
        let promotion = Promotion::of(&entry).ok_or_else(|| bad("it is no promotion"))?;
        let is_its_own = promotion.source == row.source && entry.team.as_ref().map(|team| team.id) == Some(row.team);
        if is_its_own { Ok(promotion) } else { Err(bad("its row names another promotion")) }
    }

    fn binding_of(&self, promoter: &Promoter, input: &PromotionInput) -> String {
        let bound = json!([
            promoter.target.actor().id(),
            promoter.from.team().id,
            promoter.target.team().id,
            promoter.connector,
            input.operation,
            input.version,
            input.sha256,
            input.note.trim(),
            input.shares,
            input.creates,
            input.reason.trim(),
        ]);
        hex::encode(self.vault.keyed_hash("promotion binding", [bound.to_string().as_bytes()]))
    }
}

fn read_note(note: &str) -> Result<Option<String>> {
    let note = note.trim();
    let is_plain = !note.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    if note.chars().count() > LONGEST_NOTE || !is_plain {
        return Err(Problem::NotPlainText { most: LONGEST_NOTE }.of("note"));
    }
    no_hidden(note).map_err(|problem| problem.of("note"))?;
    Ok((!note.is_empty()).then(|| note.to_owned()))
}

fn entry_of(
    promoter: &Promoter,
    input: &PromotionInput,
    source: &Source,
    (counterpart, note, reason): (Option<ConnectorId>, Option<String>, Option<String>),
) -> Draft {
    let (from, to, of) = (promoter.from.team(), promoter.target.team(), promoter.source());
    let name = connectors::name(&source.connector);
    let title = name.map_or_else(|| format!("Connector {}", promoter.connector), str::to_owned);
    let id = counterpart.map_or_else(|| Target::NOT_YET.to_owned(), |id| id.to_string());
    let mut draft = Draft::recorded(promoter.target.actor().entry_actor(), Action::ConnectorPromote)
        .team(to.entry_team())
        .target(Target::new(TargetType::Connector, id, Some(&title)))
        .target(Target::new(TargetType::Connector, promoter.connector, name))
        .parameter("source_team", from.id)
        .parameter("source_team_name", &from.name)
        .parameter("source_workspace_id", of.workspace)
        .parameter("source_connector", of.connector)
        .parameter("version", source.version)
        .parameter("workspace_id", workspace_of(to))
        .parameter("title", &title)
        .parameter("note", note)
        .parameter("sha256", &source.sha256)
        .parameter("share", input.shares)
        .reason(reason);
    draft.operation_id = input.operation;
    draft.batch = Some(input.operation);
    draft
}
