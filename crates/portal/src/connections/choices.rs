//! Suggestions for the form of a connection, taken from the existing connections: applications and parents. People may
//! type something else, which is checked when they send it.

use std::sync::Arc;

use workato::{Connection, ConnectionId, ConnectionQuery};

use super::known_lists::applications;
use crate::{Portal, Result, TeamReader, background::compute, one_line};

/// The most parents in the suggestions.
const MOST: usize = 200;

/// Suggestions for the form of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// The applications in use, without duplicates.
    pub applications: Vec<String>,
    /// Connections that can be a parent, sorted by name: id, name and application.
    pub parents: Vec<(ConnectionId, String, String)>,
    /// Whether there are more parents.
    pub more: bool,
}

impl Portal {
    /// Suggestions for a connection. If its application is known, only parents of the same application.
    ///
    /// # Errors
    /// `Workato` if the list cannot be read.
    pub async fn connection_choices(&self, reader: &TeamReader, application: Option<&str>) -> Result<Choices> {
        let workato = self.workato(reader.team(), reader.actor()).await?;
        let list = workato.connections(ConnectionQuery::default()).await?;
        let (list, application) = (Arc::clone(&list.snapshot), application.map(str::to_owned));
        Ok(compute(list.items.len(), move || Choices::of(&list.items, application.as_deref())).await)
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
    fn parents_have_the_same_application_and_are_sorted_by_name() {
        let choices = Choices::of(&connections(5), Some("jira"));
        assert_eq!(choices.applications, ["jira", "slack"]);
        assert_eq!(choices.parents.iter().map(|(id, ..)| id.get()).collect::<Vec<_>>(), [4, 2]);
        assert_eq!(Choices::of(&connections(5), None).parents.len(), 5);
    }

    #[test]
    fn the_number_of_parents_is_limited() {
        let choices = Choices::of(&connections(MOST + 1), None);
        assert!(choices.more && choices.parents.len() == MOST);
    }
}
