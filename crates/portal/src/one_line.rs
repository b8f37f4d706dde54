//! Names as they look on a page.

/// White space as one space, none at the ends: as a browser shows it.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
