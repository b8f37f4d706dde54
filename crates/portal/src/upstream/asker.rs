//! For whom Workato is called.

use workato::Client;

use crate::{Actor, PersonId};

/// For whom Workato is called. The people of a team share its limits fairly; background calls come after theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// A person waits for the page or form.
    Person(PersonId),
    /// Nobody waits.
    Background,
}

impl From<&Actor> for Asker {
    fn from(actor: &Actor) -> Self {
        Self::Person(actor.id())
    }
}

impl Asker {
    /// The team's client, calling for this asker.
    pub(super) fn client(self, client: &Client) -> Client {
        match self {
            Self::Person(person) => client.on_behalf_of(person.to_string()),
            Self::Background => client.in_background(),
        }
    }
}
