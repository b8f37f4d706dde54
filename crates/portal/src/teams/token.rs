//! Setting, replacing and testing teams' tokens. A token is sealed in the database and never shown.

use super::{TeamInput, about};
use crate::{
    Admin, Error, Portal, Problem, Result, TeamId,
    audit::{Action, Draft, append},
    upstream::{Asker, workspace_of},
};
use secrecy::{ExposeSecret, SecretString};
use store::{Team, Workspace};

/// The most characters of a token.
const LONGEST_TOKEN: usize = 4_096;

impl Portal {
    /// Creates a team with a token.
    ///
    /// # Errors
    /// `Invalid` with the problems of the input. If the token is malformed, no team is created.
    pub async fn create_team_with_token(&self, admin: &Admin, input: &TeamInput, token: SecretString) -> Result<Team> {
        let token = read_token(&token)?;
        let team = self.create_team(admin, input).await?;
        self.set_token(admin, team.id, token).await?;
        self.team_by_id(team.id).await
    }

    /// Sets or replaces a team's token. First asks Workato which workspace the token opens. If Workato does not say,
    /// because it is down or the token's role lacks the privilege, the token is accepted only while the team's
    /// workspace is unknown.
    ///
    /// # Errors
    /// `Invalid` if the token is malformed or opens another workspace than the team's, `NotFound` if there is no such
    /// team.
    pub async fn set_token(&self, admin: &Admin, id: TeamId, token: SecretString) -> Result<Option<Workspace>> {
        let token = read_token(&token)?;
        let team = self.team_by_id(id).await?;
        if team.retired_at.is_some() {
            return Err(Problem::TeamRetired.of("token"));
        }
        let workspace = match self.upstream.ask_workspace(&team, &token).await {
            Ok(workspace) => Some(workspace),
            Err(error) => {
                tracing::warn!(team = %team.slug, %error, "cannot test a new token");
                None
            }
        };
        match (&team.workspace, &workspace) {
            (Some(old), Some(new)) if old.id != new.id => return Err(another_workspace()),
            (Some(_), None) => {
                return Err(Problem::TokenOfUnknownWorkspace.of("token"));
            }
            _ => {}
        }
        let fingerprint = self.vault.fingerprint(&token);
        let mut tx = self.store.write().await?;
        // Under the write lock, so that its key is not replaced meanwhile.
        let sealed = self.vault.seal(id, &token)?;
        // Read again under the write lock, so that the entry has the state that is replaced.
        let Some(mut team) = store::teams::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        if team.retired_at.is_some() {
            return Err(Problem::TeamRetired.of("token"));
        }
        if workspace.is_some() {
            team.workspace.clone_from(&workspace);
        }
        let has_token = team.token.is_some() || team.token_is_bad;
        let action = if has_token { Action::TeamTokenReplace } else { Action::TeamTokenSet };
        let draft = about(Draft::recorded(admin.entry_actor(), action), &team)
            .parameter("fingerprint", &fingerprint)
            .parameter("token", &fingerprint)
            .parameter("tested", workspace.is_some())
            .before(team.token.as_ref().map(|token| serde_json::json!({ "fingerprint": token.fingerprint })));
        let told = append(&mut tx, draft).await?;
        store::teams::update(&mut tx, &team, &told).await?;
        store::tokens::set(&mut tx, id, &sealed, &fingerprint, &told).await?;
        tx.commit().await?;
        self.upstream.forget(id);
        Ok(workspace)
    }

    /// Asks Workato which workspace the team's token opens, and stores the answer.
    ///
    /// # Errors
    /// `NoToken` if the team has none, `Workato` if the call fails, `Invalid` if it opens another workspace than the
    /// team's.
    pub async fn test_token(&self, admin: &Admin, id: TeamId) -> Result<Workspace> {
        let team = self.team_by_id(id).await?;
        let was_refused = team.token.as_ref().is_some_and(|token| token.refused_at.is_some());
        let asker = admin.person().map_or(Asker::Background, Asker::Person);
        let workspace = if was_refused {
            workspace_of(&self.asking_client(&team, asker).await?).await?
        } else {
            let asked = workspace_of(&self.workato(&team, asker).await?.client()).await;
            if let Err(error) = &asked {
                self.note_if_refused(&team, error).await;
            }
            asked?
        };
        if team.workspace.as_ref() != Some(&workspace) {
            if team.workspace.as_ref().is_some_and(|known| known.id != workspace.id) {
                return Err(another_workspace());
            }
            let mut tx = self.store.write().await?;
            // Read again under the write lock, so that nothing that was changed meanwhile is undone.
            let Some(mut team) = store::teams::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
            team.workspace = Some(workspace.clone());
            let draft = about(Draft::recorded(admin.entry_actor(), Action::TeamUpdate), &team);
            let told = append(&mut tx, draft).await?;
            store::teams::update(&mut tx, &team, &told).await?;
            tx.commit().await?;
        }
        if was_refused {
            self.accept_token(admin, id).await?;
        }
        Ok(workspace)
    }
}

fn another_workspace() -> Error {
    Problem::TokenOfAnotherWorkspace.of("token")
}

/// A pasted token, without white space around it.
fn read_token(typed: &SecretString) -> Result<SecretString> {
    let text = typed.expose_secret().trim();
    if text.is_empty() || text.len() > LONGEST_TOKEN || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::NotAToken { most: LONGEST_TOKEN }.of("token"));
    }
    Ok(SecretString::from(text))
}
