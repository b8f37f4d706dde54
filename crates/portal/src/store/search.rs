//! Finding operations. The index proposes; rights and moments are decided by the operation's own row.

use serde_json::Value;
use sqlx::SqliteConnection;
use time::OffsetDateTime;

use super::{
    StoreError, micros,
    search_index::{ALL, SPAN, codes, facet_of_team, facet_token, target_phrase},
};
use crate::{OperationId, TeamId, audit::TargetType};

/// What is searched, in the columns of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Any,
    Actor,
    Target,
}

/// Something that a document holds or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    /// A word by its beginning, or words in this order.
    Words { column: Column, text: String, exact: bool },
    /// This target.
    Target(TargetType, String),
    /// One of these facets.
    Facets(Vec<String>),
}

/// What a page of the audit log asks for; what is empty does not restrict.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// Teams whose operations may be seen; `None` is all, and what belongs to no team.
    pub visible: Option<Vec<TeamId>>,
    /// Each has to hold.
    pub all: Vec<Term>,
    /// None may.
    pub none: Vec<Term>,
    /// The one operation that it can be.
    pub only: Option<OperationId>,
    /// Begun then or later.
    pub after: Option<OffsetDateTime>,
    /// Begun earlier.
    pub before: Option<OffsetDateTime>,
}

impl Asked {
    /// Whether it can be answered without the index: by teams at most.
    pub fn is_plain(&self) -> bool {
        self.all.is_empty()
            && self.none.is_empty()
            && self.only.is_none()
            && self.after.is_none()
            && self.before.is_none()
    }
}

/// Where a page begins, by the sequence of an operation's first entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Newest,
    OlderThan(i64),
    NewerThan(i64),
}

impl From {
    /// The sequences between which it lies, both left out.
    fn between(self) -> (i64, i64) {
        match self {
            Self::Newest => (0, i64::MAX),
            Self::OlderThan(sequence) => (0, sequence),
            Self::NewerThan(sequence) => (sequence, i64::MAX),
        }
    }

    fn is_upwards(self) -> bool {
        matches!(self, Self::NewerThan(_))
    }
}

/// The sequences of operations as asked, `limit` at most: newest first, but from `NewerThan` the ones next to it.
pub(crate) async fn sequences(
    conn: &mut SqliteConnection,
    asked: &Asked,
    from: From,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut found = if asked.is_plain() {
        walk(conn, asked.visible.as_deref(), from, limit).await?
    } else {
        matching(conn, asked, from, limit).await?
    };
    found.sort_unstable_by_key(|sequence| std::cmp::Reverse(*sequence));
    Ok(found)
}

/// By the order of the log alone: for each team its own walk, and the nearest of all of them.
async fn walk(
    conn: &mut SqliteConnection,
    teams: Option<&[TeamId]>,
    from: From,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let (above, below) = from.between();
    let Some(teams) = teams else {
        let statement = if from.is_upwards() {
            "SELECT sequence FROM operation WHERE sequence > ? AND sequence < ? ORDER BY sequence LIMIT ?"
        } else {
            "SELECT sequence FROM operation WHERE sequence > ? AND sequence < ? ORDER BY sequence DESC LIMIT ?"
        };
        return Ok(sqlx::query_scalar(statement).bind(above).bind(below).bind(limit).fetch_all(conn).await?);
    };
    let statement = if from.is_upwards() {
        "SELECT sequence FROM operation WHERE team_id = ? AND sequence > ? AND sequence < ? ORDER BY sequence LIMIT ?"
    } else {
        "SELECT sequence FROM operation WHERE team_id = ? AND sequence > ? AND sequence < ?
          ORDER BY sequence DESC LIMIT ?"
    };
    let mut found: Vec<i64> = Vec::new();
    for team in teams {
        let of_team =
            sqlx::query_scalar::<_, i64>(statement).bind(team.to_string()).bind(above).bind(below).bind(limit);
        found.extend(of_team.fetch_all(&mut *conn).await?);
    }
    found.sort_unstable();
    if !from.is_upwards() {
        found.reverse();
    }
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// By the index.
async fn matching(conn: &mut SqliteConnection, asked: &Asked, from: From, limit: i64) -> Result<Vec<i64>, StoreError> {
    const NEWEST_FIRST: &str =
        concat!(include_str!("search_matching.sql"), " ORDER BY search_text.rowid DESC LIMIT ?7");
    const OLDEST_FIRST: &str = concat!(include_str!("search_matching.sql"), " ORDER BY search_text.rowid LIMIT ?7");
    let Some(expression) = expression(conn, asked).await? else { return Ok(Vec::new()) };
    let (mut above, mut below) = from.between();
    if let Some(only) = asked.only {
        let Some(sequence) = sequence(conn, only).await? else { return Ok(Vec::new()) };
        (above, below) = (above.max(sequence - 1), below.min(sequence.saturating_add(1)));
    }
    if let Some(after) = asked.after {
        above = above.max(first_since(conn, after).await?.saturating_sub(1));
    }
    if let Some(before) = asked.before {
        below = below.min(last_until(conn, before).await?.saturating_add(1));
    }
    let statement = if from.is_upwards() { OLDEST_FIRST } else { NEWEST_FIRST };
    Ok(sqlx::query_scalar(statement)
        .bind(expression)
        .bind(above)
        .bind(below)
        .bind(asked.visible.as_deref().map(listed))
        .bind(asked.after.map(micros))
        .bind(asked.before.map(micros))
        .bind(limit)
        .fetch_all(conn)
        .await?)
}

/// The sequence of an operation's first entry.
async fn sequence(conn: &mut SqliteConnection, operation: OperationId) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar("SELECT sequence FROM operation WHERE id = ?")
        .bind(operation.to_string())
        .fetch_optional(conn)
        .await?)
}

