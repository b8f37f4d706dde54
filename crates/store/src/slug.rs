//! A team's short name in URLs.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Lower-case letters, digits and single hyphens between them, 40 characters at most.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TeamSlug(String);

/// The text is not a slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a slug is 1 to 40 lower-case letters, digits and single hyphens between them")]
pub struct InvalidSlug;

impl TeamSlug {
    /// The slug's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TeamSlug {
    type Err = InvalidSlug;

    fn from_str(text: &str) -> Result<Self, InvalidSlug> {
        let words_are_right = text
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        if words_are_right && text.len() <= 40 { Ok(Self(text.to_owned())) } else { Err(InvalidSlug) }
    }
}

impl TryFrom<String> for TeamSlug {
    type Error = InvalidSlug;

    fn try_from(text: String) -> Result<Self, InvalidSlug> {
        text.parse()
    }
}

impl From<TeamSlug> for String {
    fn from(slug: TeamSlug) -> Self {
        slug.0
    }
}

impl fmt::Display for TeamSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::TeamSlug;

    #[test]
    fn only_words_joined_by_single_hyphens_are_slugs() {
        for good in ["payments", "eu-1", "a"] {
            assert!(good.parse::<TeamSlug>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "Payments", "a/b", "ü", &"x".repeat(41)] {
            assert!(bad.parse::<TeamSlug>().is_err(), "{bad}");
        }
    }
}
