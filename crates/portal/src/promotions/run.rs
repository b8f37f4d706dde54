//! Carrying a promotion out, step by step. A step that is not done stops it. Continuing reads first what became of the last
//! step, so that nothing is sent twice.

use std::sync::Arc;

use serde_json::json;
use store::{ConnectorPair, EntryActor, OperationId, Stage, StoreError};
use time::Duration;
use workato::{ConnectorDraft, ConnectorId, ConnectorVersion};

use super::{
    plan::Promotion,
    progress::{Progress, StepState},
    promoter::Promoter,
    source::connector_in,
    steps::{PromotionStep, operation_of},
};
use crate::{
    Error, Portal, Problem, PromotionProblem, Result, TeamReader,
    audit::{Action, Draft, Outcome, Target, TargetType, append},
    code::{NewCode, code_of, code_with, sha256_of, workspace_of},
    operations::{Change, Request},
    upstream::Asker,
};

/// A request waits no longer than this for a second person, and a promotion for it.
const WATCHED_FOR: Duration = Duration::days(31);
/// The most promotions that the worker looks at.
const MOST_WATCHED: i64 = 200;
impl Portal {
    /// Carries out the steps of a promotion that are not done. Stops at one that fails, waits, or whose outcome is not
    /// known.
    pub(super) async fn run_promotion(self: &Arc<Self>, promoter: &Promoter, id: OperationId) {
        let Some(_running) = self.promoting.begin(id) else { return };
        self.promoting.forget_why(id);
        for step in PromotionStep::ALL {
            match self.take_step(promoter, id, *step).await {
                Ok(StepState::Done) => {}
                Ok(_) => return,
                Err(error) => {
                    tracing::info!(promotion = %id, %step, %error, "a promotion stopped");
                    self.promoting.stop(id, error.public());
                    return;
                }
            }
        }
    }

    /// Carries out one step, unless it is done, waits, or its outcome is not known.
    async fn take_step(
        self: &Arc<Self>,
        promoter: &Promoter,
        id: OperationId,
        step: PromotionStep,
    ) -> Result<StepState> {
        let progress = self.progress_of(&mut self.store.snapshot().await?, id).await?;
        let Some(found) = progress.steps.iter().find(|found| found.step == step) else { return Ok(StepState::Done) };
        if !matches!(found.state, StepState::NotStarted | StepState::Failed) {
            return Ok(found.state);
        }
        let operation = operation_of(&self.vault, id, step, found.next_attempt);
        match step {
            PromotionStep::Draft => self.write_draft(promoter, &progress, operation).await?,
            PromotionStep::Release => {
                let connector = counterpart(&progress)?;
                let change = Change::ReleaseConnector { connector, sha256: progress.promotion.sha256.clone() };
                self.perform(&promoter.target, request(&progress.promotion, operation, change)).await?;
            }
            PromotionStep::Read => self.read_back(promoter, &progress, operation).await?,
            PromotionStep::Share => self.share_promoted(promoter, &progress, operation).await?,
            PromotionStep::Check => {
                let actor = promoter.target.actor().entry_actor();
                self.check_promoted(&promoter.target.reader(), &progress, (operation, actor)).await?;
            }
        }
        Ok(self.step_progress(&mut self.store.snapshot().await?, id, step).await?.state)
    }

    async fn write_draft(
        self: &Arc<Self>,
        promoter: &Promoter,
        progress: &Progress,
        operation: OperationId,
    ) -> Result<()> {
        let promotion = &progress.promotion;
        let of = code_with(promotion.source, promotion.version);
        let kept = self.opened_code(&mut self.store.read().await?, &of).await?;
        let Some((_, code)) = kept.filter(|(kept, _)| kept.sha256 == promotion.sha256) else {
            return Err(Problem::from(PromotionProblem::CodeUnknown).of("version"));
        };
        let (note, sha256) = (promotion.note.clone(), promotion.sha256.clone());
        let change = match promotion.counterpart {
            Some(connector) => Change::UpdateConnector { connector, note, sha256 },
            None => Change::CreateConnector { draft: ConnectorDraft { title: promotion.title.clone(), note }, sha256 },
        };
        let request = Request { code: Some(code), ..request(promotion, operation, change) };
        self.perform(&promoter.target, request).await.map(drop)
    }

