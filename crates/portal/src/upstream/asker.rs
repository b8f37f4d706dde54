//! For whom Workato is called.

use workato::Client;

use crate::{Actor, PersonId};

/// For whom Workato is called. The people of a team share its limits fairly; background calls come after theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// A person waits for the page or form.
    Person(PersonId),
    /// A person waits for a change, which needs the state before it.
    Change(PersonId),
    /// Nobody waits.
    Background,
}

impl From<&Actor> for Asker {
    fn from(actor: &Actor) -> Self {
        Self::Person(actor.id())
    }
}

impl Asker {
    /// For the state before a change.
    pub fn before_a_change(actor: &Actor) -> Self {
        Self::Change(actor.id())
    }

    /// The person who waits, if somebody does.
    pub(super) fn person(self) -> Option<PersonId> {
        match self {
            Self::Person(person) | Self::Change(person) => Some(person),
            Self::Background => None,
        }
    }

    /// The team's client, calling for this asker.
    pub(super) fn client(self, client: &Client) -> Client {
        match self {
            Self::Person(person) => client.on_behalf_of(person.to_string()),
            Self::Change(person) => client.on_behalf_of(person.to_string()).before_a_change(),
            Self::Background => client.in_background(),
        }
    }
}
