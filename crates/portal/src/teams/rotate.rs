//! Replacing a team's token at Workato itself: Workato makes the new token, and nobody sees it. The intent is committed
//! before Workato is asked. If Workato's answer is lost, so is the new token, and the old one may have ended: settling
//! finds that out by using it.

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;
use serde_json::json;
use store::{StoreError, Team, operations::IdUse};
use workato::{ApiClient, ApiClientId, Call, ChangeAnswer, List, QueueFull, in_span};

use super::{about, refused::is_refused};
use crate::{
    Admin, Error, OperationId, Portal, Problem, Result, TeamId,
    audit::{Action, Draft, Entry, OperationSummary, Stage, State, append},
    operations::{Seen, Verdict, outcome_of},
    spans,
    teams::Confirmed,
    upstream::Asker,
};

/// The time from the end of the call until its outcome is recorded.
const SLACK: Duration = Duration::from_secs(10);
/// How often storing a new token is tried. It is nowhere else.
const TRIES: u32 = 8;

/// A request to replace a token at Workato.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The operation's id, made when the form was drawn.
    pub operation: OperationId,
    /// The API client whose token the team has.
    pub client: String,
    /// The team's name and the reason.
    pub confirmed: Confirmed,
}

impl Portal {
    /// The API clients of the team's workspace: one of them has the team's token, and Workato does not say which.
    ///
    /// # Errors
    /// `Workato` if they cannot be read; `NoToken`, `TokenRefused` and `TeamRetired` as for every read.
    pub async fn api_clients(&self, admin: &Admin, id: TeamId) -> Result<List<ApiClient>> {
        let team = self.team_by_id(id).await?;
        let asker = admin.person().map_or(Asker::Background, Asker::Person);
        Ok(self.workato(&team, asker).await?.client().api_clients().await.map_err(Arc::new)?)
    }

    /// Replaces the team's token at Workato. Returns when the outcome is known; the log has it under the operation's id.
    ///
    /// # Errors
    /// `Invalid` for the input, `Conflict` for an id that was used for something else, `LogUnavailable` if the intent
    /// cannot be written. Nothing was sent in these cases.
    pub async fn rotate_token(self: &Arc<Self>, admin: &Admin, id: TeamId, rotation: &Rotation) -> Result<OperationId> {
        self.check_free_space()?;
        let team = self.team_by_id(id).await?;
        let Some(token) = &team.token else { return Err(Problem::NoToken.of("client")) };
        if token.refused_at.is_some() {
            return Err(Problem::TokenRefused.of("client"));
        }
        let api_client: ApiClientId = rotation.client.parse().map_err(|_| Problem::NoSuchApiClient.of("client"))?;
        let reason = rotation.confirmed.read(&team)?;
        let bound = json!([admin.person(), id, Action::TeamTokenRotate, api_client, reason.as_str()]);
        let binding = hex::encode(self.vault.keyed_hash("operation binding", [bound.to_string().as_bytes()]));
        let asker = admin.person().map_or(Asker::Background, Asker::Person);
        let client = self.workato(&team, asker).await?.client();
        let call = Call::RegenerateToken;
        let permit = client.reserve(call.class()).map_err(|QueueFull { wait, .. }| Error::QueueFull { wait })?;
        let deadline = self.now() + permit.time_left() + client.timeout() + SLACK;
        let mut intent = Draft::new(rotation.operation, Stage::Intent, admin.entry_actor(), Action::TeamTokenRotate)
            .team(team.entry_team())
            .target(team.target())
            .parameter("api_client", api_client.get())
            .before(json!({ "fingerprint": token.fingerprint }))
            .reason(Some(reason.as_str().to_owned()));
        intent.deadline = Some(deadline);
        let (portal, operation) = (Arc::clone(self), rotation.operation);
        let span = spans::of_operation(intent.action, operation);
        let rotating = async move {
            let Some(intent) = portal.intend_rotation(intent, &binding).await? else { return Ok(operation) };
            permit.ready().await;
            let (answer, token) = client.regenerate_token(permit, api_client).await;
            match token {
                Some(token) => portal.keep_new_token(&intent, answer, id, token).await,
                None => portal.conclude(&intent, answer, client.waited()).await,
            }
            Ok(operation)
        };
        self.running
            .spawn(in_span(span, rotating))
            .await
            .map_err(|error| Error::Internal(format!("rotating a token: {error}")))?
    }

