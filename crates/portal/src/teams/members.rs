//! The members of teams.

use crate::{
    Admin, Error, PersonId, Portal, Result, TeamId, TeamRole,
    audit::{Action, Draft, append},
};
use store::{Person, Team, Write, members::Membership};

/// A member of a team.
#[derive(Clone, Debug)]
pub struct Member {
    /// The person.
    pub person: PersonId,
    /// The person's role in the team.
    pub role: TeamRole,
}

impl Portal {
    /// The members of a team.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn members(&self, _admin: &Admin, team: TeamId) -> Result<Vec<Member>> {
        let all = store::members::list(&mut self.store.read().await?).await?;
        let members = all.into_iter().filter(|membership| membership.team == team);
        Ok(members.map(|membership| Member { person: membership.person, role: membership.role }).collect())
    }

    /// All memberships.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn memberships(&self, _admin: &Admin) -> Result<Vec<(PersonId, TeamId, TeamRole)>> {
        let all = store::members::list(&mut self.store.read().await?).await?;
        Ok(all.into_iter().map(|membership| (membership.person, membership.team, membership.role)).collect())
    }

    /// Adds a person to a team, or changes their role in it, and ends their sessions.
    ///
    /// # Errors
    /// `NotFound` if there is no such team or person.
    pub async fn set_member(&self, admin: &Admin, team: TeamId, person: PersonId, role: TeamRole) -> Result<()> {
        let mut tx = self.store.write().await?;
        let Some(team) = store::teams::by_id(&mut tx, team).await? else { return Err(Error::NotFound) };
        let Some(person) = store::people::by_id(&mut tx, person).await? else { return Err(Error::NotFound) };
        let draft = Draft::recorded(admin.entry_actor(), Action::MemberSet);
        if !give(&mut tx, draft, &team, &person, role).await? {
            return Ok(());
        }
        self.end_after_change(&mut tx, admin.entry_actor(), admin.renewal(), &person, Action::MemberSet, None).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Removes a person from a team, and ends their sessions.
    ///
    /// # Errors
    /// `NotFound` if there is no such team or person.
    pub async fn remove_member(&self, admin: &Admin, team: TeamId, person: PersonId) -> Result<()> {
        let mut tx = self.store.write().await?;
        let Some(team) = store::teams::by_id(&mut tx, team).await? else { return Err(Error::NotFound) };
        let Some(person) = store::people::by_id(&mut tx, person).await? else { return Err(Error::NotFound) };
        let draft = Draft::recorded(admin.entry_actor(), Action::MemberRemove);
        if !take(&mut tx, draft, &team, &person).await? {
            return Ok(());
        }
        self.end_after_change(&mut tx, admin.entry_actor(), admin.renewal(), &person, Action::MemberRemove, None)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Gives a person a role in a team, which the entry that `draft` begins records. Returns whether they had another.
pub(crate) async fn give(tx: &mut Write, draft: Draft, team: &Team, person: &Person, role: TeamRole) -> Result<bool> {
    let before = store::members::role(tx, team.id, person.id).await?;
    if before == Some(role) {
        return Ok(false);
    }
    let draft = draft
        .team(team.entry_team())
        .target(person.target())
        .parameter("role", role)
        .before(before.map(|role| serde_json::json!({ "role": role })));
    let told = append(tx, draft).await?;
    store::members::set(tx, &Membership { team: team.id, person: person.id, role }, &told).await?;
    Ok(true)
}

/// Removes a person from a team, which the entry that `draft` begins records. Returns whether they were in it.
pub(crate) async fn take(tx: &mut Write, draft: Draft, team: &Team, person: &Person) -> Result<bool> {
    let Some(role) = store::members::role(tx, team.id, person.id).await? else { return Ok(false) };
    store::members::remove(tx, team.id, person.id).await?;
    let draft = draft.team(team.entry_team()).target(person.target()).before(serde_json::json!({ "role": role }));
    append(tx, draft).await?;
    Ok(true)
}
