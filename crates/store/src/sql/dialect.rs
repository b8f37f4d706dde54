//! Statements in SQLite's dialect, and their translation for PostgreSQL. Only what the store's statements use is translated:
//!
//! | SQLite | PostgreSQL |
//! | --- | --- |
//! | `?`, `?2` | `$1`, `$2` |
//! | `INDEXED BY name` | nothing |
//! | `zeroblob(32)` | `decode(repeat('00', 32), 'hex')` |
//! | `x IN (SELECT value FROM json_each(?))` | `x = ANY($1)` |
//! | `x NOT IN (SELECT value FROM json_each(?))` | `x <> ALL($1)` |
//! | `x IS y`, `x IS NOT y` | `x IS NOT DISTINCT FROM y`, `x IS DISTINCT FROM y` |
//!
//! Where that is not enough, the two texts are written side by side: see [`each`].

use std::{
    collections::HashMap,
    sync::{LazyLock, PoisonError, RwLock},
};

/// A statement for both databases.
#[derive(Clone, Debug)]
pub(crate) enum Statement {
    /// One text in SQLite's dialect.
    Same(&'static str),
    /// A text for each. Both are numbered the same way.
    Each { sqlite: &'static str, postgres: &'static str },
    /// One text in SQLite's dialect that was put together from names in the code.
    Made(String),
}

/// The same statement for each of the databases. In that for PostgreSQL, too, arguments are `?` or `?1`.
pub(crate) const fn each(sqlite: &'static str, postgres: &'static str) -> Statement {
    Statement::Each { sqlite, postgres }
}

impl From<&'static str> for Statement {
    fn from(text: &'static str) -> Self {
        Self::Same(text)
    }
}

impl From<String> for Statement {
    fn from(text: String) -> Self {
        Self::Made(text)
    }
}

/// The translations of all statements that have run. There are as many as the code has statements.
static TRANSLATED: LazyLock<RwLock<HashMap<String, &'static str>>> = LazyLock::new(RwLock::default);

impl Statement {
    pub(super) fn for_postgres(&self) -> &'static str {
        let text = match self {
            Self::Same(text) | Self::Each { postgres: text, .. } => text,
            Self::Made(text) => text.as_str(),
        };
        if let Some(known) = TRANSLATED.read().unwrap_or_else(PoisonError::into_inner).get(text) {
            return known;
        }
        let mut translated = TRANSLATED.write().unwrap_or_else(PoisonError::into_inner);
        translated.entry(text.to_owned()).or_insert_with(|| translate(text).leak())
    }
}

const ZEROS: &str = "decode(repeat('00', 32), 'hex')";

/// A statement in PostgreSQL's dialect.
pub(crate) fn translate(text: &str) -> String {
    let words = words(text);
    let mut out = String::with_capacity(text.len() + 32);
    let mut arguments = Arguments::default();
    let mut at = 0;
    while at < words.len() {
        let is = |offset: usize, word: &str| {
            words.get(at + offset).is_some_and(|found| found.text.eq_ignore_ascii_case(word))
        };
        let all = |expected: &[&str]| expected.iter().enumerate().all(|(offset, word)| is(offset, word));
        let in_list = |from: usize| {
            ["IN", "(", "SELECT", "value", "FROM", "json_each", "("]
                .iter()
                .enumerate()
                .all(|(offset, word)| is(from + offset, word))
                && is(from + 8, ")")
                && is(from + 9, ")")
        };
        let before = words[at].before;
        if all(&["INDEXED", "BY"]) {
            at += 3;
        } else if all(&["zeroblob", "(", "32", ")"]) {
            out.push_str(before);
            out.push_str(ZEROS);
            at += 4;
        } else if in_list(0) {
            out.push_str(&format!("{before}= ANY({})", arguments.next(words[at + 7].text)));
            at += 10;
        } else if is(0, "NOT") && in_list(1) {
            out.push_str(&format!("{before}<> ALL({})", arguments.next(words[at + 8].text)));
            at += 11;
        } else if is(0, "IS") && is(1, "NOT") && !is(2, "NULL") && !is(2, "DISTINCT") {
            out.push_str(&format!("{before}IS DISTINCT FROM"));
            at += 2;
        } else if is(0, "IS") && !["NULL", "NOT", "DISTINCT", "TRUE", "FALSE"].iter().any(|word| is(1, word)) {
            out.push_str(&format!("{before}IS NOT DISTINCT FROM"));
            at += 1;
        } else {
            out.push_str(before);
            match words[at].text.starts_with('?') {
                true => out.push_str(&arguments.next(words[at].text)),
                false => out.push_str(words[at].text),
            }
            at += 1;
        }
    }
    out
}

