//! What is wrong with the pattern that a team's reasons must contain.

use portal::PatternProblem;

pub fn problem(problem: &PatternProblem) -> String {
    let text = match problem {
        PatternProblem::PatternTooComplex => "This pattern is too complex. Use a shorter one.",
        PatternProblem::PatternMatchesAll => "Every reason matches this pattern. Use one that requires something.",
        PatternProblem::HintWithoutPattern => "Enter a pattern, or clear the hint.",
        PatternProblem::PatternInvalid { why } => return format!("This isn't a valid regular expression: {why}."),
    };
    text.to_owned()
}

/// A team's pattern cannot be used, so that reasons are not checked.
pub fn unchecked(why: &PatternProblem) -> String {
    format!("Reasons aren't checked. {}", problem(why))
}

#[cfg(test)]
mod tests {
    use portal::PatternProblem;

    use super::unchecked;

    #[test]
    fn an_unusable_pattern_says_what_follows() {
        let why = PatternProblem::PatternInvalid { why: "unclosed group".to_owned() };
        assert_eq!(unchecked(&why), "Reasons aren't checked. This isn't a valid regular expression: unclosed group.");
    }
}
