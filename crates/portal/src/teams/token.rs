//! Teams' tokens: set, replaced, tested; sealed in the database and never shown again.

use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

use super::TeamInput;
use crate::{
    Admin, Error, FieldProblems, Portal, Result, TeamId,
    audit::{Action, Draft, append},
    upstream::{Asker, workspace_of},
    vault::VaultError,
};
use store::StoreError;
use store::{Team, Workspace};

impl Portal {
    /// Sets up a team with its token at once.
    ///
    /// # Errors
    /// What is wrong with the input, field by field. A token that cannot be one leaves no team behind.
    pub async fn create_team_with_token(&self, admin: &Admin, input: &TeamInput, token: SecretString) -> Result<Team> {
        let token = read_token(&token)?;
        let team = self.create_team(admin, input).await?;
        self.set_token(admin, team.id, token).await?;
        self.team_by_id(team.id).await
    }

    /// Sets or replaces a team's token, after Workato has been asked what it opens where that can be asked.
    /// A first token that Workato cannot be asked about is kept all the same: Workato may be down, or the token's role
    /// may lack the privilege. Once the workspace is known, a token has to show that it opens the same.
    ///
    /// # Errors
    /// When the token cannot be one, or opens another workspace than the team's; `NotFound` when there is no such team.
    pub async fn set_token(&self, admin: &Admin, id: TeamId, token: SecretString) -> Result<Option<Workspace>> {
        let token = read_token(&token)?;
        let team = self.team_by_id(id).await?;
        let workspace = match self.upstream.ask_workspace(&team, &token).await {
            Ok(workspace) => Some(workspace),
            Err(error) => {
                tracing::warn!(team = %team.slug, %error, "a new token could not be tested");
                None
            }
        };
        match (&team.workspace, &workspace) {
            (Some(old), Some(new)) if old.id != new.id => return Err(another_workspace()),
            (Some(_), None) => {
                return Err(Error::Invalid(FieldProblems::from([(
                    "token",
                    "Workato does not tell which workspace this token opens, so it may not be the team's. Try again later.",
                )])));
            }
            _ => {}
        }
        let sealed = self.vault.seal(id, &token)?;
        let fingerprint = self.vault.fingerprint(&token);
        let mut tx = self.store.write().await?;
        // Read again under the lock: what the entry says must be what was there.
        let Some(mut team) = store::teams::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        store::tokens::set(&mut tx, id, &sealed, &fingerprint, OffsetDateTime::now_utc()).await?;
        if workspace.is_some() {
            store::teams::set_workspace(&mut tx, id, workspace.as_ref()).await?;
            team.workspace.clone_from(&workspace);
        }
        let action = if team.token.is_some() { Action::TeamTokenReplace } else { Action::TeamTokenSet };
        let draft = Draft::recorded(admin.entry_actor(), action)
            .team(team.entry_team())
            .target(team.target())
            .parameter("fingerprint", &fingerprint)
            .parameter("tested", workspace.is_some())
            .before(team.token.as_ref().map(|token| serde_json::json!({ "fingerprint": token.fingerprint })));
        append(&mut tx, draft).await?;
        tx.commit().await?;
        self.upstream.forget(id);
        Ok(workspace)
    }

    /// Asks Workato which workspace the team's token opens, and keeps the answer.
    ///
    /// # Errors
    /// `NoToken` when there is none; Workato's refusal or silence; when it opens another workspace than the team's.
    pub async fn test_token(&self, admin: &Admin, id: TeamId) -> Result<Workspace> {
        let team = self.team_by_id(id).await?;
        let asker = admin.person().map_or(Asker::Background, Asker::Person);
        let workspace = workspace_of(&self.workato(&team, asker).await?).await?;
        if team.workspace.as_ref() != Some(&workspace) {
            if team.workspace.as_ref().is_some_and(|known| known.id != workspace.id) {
                return Err(another_workspace());
            }
            let mut tx = self.store.write().await?;
            store::teams::set_workspace(&mut tx, id, Some(&workspace)).await?;
            let draft = Draft::recorded(admin.entry_actor(), Action::TeamUpdate)
                .team(team.entry_team())
                .target(team.target())
                .parameter("workspace_id", workspace.id)
                .parameter("workspace_name", &workspace.name);
            append(&mut tx, draft).await?;
            tx.commit().await?;
        }
        Ok(workspace)
    }

    /// The team's token in clear: for the client that sends it, and for nobody else.
    pub(crate) async fn token_of(&self, team: &Team) -> Result<SecretString> {
        let mut conn = self.store.read().await?;
        let sealed = store::tokens::get(&mut conn, team.id).await?.ok_or(Error::NoToken)?;
        Ok(self.vault.open(team.id, &sealed)?)
    }

    /// # Errors
    /// When the tokens of this database were sealed with another key.
    pub(crate) async fn check_master_key(&self) -> std::result::Result<(), MasterKeyError> {
        let mut tx = self.store.write().await?;
        let sealed_with = store::tokens::master_key(&mut tx, self.vault.key_id()).await?;
        tx.commit().await?;
        Ok(self.vault.check(&sealed_with)?)
    }
}

fn another_workspace() -> Error {
    Error::Invalid(FieldProblems::from([(
        "token",
        "This token opens another workspace than the team's. Set up a new team for it.",
    )]))
}

/// A token as it was pasted, without the white space around it.
fn read_token(typed: &SecretString) -> Result<SecretString> {
    let text = typed.expose_secret().trim();
    if text.is_empty() || text.len() > 4_096 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::Invalid(FieldProblems::from([(
            "token",
            "Paste the API client's token: it has no spaces and 4,096 characters at most.",
        )])));
    }
    Ok(SecretString::from(text))
}

/// Why the master key could not be checked, or is not the right one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MasterKeyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}