/// Numbers the arguments that have no number.
#[derive(Default)]
struct Arguments(usize);

impl Arguments {
    fn next(&mut self, word: &str) -> String {
        match word.strip_prefix('?') {
            Some("") => {
                self.0 += 1;
                format!("${}", self.0)
            }
            Some(number) => format!("${number}"),
            None => word.to_owned(),
        }
    }
}

/// A word, a quoted text or name, a number, an argument, or one other character, with the space before it.
struct Word<'t> {
    before: &'t str,
    text: &'t str,
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let trimmed = rest.trim_start();
        let before = &rest[..rest.len() - trimmed.len()];
        let length = length_of_word(trimmed);
        words.push(Word { before, text: &trimmed[..length] });
        rest = &trimmed[length..];
    }
    words
}

fn length_of_word(text: &str) -> usize {
    let Some(first) = text.chars().next() else { return 0 };
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let until = |found: Option<usize>| found.unwrap_or(text.len());
    match first {
        // A quote within a text is doubled, so that it reads as two texts one after the other.
        '\'' | '"' => until(text[1..].find(first).map(|at| at + 2)),
        '?' => until(text[1..].find(|letter: char| !letter.is_ascii_digit()).map(|at| at + 1)),
        _ if is_word(first) => until(text.find(|letter| !is_word(letter))),
        _ => first.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn only_what_differs_is_translated() {
        for (sqlite, postgres) in [
            ("SELECT a FROM t WHERE a = ? AND b = ? LIMIT ?", "SELECT a FROM t WHERE a = $1 AND b = $2 LIMIT $3"),
            ("UPDATE t SET a = ?2 WHERE b = ?1 OR ?12 IS NULL", "UPDATE t SET a = $2 WHERE b = $1 OR $12 IS NULL"),
            ("SELECT 'is it a ?' AS \"IS ?\", 'it''s ?'", "SELECT 'is it a ?' AS \"IS ?\", 'it''s ?'"),
            ("SELECT a FROM t INDEXED BY t_by_a\n WHERE a = 1", "SELECT a FROM t\n WHERE a = 1"),
            ("VALUES (?, zeroblob(32))", "VALUES ($1, decode(repeat('00', 32), 'hex'))"),
            (
                "a IN (SELECT value FROM json_each(?1)) AND b NOT IN (SELECT value FROM json_each(?2))",
                "a = ANY($1) AND b <> ALL($2)",
            ),
            ("a IN (SELECT value FROM json_each(?)) LIMIT ?", "a = ANY($1) LIMIT $2"),
            ("a NOT IN (SELECT b FROM t)", "a NOT IN (SELECT b FROM t)"),
            ("a IS ? AND b IS NOT ?", "a IS NOT DISTINCT FROM $1 AND b IS DISTINCT FROM $2"),
            ("a IS NOT 'x' OR b IS c.d", "a IS DISTINCT FROM 'x' OR b IS NOT DISTINCT FROM c.d"),
            ("a IS NULL OR b IS NOT NULL", "a IS NULL OR b IS NOT NULL"),
            ("a IS NOT DISTINCT FROM b", "a IS NOT DISTINCT FROM b"),
            ("a->>'b' <> 'ä' AND this = is_it", "a->>'b' <> 'ä' AND this = is_it"),
        ] {
            assert_eq!(translate(sqlite), postgres);
        }
    }
}
