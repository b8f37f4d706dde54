//! What a person asks of the log, read once: the search box and the form's fields become the same clauses.
//! Which operations match is `search`'s matter; how a box is cut into words is `spelling`'s.

use crate::audit::OutcomeAsked;
use crate::audit::ReviewAsked;
mod spelling;

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use self::spelling::{Piece, Spelled};
use crate::audit::{Action, TargetType, Took, instant_text};
use crate::{FieldProblems, OperationId, TeamSlug, moment};

/// The most characters of one search.
const LONGEST: usize = 1_000;
/// The most clauses of one search.
const MOST: usize = 30;

store::words! {
    /// What a clause can be about: its key in the search box, and its field in the form.
    pub enum Key {
        /// Who.
        Actor => "actor",
        /// In which team.
        Team => "team",
        /// What.
        Action => "action",
        /// How it ended.
        Outcome => "outcome",
        /// On what.
        Target => "target",
        /// Begun then or later.
        After => "after",
        /// Begun earlier.
        Before => "before",
        /// Where it stands with its reviewers.
        Reviewed => "reviewed",
        /// How long it took from intent to outcome.
        Took => "took",
    }
}

/// Words as somebody typed them. Unquoted it is one word, found by its beginning; quoted, these words in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The words.
    pub text: String,
    /// Whether they stood in quotes.
    pub exact: bool,
}

/// Any of several values of a closed set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyOf<T> {
    /// As it is spelled in the search box: `connector`, `failed,unknown`.
    pub spelled: String,
    /// The values.
    pub values: Vec<T>,
}

/// A moment as it was given, since `24h` is another one tomorrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// As it is spelled.
    pub spelled: String,
    /// The moment.
    pub at: OffsetDateTime,
}

/// What a clause asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Words anywhere: in names, reasons, Workato's words.
    Text(Words),
    /// Words in the actor's name or e-mail.
    Actor(Words),
    /// Words in the target's type, id or name.
    Target(Words),
    /// This target and no other.
    ExactTarget(TargetType, String),
    /// This operation.
    Operation(OperationId),
    /// In one of these teams.
    Team(AnyOf<TeamSlug>),
    /// One of these actions.
    Action(AnyOf<Action>),
    /// One of these outcomes.
    Outcome(AnyOf<OutcomeAsked>),
    /// One of these standings.
    Reviewed(AnyOf<ReviewAsked>),
    /// One of these spans from intent to outcome.
    Took(AnyOf<Took>),
    /// Begun then or later.
    After(When),
    /// Begun earlier.
    Before(When),
}

/// Something that has to hold, or must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Whether it must not.
    pub excluded: bool,
    /// What.
    pub asks: Asks,
    /// The field that asked: `q` for the search box.
    pub field: &'static str,
}

/// The field that holds the search box.
pub const BOX: &str = "q";

/// What is asked of the log: every clause has to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// The clauses, those of the search box first.
    pub clauses: Vec<Clause>,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// At the newest operation.
    Newest,
    /// After this sequence, towards older ones.
    Older(i64),
    /// Before this sequence, towards newer ones.
    Newer(i64),
}

/// A query and where in its answer a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditFilter {
    /// What is asked.
    pub query: AuditQuery,
    /// From where on.
    pub cursor: Cursor,
}

/// The filter as it stands in a URL or a form; an empty field does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterInput {
    /// The search box: words, and `key:value` for everything that has a field of its own.
    pub q: String,
    /// A team's slug.
    pub team: String,
    /// Part of an actor's name or e-mail.
    pub actor: String,
    /// An action's name, or the beginning of several: `connector`.
    pub action: String,
    /// An outcome; `none` for operations that have none yet.
    pub outcome: String,
    /// A target: `connector:3066`, an id, or part of a name.
    pub target: String,
    /// Only operations begun at this moment or later.
    pub after: String,
    /// Only operations begun before this moment.
    pub before: String,
    /// Where operations stand with their reviewers.
    pub reviewed: String,
    /// How long operations took from intent to outcome.
    pub took: String,
    /// Only operations older than this sequence: the next page.
    pub older: String,
    /// Only operations newer than this sequence: the page before.
    pub newer: String,
}

