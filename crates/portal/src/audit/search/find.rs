//! Finding operations: what a person may see, and pages by keyset.

use super::count::Count;
use store::{
    OperationSummary, Store, TargetType, TeamId,
    index::{
        facets::{Exact, facet_of_action, facet_of_outcome, facet_of_review, facet_of_team, facet_of_took},
        query::{Column, Criteria, PageStart, Term},
    },
    search::sequences,
};
use time::OffsetDateTime;

use super::query::{AuditFilter, AuditQuery, Condition, Cursor, Words};
use super::tokens::{self, Phrase};
use crate::{Actor, Error, FieldProblems, Portal, Problem, Result, TeamReader};

/// How many operations a page shows.
const PAGE: i64 = 50;

/// One page of operations, newest first.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// The operations.
    pub operations: Vec<OperationSummary>,
    /// The cursor of the next, older page; `None` on the last.
    pub older: Option<i64>,
    /// The cursor of the previous, newer page; `None` on the first.
    pub newer: Option<i64>,
    /// How many of the newest entries are not indexed yet: zero, unless the index cannot be written or is being
    /// rebuilt.
    pub behind: i64,
    /// When the index did not match the log and was rebuilt, if that was within the last hour.
    pub rebuilt: Option<OffsetDateTime>,
}

/// The term for words: an IP address as a whole, whatever its spelling. `None` if there is no word.
fn words_in(column: Column, words: &Words) -> Option<Term> {
    // An address that ends so is the beginning of others.
    let whole = (column == Column::Any && !words.text.ends_with("::")).then(|| tokens::address(&words.text)).flatten();
    if let Some(address) = whole {
        return Some(Term::Exact(Exact::Address(address)));
    }
    let Phrase { tokens, beginning } = tokens::of_search(&words.text, words.exact)?;
    Some(Term::Words { column, tokens, beginning })
}

fn facets<T: Copy>(values: &[T], facet: impl Fn(T) -> String) -> Term {
    Term::Facets(values.iter().map(|value| facet(*value)).collect())
}

impl Portal {
    /// A page of the operations that the actor may see.
    ///
    /// # Errors
    /// `Invalid` if the filter names a team that the actor may not read.
    pub async fn audit_page(&self, actor: &Actor, filter: &AuditFilter) -> Result<AuditPage> {
        let asked = self.asked(actor, &filter.query).await?;
        if !asked.is_plain() {
            return self.read_page(&asked, filter).await;
        }
        // The index is in another database, but a plain list does not need it.
        let page = self.read_page(&asked, filter);
        Ok(AuditPage::clone(&*self.kept_long.get(&self.store, (asked.visible.clone(), filter.cursor), page).await?))
    }

    async fn read_page(&self, asked: &Criteria, filter: &AuditFilter) -> Result<AuditPage> {
        let behind = if asked.is_plain() { 0 } else { self.indexer.caught_up().await? };
        let (from, back) = match filter.cursor {
            Cursor::Newest => (PageStart::Newest, false),
            Cursor::Older(sequence) => (PageStart::OlderThan(sequence), false),
            Cursor::Newer(sequence) => (PageStart::NewerThan(sequence), true),
        };
        let mut conn = self.store.read().await?;
        // One more than a page shows whether there is another page.
        let mut sequences = sequences(&mut conn, self.indexer.index(), asked, from, PAGE + 1).await?;
        let more = sequences.len() as i64 > PAGE;
        if more {
            sequences.remove(if back { 0 } else { sequences.len() - 1 });
        }
        let (first, last) = (sequences.first().copied(), sequences.last().copied());
        Ok(AuditPage {
            older: last.filter(|_| more || back),
            newer: first.filter(|_| if back { more } else { filter.cursor != Cursor::Newest }),
            operations: store::operations::at(&mut conn, &sequences).await?,
            behind,
            rebuilt: self.indexer.mismatched_at().filter(|_| !asked.is_plain()),
        })
    }

    /// How many operations match that the actor may see, counted up to [`Count::MOST`].
    ///
    /// # Errors
    /// `Invalid` if the query names a team that the actor may not read.
    pub async fn count_operations(&self, actor: &Actor, query: &AuditQuery) -> Result<Count> {
        let asked = self.asked(actor, query).await?;
        if !asked.is_plain() {
            self.indexer.caught_up().await?;
        }
        self.count_asked(&asked).await
    }

    /// How many operations one of the views that everyone has shows, written as a search. Does not wait for the index.
    ///
    /// # Errors
    /// `Internal` if the search is not valid.
    pub async fn count_view(&self, actor: &Actor, search: &str) -> Result<Count> {
        let query = AuditQuery::of_portal(search, self.now())?;
        self.count_as_indexed(actor, &query).await
    }

    /// Counts operations without waiting for the index, which may be some seconds behind.
    pub(crate) async fn count_as_indexed(&self, actor: &Actor, query: &AuditQuery) -> Result<Count> {
        self.count_asked(&self.asked(actor, query).await?).await
    }

