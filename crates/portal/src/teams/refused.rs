//! A token that Workato refuses: noticed once, written once, and not used again until it is tested or replaced.

use store::{StoreError, Team, TeamId};
use workato::{Client, ConnectionQuery, ConnectorQuery, Denial, ReadError};

use super::about;
use crate::{
    Admin, Error, Portal, Result,
    audit::{Action, Draft, EntryActor, append},
    upstream::Asker,
};

impl Portal {
    /// After Workato has denied a call: asks whether it denies the token altogether, and if so, stops using it. A role
    /// that lacks a privilege gets the same answer, so that one call alone says nothing.
    pub(crate) async fn note_if_refused(&self, team: &Team, error: &Error) {
        let Error::Workato(error) = error else { return };
        if !denies_token(error) || team.token.as_ref().is_none_or(|token| token.refused_at.is_some()) {
            return;
        }
        let refused = async {
            let client = self.asking_client(team, Asker::Background).await?;
            match is_refused(&client).await {
                Some(true) => self.refuse_token(team).await.map_err(Error::from),
                _ => Ok(()),
            }
        };
        if let Err(error) = refused.await {
            tracing::warn!(team = %team.slug, %error, "cannot note that a token is refused");
        }
    }

    /// Records that Workato refuses the team's token. Nothing uses the token from then on.
    pub(crate) async fn refuse_token(&self, asked: &Team) -> Result<(), StoreError> {
        let mut tx = self.store.write().await?;
        let Some(team) = store::teams::by_id(&mut tx, asked.id).await? else { return Ok(()) };
        let fingerprint = |team: &Team| team.token.as_ref().map(|token| token.fingerprint.clone());
        let is_known = team.token.as_ref().is_none_or(|token| token.refused_at.is_some());
        if is_known || fingerprint(&team) != fingerprint(asked) {
            return Ok(());
        }
        let draft = about(Draft::recorded(EntryActor::system(), Action::TeamTokenRefuse), &team);
        let told = append(&mut tx, draft).await?;
        store::tokens::set_refused(&mut tx, team.id, true, &told).await?;
        tx.commit().await?;
        tracing::warn!(team = %team.slug, "Workato refuses the team's token: test or replace it on the Teams page");
        self.upstream.forget(team.id);
        Ok(())
    }

    /// Records that Workato accepts the team's token again.
    pub(super) async fn accept_token(&self, admin: &Admin, id: TeamId) -> Result<()> {
        let mut tx = self.store.write().await?;
        let Some(team) = store::teams::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        if team.token.as_ref().is_none_or(|token| token.refused_at.is_none()) {
            return Ok(());
        }
        let draft = about(Draft::recorded(admin.entry_actor(), Action::TeamTokenAccept), &team);
        let told = append(&mut tx, draft).await?;
        store::tokens::set_refused(&mut tx, id, false, &told).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Whether an error can mean that the token is not valid.
fn denies_token(error: &ReadError) -> bool {
    matches!(error, ReadError::Denied { status: 401, denial: Denial::TokenOrPrivilege, .. })
}

/// Whether Workato denies every call that the portal cannot do without. `None` if it does not say.
pub(crate) async fn is_refused(client: &Client) -> Option<bool> {
    let asked = [
        client.workspace().await.map(drop),
        client.connectors(&ConnectorQuery::default()).await.map(drop),
        client.connections(&ConnectionQuery::default()).await.map(drop),
    ];
    if asked.iter().any(Result::is_ok) {
        return Some(false);
    }
    let all_denied = asked.iter().all(|answer| matches!(answer, Err(ReadError::Denied { status: 401, .. })));
    all_denied.then_some(true)
}
