//! What else happened around an operation: on the same target, by the same actor, in the same hour.

use time::{Duration, OffsetDateTime};

use crate::audit::{AnyOf, AuditQuery, BOX, Clause, Condition, OperationSummary, When, Words, instant_text};
use crate::{Actor, Portal, Result};
use store::index::query::PageStart;

/// How many operations each relation shows.
const MOST: usize = 5;

/// Operations that have something in common with another, newest first, and the search that finds all of them.
#[derive(Clone, Debug)]
pub struct Relation {
    /// Finds all of them, including the operation itself.
    pub query: AuditQuery,
    /// The newest ones, without the operation itself.
    pub operations: Vec<OperationSummary>,
    /// Whether there are more.
    pub more: bool,
}

/// What else happened around an operation.
#[derive(Clone, Debug)]
pub struct Related {
    /// On the same target, if it has one.
    pub on_target: Option<Relation>,
    /// By the same actor.
    pub by_actor: Relation,
    /// In the same hour, UTC.
    pub same_hour: Relation,
    /// How many of the newest entries are not indexed yet. Their operations are missing here.
    pub behind: i64,
}

impl Portal {
    /// What else happened around an operation, as far as the actor may see it.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn related(&self, actor: &Actor, operation: &OperationSummary) -> Result<Related> {
        let behind = self.indexer.caught_up().await?;
        let on_target = match on_target(operation) {
            Some(query) => Some(self.relation(actor, operation, query).await?),
            None => None,
        };
        Ok(Related {
            on_target,
            by_actor: self.relation(actor, operation, by_actor(operation)).await?,
            same_hour: self.relation(actor, operation, same_hour(operation.at)).await?,
            behind,
        })
    }

    async fn relation(&self, actor: &Actor, operation: &OperationSummary, query: AuditQuery) -> Result<Relation> {
        let asked = self.asked(actor, &query).await?;
        let mut conn = self.store.read().await?;
        let mut found =
            store::search::sequences(&mut conn, self.indexer.index(), &asked, PageStart::Newest, MOST as i64 + 2)
                .await?;
        found.retain(|sequence| *sequence != operation.sequence);
        let more = found.len() > MOST;
        found.truncate(MOST);
        Ok(Relation { query, operations: store::operations::at(&mut conn, &found).await?, more })
    }
}

fn all_of(conditions: impl IntoIterator<Item = Condition>) -> AuditQuery {
    AuditQuery {
        clauses: conditions.into_iter().map(|condition| Clause { excluded: false, condition, field: BOX }).collect(),
    }
}

fn on_target(operation: &OperationSummary) -> Option<AuditQuery> {
    let target = operation.target.as_ref().filter(|target| !target.id.contains(char::is_whitespace))?;
    let team = operation
        .team_slug
        .clone()
        .map(|slug| Condition::Team(AnyOf { spelled: slug.to_string(), values: vec![slug] }));
    Some(all_of(team.into_iter().chain([Condition::ExactTarget(target.kind, target.id.clone())])))
}

/// By the e-mail, which is unique, or by the name of an actor without one.
fn by_actor(operation: &OperationSummary) -> AuditQuery {
    let text = operation.actor_email.as_ref().unwrap_or(&operation.actor_name).replace('"', " ");
    all_of([Condition::Actor(Words { text, exact: true })])
}

fn same_hour(at: OffsetDateTime) -> AuditQuery {
    let begin = at.replace_time(time::Time::from_hms(at.hour(), 0, 0).unwrap_or(time::Time::MIDNIGHT));
    // A moment without a zone is UTC.
    let when = |at: OffsetDateTime| When { spelled: instant_text(at).chars().take(16).collect(), at };
    all_of([Condition::After(when(begin)), Condition::Before(when(begin + Duration::HOUR))])
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::{by_actor, on_target, same_hour};
    use crate::audit::{Action, AuditQuery, test_log};

    #[test]
    fn what_is_related_is_a_search_that_reads_the_same() {
        let at = datetime!(2026-11-22 13:59:59.999 UTC);
        let mut operation = test_log::operation(Action::ConnectorShare, at);
        operation.team_slug = "payments".parse().ok();
        operation.actor_email = Some("olga@example.com".to_owned());
        let queries = [on_target(&operation).expect("a target"), by_actor(&operation), same_hour(at)];
        let spelled = queries.each_ref().map(ToString::to_string);
        assert_eq!(
            spelled,
            [
                "team:payments target:connector:3066",
                "actor:\"olga@example.com\"",
                "after:2026-11-22T13:00 before:2026-11-22T14:00"
            ]
        );
        for (query, spelled) in queries.iter().zip(&spelled) {
            assert_eq!(AuditQuery::read(spelled, at).as_ref(), Ok(query));
        }
    }
}
