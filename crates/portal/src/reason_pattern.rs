//! The pattern that every reason in a team must contain, such as a ticket's number. The `regex` crate runs in time linear
//! in the text, so that no pattern can make the portal hang; a pattern's size and depth are bounded as well.

use regex::{Regex, RegexBuilder};
use store::ReasonPattern;

use crate::{FieldProblems, PatternProblem, Problem, fields::no_hidden};

/// The most characters of a pattern, and of its hint.
const LONGEST: usize = 200;
/// The most bytes of a compiled pattern, and of what it caches while it runs.
const MOST_BYTES: usize = 256 << 10;
/// How deep groups may be nested.
const DEEPEST: u32 = 16;

/// Reads a pattern and its hint as an admin entered them. A blank one counts as missing.
pub(crate) fn read(expression: &str, hint: &str, problems: &mut FieldProblems) -> Option<ReasonPattern> {
    let (expression, hint) = (expression.trim(), hint.trim());
    if let Err(problem) = one_line(hint) {
        problems.add("reason_hint", problem);
    }
    if expression.is_empty() {
        if !hint.is_empty() {
            problems.add("reason_pattern", PatternProblem::HintWithoutPattern);
        }
        return None;
    }
    match one_line(expression).and_then(|()| Ok(compile(expression)?)) {
        Err(problem) => {
            problems.add("reason_pattern", problem);
            return None;
        }
        Ok(pattern) if pattern.is_match("") => {
            problems.add("reason_pattern", PatternProblem::PatternMatchesAll);
            return None;
        }
        Ok(_) => {}
    }
    Some(ReasonPattern { expression: expression.to_owned(), hint: (!hint.is_empty()).then(|| hint.to_owned()) })
}

fn one_line(text: &str) -> Result<(), Problem> {
    if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        return Err(Problem::NotPlainText { most: LONGEST });
    }
    no_hidden(text)
}

/// What is wrong with a pattern that a team has. `None` if it can be used.
#[must_use]
pub fn pattern_problem(expression: &str) -> Option<PatternProblem> {
    compile(expression).err()
}

/// Compiles a pattern.
///
/// # Errors
/// `PatternInvalid` or `PatternTooComplex`.
pub(crate) fn compile(expression: &str) -> Result<Regex, PatternProblem> {
    let compiled =
        RegexBuilder::new(expression).size_limit(MOST_BYTES).dfa_size_limit(MOST_BYTES).nest_limit(DEEPEST).build();
    compiled.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => PatternProblem::PatternTooComplex,
        // The error draws the pattern over several lines; the last one says what is wrong.
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            PatternProblem::PatternInvalid { why: last.trim_start_matches("error: ").to_owned() }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use rstest::rstest;

    use super::{compile, read};
    use crate::{FieldProblems, PatternProblem, Problem};

    fn problem(expression: &str, hint: &str, field: &str) -> Option<Problem> {
        let mut problems = FieldProblems::default();
        read(expression, hint, &mut problems);
        problems.of(field).cloned()
    }

    #[test]
    fn a_pattern_and_its_hint_are_read_without_the_space_around_them() {
        let mut problems = FieldProblems::default();
        let read = read(r" [A-Z]+-\d+ ", " Name a ticket, such as PAY-123 ", &mut problems).expect("a pattern");
        assert!(problems.is_empty());
        assert_eq!(read.expression, r"[A-Z]+-\d+");
        assert_eq!(read.hint.as_deref(), Some("Name a ticket, such as PAY-123"));
        assert_eq!(super::read("", " ", &mut problems), None);
        assert!(problems.is_empty());
    }

    #[rstest]
    #[case::not_an_expression("[A-Z", PatternProblem::PatternInvalid { why: "unclosed character class".to_owned() })]
    #[case::look_around("(?=x)y", PatternProblem::PatternInvalid {
        why: "look-around, including look-ahead and look-behind, is not supported".to_owned(),
    })]
    #[case::too_large(r"(\w{50}){50}", PatternProblem::PatternTooComplex)]
    #[case::nothing_is_required(".*", PatternProblem::PatternMatchesAll)]
    #[case::nothing_is_required_at_the_end("x?$", PatternProblem::PatternMatchesAll)]
    #[case::two_lines("a\nb", Problem::NotPlainText { most: 200 })]
    #[case::too_long(&"x".repeat(201), Problem::NotPlainText { most: 200 })]
    #[case::hidden("PAY\u{200b}", Problem::HiddenCharacter { character: "U+200B".to_owned() })]
    fn a_pattern_that_cannot_be_used_is_refused(#[case] expression: &str, #[case] expected: impl Into<Problem>) {
        assert_eq!(problem(expression, "", "reason_pattern"), Some(expected.into()));
    }

    #[test]
    fn groups_within_groups_are_bounded() {
        let nested = format!("{}x{}", "(".repeat(20), ")".repeat(20));
        assert!(matches!(
            problem(&nested, "", "reason_pattern"),
            Some(Problem::Pattern(PatternProblem::PatternInvalid { .. }))
        ));
    }

    #[test]
    fn a_hint_is_short_and_has_a_pattern() {
        assert_eq!(problem("", "Name a ticket", "reason_pattern"), Some(PatternProblem::HintWithoutPattern.into()));
        assert_eq!(problem("x", &"x".repeat(201), "reason_hint"), Some(Problem::NotPlainText { most: 200 }));
    }

    /// Patterns of this kind take other engines longer than the age of the universe.
    #[test]
    fn no_pattern_and_no_reason_take_long() {
        let begun = Instant::now();
        for expression in ["(a+)+$", "(a|aa)+b", "(a*)*c", r"(\w+\s?)*!"] {
            compile(expression).expect("a pattern").is_match(&"a".repeat(1_000));
        }
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
}