    /// Records which version the release has made, and whether it has the code that was promoted.
    async fn read_back(
        self: &Arc<Self>,
        promoter: &Promoter,
        progress: &Progress,
        operation: OperationId,
    ) -> Result<()> {
        let (promotion, connector) = (&progress.promotion, counterpart(progress)?);
        self.pair_with_new(promoter, promotion, connector).await?;
        let reader = promoter.target.reader();
        let found = self.connector_now(&reader, connector).await?;
        let code = self.connector_code_now(&reader, connector).await?;
        let latest = found.items.latest_version().filter(|latest| released_before(progress) < Some(latest.get()));
        let Some(version) = latest else {
            return Err(Error::Internal(format!(
                "no newer version of connector {connector} is there after its release"
            )));
        };
        let sha256 = sha256_of(&code);
        let matches = sha256 == promotion.sha256;
        if matches {
            let fingerprint = self.workato(reader.team(), reader.actor()).await?.fingerprint().to_owned();
            let new = NewCode::new(code_of(reader.team(), connector, version), code);
            self.keep_code(reader.team(), &fingerprint, &[new]).await.map_err(Error::LogUnavailable)?;
        }
        let actor = promoter.target.actor().entry_actor();
        let draft = check_entry(&reader, progress, PromotionStep::Read, (operation, actor))
            .parameter("version", version)
            .parameter("sha256", sha256)
            .parameter("matches", matches);
        self.record_once(draft).await.map_err(Error::LogUnavailable)
    }

    /// The new connector is the counterpart from now on.
    async fn pair_with_new(&self, promoter: &Promoter, promotion: &Promotion, connector: ConnectorId) -> Result<()> {
        if promotion.counterpart.is_some() {
            return Ok(());
        }
        let pair = ConnectorPair { source: promotion.source, target: connector_in(promoter.target.team(), connector) };
        let actor = promoter.target.actor().entry_actor();
        let recorded = self.record_pair(promoter, &pair, (actor, Some(&promotion.title)), Some(promotion.id)).await;
        recorded.map_err(Error::LogUnavailable)
    }

    async fn share_promoted(
        self: &Arc<Self>,
        promoter: &Promoter,
        progress: &Progress,
        operation: OperationId,
    ) -> Result<()> {
        let (connector, version) = (counterpart(progress)?, made(progress)?);
        let found = self.connector_now(&promoter.target.reader(), connector).await?;
        let change = Change::ShareConnector { connector, version, replaces: found.items.shared_version() };
        self.perform(&promoter.target, request(&progress.promotion, operation, change)).await.map(drop)
    }

    /// Records whether the team has the code that was promoted, and shares the version if that was asked for.
    async fn check_promoted(
        self: &Arc<Self>,
        reader: &TeamReader,
        progress: &Progress,
        (operation, actor): (OperationId, EntryActor),
    ) -> Result<()> {
        let connector = counterpart(progress)?;
        let found = self.connector_now(reader, connector).await?;
        let code = self.connector_code_now(reader, connector).await?;
        let draft = check_entry(reader, progress, PromotionStep::Check, (operation, actor));
        self.record_check(draft, progress, &found.items, &code).await
    }

    async fn record_check(
        &self,
        draft: Draft,
        progress: &Progress,
        found: &workato::Connector,
        code: &str,
    ) -> Result<()> {
        let (sha256, version) = (sha256_of(code), made(progress)?);
        let is_shared = !progress.promotion.shares || found.shared_version() == Some(version);
        let draft = draft
            .parameter("version", version)
            .parameter("shared_version", found.shared_version())
            .parameter("matches", sha256 == progress.promotion.sha256 && is_shared)
            .parameter("sha256", sha256);
        self.record_once(draft).await.map_err(Error::LogUnavailable)
    }

    /// Appends an entry whose operation's id is derived, unless it was appended before.
    async fn record_once(&self, draft: Draft) -> Result<(), StoreError> {
        let mut tx = self.store.write().await?;
        if store::operations::state(&mut tx, draft.operation_id).await?.is_some() {
            return Ok(());
        }
        append(&mut tx, draft).await?;
        tx.commit().await
    }

    /// Continues a promotion that has stopped. First settles what can be settled.
    ///
    /// # Errors
    /// `NotFound` if there is no such promotion of this pair, `Invalid` if there is no step to resume.
    pub async fn resume_promotion(self: &Arc<Self>, promoter: &Promoter, id: OperationId) -> Result<()> {
        self.check_free_space()?;
        promoter.check_teams()?;
        self.settle_due().await?;
        let all = self.promotions(&promoter.from.reader(), promoter.connector, &promoter.target.reader()).await?;
        let progress = all.iter().find(|progress| progress.promotion.id == id).ok_or(Error::NotFound)?;
        let next = progress.next().map(|next| next.state);
        if !progress.can_resume() || next == Some(StepState::Unknown) {
            return Err(Problem::from(PromotionProblem::NothingToResume).of("promotion"));
        }
        if workspace_of(promoter.target.team()) != progress.promotion.workspace {
            return Err(Problem::from(PromotionProblem::NotPaired).of("promotion"));
        }
        self.carry_on(promoter, id).await;
        Ok(())
    }

