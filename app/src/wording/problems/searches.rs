//! What is wrong with a search of the audit log, or with keeping one.

use portal::{SearchProblem, audit::Key};

use crate::wording::numbers::grouped;

pub fn problem(problem: &SearchProblem) -> String {
    let text = match problem {
        SearchProblem::NoWord => "There is no word in this that could be searched for.",
        SearchProblem::NothingExcluded => {
            "There is nothing after the - that could be left out. Remove the - or add a word."
        }
        SearchProblem::AfterNotBefore { after, before } => {
            return format!("after:{after} is not earlier than before:{before}, so nothing can match. Swap the two.");
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
                "You cannot search for a network such as {network}. Search for one address, or for the beginning that \
                 its addresses share, such as 203.0.113."
            );
        }
        SearchProblem::QuoteOpen => "The closing quotation mark is missing.",
        SearchProblem::NoValue => "Give one value, or several with commas between them.",
        SearchProblem::NotAPlace => "This is no place in the log.",
        SearchProblem::OlderAndNewer => "Give older or newer, not both.",
        SearchProblem::EmptySearch => "There is nothing in this search to keep.",
        SearchProblem::SearchNameTaken => "You keep another search of this name.",
        SearchProblem::SearchTooLong { most, found } => {
            return format!("A search has {} characters at most; this one has {found}.", grouped(*most));
        }
        SearchProblem::TooManyConditions { most } => {
            return format!("These are more than {most} conditions. Leave some out.");
        }
        SearchProblem::NoSuchKey { key } => {
            let keys: Vec<String> = Key::ALL.iter().map(|key| format!("{key}:")).collect();
            return format!(
                "There is no “{key}:”. The keys are {}. Put quotation marks around words with a colon.",
                keys.join(", ")
            );
        }
        SearchProblem::NothingAfter { key } => return format!("There is nothing after {key}:."),
        SearchProblem::NoWordAfter { key } => {
            return format!("There is nothing after {key}: that could be searched for.");
        }
        SearchProblem::ExcludedMoment { key, moment } => {
            let opposite = if *key == Key::After { Key::Before } else { Key::After };
            return format!("Write {opposite}:{moment} instead of -{key}:.");
        }
        SearchProblem::NotOneOf { word, expected } => {
            return format!("“{word}” is none of: {}.", expected.join(", "));
        }
        SearchProblem::NoSuchAction { word } => return format!("There is no action “{word}”."),
        SearchProblem::TooManySearches { most } => {
            return format!("You keep {most} searches already; delete one first.");
        }
        SearchProblem::TooManySharedSearches { most } => {
            return format!("{most} searches are there for everybody already; keep this for yourself.");
        }
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
            ("colour:red", "There is no “colour:”"),
            ("https://example.com", "There is no “https:”"),
            ("actor:", "There is nothing after actor:"),
            ("actor:--", "There is nothing after actor:"),
            ("outcome:maybe", "“maybe” is none of: succeeded"),
            ("reviewed:perhaps", "“perhaps” is none of: yes, no, flagged, answered"),
            ("action:connector.explode", "There is no action “connector.explode”"),
            ("team:No_Team", "You read no team of this name."),
            ("after:yesterday-ish", "Give a date and time such as"),
            ("-after:24h", "Write before:24h instead of -after:."),
            ("-before:24h", "Write after:24h instead of -before:."),
            ("\"no end", "The closing quotation mark is missing."),
            ("outcome:,", "Give one value"),
            ("acme -", "There is nothing after the -"),
            ("after:24h before:2026-11-20", "after:24h is not earlier than before:2026-11-20"),
            ("203.0.113.0/24", "You cannot search for a network such as 203.0.113.0/24."),
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
        assert_eq!(problems::problem(&long), "A search has 1,000 characters at most; this one has 1001.");
    }
}
