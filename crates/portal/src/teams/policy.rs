//! A team's policy: which changes need a second person. An admin sets it. Who loosens it still needs a second person for a
//! day, so that nobody can loosen it, act alone and tighten it again.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use store::{Guarded, Policy, Read, StoreError, Team};
use time::Duration;

use super::about;
use crate::{
    Actor, Admin, Error, FieldProblems, Portal, Problem, Reason, ReasonRequired, Result, TeamId, TeamReader,
    accounts::influence::{Party, could_be},
    audit::{Action, Draft, OperationSummary, append},
};

/// For how long a loosened policy still binds the person who loosened it.
pub(crate) const BINDS_FOR: Duration = Duration::DAY;

/// The most items of a job that a policy can name.
const MOST_ITEMS: u32 = 100_000;

/// A policy as a form sends it.
#[derive(Clone, Debug, Default)]
pub struct PolicyInput {
    /// The words of the changes that need a second person.
    pub guarded: Vec<String>,
    /// Jobs over more items than this need one. Empty if jobs do not.
    pub items: String,
    /// Whether operators may act at once in an emergency.
    pub break_glass: bool,
    /// Why it is changed.
    pub reason: String,
}

impl PolicyInput {
    fn read(&self) -> Result<(Policy, Reason)> {
        let mut problems = FieldProblems::default();
        let guarded: Result<BTreeSet<Guarded>, _> = self.guarded.iter().map(|word| word.parse()).collect();
        let guarded = guarded.map_err(|_| Error::Malformed)?;
        let items = match self.items.trim() {
            "" => None,
            items => match items.parse().ok().filter(|items| (1..=MOST_ITEMS).contains(items)) {
                Some(items) => Some(items),
                None => {
                    problems.add("items", Problem::NumberBetween { least: 1, most: MOST_ITEMS.into() });
                    None
                }
            },
        };
        let reason = match Reason::read(&self.reason) {
            Ok(Some(reason)) => Some(reason),
            Ok(None) => {
                problems.add("reason", Problem::ReasonRequired { why: ReasonRequired::Policy });
                None
            }
            Err(problem) => {
                problems.add("reason", problem);
                None
            }
        };
        match reason {
            Some(reason) if problems.is_empty() => {
                Ok((Policy { guarded, items, break_glass: self.break_glass }, reason))
            }
            _ => Err(Error::Invalid(problems)),
        }
    }
}

impl Portal {
    /// The changes that need a second person if the reader makes them, for the buttons of pages. It is not the check.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn guarded(&self, reader: &TeamReader) -> Result<BTreeSet<Guarded>> {
        let mut guarded = BTreeSet::new();
        if reader.may_operate() {
            let mut conn = self.store.read().await?;
            for kind in Guarded::ALL {
                if needs_second_person(&mut conn, reader.team(), reader.actor(), *kind).await? {
                    guarded.insert(*kind);
                }
            }
        }
        Ok(guarded)
    }

    /// Sets which of a team's changes need a second person. Requests that wait keep waiting.
    ///
    /// # Errors
    /// `Invalid` with the problems of the input, or if the team is retired; `NotFound` if there is no such team.
    pub async fn set_policy(&self, admin: &Admin, id: TeamId, input: &PolicyInput) -> Result<Team> {
        let (policy, reason) = input.read()?;
        let mut tx = self.store.write().await?;
        let Some(old) = store::teams::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        if old.retired_at.is_some() {
            return Err(Problem::TeamRetired.of("reason"));
        }
        if old.policy == policy {
            return Ok(old);
        }
        let team = Team { policy, ..old.clone() };
        let before = json!({
            "approval": old.policy.words(),
            "approval_items": old.policy.items,
            "break_glass": old.policy.break_glass,
        });
        let draft = about(Draft::recorded(admin.entry_actor(), Action::TeamPolicy), &team)
            .before(before)
            .reason(Some(reason.as_str().to_owned()));
        let told = append(&mut tx, draft).await?;
        store::teams::update(&mut tx, &team, &told).await?;
        tx.commit().await?;
        Ok(team)
    }
}

/// Whether a change of this kind needs a second person if this person makes it: the team's policy says so, or it did until
/// this person loosened it, or somebody who could have acted as this person.
pub(crate) async fn needs_second_person(
    conn: &mut Read,
    team: &Team,
    actor: &Actor,
    kind: Guarded,
) -> Result<bool, StoreError> {
    Ok(team.policy.guarded.contains(&kind) || is_bound(conn, team, actor, |change| was_guarded(change, kind)).await?)
}

