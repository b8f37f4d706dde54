//! Reading the fields of a filter as they stand in a URL: blank ones do not restrict, and what is wrong is told by field.

use crate::{FieldProblems, one_line};

/// Reads a field; none where it is blank, or wrong, which is noted.
pub(crate) fn field<T>(
    problems: &mut FieldProblems,
    name: &str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    match parse(text) {
        Ok(value) => Some(value),
        Err(message) => {
            problems.add(name, message);
            None
        }
    }
}

/// Text of a length that a person types, on one line.
pub(crate) fn short(text: &str) -> Result<String, String> {
    if text.chars().count() > 200 || text.chars().any(char::is_control) {
        Err("Give 200 characters at most.".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// The most characters of a name that a list can be searched for. Workato documents no limit for its names.
const LONGEST_NAME: usize = 1_000;

/// Part of a name, as it was typed or pasted. Tabs and line breaks become spaces. Other control characters become the
/// replacement character, so that they match no name and are safe to send to Workato.
pub(crate) fn part_of_name(text: &str) -> Result<String, String> {
    if text.chars().count() > LONGEST_NAME {
        return Err("Give 1,000 characters at most.".to_owned());
    }
    let printable = |letter: char| match letter {
        letter if !letter.is_control() => letter,
        letter if letter.is_whitespace() => ' ',
        _ => char::REPLACEMENT_CHARACTER,
    };
    Ok(text.replace("\r\n", "\n").chars().map(printable).collect())
}

/// Text in lower case and with single spaces, as the lists compare names.
pub(crate) fn folded(text: &str) -> String {
    let lower = text.to_lowercase();
    // Nearly every name is single-spaced already: 50,000 names take 6 ms, and 4 ms without looking.
    let is_single_spaced = lower.split(' ').all(|word| !word.is_empty() && !word.contains(char::is_whitespace));
    if is_single_spaced { lower } else { one_line(&lower) }
}

/// The number of a page, from 1.
pub(crate) fn page(text: &str) -> Result<usize, String> {
    let page = text.parse().ok().filter(|page: &usize| (1..=1_000_000).contains(page));
    page.ok_or_else(|| "A page is a whole number from 1 on.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{folded, part_of_name};

    #[test]
    fn any_name_of_a_thousand_characters_can_be_searched_for() {
        let longest = "🚚".repeat(1_000);
        assert_eq!(part_of_name(&longest), Ok(longest));
        assert!(part_of_name(&"x".repeat(1_001)).is_err());
    }

    #[test]
    fn line_breaks_are_spaces_and_other_control_characters_match_nothing() {
        assert_eq!(part_of_name("a\tb\r\nc\u{85}d  e").as_deref(), Ok("a b c d  e"));
        assert_eq!(part_of_name("\0\u{1b}\u{7f}").as_deref(), Ok("\u{fffd}\u{fffd}\u{fffd}"));
    }

    #[test]
    fn names_are_compared_in_lower_case_with_single_spaces() {
        assert_eq!(folded("  Kronos   (TWO\r\nlines) Ä "), "kronos (two lines) ä");
    }
}