impl FilterInput {
    /// Reads the filter; `now` is what `24h` and the like count from.
    ///
    /// # Errors
    /// What is wrong, field by field. A filter that cannot be read never lets everything through.
    pub fn read(&self, now: OffsetDateTime) -> Result<AuditFilter, FieldProblems> {
        let mut problems = FieldProblems::default();
        let mut query = AuditQuery::default();
        let mut add = |field: &'static str, read: Result<Vec<Clause>, String>| match read {
            Ok(clauses) => query.clauses.extend(clauses),
            Err(message) => problems.add(field, message),
        };
        add(BOX, from_box(&self.q, now));
        for (key, text) in [
            (Key::Team, &self.team),
            (Key::Actor, &self.actor),
            (Key::Action, &self.action),
            (Key::Outcome, &self.outcome),
            (Key::Target, &self.target),
            (Key::After, &self.after),
            (Key::Before, &self.before),
            (Key::Reviewed, &self.reviewed),
            (Key::Took, &self.took),
        ] {
            add(key.as_str(), from_field(key, text.trim(), now));
        }
        if query.clauses.len() > MOST {
            problems.add(BOX, format!("These are more than {MOST} conditions. Leave some out."));
        }
        let cursor = self.cursor(&mut problems);
        if problems.is_empty() { Ok(AuditFilter { query, cursor }) } else { Err(problems) }
    }

    fn cursor(&self, problems: &mut FieldProblems) -> Cursor {
        let mut sequence = |field, text: &str| {
            let read = text.parse::<i64>().ok().filter(|sequence| *sequence > 0);
            if read.is_none() {
                problems.add(field, "This is no place in the log.");
            }
            read
        };
        match (self.older.trim(), self.newer.trim()) {
            ("", "") => Cursor::Newest,
            (older, "") => sequence("older", older).map_or(Cursor::Newest, Cursor::Older),
            ("", newer) => sequence("newer", newer).map_or(Cursor::Newest, Cursor::Newer),
            _ => {
                problems.add("older", "Give older or newer, not both.");
                Cursor::Newest
            }
        }
    }
}

impl AuditQuery {
    /// Reads what a search box holds.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str, now: OffsetDateTime) -> Result<Self, String> {
        Ok(Self { clauses: from_box(text, now)? })
    }

    /// Whether nothing restricts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// The same, spelled so that it asks the same tomorrow: no moment is told by how long ago it was.
    #[must_use]
    pub fn for_ever(&self) -> Self {
        let mut query = self.clone();
        for clause in &mut query.clauses {
            if let Asks::After(when) | Asks::Before(when) = &mut clause.asks
                && moment::parse(&when.spelled, OffsetDateTime::UNIX_EPOCH) != Some(when.at)
            {
                when.spelled = instant_text(when.at);
            }
        }
        query
    }

    /// The one team that it is about, if it names one and no other.
    #[must_use]
    pub fn team(&self) -> Option<&TeamSlug> {
        let mut teams = self.clauses.iter().filter_map(|clause| match &clause.asks {
            Asks::Team(any) if !clause.excluded && any.values.len() == 1 => any.values.first(),
            _ => None,
        });
        let team = teams.next();
        team.filter(|_| teams.next().is_none())
    }
}

/// The clauses of a search box.
fn from_box(text: &str, now: OffsetDateTime) -> Result<Vec<Clause>, String> {
    let mut clauses = Vec::new();
    for Spelled { excluded, key, piece } in spelling::read(checked(text)?)? {
        let asks = match key {
            None => text_asks(piece),
            Some(key) => Some(keyed(key, piece, now)?),
        };
        let Some(asks) = asks else { continue };
        clauses.push(clause(excluded, asks, BOX)?);
    }
    if clauses.is_empty() && !text.trim().is_empty() {
        return Err("There is no word in this that could be searched for.".to_owned());
    }
    Ok(clauses)
}

/// The clauses of a field of the form.
fn from_field(key: Key, text: &str, now: OffsetDateTime) -> Result<Vec<Clause>, String> {
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
        .filter(|(_, piece)| matches!(key, Key::After | Key::Before) || spelling::says_something(&piece.text))
        .map(|(excluded, piece)| clause(excluded, keyed(key, piece, now)?, key.as_str()))
        .collect::<Result<Vec<_>, _>>()
        .and_then(|clauses| match clauses.is_empty() {
            true => Err("There is no word in this that could be searched for.".to_owned()),
            false => Ok(clauses),
        })
}