/// Whether a job over this many items needs a second person if this person starts it: the team's policy says so, or it did
/// until this person loosened it, or somebody who could have acted as this person.
pub(crate) async fn jobs_need_second_person(
    conn: &mut Read,
    team: &Team,
    actor: &Actor,
    items: usize,
) -> Result<bool, StoreError> {
    let is_over = |most: Option<u64>| most.is_some_and(|most| u64::try_from(items).unwrap_or(u64::MAX) > most);
    let raised = |operation: &OperationSummary| {
        let Some(entry) = operation.first.as_ref().filter(|_| operation.changed.is_none()) else { return true };
        let most = |policy: Option<&Value>| policy.and_then(Value::as_u64);
        let before = entry.before.as_ref().and_then(|before| before.get("approval_items"));
        is_over(most(before)) && !is_over(most(entry.parameters.get("approval_items")))
    };
    Ok(is_over(team.policy.items.map(u64::from)) || is_bound(conn, team, actor, raised).await?)
}

/// Whether this person may act at once in an emergency: the team's policy allows it, and it is not this person who has just
/// allowed it, or somebody who could have acted as this person.
pub(crate) async fn may_break_glass(conn: &mut Read, team: &Team, actor: &Actor) -> Result<bool, StoreError> {
    Ok(team.policy.break_glass && !is_bound(conn, team, actor, allowed_break_glass).await?)
}

/// Whether one of the team's changes of its policy since yesterday still binds this person: one that took something away,
/// by this person, by somebody who could have acted as them, or by somebody as whom they could have acted.
async fn is_bound(
    conn: &mut Read,
    team: &Team,
    actor: &Actor,
    took_away: impl Fn(&OperationSummary) -> bool,
) -> Result<bool, StoreError> {
    let now = conn.now();
    let me = Party::Person(actor.id());
    let loosened: Vec<_> = store::requests::policies_since(conn, team.id, now - BINDS_FOR)
        .await?
        .iter()
        .filter(|change| took_away(change))
        // Who runs the command line can do everything without it.
        .filter_map(|change| change.actor_id.map(|person| (person, change.at)))
        .collect();
    if loosened.is_empty() {
        return Ok(false);
    }
    let mut parties = could_be(conn, actor.id(), now).await?;
    parties.insert(me);
    for (person, at) in loosened {
        if parties.contains(&Party::Person(person)) || could_be(conn, person, at).await?.contains(&me) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether this change of a policy let operators act at once. One that cannot be read any more did.
fn allowed_break_glass(operation: &OperationSummary) -> bool {
    let Some(entry) = operation.first.as_ref().filter(|_| operation.changed.is_none()) else { return true };
    let on = |value: Option<&Value>| value.and_then(Value::as_bool).unwrap_or_default();
    let before = entry.before.as_ref().and_then(|before| before.get("break_glass"));
    on(entry.parameters.get("break_glass")) && !on(before)
}

/// Whether this change of a policy took away that changes of this kind need a second person. A policy that cannot be read
/// any more did.
fn was_guarded(operation: &OperationSummary, kind: Guarded) -> bool {
    let Some(entry) = operation.first.as_ref().filter(|_| operation.changed.is_none()) else { return true };
    let has = |policy: Option<&Value>| {
        policy.and_then(Value::as_str).is_some_and(|words| words.split(' ').any(|word| word == kind.as_str()))
    };
    let before = entry.before.as_ref().and_then(|before| before.get("approval"));
    has(before) && !has(entry.parameters.get("approval"))
}

/// Whether this change of a policy took anything away that it had asked for, or let operators act at once.
#[must_use]
pub fn loosens(operation: &OperationSummary) -> bool {
    let Some(entry) = &operation.first else { return true };
    let before = |name: &str| entry.before.as_ref().and_then(|before| before.get(name));
    let after = |name: &str| entry.parameters.get(name);
    let items = |value: Option<&Value>| value.and_then(Value::as_u64).unwrap_or(u64::MAX);
    Guarded::ALL.iter().any(|kind| was_guarded(operation, *kind))
        || items(after("approval_items")) > items(before("approval_items"))
        || allowed_break_glass(operation)
}
