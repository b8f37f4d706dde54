//! What is wrong with a search of the audit log.

use portal::{SearchProblem, audit::Key};

use crate::wording::numbers::grouped;

pub fn problem(problem: &SearchProblem) -> String {
    let text = match problem {
        SearchProblem::NoWord => "Enter at least one letter or digit.",
        SearchProblem::NothingExcluded => "Nothing follows the -. Remove it or add a word.",
        SearchProblem::AfterNotBefore { after, before } => {
            return format!("after:{after} is not earlier than before:{before}, so nothing can match. Swap them.");
        }
        SearchProblem::Contradiction { one, other } => {
            let either = match (one.split_once(':'), other.split_once(':')) {
                (Some((key, first)), Some((same, second))) if key == same && !key.starts_with('-') => {
                    format!(" To find either, write {key}:{first},{second}.")
                }
                _ => String::new(),
            };
            return format!("No operation can match both {one} and {other}.{either}");
        }
        SearchProblem::NetworkNotSearched { network } => {
            return format!(
                "You can't search for a network such as {network}. Search for one address, or for the start that its \
                 addresses share, such as 203.0.113."
            );
        }
        SearchProblem::QuoteOpen => "The closing quotation mark is missing.",
        SearchProblem::NoValue => "Enter one value, or several separated by commas.",
        SearchProblem::NotAPlace => "This isn't a position in the log.",
        SearchProblem::OlderAndNewer => "Use older or newer, not both.",
        SearchProblem::SearchTooLong { most, found } => {
            return format!("Use at most {} characters. This search has {found}.", grouped(*most));
        }
        SearchProblem::TooManyConditions { most } => {
            return format!("Use at most {most} conditions.");
        }
        SearchProblem::NoSuchKey { key } => {
            let keys: Vec<String> = Key::ALL.iter().map(|key| format!("{key}:")).collect();
            return format!(
                "“{key}:” isn't a filter. Filters are {}. Put quotation marks around words with a colon.",
                keys.join(", ")
            );
        }
        SearchProblem::NothingAfter { key } => return format!("Nothing follows {key}:."),
        SearchProblem::NoWordAfter { key } => {
            return format!("Enter at least one letter or digit after {key}:.");
        }
        SearchProblem::NotAnId { word } => return format!("“{word}” isn't the ID of a job or another operation."),
        SearchProblem::ExcludedMoment { key, moment } => {
            let opposite = if *key == Key::After { Key::Before } else { Key::After };
            return format!("Write {opposite}:{moment} instead of -{key}:.");
        }
        SearchProblem::NotOneOf { word, expected } => {
            return format!("“{word}” isn't one of: {}.", expected.join(", "));
        }
        SearchProblem::NoSuchAction { word } => return format!("There is no action “{word}”."),
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use portal::audit::AuditQuery;
    use time::macros::datetime;

    use crate::wording::problems;

    #[test]
    fn what_cannot_be_understood_is_told() {
        for (typed, expected) in [
            ("colour:red", "“colour:” isn't a filter"),
            ("https://example.com", "“https:” isn't a filter"),
            ("actor:", "Nothing follows actor:"),
            ("actor:--", "Enter at least one letter or digit after actor:"),
            ("outcome:maybe", "“maybe” isn't one of: succeeded"),
            ("reviewed:perhaps", "“perhaps” isn't one of: yes, no, flagged, answered"),
            ("action:connector.explode", "There is no action “connector.explode”"),
            ("team:No_Team", "You have no access to a team with this name."),
            ("after:yesterday-ish", "Enter a date and time such as"),
            ("-after:24h", "Write before:24h instead of -after:."),
            ("-before:24h", "Write after:24h instead of -before:."),
            ("\"no end", "The closing quotation mark is missing."),
            ("outcome:,", "Enter one value"),
            ("batch:42", "“42” isn't the ID of a job"),
            ("acme -", "Nothing follows the -"),
            ("after:24h before:2026-11-20", "after:24h is not earlier than before:2026-11-20"),
            ("203.0.113.0/24", "You can't search for a network such as 203.0.113.0/24."),
            (
                "team:payments team:lending",
                "No operation can match both team:payments and team:lending. To find either, write \
                 team:payments,lending.",
            ),
            ("acme -acme", "No operation can match both acme and -acme."),
        ] {
            let refused = AuditQuery::read(typed, datetime!(2026-11-22 12:00 UTC)).expect_err(typed);
            let text = problems::problem(&refused);
            assert!(text.starts_with(expected), "{typed}: {text}");
        }
        let long = AuditQuery::read(&"x".repeat(1_001), datetime!(2026-11-22 12:00 UTC)).expect_err("too long");
        assert_eq!(problems::problem(&long), "Use at most 1,000 characters. This search has 1001.");
    }
}
