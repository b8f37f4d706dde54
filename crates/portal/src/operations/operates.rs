//! Who may change what a team has in Workato, as it is in the database at this moment.

use store::{PersonId, StoreError, TeamId, TeamRole, Write};

/// Whether this person is an operator of the team at this moment, and not disabled.
pub(crate) async fn operates(tx: &mut Write, team: TeamId, person: Option<PersonId>) -> Result<bool, StoreError> {
    let Some(person) = person else { return Ok(false) };
    let is_there = store::people::by_id(tx, person).await?.is_some_and(|person| person.disabled_at.is_none());
    Ok(is_there && store::members::role(tx, team, person).await? == Some(TeamRole::Operator))
}
