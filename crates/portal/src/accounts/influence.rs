//! Who could have acted as a person: those who chose a password for them, or could have. For thirty days after that,
//! the person cannot review or settle what those people did.
//!
//! What this rests on are the entries `person.join` (a one-time link was used: who made and who released it),
//! `person.create` (the command line chose the password) and `person.role`.

use std::collections::{BTreeMap, BTreeSet};

use store::{
    Action, Draft, EntryActor, Link, OperationId, OperationSummary, PersonId, Read, Release, StoreError, about_person,
};
use time::{Duration, OffsetDateTime};

/// How long a chosen password or a given role counts.
const COUNTS_FOR: Duration = Duration::days(30);

/// Somebody who acts: a person, or the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Party {
    Person(PersonId),
    CommandLine,
}

impl Party {
    /// The party of an entry; `None` if it has none, as for changes that were made outside the portal.
    pub fn of(id: Option<PersonId>, name: &str) -> Option<Self> {
        let is_command_line = name == EntryActor::command_line("").name;
        id.map(Self::Person).or(is_command_line.then_some(Self::CommandLine))
    }
}

/// That somebody chose a person's password, or could have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PasswordSet {
    pub by: Party,
    /// The name then.
    pub name: String,
    pub at: OffsetDateTime,
}

/// Adds to the entry about a used link who made it and who released it.
pub(super) async fn with_authors(conn: &mut Read, draft: Draft, link: &Link) -> Result<Draft, StoreError> {
    let mut draft = draft;
    let released_in = match link.release {
        Release::Done(operation) => Some(operation),
        Release::NotNeeded | Release::Needed => None,
    };
    for (part, operation) in [("link_made_by", link.made_in), ("link_released_by", released_in)] {
        if let Some(author) = author(conn, operation).await? {
            draft = draft.parameter(part, author.actor_name);
            if let Some(id) = author.actor_id {
                draft = draft.parameter(&format!("{part}_id"), id);
            }
        }
    }
    Ok(draft)
}

async fn author(conn: &mut Read, operation: Option<OperationId>) -> Result<Option<OperationSummary>, StoreError> {
    match operation {
        Some(operation) => store::operations::find(conn, operation).await,
        None => Ok(None),
    }
}

/// Who chose this person's password in the thirty days before `at`, oldest first.
pub(crate) async fn passwords_set(
    conn: &mut Read,
    person: PersonId,
    at: OffsetDateTime,
) -> Result<Vec<PasswordSet>, StoreError> {
    let mut found = Vec::new();
    for operation in about_person::since(conn, person, at - COUNTS_FOR).await? {
        if operation.at > at {
            break;
        }
        let mut add = |by: Option<Party>, name: &str| {
            found.extend(by.map(|by| PasswordSet { by, name: name.to_owned(), at: operation.at }));
        };
        match operation.action {
            Action::PersonCreate => add(Party::of(operation.actor_id, &operation.actor_name), &operation.actor_name),
            Action::PersonJoin => {
                let parameters = operation.first.as_ref().map(|entry| &entry.parameters);
                let text = |name: &str| parameters.and_then(|parameters| parameters.get(name)?.as_str());
                for part in ["link_made_by", "link_released_by"] {
                    let id = text(&format!("{part}_id")).and_then(|id| id.parse().ok());
                    let name = text(part).unwrap_or_default();
                    add(Party::of(id, name), name);
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Everybody who could have been this person at `at`: who chose the password, who could have been these people then,
/// and so on.
pub(crate) async fn could_be(
    conn: &mut Read,
    person: PersonId,
    at: OffsetDateTime,
) -> Result<BTreeSet<Party>, StoreError> {
    let mut found = BTreeSet::new();
    let mut seen: BTreeMap<PersonId, OffsetDateTime> = BTreeMap::new();
    let mut open = vec![(person, at)];
    while let Some((person, at)) = open.pop() {
        if seen.get(&person).is_some_and(|seen| *seen >= at) {
            continue;
        }
        seen.insert(person, at);
        for set in passwords_set(conn, person, at).await? {
            found.insert(set.by);
            if let Party::Person(id) = set.by {
                open.push((id, set.at));
            }
        }
    }
    found.remove(&Party::Person(person));
    Ok(found)
}

/// Everybody whose doings this person cannot judge at `at`: who could have been the person, and who gave the person the
/// role to judge.
pub(crate) async fn cannot_judge(
    conn: &mut Read,
    person: PersonId,
    at: OffsetDateTime,
) -> Result<BTreeSet<Party>, StoreError> {
    let mut found = could_be(conn, person, at).await?;
    for operation in about_person::since(conn, person, at - COUNTS_FOR).await? {
        if operation.action != Action::PersonRole {
            continue;
        }
        let Some(giver) = Party::of(operation.actor_id, &operation.actor_name) else { continue };
        found.insert(giver);
        if let Party::Person(id) = giver {
            found.extend(could_be(conn, id, operation.at).await?);
        }
    }
    found.remove(&Party::Person(person));
    Ok(found)
}

/// Whether nobody could have been both of these people at `at`. The command line does not count: it needs neither.
pub(crate) async fn are_two(
    conn: &mut Read,
    one: PersonId,
    other: PersonId,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let mut ones = could_be(conn, one, at).await?;
    let mut others = could_be(conn, other, at).await?;
    ones.insert(Party::Person(one));
    others.insert(Party::Person(other));
    Ok(!ones.iter().any(|party| *party != Party::CommandLine && others.contains(party)))
}
