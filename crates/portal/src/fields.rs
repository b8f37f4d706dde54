//! Reading the fields of a filter from a URL. Blank fields do not filter; each problem belongs to a field.

use crate::{
    FieldProblems, PAGE_SIZES, Paging, Problem,
    characters::{code_point, first_hidden},
    names::is_blank,
    one_line,
};

/// The most characters of a field that people type into a filter.
const LONGEST: usize = 200;

/// Reads a field. Returns `None` if it is blank, or if it is invalid, which adds a problem.
pub(crate) fn field<T>(
    problems: &mut FieldProblems,
    name: &str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, Problem>,
) -> Option<T> {
    let text = text.trim();
    // Text of which nothing shows would be part of every name.
    if is_blank(text) && !text.contains(char::is_control) {
        return None;
    }
    match parse(text) {
        Ok(value) => Some(value),
        Err(problem) => {
            problems.add(name, problem);
            None
        }
    }
}

/// A short text on one line.
pub(crate) fn short(text: &str) -> Result<String, Problem> {
    if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        Err(Problem::TooLong { most: LONGEST })
    } else {
        Ok(text.to_owned())
    }
}

/// The most characters of a name that a list can be searched for. Workato documents no limit for its names.
const LONGEST_NAME: usize = 1_000;

/// Part of a name, typed or pasted. Tabs and line breaks become spaces. Other control characters become the
/// replacement character, so that they match no name and are safe to send to Workato.
pub(crate) fn part_of_name(text: &str) -> Result<String, Problem> {
    if text.chars().count() > LONGEST_NAME {
        return Err(Problem::TooLong { most: LONGEST_NAME });
    }
    let printable = |letter: char| match letter {
        letter if !letter.is_control() => letter,
        letter if letter.is_whitespace() => ' ',
        _ => char::REPLACEMENT_CHARACTER,
    };
    Ok(text.replace("\r\n", "\n").chars().map(printable).collect())
}

/// The number of a page, counted from 1.
fn page(text: &str) -> Result<usize, Problem> {
    let page = text.parse().ok().filter(|page: &usize| (1..=1_000_000).contains(page));
    page.ok_or(Problem::NotAPage)
}

/// The page of a list, and its rows.
pub(crate) fn paging(problems: &mut FieldProblems, number: &str, rows: &str) -> Paging {
    let known = |text: &str| text.parse().ok().filter(|rows| PAGE_SIZES.contains(rows)).ok_or(Problem::NotRows);
    Paging {
        page: field(problems, "page", number, page).unwrap_or(1),
        rows: field(problems, "rows", rows, known).unwrap_or(PAGE_SIZES[0]),
    }
}

/// `true` or `false`.
pub(crate) fn flag(text: &str) -> Result<bool, Problem> {
    text.parse().map_err(|_| Problem::NotTrueOrFalse)
}

/// A name of 1 to `most` characters, without the white space around it.
pub(crate) fn name(text: &str, most: usize) -> Result<String, Problem> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > most || name.chars().any(char::is_control) {
        return Err(Problem::NameLength { most });
    }
    no_hidden(name)?;
    Ok(name.to_owned())
}

/// The most characters of a name that somebody gives to a thing of their own.
const LONGEST_OWN_NAME: usize = 60;

/// A name that somebody gives to a thing of their own, such as a view: on one line. Adds a problem if it is no name.
pub(crate) fn own_name(text: &str, problems: &mut FieldProblems) -> String {
    name(&one_line(text), LONGEST_OWN_NAME).unwrap_or_else(|problem| {
        problems.add("name", problem);
        String::new()
    })
}

/// Refuses text that people type and other people read if it has a hidden character.
pub(crate) fn no_hidden(text: &str) -> Result<(), Problem> {
    match first_hidden(text) {
        Some(letter) => Err(Problem::HiddenCharacter { character: code_point(letter) }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{name, part_of_name};
    use crate::Problem;

    #[test]
    fn any_name_of_a_thousand_characters_can_be_searched_for() {
        let longest = "🚚".repeat(1_000);
        assert_eq!(part_of_name(&longest), Ok(longest));
        assert!(part_of_name(&"x".repeat(1_001)).is_err());
    }

    #[test]
    fn a_name_that_looks_like_another_is_refused() {
        let hidden = |character: &str| Err(Problem::HiddenCharacter { character: character.to_owned() });
        assert_eq!(name("Olga\u{200b}", 80), hidden("U+200B"));
        assert_eq!(name("\u{202e}agl\u{202c}O", 80), hidden("U+202E"));
        assert_eq!(name("\u{e000}1", 80), hidden("U+E000"));
        assert_eq!(name(" Zoë 👩‍💻 می\u{200c}خواهم ", 80).as_deref(), Ok("Zoë 👩‍💻 می\u{200c}خواهم"));
    }

    #[test]
    fn line_breaks_are_spaces_and_other_control_characters_match_nothing() {
        assert_eq!(part_of_name("a\tb\r\nc\u{85}d  e").as_deref(), Ok("a b c d  e"));
        assert_eq!(part_of_name("\0\u{1b}\u{7f}").as_deref(), Ok("\u{fffd}\u{fffd}\u{fffd}"));
    }
}
