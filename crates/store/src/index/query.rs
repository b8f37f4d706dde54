//! Finding operations with the index: FTS5 expressions, and pages of matches.

use sqlx::SqliteConnection;
use time::OffsetDateTime;

use super::{
    database::Index,
    documents::SPAN,
    facets::{ALL, Exact, facet_of_team, facet_token},
};
use crate::{
    OperationId, StoreError, TeamId,
    values::{json_text, micros},
};

/// The columns of the index that are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    Any,
    Actor,
    Target,
}

/// A condition on a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// These tokens in this order; the last one may be the beginning of a longer token, if `beginning`.
    Words { column: Column, tokens: Vec<String>, beginning: bool },
    /// This target or address.
    Exact(Exact),
    /// One of these facets.
    Facets(Vec<String>),
}

/// What operations must have to be found. An empty field does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Criteria {
    /// Teams whose operations may be seen; `None` for all operations, also those of no team.
    pub visible: Option<Vec<TeamId>>,
    /// All must hold.
    pub all: Vec<Term>,
    /// None may hold.
    pub none: Vec<Term>,
    /// Only this operation.
    pub only: Option<OperationId>,
    /// None of these operations.
    pub except: Vec<OperationId>,
    /// Begun at this instant or later.
    pub after: Option<OffsetDateTime>,
    /// Begun before this instant.
    pub before: Option<OffsetDateTime>,
}

impl Criteria {
    /// Whether teams are the only condition, so that the index is not needed.
    pub fn is_plain(&self) -> bool {
        self.all.is_empty()
            && self.none.is_empty()
            && self.only.is_none()
            && self.except.is_empty()
            && self.after.is_none()
            && self.before.is_none()
    }
}

/// Where a page begins, by the sequence of an operation's first entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageStart {
    Newest,
    OlderThan(i64),
    NewerThan(i64),
}

impl PageStart {
    /// The sequences between which it lies, exclusive.
    pub(crate) fn between(self) -> (i64, i64) {
        match self {
            Self::Newest => (0, i64::MAX),
            Self::OlderThan(sequence) => (0, sequence),
            Self::NewerThan(sequence) => (sequence, i64::MAX),
        }
    }

    pub(crate) fn is_upwards(self) -> bool {
        matches!(self, Self::NewerThan(_))
    }
}

impl Index {
    /// The sequences of matching operations between two sequences, exclusive: `limit` at most, and the lowest of them
    /// if `upwards`, else the highest.
    pub(crate) async fn matching(
        &self,
        asked: &Criteria,
        (above, below): (i64, i64),
        upwards: bool,
        limit: i64,
    ) -> Result<Vec<i64>, StoreError> {
        let mut conn = self.read().await?;
        self.noticing(matching(&mut conn.connection, asked, (above, below), upwards, limit).await)
    }
}

async fn matching(
    conn: &mut SqliteConnection,
    asked: &Criteria,
    (mut above, mut below): (i64, i64),
    upwards: bool,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    const NEWEST_FIRST: &str = concat!(include_str!("matching.sql"), " ORDER BY search_text.rowid DESC LIMIT ?7");
    const OLDEST_FIRST: &str = concat!(include_str!("matching.sql"), " ORDER BY search_text.rowid LIMIT ?7");
    let Some(expression) = expression(conn, asked).await? else { return Ok(Vec::new()) };
    if let Some(after) = asked.after {
        above = above.max(first_since(conn, after).await?.saturating_sub(1));
    }
    if let Some(before) = asked.before {
        below = below.min(last_until(conn, before).await?.saturating_add(1));
    }
    Ok(sqlx::query_scalar(if upwards { OLDEST_FIRST } else { NEWEST_FIRST })
        .bind(expression)
        .bind(above)
        .bind(below)
        .bind(asked.visible.as_deref().map(json_text))
        .bind(asked.after.map(micros))
        .bind(asked.before.map(micros))
        .bind(limit)
        .fetch_all(conn)
        .await?)
}

/// No operation below this sequence began at this instant or later.
async fn first_since(conn: &mut SqliteConnection, at: OffsetDateTime) -> Result<i64, StoreError> {
    let span: Option<i64> =
        sqlx::query_scalar("SELECT min(span) FROM span WHERE latest >= ?").bind(micros(at)).fetch_one(conn).await?;
    Ok(span.map_or(i64::MAX, |span| span * SPAN))
}

/// No operation above this sequence began before this instant.
async fn last_until(conn: &mut SqliteConnection, at: OffsetDateTime) -> Result<i64, StoreError> {
    let span: Option<i64> =
        sqlx::query_scalar("SELECT max(span) FROM span WHERE earliest < ?").bind(micros(at)).fetch_one(conn).await?;
    Ok(span.map_or(0, |span| (span + 1) * SPAN - 1))
}

/// The FTS5 expression. `None` if nothing can match because a facet was never used.
async fn expression(conn: &mut SqliteConnection, asked: &Criteria) -> Result<Option<String>, StoreError> {
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
        Term::Words { column, tokens, beginning } => {
            let column = match column {
                Column::Any => "{actor target words} : ",
                Column::Actor => "actor : ",
                Column::Target => "target : ",
            };
            let beginning = if *beginning { " *" } else { "" };
            Some(format!("{column}{}{beginning}", quoted(&tokens.join(" "))))
        }
        Term::Exact(exact) => Some(format!("exact : {}", quoted(&exact.token()))),
        Term::Facets(facets) => facets_expression(conn, facets).await?,
    })
}

async fn facets_expression(conn: &mut SqliteConnection, facets: &[String]) -> Result<Option<String>, StoreError> {
    let tokens: Vec<String> = codes(conn, facets).await?.into_iter().map(|code| quoted(&facet_token(code))).collect();
    Ok((!tokens.is_empty()).then(|| format!("facets : ({})", tokens.join(" OR "))))
}

/// An FTS5 string, in which nothing is an operator.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// The codes of those of these facets that were ever used.
async fn codes(conn: &mut SqliteConnection, facets: &[String]) -> Result<Vec<i64>, StoreError> {
    Ok(sqlx::query_scalar("SELECT code FROM facet WHERE word IN (SELECT value FROM json_each(?))")
        .bind(json_text(facets))
        .fetch_all(conn)
        .await?)
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn nothing_that_is_typed_is_an_operator_of_the_index() {
        assert_eq!(quoted("a\" OR \"b"), "\"a\"\" OR \"\"b\"");
    }
}
