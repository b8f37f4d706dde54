//! Reading the fields of a filter as they stand in a URL: blank ones do not restrict, and what is wrong is told by field.

use crate::FieldProblems;

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

/// The number of a page, from 1.
pub(crate) fn page(text: &str) -> Result<usize, String> {
    let page = text.parse().ok().filter(|page: &usize| (1..=1_000_000).contains(page));
    page.ok_or_else(|| "A page is a whole number from 1 on.".to_owned())
}