/// No operation below this sequence began at the moment or later.
async fn first_since(conn: &mut SqliteConnection, at: OffsetDateTime) -> Result<i64, StoreError> {
    let span: Option<i64> = sqlx::query_scalar("SELECT min(span) FROM search_span WHERE latest >= ?")
        .bind(micros(at))
        .fetch_one(conn)
        .await?;
    Ok(span.map_or(i64::MAX, |span| span * SPAN))
}

/// No operation above this sequence began before the moment.
async fn last_until(conn: &mut SqliteConnection, at: OffsetDateTime) -> Result<i64, StoreError> {
    let span: Option<i64> = sqlx::query_scalar("SELECT max(span) FROM search_span WHERE earliest < ?")
        .bind(micros(at))
        .fetch_one(conn)
        .await?;
    Ok(span.map_or(0, |span| (span + 1) * SPAN - 1))
}

/// The index's own language. `None` where nothing can match, since a facet that is asked for was never seen.
async fn expression(conn: &mut SqliteConnection, asked: &Asked) -> Result<Option<String>, StoreError> {
    let mut all = Vec::new();
    match &asked.visible {
        Some(teams) => {
            let facets: Vec<String> = teams.iter().map(|team| facet_of_team(*team)).collect();
            let Some(teams) = facets_expression(conn, &facets).await? else { return Ok(None) };
            all.push(teams);
        }
        None if asked.all.is_empty() => {
            let Some(any) = facets_expression(conn, &[ALL.to_owned()]).await? else { return Ok(None) };
            all.push(any);
        }
        None => {}
    }
    for term in &asked.all {
        let Some(term) = term_expression(conn, term).await? else { return Ok(None) };
        all.push(term);
    }
    let mut none = Vec::new();
    for term in &asked.none {
        none.extend(term_expression(conn, term).await?);
    }
    let mut expression = format!("({})", all.join(" AND "));
    if !none.is_empty() {
        expression = format!("{expression} NOT ({})", none.join(" OR "));
    }
    Ok(Some(expression))
}

async fn term_expression(conn: &mut SqliteConnection, term: &Term) -> Result<Option<String>, StoreError> {
    Ok(match term {
        Term::Words { column, text, exact } => {
            let column = match column {
                Column::Any => "",
                Column::Actor => "actor : ",
                Column::Target => "target : ",
            };
            let beginning = if !exact && last_word_length(text) >= SHORTEST_BEGINNING { " *" } else { "" };
            Some(format!("{column}{}{beginning}", quoted(text)))
        }
        Term::Target(kind, id) => Some(format!("target : {}", quoted(&target_phrase(*kind, id)))),
        Term::Facets(facets) => facets_expression(conn, facets).await?,
    })
}

/// Shorter words are found as they are: half of all words begin with an `s`.
const SHORTEST_BEGINNING: usize = 3;

/// How many letters the last word of a text has, as the index cuts words.
fn last_word_length(text: &str) -> usize {
    text.chars()
        .rev()
        .skip_while(|letter| !letter.is_alphanumeric())
        .take_while(|letter| letter.is_alphanumeric())
        .count()
}

async fn facets_expression(conn: &mut SqliteConnection, facets: &[String]) -> Result<Option<String>, StoreError> {
    let tokens: Vec<String> = codes(conn, facets).await?.into_iter().map(|code| quoted(&facet_token(code))).collect();
    Ok((!tokens.is_empty()).then(|| format!("({})", tokens.join(" OR "))))
}

/// A string in the index's language: nothing in it is an operator.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A list as SQL takes one.
pub(super) fn listed<T: ToString>(items: &[T]) -> String {
    Value::from(items.iter().map(ToString::to_string).collect::<Vec<_>>()).to_string()
}

#[cfg(test)]
mod tests {
    use super::{last_word_length, quoted};

    #[test]
    fn nothing_that_is_typed_is_an_operator_of_the_index() {
        assert_eq!(quoted("a\" OR \"b"), "\"a\"\" OR \"\"b\"");
    }

    #[test]
    fn only_the_last_word_counts_for_how_much_of_it_was_typed() {
        for (text, length) in [("olga", 4), ("olga@ex", 2), ("3066", 4), ("a-b.", 1), ("–", 0)] {
            assert_eq!(last_word_length(text), length, "{text}");
        }
    }
}
