//! Logs for tests: entries as operators, Workato and the portal itself make them, in a database of their own.

use serde_json::json;
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

use super::{
    Action, Draft, Entry, EntryActor, EntryTeam, OperationSummary, Outcome, Stage, State, Target, TargetType,
    WorkatoSaid, append,
};
use crate::{PersonId, TeamId, store::Store};

/// A database in a folder of its own.
pub(crate) struct TestLog {
    pub folder: TempDir,
    pub store: Store,
}

impl TestLog {
    pub async fn empty() -> Self {
        let folder = TempDir::with_prefix("portal-log-").unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        Self { folder, store }
    }

    /// With this many entries, of operations in each other's midst.
    pub async fn of(entries: usize) -> Self {
        let log = Self::empty().await;
        log.grow_by(entries).await;
        log
    }

    /// Appends this many entries in one transaction.
    pub async fn grow_by(&self, entries: usize) {
        let mut writer = Writer::default();
        let mut tx = self.store.write().await.unwrap();
        for _ in 0..entries {
            let entry = append(&mut tx, writer.next()).await.unwrap();
            writer.written(entry);
        }
        tx.commit().await.unwrap();
    }
}

/// Thinks of entries: intents, their outcomes a little later, and now and then something that is recorded.
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
                waited_seconds: None,
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

    /// Is told how it was written.
    pub fn written(&mut self, entry: Entry) {
        if entry.stage == Stage::Intent {
            self.open.push(entry);
        }
    }
}

/// An intent, as `system` wrote it then.
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
        outcome: None,
        workato: None,
        reason: None,
        deadline: None,
        evidence: None,
        batch: None,
        approved_by: None,
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
        first: Some(first),
        last: Some(last),
        review: None,
    }
}