    /// Counted once for each state of the log and of its index.
    async fn count_asked(&self, asked: &Criteria) -> Result<Count> {
        let indexed = match asked.is_plain() {
            true => 0,
            false => self.indexer.index().progress().await?.indexed,
        };
        let read = async {
            let mut conn = self.store.read().await?;
            let most = Count::MOST as i64 + 1;
            let found = sequences(&mut conn, self.indexer.index(), asked, PageStart::Newest, most).await?;
            Ok(Count::of(found.len()))
        };
        Ok(*self.kept.get(&self.store, (asked.clone(), indexed, self.indexer.mismatched_at()), read).await?)
    }

    /// The newest operations on a target of a team, newest first.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn history(
        &self,
        reader: &TeamReader,
        kind: TargetType,
        id: impl ToString,
    ) -> Result<Vec<OperationSummary>> {
        let (team, id) = (reader.team().id, id.to_string());
        if kind == TargetType::Customer {
            // A customer is the second target of a recipe's share, and only the index has those.
            let asked = Criteria {
                visible: Some(vec![team]),
                all: vec![Term::Exact(Exact::Target(kind, id))],
                ..Criteria::default()
            };
            self.indexer.caught_up().await?;
            let mut conn = self.store.read().await?;
            let sequences = sequences(&mut conn, self.indexer.index(), &asked, PageStart::Newest, PAGE).await?;
            return Ok(store::operations::at(&mut conn, &sequences).await?);
        }
        let mut conn = self.store.read().await?;
        let target = (kind, id.as_str());
        Ok(store::operations::on_target(&mut conn, Some(team), target, PAGE).await?)
    }

    /// The criteria of a query, for this actor.
    pub(crate) async fn asked(&self, actor: &Actor, query: &AuditQuery) -> Result<Criteria> {
        asked(&self.store, actor.readable_teams(), query).await
    }
}

/// The criteria of a query, for somebody who may read these teams; `None` means all.
pub(in crate::audit) async fn asked(
    store: &Store,
    visible: Option<Vec<TeamId>>,
    query: &AuditQuery,
) -> Result<Criteria> {
    if query.clauses.is_empty() {
        return Ok(Criteria { visible, ..Criteria::default() });
    }
    let reads = |team| visible.as_ref().is_none_or(|visible| visible.contains(&team));
    let mut asked = Criteria { visible: visible.clone(), ..Criteria::default() };
    let mut problems = FieldProblems::default();
    let mut conn = store.read().await?;
    for clause in &query.clauses {
        let term = match &clause.condition {
            Condition::Text(words) | Condition::Actor(words) | Condition::Target(words) => {
                let column = match &clause.condition {
                    Condition::Actor(_) => Column::Actor,
                    Condition::Target(_) => Column::Target,
                    _ => Column::Any,
                };
                match words_in(column, words) {
                    Some(term) => term,
                    // A name of signs only, which the index does not hold: nobody has it, and nobody is excluded.
                    None if clause.excluded => continue,
                    None => {
                        asked.visible = Some(Vec::new());
                        continue;
                    }
                }
            }
            Condition::ExactTarget(kind, id) => Term::Exact(Exact::Target(*kind, id.clone())),
            Condition::Action(any) => facets(&any.values, facet_of_action),
            Condition::Outcome(any) => facets(&any.values, facet_of_outcome),
            Condition::Reviewed(any) => facets(&any.values, facet_of_review),
            Condition::Took(any) => facets(&any.values, facet_of_took),
            Condition::Batch(batch) => Term::Exact(Exact::Batch(*batch)),
            Condition::Operation(id) if !clause.excluded => {
                // No operation has two ids.
                match asked.only {
                    Some(other) if other != *id => asked.visible = Some(Vec::new()),
                    _ => asked.only = Some(*id),
                }
                continue;
            }
            Condition::Operation(id) => {
                asked.except.push(*id);
                continue;
            }
            Condition::After(when) => {
                asked.after = asked.after.max(Some(when.at));
                continue;
            }
            Condition::Before(when) => {
                asked.before = Some(asked.before.map_or(when.at, |before| before.min(when.at)));
                continue;
            }
            Condition::Team(any) => {
                let mut teams = Vec::new();
                for slug in &any.values {
                    match store::teams::by_slug(&mut conn, slug).await? {
                        Some(team) if reads(team.id) => teams.push(team.id),
                        _ => problems.add(clause.field, Problem::NoTeam),
                    }
                }
                if clause.excluded {
                    facets(&teams, facet_of_team)
                } else {
                    let visible = asked.visible.take();
                    teams.retain(|team| visible.as_ref().is_none_or(|visible| visible.contains(team)));
                    asked.visible = Some(teams);
                    continue;
                }
            }
        };
        if clause.excluded { asked.none.push(term) } else { asked.all.push(term) }
    }
    if problems.is_empty() { Ok(asked) } else { Err(Error::Invalid(problems)) }
}

#[cfg(test)]
mod tests;