    /// Checks the promotions whose last change somebody has approved, or was settled, since, and goes on with those that
    /// a crash has interrupted.
    ///
    /// # Errors
    /// `Store` if the log cannot be read.
    pub async fn close_promotions(self: &Arc<Self>) -> Result<()> {
        if self.alarms.history_is_in_doubt() || self.check_free_space().is_err() {
            return Ok(());
        }
        let since = self.now() - WATCHED_FOR;
        let rows = store::promotions::since(&mut self.store.read().await?, since, MOST_WATCHED).await?;
        for row in rows {
            if self.promoting.has_ended(row.id) || self.promoting.is_running(row.id) {
                continue;
            }
            let progress = match self.progress_of(&mut self.store.snapshot().await?, row.id).await {
                Ok(progress) => progress,
                Err(error) => {
                    tracing::error!(promotion = %row.id, %error, "a promotion cannot be read");
                    continue;
                }
            };
            match progress.next() {
                None => self.promoting.note_end(row.id),
                Some(next) if next.step == PromotionStep::Check && next.state == StepState::NotStarted => {
                    if let Err(error) = self.close_promotion(&progress, row.team).await {
                        tracing::info!(promotion = %row.id, %error, "cannot check a promotion yet");
                    }
                }
                Some(next) if next.state == StepState::NotStarted => {
                    if let Err(error) = self.go_on_with(&progress, row.team).await {
                        tracing::info!(promotion = %row.id, %error, "cannot go on with a promotion yet");
                    }
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    async fn close_promotion(self: &Arc<Self>, progress: &Progress, team: crate::TeamId) -> Result<()> {
        let Some(_running) = self.promoting.begin(progress.promotion.id) else { return Ok(()) };
        let team = self.team_by_id(team).await?;
        let workato = self.workato(&team, Asker::Background).await?;
        let connector = counterpart(progress)?;
        let found = workato.connector_now(connector).await?;
        let code = workato.client().connector_code(connector).await.map_err(Arc::new)?;
        let operation = operation_of(&self.vault, progress.promotion.id, PromotionStep::Check, 0);
        let draft = check_draft(team.entry_team(), progress, PromotionStep::Check, (operation, EntryActor::system()));
        self.record_check(draft, progress, &found.items, &code).await
    }
}

fn request(promotion: &Promotion, operation: OperationId, change: Change) -> Request {
    let reason = promotion.reason.clone().unwrap_or_default();
    Request {
        batch: Some(promotion.id),
        drawn_name: promotion.title.clone(),
        ..Request::new(operation, change, &reason)
    }
}

fn counterpart(progress: &Progress) -> Result<ConnectorId> {
    progress.counterpart().ok_or_else(|| Error::Internal("the promotion has no counterpart yet".to_owned()))
}

fn made(progress: &Progress) -> Result<ConnectorVersion> {
    progress.made().ok_or_else(|| Error::Internal("the promotion has made no version yet".to_owned()))
}

/// The newest version before the release, if there was one.
fn released_before(progress: &Progress) -> Option<i64> {
    let release = progress.steps.iter().find(|step| step.step == PromotionStep::Release)?;
    let before = release.operation.as_ref()?.first.as_ref()?.before.as_ref()?;
    before.get("latest_released_version")?.as_i64()
}

fn check_entry(reader: &TeamReader, progress: &Progress, step: PromotionStep, by: (OperationId, EntryActor)) -> Draft {
    check_draft(reader.team().entry_team(), progress, step, by)
}

fn check_draft(
    team: crate::audit::EntryTeam,
    progress: &Progress,
    step: PromotionStep,
    (operation, actor): (OperationId, EntryActor),
) -> Draft {
    let promotion = &progress.promotion;
    let id = progress.counterpart().map_or_else(String::new, |id| id.to_string());
    let mut draft = Draft::new(operation, Stage::Recorded, actor, Action::ConnectorPromoteCheck)
        .team(team)
        .target(Target::new(TargetType::Connector, id, Some(&promotion.title)))
        .parameter("promotion", promotion.id)
        .parameter("step", step.as_str());
    draft.outcome = Some(Outcome::Succeeded);
    draft.batch = Some(promotion.id);
    draft.evidence = Some(json!({ "expected_sha256": promotion.sha256 }));
    draft
}
