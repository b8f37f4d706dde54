//! Keeping the code of released versions, in the background and within Workato's limits.

use std::{cmp::Reverse, sync::Arc};

use serde_json::json;
use store::{CodeOf, KeptCode, StoreError, Team};
use time::OffsetDateTime;
use workato::{Connector, ConnectorId, ReadError};

use super::{
    naming::{code_of, sealed_for, workspace_of},
    reads::NewCode,
};
use crate::{
    Error, Portal, ReadFailure, Result, TeamReader,
    audit::{Action, Draft, EntryActor, append},
    connectors::released_at,
    upstream::{Asker, TeamWorkato},
};

/// How many connectors' code one run reads of a team. The next run reads the rest.
const AT_ONCE: usize = 20;
/// The longest code that Workato accepts (Workato API reference, Custom connectors).
const LONGEST: usize = 10 * 1024 * 1024;

impl Portal {
    /// Why the code of this team's connectors could not be read at the last try, if it could not.
    #[must_use]
    pub fn code_failure(&self, reader: &TeamReader) -> Option<ReadFailure> {
        self.code_reads.of(reader.team().id)
    }

    /// Keeps the code of every released version that is the latest of its connector and was not seen before, for all teams
    /// at the same time. Workato hands out only the current code, not that of earlier versions.
    ///
    /// # Errors
    /// `Store` if the teams cannot be read, `Internal` if the work on a team panicked.
    pub async fn keep_code_due(self: &Arc<Self>) -> Result<()> {
        if self.alarms.history_is_in_doubt() || self.check_free_space().is_err() {
            return Ok(());
        }
        let teams = store::teams::list(&mut self.store.read().await?).await?;
        let keep = |team: Team| {
            let portal = Arc::clone(self);
            async move {
                if let Err(error) = portal.keep_code_of(&team).await {
                    tracing::warn!(team = %team.slug, %error, "cannot keep the code of connectors");
                    portal.note_if_refused(&team, &error).await;
                }
            }
        };
        let usable = |team: &Team| team.token.as_ref().is_some_and(|token| token.refused_at.is_none());
        let teams = teams.into_iter().filter(usable).map(|team| (team.id, team));
        self.keeping_code.for_each(teams, keep, self.settings.watch_every, &self.running, &self.leaving).await
    }

    async fn keep_code_of(&self, team: &Team) -> Result<()> {
        let workato = self.workato(team, Asker::Background).await?;
        let known = store::connector_code::known(&mut self.store.read().await?, team.id, workspace_of(team)).await?;
        let list = workato.connectors_now().await?;
        let mut unseen: Vec<&Connector> = list.items.iter().collect();
        // What was released last is the likeliest to be shared next.
        unseen.sort_by_cached_key(|connector| Reverse(released_at(connector)));
        let unseen = unseen.into_iter().filter_map(|connector| latest(team, connector));
        let unseen = unseen.filter(|(of, _)| !known.contains(&(of.connector, of.version))).take(AT_ONCE).collect();
        let read = self.read_code(team, &workato, unseen).await?;
        if read.is_empty() {
            return Ok(());
        }
        // Whether a version was released while its code was read.
        let again = workato.connectors_now().await?;
        let now: Vec<CodeOf> = again.items.iter().filter_map(|one| latest(team, one)).map(|(of, _)| of).collect();
        let read: Vec<NewCode> = read.into_iter().filter(|new| now.contains(&new.of)).collect();
        self.keep_code(team, workato.fingerprint(), &read).await.map_err(Error::LogUnavailable)
    }

    /// Reads the code of these connectors. Stops when the token may not read code.
    async fn read_code(
        &self,
        team: &Team,
        workato: &TeamWorkato<'_>,
        unseen: Vec<(CodeOf, ConnectorId)>,
    ) -> Result<Vec<NewCode>> {
        let mut read = Vec::with_capacity(unseen.len());
        for (of, id) in unseen {
            match workato.client().connector_code(id).await {
                Ok(code) if code.len() <= LONGEST => read.push(NewCode::new(of, code)),
                Ok(code) => tracing::warn!(team = %team.slug, connector = %id, bytes = code.len(), "code is too long"),
                // It was deleted since.
                Err(ReadError::NotFound { .. }) => {}
                Err(error) => {
                    let failure = ReadFailure::from(&error);
                    tracing::info!(team = %team.slug, %error, "cannot read the code of a connector");
                    self.code_reads.set(team.id, Some(failure));
                    return Ok(read);
                }
            }
        }
        self.code_reads.set(team.id, None);
        Ok(read)
    }

    /// Keeps code, with one entry that has its hashes. Nothing if the team's token was replaced meanwhile.
    pub(crate) async fn keep_code(&self, team: &Team, fingerprint: &str, read: &[NewCode]) -> Result<(), StoreError> {
        let mut sealed = Vec::with_capacity(read.len());
        for new in read {
            let seal = self.vault.seal_for(&sealed_for(&new.of), &new.code);
            sealed.push(seal.map_err(|error| StoreError::damaged("random bytes", error))?);
        }
        let mut tx = self.store.write().await?;
        let now = store::teams::by_id(&mut tx, team.id).await?;
        let Some(team) = now.filter(|now| now.token.as_ref().is_some_and(|token| token.fingerprint == fingerprint))
        else {
            return Ok(());
        };
        let known = store::connector_code::known(&mut tx, team.id, workspace_of(&team)).await?;
        let new: Vec<_> = read
            .iter()
            .zip(&sealed)
            .filter(|(new, _)| new.of.workspace == workspace_of(&team))
            .filter(|(new, _)| !known.contains(&(new.of.connector, new.of.version)))
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        let code = |new: &NewCode| {
            let CodeOf { connector, version, .. } = new.of;
            json!({ "connector": connector, "version": version, "sha256": new.sha256, "bytes": new.bytes })
        };
        let draft = Draft::recorded(EntryActor::system(), Action::ConnectorCodeKeep)
            .team(team.entry_team())
            .target(team.target())
            .parameter("workspace_id", workspace_of(&team))
            .parameter("code", new.iter().map(|(new, _)| code(new)).collect::<Vec<_>>());
        let told = append(&mut tx, draft).await?;
        for (new, sealed) in new {
            let bytes = i64::try_from(new.bytes).unwrap_or(i64::MAX);
            let kept = KeptCode { of: new.of, sha256: new.sha256.clone(), bytes, seen_at: OffsetDateTime::UNIX_EPOCH };
            store::connector_code::keep(&mut tx, &kept, sealed, &told).await?;
        }
        tx.commit().await
    }
}

/// The latest released version of a connector.
fn latest(team: &Team, connector: &Connector) -> Option<(CodeOf, ConnectorId)> {
    Some((code_of(team, connector.id, connector.latest_version()?), connector.id))
}
