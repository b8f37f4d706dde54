//! What can be chosen for a connection from those that are there: applications, and parents. Suggestions only: what is
//! typed may be anything, and is checked when it is sent.

use std::collections::BTreeSet;

use workato::{Connection, ConnectionId, ConnectionQuery};

use crate::{Portal, Result, TeamReader, one_line};

/// The most parents that are suggested.
const MOST: usize = 200;

/// What can be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// The applications in use, each once.
    pub applications: Vec<String>,
    /// Connections that can be a parent, by name: id, name and application.
    pub parents: Vec<(ConnectionId, String, String)>,
    /// Whether there are more of them.
    pub more: bool,
}

impl Portal {
    /// What can be chosen for a connection; of parents those of its application, where that is known.
    ///
    /// # Errors
    /// `Workato` when the list cannot be read.
    pub async fn connection_choices(&self, reader: &TeamReader, application: Option<&str>) -> Result<Choices> {
        let list = self.read_connections(reader.team(), reader.actor(), ConnectionQuery::default()).await?;
        Ok(Choices::of(&list.items, application))
    }
}

impl Choices {
    fn of(connections: &[Connection], application: Option<&str>) -> Self {
        let parent = |connection: &Connection| {
            let name = connection.name.as_deref().map(one_line).unwrap_or_default();
            (connection.id, name, connection.application.clone().unwrap_or_default())
        };
        let fits =
            |connection: &&Connection| application.is_none_or(|it| connection.application.as_deref() == Some(it));
        let mut parents: Vec<_> = connections.iter().filter(fits).map(parent).collect();
        parents.sort_by_cached_key(|(id, name, _)| (name.to_lowercase(), *id));
        let more = parents.len() > MOST;
        parents.truncate(MOST);
        Self { applications: applications(connections), parents, more }
    }
}

/// The applications of these connections, each once.
#[must_use]
pub fn applications(connections: &[Connection]) -> Vec<String> {
    let all: BTreeSet<&str> = connections.iter().filter_map(|connection| connection.application.as_deref()).collect();
    all.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use workato::Connection;

    use super::{Choices, MOST};

    fn connections(many: usize) -> Vec<Connection> {
        let application = |id: usize| if id.is_multiple_of(2) { "jira" } else { "slack" };
        let one = |id| format!(r#"{{"id":{id},"name":"N {}","application":"{}"}}"#, many - id, application(id));
        (1..=many).map(|id| serde_json::from_str(&one(id)).unwrap()).collect()
    }

    #[test]
    fn parents_are_of_the_same_application_and_stand_by_name() {
        let choices = Choices::of(&connections(5), Some("jira"));
        assert_eq!(choices.applications, ["jira", "slack"]);
        assert_eq!(choices.parents.iter().map(|(id, ..)| id.get()).collect::<Vec<_>>(), [4, 2]);
        assert_eq!(Choices::of(&connections(5), None).parents.len(), 5);
    }

    #[test]
    fn a_page_is_never_drowned_in_parents() {
        let choices = Choices::of(&connections(MOST + 1), None);
        assert!(choices.more && choices.parents.len() == MOST);
    }
}
