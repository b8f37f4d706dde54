//! Reading the fields of a filter from a URL. Blank fields do not filter; each problem belongs to a field.

use crate::FieldProblems;

/// Reads a field. Returns `None` if it is blank, or if it is invalid, which adds a problem.
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

/// A short text on one line.
pub(crate) fn short(text: &str) -> Result<String, String> {
    if text.chars().count() > 200 || text.chars().any(char::is_control) {
        Err("Give 200 characters at most.".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// The most characters of a name that a list can be searched for. Workato documents no limit for its names.
const LONGEST_NAME: usize = 1_000;

/// Part of a name, typed or pasted. Tabs and line breaks become spaces. Other control characters become the
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

/// The number of a page, counted from 1.
pub(crate) fn page(text: &str) -> Result<usize, String> {
    let page = text.parse().ok().filter(|page: &usize| (1..=1_000_000).contains(page));
    page.ok_or_else(|| "A page is a whole number from 1 on.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::part_of_name;

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
}