fn checked(text: &str) -> Result<&str, String> {
    match text.chars().count() {
        length if length > LONGEST => Err(format!("A search has 1,000 characters at most; this one has {length}.")),
        _ => Ok(text),
    }
}

fn clause(excluded: bool, asks: Asks, field: &'static str) -> Result<Clause, String> {
    match asks {
        Asks::After(when) if excluded => Err(format!("Write before:{} instead of -after:.", when.spelled)),
        Asks::Before(when) if excluded => Err(format!("Write after:{} instead of -before:.", when.spelled)),
        asks => Ok(Clause { excluded, asks, field }),
    }
}

/// What a word without a key asks for; nothing, if it is all punctuation.
fn text_asks(piece: Piece) -> Option<Asks> {
    if let Ok(id) = piece.text.parse::<OperationId>() {
        return Some(Asks::Operation(id));
    }
    spelling::says_something(&piece.text).then(|| Asks::Text(words(piece)))
}

fn keyed(key: Key, piece: Piece, now: OffsetDateTime) -> Result<Asks, String> {
    let when = |piece: Piece| -> Result<When, String> {
        let at = moment::parse(&piece.text, now).ok_or_else(|| moment::EXPECTED.to_owned())?;
        // A space in it was a `+` before the URL was read.
        Ok(When { spelled: piece.text.replace(' ', "+"), at })
    };
    if matches!(key, Key::Actor | Key::Target) && !spelling::says_something(&piece.text) {
        return Err(format!("There is nothing after {key}: that could be searched for."));
    }
    Ok(match key {
        Key::Actor => Asks::Actor(words(piece)),
        Key::Target => match exact_target(&piece.text) {
            Some((kind, id)) => Asks::ExactTarget(kind, id),
            None => Asks::Target(words(piece)),
        },
        Key::Team => {
            Asks::Team(any_of(&piece.text, |slug| slug.parse().map(|slug| vec![slug]).map_err(|_| no_team()))?)
        }
        Key::Action => Asks::Action(any_of(&piece.text, actions)?),
        Key::Outcome => Asks::Outcome(any_of(&piece.text, one_word)?),
        Key::Reviewed => Asks::Reviewed(any_of(&piece.text, one_word)?),
        Key::Took => Asks::Took(any_of(&piece.text, one_word)?),
        Key::After => Asks::After(when(piece)?),
        Key::Before => Asks::Before(when(piece)?),
    })
}

/// What is said of a team that is none, or that the person may not read: the two are not told apart.
pub(super) fn no_team() -> String {
    "You read no team of this name.".to_owned()
}

fn words(piece: Piece) -> Words {
    Words { text: piece.text, exact: piece.exact }
}

/// `connector:3066`; none for what only looks like it.
fn exact_target(text: &str) -> Option<(TargetType, String)> {
    let (kind, id) = text.split_once(':')?;
    let id = id.trim();
    (!id.is_empty() && !id.contains(char::is_whitespace)).then_some(())?;
    Some((kind.trim().parse().ok()?, id.to_owned()))
}

/// Values with commas between them.
fn any_of<T: PartialEq>(text: &str, read: impl Fn(&str) -> Result<Vec<T>, String>) -> Result<AnyOf<T>, String> {
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
    if any.values.is_empty() { Err("Give one value, or several with commas between them.".to_owned()) } else { Ok(any) }
}

fn one_word<T>(word: &str) -> Result<Vec<T>, String>
where
    T: std::str::FromStr<Err = store::UnknownWord>,
{
    word.parse().map(|value| vec![value]).map_err(|error: store::UnknownWord| {
        let expected = error.expected.join(", ");
        format!("“{word}” is none of: {expected}.")
    })
}

/// An action by its name, or all whose names begin with the same words: `connector`, `team.token`.
fn actions(word: &str) -> Result<Vec<Action>, String> {
    let begins = |action: &Action| action.as_str().strip_prefix(word).is_some_and(|rest| rest.starts_with('.'));
    let found: Vec<Action> =
        Action::ALL.iter().filter(|action| action.as_str() == word || begins(action)).copied().collect();
    if found.is_empty() { Err(format!("There is no action “{word}”.")) } else { Ok(found) }
}

