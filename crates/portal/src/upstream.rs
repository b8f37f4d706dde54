//! Each team's Workato: one client for each token, reads that people share, and names for ids.
//! Checks no rights: the callers have.

mod answers;
mod asker;
mod clients;
mod copies;
mod elsewhere;
mod generations;
mod names;
mod pace;
mod reads;
mod settings;
mod shared_limits;
mod snapshot;
mod team_workato;
mod workspace;

use std::future::Future;

pub(crate) use self::{
    asker::Asker,
    clients::Upstream,
    copies::{Copies, Unchanged},
    elsewhere::Elsewhere,
    team_workato::TeamWorkato,
    workspace::workspace_of,
};
pub use self::{
    names::{Names, NoNames},
    settings::UpstreamSettings,
    snapshot::{Shown, Snapshot, Stale, WhyStale},
};

use self::{clients::TeamClient, settings::PATIENCE};
use crate::{Error, Portal, Result, TeamId};
use secrecy::SecretString;
use store::Team;
use time::Duration;

/// How often the time of a token's last use is written.
const NOTED_EVERY: Duration = Duration::minutes(1);

/// Waits for a read for as long as a page does that can be shown without it, and a little longer than for an older
/// answer. Returns `None` if that was too short.
pub async fn soon<T>(read: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(PATIENCE + std::time::Duration::from_secs(1), read).await.ok()
}

impl Portal {
    /// A team's Workato, called for this asker. Everybody shares one client for as long as the token is the same, since
    /// Workato's limits belong to the token.
    pub(crate) async fn workato(&self, team: &Team, asker: impl Into<Asker>) -> Result<TeamWorkato<'_>> {
        if team.retired_at.is_some() {
            return Err(Error::TeamRetired);
        }
        if team.token.as_ref().is_some_and(|token| token.refused_at.is_some()) {
            return Err(Error::TokenRefused);
        }
        if self.settings.has_other_instances {
            self.elsewhere.catch_up(&self.store, &self.upstream).await?;
        }
        let client = self.client_of(team).await?;
        self.note_token_use(team);
        Ok(TeamWorkato::new(&self.upstream, client, asker.into()))
    }

    /// Notes that the team's token is used, once a minute and without delaying the call.
    fn note_token_use(&self, team: &Team) {
        let now = self.now();
        let Some(token) = &team.token else { return };
        if token.last_used_at.is_some_and(|last| now - last < NOTED_EVERY) || !self.upstream.is_use_to_note(team.id) {
            return;
        }
        let (store, id) = (self.store.clone(), team.id);
        self.running.spawn(async move {
            let noted = async {
                let mut tx = store.write().await?;
                store::tokens::touch(&mut tx, id, now).await?;
                tx.commit().await
            };
            if let Err(error) = noted.await {
                tracing::debug!(%error, "the use of a token could not be noted");
            }
        });
    }

    /// The team's client, even if Workato has refused its token: to find out whether Workato takes it now. It keeps the
    /// team's limits like every other.
    pub(crate) async fn asking_client(&self, team: &Team, asker: Asker) -> Result<workato::Client> {
        Ok(asker.client(&self.client_of(team).await?.client))
    }

    async fn client_of(&self, team: &Team) -> Result<TeamClient> {
        if let Some(client) = self.upstream.client_of(team) {
            return Ok(client);
        }
        loop {
            let before = self.upstream.version(team.id);
            let (team, token) = self.current_token(team.id).await?;
            // If the token was replaced since it was read, the next try reads the new one.
            if let Some(client) = self.upstream.add_client(&team, token, before)? {
                return Ok(client);
            }
        }
    }

    /// The team as it is now, with its token in clear. Both come from one view of the database: a token must reach the
    /// address that it was given for and no other.
    async fn current_token(&self, team: TeamId) -> Result<(Team, SecretString)> {
        let mut snapshot = self.store.snapshot().await?;
        let current = store::teams::by_id(&mut snapshot, team).await?.ok_or(Error::NotFound)?;
        if current.token_is_bad {
            return Err(Error::TokenNotUsed);
        }
        let sealed = store::tokens::get(&mut snapshot, team).await?.ok_or(Error::NoToken)?;
        Ok((current, self.vault.open_token(team, &sealed)?))
    }
}

#[cfg(test)]
mod tests;