    /// Commits the intent. `None` if the same form has done so already.
    async fn intend_rotation(&self, intent: Draft, binding: &str) -> Result<Option<Entry>> {
        let operation = intent.operation_id;
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        match store::operations::id_use(&mut tx, operation, binding).await.map_err(Error::LogUnavailable)? {
            IdUse::New => {}
            IdUse::Same => return Ok(None),
            IdUse::Conflict => return Err(Error::Conflict { operation }),
        }
        let committed = async {
            let intent = append(&mut tx, intent).await?;
            store::operations::bind(&mut tx, operation, binding).await?;
            tx.commit().await?;
            Ok(intent)
        };
        committed.await.map(Some).map_err(Error::LogUnavailable)
    }

    /// Stores the new token with the outcome. The token is nowhere else, so this is tried for a while.
    async fn keep_new_token(&self, intent: &Entry, answer: ChangeAnswer, id: TeamId, token: SecretString) {
        for round in 1..=TRIES {
            match self.store_new_token(intent, &answer, id, &token).await {
                Ok(()) => return,
                Err(error) => tracing::error!(%error, round, "cannot store the new token yet"),
            }
            tokio::time::sleep(Duration::from_millis(250) * round).await;
        }
        tracing::error!("a new token is lost: make another one in Workato and set it on the Teams page");
        self.conclude(intent, answer, Duration::ZERO).await;
    }

    async fn store_new_token(
        &self,
        intent: &Entry,
        answer: &ChangeAnswer,
        id: TeamId,
        token: &SecretString,
    ) -> Result<(), StoreError> {
        let fingerprint = self.vault.fingerprint(token);
        let mut tx = self.store.write().await?;
        let team = store::teams::by_id(&mut tx, id).await?;
        let team = team.ok_or_else(|| StoreError::damaged("team", "it is gone"))?;
        if store::operations::state(&mut tx, intent.operation_id).await? == Some(State::Open) {
            append(&mut tx, outcome_of(intent, answer.clone(), Duration::ZERO)).await?;
        }
        if team.retired_at.is_none() {
            let sealed = self.vault.seal(id, token).map_err(|error| StoreError::damaged("token", error))?;
            let draft = about(Draft::recorded(intent.actor.clone(), Action::TeamTokenReplace), &team)
                .parameter("fingerprint", &fingerprint)
                .parameter("token", &fingerprint)
                .parameter("rotated_in", intent.operation_id)
                .before(team.token.as_ref().map(|token| json!({ "fingerprint": token.fingerprint })));
            let told = append(&mut tx, draft).await?;
            store::teams::update(&mut tx, &team, &told).await?;
            store::tokens::set(&mut tx, id, &sealed, &fingerprint, &told).await?;
        }
        tx.commit().await?;
        self.upstream.forget(id);
        Ok(())
    }

    /// Settles a rotation whose outcome is not known: if Workato still takes the old token after the call's deadline, it
    /// was not replaced; if Workato refuses it, it was, and the new one is lost.
    pub(crate) async fn settle_rotation(&self, team: &Team, operation: &OperationSummary) -> Result<()> {
        let (Some(intent), Some(token)) = (&operation.first, &team.token) else { return Ok(()) };
        let began_at = self.now();
        let then = intent.before.as_ref().and_then(|before| before.get("fingerprint")?.as_str());
        let verdict = if then != Some(token.fingerprint.as_str()) {
            Verdict::Neither(json!({ "token": "replaced" }), store::Doubt::NotReadable)
        } else {
            let client = self.asking_client(team, Asker::Background).await?;
            match is_refused(&client).await {
                Some(true) => Verdict::Done(json!({ "token": "refused" })),
                Some(false) => Verdict::NotDone(json!({ "token": "accepted" })),
                None => return Ok(()),
            }
        };
        let is_lost = matches!(verdict, Verdict::Done(_));
        self.settle_one(operation, intent, Seen { verdict, began_at }, &token.fingerprint).await?;
        if is_lost {
            self.refuse_token(team).await?;
        }
        Ok(())
    }
}
