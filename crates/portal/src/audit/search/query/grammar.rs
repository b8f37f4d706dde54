//! Turns the pieces of a search box, and the fields of the form, into conditions.

use time::OffsetDateTime;

use super::{
    clause::{AnyOf, BOX, Clause, Condition, Key, When, Words},
    spelling::{self, Piece, Term},
};
use crate::{
    OperationId, Problem, SearchProblem,
    audit::{
        Action, TargetType,
        search::tokens::{has_word, is_network},
    },
    moment,
};

/// The most characters of a search.
const LONGEST: usize = 1_000;

/// The clauses of a search box.
pub(super) fn from_box(text: &str, now: OffsetDateTime) -> Result<Vec<Clause>, Problem> {
    let mut clauses = Vec::new();
    for Term { excluded, key, piece } in spelling::read(checked(text)?)? {
        let condition = match key {
            None => text_asks(piece)?,
            Some(key) => Some(keyed(key, piece, now)?),
        };
        let Some(condition) = condition else {
            // Punctuation between words says nothing. An exclusion would be left out without a word.
            if excluded {
                return Err(SearchProblem::NothingExcluded.into());
            }
            continue;
        };
        clauses.push(clause(excluded, condition, BOX)?);
    }
    if clauses.is_empty() && !text.trim().is_empty() {
        return Err(SearchProblem::NoWord.into());
    }
    Ok(clauses)
}

/// The clauses of a field of the form.
pub(super) fn from_field(key: Key, text: &str, now: OffsetDateTime) -> Result<Vec<Clause>, Problem> {
    if checked(text)?.is_empty() {
        return Ok(Vec::new());
    }
    let whole = Piece { text: text.to_owned(), exact: false };
    let pieces = match key {
        // Several words in a field are several clauses: each has to be found.
        Key::Actor => spelling::words(text)?,
        Key::Target if exact_target(text).is_none() => spelling::words(text)?,
        _ => vec![(false, whole)],
    };
    pieces
        .into_iter()
        .filter(|(excluded, piece)| *excluded || matches!(key, Key::After | Key::Before) || has_word(&piece.text))
        .map(|(excluded, piece)| Ok(clause(excluded, keyed(key, piece, now)?, key.as_str())?))
        .collect::<Result<Vec<_>, Problem>>()
        .and_then(|clauses| match clauses.is_empty() {
            true => Err(SearchProblem::NoWord.into()),
            false => Ok(clauses),
        })
}

fn checked(text: &str) -> Result<&str, SearchProblem> {
    match text.chars().count() {
        length if length > LONGEST => Err(SearchProblem::SearchTooLong { most: LONGEST, found: length }),
        _ => Ok(text),
    }
}

fn clause(excluded: bool, condition: Condition, field: &'static str) -> Result<Clause, SearchProblem> {
    match condition {
        Condition::After(when) if excluded => {
            Err(SearchProblem::ExcludedMoment { key: Key::After, moment: when.spelled })
        }
        Condition::Before(when) if excluded => {
            Err(SearchProblem::ExcludedMoment { key: Key::Before, moment: when.spelled })
        }
        condition => Ok(Clause { excluded, condition, field }),
    }
}

/// The condition of a word without a key; `None` if it is only punctuation.
fn text_asks(piece: Piece) -> Result<Option<Condition>, SearchProblem> {
    if let Ok(id) = piece.text.parse::<OperationId>() {
        return Ok(Some(Condition::Operation(id)));
    }
    if is_network(&piece.text) {
        return Err(SearchProblem::NetworkNotSearched { network: piece.text });
    }
    Ok(has_word(&piece.text).then(|| Condition::Text(words(piece))))
}

fn keyed(key: Key, piece: Piece, now: OffsetDateTime) -> Result<Condition, Problem> {
    let when = |piece: Piece| -> Result<When, Problem> {
        let at = moment::parse(&piece.text, now).ok_or(Problem::NotAMoment)?;
        // An unencoded `+` in a URL arrives as a space.
        Ok(When { spelled: piece.text.replace(' ', "+"), at })
    };
    if matches!(key, Key::Actor | Key::Target) && !has_word(&piece.text) {
        return Err(SearchProblem::NoWordAfter { key }.into());
    }
    Ok(match key {
        Key::Actor => Condition::Actor(words(piece)),
        Key::Target => match exact_target(&piece.text) {
            Some((kind, id)) => Condition::ExactTarget(kind, id),
            None => Condition::Target(words(piece)),
        },
        Key::Team => Condition::Team(any_of(&piece.text, |slug| {
            slug.parse().map(|slug| vec![slug]).map_err(|_| Problem::NoTeam)
        })?),
        Key::Action => Condition::Action(any_of(&piece.text, actions)?),
        Key::Outcome => Condition::Outcome(any_of(&piece.text, one_word)?),
        Key::Reviewed => Condition::Reviewed(any_of(&piece.text, one_word)?),
        Key::Took => Condition::Took(any_of(&piece.text, one_word)?),
        Key::Batch => {
            let word = piece.text.trim();
            Condition::Batch(word.parse().map_err(|_| SearchProblem::NotAnId { word: word.to_owned() })?)
        }
        Key::After => Condition::After(when(piece)?),
        Key::Before => Condition::Before(when(piece)?),
    })
}

fn words(piece: Piece) -> Words {
    Words { text: piece.text, exact: piece.exact }
}

/// `connector:3066`; `None` for text that is not a target type and an id.
fn exact_target(text: &str) -> Option<(TargetType, String)> {
    let (kind, id) = text.split_once(':')?;
    let id = id.trim();
    (!id.is_empty() && !id.contains(char::is_whitespace)).then_some(())?;
    Some((kind.trim().parse().ok()?, id.to_owned()))
}

/// Values separated by commas.
fn any_of<T: PartialEq>(text: &str, read: impl Fn(&str) -> Result<Vec<T>, Problem>) -> Result<AnyOf<T>, Problem> {
    let mut any = AnyOf { spelled: String::new(), values: Vec::new() };
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let word = word.to_lowercase();
        for value in read(&word)? {
            if !any.values.contains(&value) {
                any.values.push(value);
            }
        }
        if !any.spelled.is_empty() {
            any.spelled.push(',');
        }
        any.spelled.push_str(&word);
    }
    if any.values.is_empty() { Err(SearchProblem::NoValue.into()) } else { Ok(any) }
}

fn one_word<T>(word: &str) -> Result<Vec<T>, Problem>
where
    T: std::str::FromStr<Err = store::UnknownWord>,
{
    word.parse().map(|value| vec![value]).map_err(|error: store::UnknownWord| {
        let expected = error.expected.iter().map(|word| (*word).to_owned()).collect();
        SearchProblem::NotOneOf { word: word.to_owned(), expected }.into()
    })
}

/// An action by its name, or all whose names begin with the same words: `connector`, `team.token`.
fn actions(word: &str) -> Result<Vec<Action>, Problem> {
    let begins = |action: &Action| action.as_str().strip_prefix(word).is_some_and(|rest| rest.starts_with('.'));
    let found: Vec<Action> =
        Action::ALL.iter().filter(|action| action.as_str() == word || begins(action)).copied().collect();
    if found.is_empty() { Err(SearchProblem::NoSuchAction { word: word.to_owned() }.into()) } else { Ok(found) }
}
