//! Searches are read, written and read again.

use proptest::prelude::*;
use rstest::rstest;
use time::{OffsetDateTime, macros::datetime};

use super::{
    audit_query::AuditQuery,
    clause::{Condition, Key},
    form::{Cursor, FilterInput},
};
use crate::{Problem, SearchProblem};

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

fn read(text: &str) -> AuditQuery {
    AuditQuery::read(text, NOW).unwrap_or_else(|problem| panic!("{text}: {problem:?}"))
}

fn problem(text: &str) -> Problem {
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
#[case("Stripe - refunds", "Stripe refunds")]
#[case("dead:beef::1", "dead:beef::1")]
#[case("203.0.113.7 -[2001:db8::7]:443", "203.0.113.7 -[2001:db8::7]:443")]
#[case("ops+eu@example.com", "ops+eu@example.com")]
#[case("ref\u{200b}und", "refund")]
#[case("outcome:waiting outcome:unknown", "outcome:waiting outcome:unknown")]
#[case("team:payments,lending team:lending", "team:payments,lending team:lending")]
#[case("東京支店 接続", "東京支店 接続")]
fn a_search_has_one_spelling(#[case] typed: &str, #[case] spelled: &str) {
    assert_eq!(read(typed).to_string(), spelled);
    assert_eq!(read(spelled), read(typed));
}

fn not_earlier(after: &str, before: &str) -> SearchProblem {
    SearchProblem::AfterNotBefore { after: after.to_owned(), before: before.to_owned() }
}

fn contradiction(one: &str, other: &str) -> SearchProblem {
    SearchProblem::Contradiction { one: one.to_owned(), other: other.to_owned() }
}

fn not_one_of(word: &str, expected: &[&str]) -> SearchProblem {
    let expected = expected.iter().map(|word| (*word).to_owned()).collect();
    SearchProblem::NotOneOf { word: word.to_owned(), expected }
}

#[rstest]
#[case("colour:red", SearchProblem::NoSuchKey { key: "colour".to_owned() })]
#[case("https://example.com", SearchProblem::NoSuchKey { key: "https".to_owned() })]
#[case("actor:", SearchProblem::NothingAfter { key: Key::Actor })]
#[case("actor:--", SearchProblem::NoWordAfter { key: Key::Actor })]
#[case("reviewed:perhaps", not_one_of("perhaps", &["yes", "no", "flagged", "answered"]))]
#[case("action:connector.explode", SearchProblem::NoSuchAction { word: "connector.explode".to_owned() })]
#[case("action:conn", SearchProblem::NoSuchAction { word: "conn".to_owned() })]
#[case("team:No_Team", Problem::NoTeam)]
#[case("after:yesterday-ish", Problem::NotAMoment)]
#[case("-after:24h", SearchProblem::ExcludedMoment { key: Key::After, moment: "24h".to_owned() })]
#[case("\"no end", SearchProblem::QuoteOpen)]
#[case("–", SearchProblem::NoWord)]
#[case("outcome:,", SearchProblem::NoValue)]
#[case("-", SearchProblem::NothingExcluded)]
#[case("acme -", SearchProblem::NothingExcluded)]
#[case("acme -  ", SearchProblem::NothingExcluded)]
#[case("acme -…", SearchProblem::NothingExcluded)]
#[case("\"\"", SearchProblem::NoWord)]
#[case("🚚", SearchProblem::NoWord)]
#[case("\u{e000}", SearchProblem::NoWord)]
#[case("before:2026-02-30", Problem::NotAMoment)]
#[case("203.0.113.0/24", SearchProblem::NetworkNotSearched { network: "203.0.113.0/24".to_owned() })]
#[case("2001:db8::/32", SearchProblem::NetworkNotSearched { network: "2001:db8::/32".to_owned() })]
#[case("after:2026-11-22 before:2026-11-21", not_earlier("2026-11-22", "2026-11-21"))]
#[case("before:2026-11-21 after:2026-11-22", not_earlier("2026-11-22", "2026-11-21"))]
#[case("after:2026-11-22 before:2026-11-22", not_earlier("2026-11-22", "2026-11-22"))]
#[case("after:2026-11-01 after:24h before:7d", not_earlier("24h", "7d"))]
#[case("team:payments team:lending", contradiction("team:payments", "team:lending"))]
#[case("action:connector action:connection", contradiction("action:connector", "action:connection"))]
#[case("outcome:failed outcome:unknown,rejected", contradiction("outcome:failed", "outcome:unknown,rejected"))]
#[case("took:1s-5s took:over-5m", contradiction("took:1s-5s", "took:over-5m"))]
#[case("batch:42", SearchProblem::NotAnId { word: "42".to_owned() })]
#[case("acme -acme", contradiction("acme", "-acme"))]
#[case("-outcome:failed outcome:failed", contradiction("-outcome:failed", "outcome:failed"))]
fn what_cannot_be_understood_is_told(#[case] typed: &str, #[case] told: impl Into<Problem>) {
    assert_eq!(problem(typed), told.into());
}

#[test]
fn too_much_at_once_is_refused() {
    let too_long = SearchProblem::SearchTooLong { most: 1_000, found: 1_001 };
    assert_eq!(problem(&"x".repeat(1_001)), too_long.into());
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
        batch: "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b".to_owned(),
        ..FilterInput::default()
    };
    let fields = fields.read(NOW).expect("a filter").query;
    let boxed = read(&fields.to_string());
    let asked = |query: AuditQuery| query.clauses.into_iter().map(|clause| clause.condition).collect::<Vec<_>>();
    assert_eq!(asked(fields), asked(boxed));
}

#[test]
fn the_beginning_of_an_actions_name_is_all_that_begin_so() {
    let Condition::Action(any) = read("action:team.token").clauses.remove(0).condition else { panic!("no action") };
    let names: Vec<_> = any.values.iter().map(|action| action.as_str()).collect();
    assert!(names.len() > 2 && names.iter().all(|name| name.starts_with("team.token.")), "{names:?}");
    assert!(names.contains(&"team.token.set") && names.contains(&"team.token.replace"));
}

#[test]
fn what_is_written_down_asks_the_same_tomorrow() {
    let query = read("after:24h before:2026-11-22 refund");
    let spelled = query.for_ever().to_string();
    assert_eq!(spelled, "after:2026-11-21T12:00:00.000000Z before:2026-11-22 refund");
    let moments = |query: &AuditQuery| {
        let at = |condition: &Condition| match condition {
            Condition::After(when) | Condition::Before(when) => Some(when.at),
            _ => None,
        };
        query.clauses.iter().filter_map(|clause| at(&clause.condition)).collect::<Vec<_>>()
    };
    let tomorrow = AuditQuery::read(&spelled, NOW + time::Duration::days(1)).expect("a search");
    assert_eq!(moments(&tomorrow), moments(&query));
}

#[test]
fn a_query_knows_the_one_team_that_it_is_about() {
    assert_eq!(read("team:payments refund").team().map(ToString::to_string).as_deref(), Some("payments"));
    for none in ["refund", "-team:payments", "team:payments,lending"] {
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