impl fmt::Display for AuditQuery {
    /// As the search box spells it. Reading it again gives the same clauses, all of the box.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, clause) in self.clauses.iter().enumerate() {
            if at > 0 {
                f.write_char(' ')?;
            }
            clause.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.excluded {
            f.write_char('-')?;
        }
        match &self.asks {
            Asks::Text(words) => spelling::write(f, None, words),
            Asks::Actor(words) => spelling::write(f, Some(Key::Actor), words),
            Asks::Target(words) => spelling::write(f, Some(Key::Target), words),
            Asks::ExactTarget(kind, id) => write!(f, "target:{kind}:{id}"),
            Asks::Operation(id) => write!(f, "{id}"),
            Asks::Team(any) => write!(f, "team:{}", any.spelled),
            Asks::Action(any) => write!(f, "action:{}", any.spelled),
            Asks::Outcome(any) => write!(f, "outcome:{}", any.spelled),
            Asks::Reviewed(any) => write!(f, "reviewed:{}", any.spelled),
            Asks::Took(any) => write!(f, "took:{}", any.spelled),
            Asks::After(when) => write!(f, "after:{}", when.spelled),
            Asks::Before(when) => write!(f, "before:{}", when.spelled),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use time::{OffsetDateTime, macros::datetime};

    use super::{Asks, AuditQuery, Cursor, FilterInput, Key};

    const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

    fn read(text: &str) -> AuditQuery {
        AuditQuery::read(text, NOW).unwrap_or_else(|problem| panic!("{text}: {problem}"))
    }

    fn problem(text: &str) -> String {
        AuditQuery::read(text, NOW).expect_err(text)
    }

    #[rstest]
    #[case("refund", "refund")]
    #[case("  refund   invoice ", "refund invoice")]
    #[case("\"loses invoices\" -test", "\"loses invoices\" -test")]
    #[case("“loses invoices”", "\"loses invoices\"")]
    #[case("actor:\"Olga Operator\" Team:payments", "actor:\"Olga Operator\" team:payments")]
    #[case("actor: olga", "actor:olga")]
    #[case("outcome:failed,Unknown -action:session", "outcome:failed,unknown -action:session")]
    #[case("target:connector:3066 target:Acme", "target:connector:3066 target:Acme")]
    #[case("after:24h before:2026-11-22T14:30", "after:24h before:2026-11-22T14:30")]
    #[case("reviewed:no", "reviewed:no")]
    #[case("at 14:30 – or so", "at 14:30 or so")]
    #[case("-\"not this\"", "-\"not this\"")]
    #[case("well-known a-b", "well-known a-b")]
    fn a_search_has_one_spelling(#[case] typed: &str, #[case] spelled: &str) {
        assert_eq!(read(typed).to_string(), spelled);
        assert_eq!(read(spelled), read(typed));
    }

    #[rstest]
    #[case("colour:red", "There is no “colour:”")]
    #[case("https://example.com", "There is no “https:”")]
    #[case("actor:", "There is nothing after actor:")]
    #[case("actor:--", "There is nothing after actor:")]
    #[case("outcome:maybe", "“maybe” is none of: succeeded")]
    #[case("reviewed:perhaps", "“perhaps” is none of: yes, no, flagged, answered")]
    #[case("action:connector.explode", "There is no action “connector.explode”")]
    #[case("action:conn", "There is no action “conn”")]
    #[case("team:No_Team", "You read no team of this name.")]
    #[case("after:yesterday-ish", "Give a date and time such as")]
    #[case("-after:24h", "Write before:24h instead")]
    #[case("\"no end", "closing quotation mark")]
    #[case("–", "There is no word in this")]
    #[case("outcome:,", "Give one value")]
    fn what_cannot_be_understood_is_told(#[case] typed: &str, #[case] told: &str) {
        let problem = problem(typed);
        assert!(problem.contains(told), "{problem}");
    }

    #[test]
    fn too_much_at_once_is_refused() {
        assert!(problem(&"x".repeat(1_001)).contains("1,000 characters at most"));
        let many = FilterInput { q: "a ".repeat(31), ..FilterInput::default() };
        assert!(many.read(NOW).expect_err("too many").of("q").is_some());
    }

    #[test]
    fn the_box_and_the_fields_ask_the_same() {
        let fields = FilterInput {
            team: " payments ".to_owned(),
            actor: "olga \"example com\"".to_owned(),
            action: "connector.share".to_owned(),
            outcome: "none".to_owned(),
            target: "connector:3066".to_owned(),
            after: "24h".to_owned(),
            before: "2026-11-22".to_owned(),
            reviewed: "no".to_owned(),
            took: "under-1s".to_owned(),
            ..FilterInput::default()
        };
        let fields = fields.read(NOW).expect("a filter").query;
        let boxed = read(&fields.to_string());
        let asked = |query: AuditQuery| query.clauses.into_iter().map(|clause| clause.asks).collect::<Vec<_>>();
        assert_eq!(asked(fields), asked(boxed));
    }

    #[test]
    fn the_beginning_of_an_actions_name_is_all_that_begin_so() {
        let Asks::Action(any) = read("action:team.token").clauses.remove(0).asks else { panic!("no action") };
        let names: Vec<_> = any.values.iter().map(|action| action.as_str()).collect();
        assert_eq!(names, ["team.token.set", "team.token.replace"]);
    }

    #[test]
    fn what_is_written_down_asks_the_same_tomorrow() {
        let query = read("after:24h before:2026-11-22 refund");
        let spelled = query.for_ever().to_string();
        assert_eq!(spelled, "after:2026-11-21T12:00:00.000000Z before:2026-11-22 refund");
        let moments = |query: &AuditQuery| {
            let at = |asks: &Asks| match asks {
                Asks::After(when) | Asks::Before(when) => Some(when.at),
                _ => None,
            };
            query.clauses.iter().filter_map(|clause| at(&clause.asks)).collect::<Vec<_>>()
        };
        let tomorrow = AuditQuery::read(&spelled, NOW + time::Duration::days(1)).expect("a search");
        assert_eq!(moments(&tomorrow), moments(&query));
    }

    #[test]
    fn a_query_knows_the_one_team_that_it_is_about() {
        assert_eq!(read("team:payments refund").team().map(ToString::to_string).as_deref(), Some("payments"));
        for none in ["refund", "-team:payments", "team:payments,lending", "team:payments team:lending"] {
            assert_eq!(read(none).team(), None, "{none}");
        }
    }

    #[test]
    fn a_place_in_the_log_is_a_number_and_only_one() {
        let cursor = |older: &str, newer: &str| {
            let input = FilterInput { older: older.to_owned(), newer: newer.to_owned(), ..FilterInput::default() };
            input.read(NOW).map(|filter| filter.cursor).ok()
        };
        assert_eq!(cursor("", ""), Some(Cursor::Newest));
        assert_eq!(cursor("7", ""), Some(Cursor::Older(7)));
        assert_eq!(cursor("", "7"), Some(Cursor::Newer(7)));
        for (older, newer) in [("x", ""), ("-1", ""), ("0", ""), ("5", "3")] {
            assert_eq!(cursor(older, newer), None);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_refused_or_has_a_spelling_that_reads_the_same(typed in ".{0,60}") {
            if let Ok(query) = AuditQuery::read(&typed, NOW) {
                prop_assert_eq!(AuditQuery::read(&query.to_string(), NOW), Ok(query));
            }
        }

        #[test]
        fn words_keys_and_quotes_in_any_order_read_the_same_again(
            pieces in prop::collection::vec((any::<bool>(), 0..10_usize, "[a-z0-9é:.\"-]{1,12}", any::<bool>()), 1..6)
        ) {
            let typed: Vec<String> = pieces.into_iter().map(|(excluded, key, word, quoted)| {
                let key = Key::ALL.get(key).map_or(String::new(), |key| format!("{key}:"));
                let word = if quoted { format!("\"{} more\"", word.replace('"', "")) } else { word };
                format!("{}{key}{word}", if excluded { "-" } else { "" })
            }).collect();
            if let Ok(query) = AuditQuery::read(&typed.join(" "), NOW) {
                prop_assert_eq!(AuditQuery::read(&query.to_string(), NOW), Ok(query));
            }
        }
    }
}
