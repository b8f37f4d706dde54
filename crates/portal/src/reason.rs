//! Why somebody changes something, in his or her own words.

use crate::{Problem, fields::no_hidden};

/// 1 to 1,000 characters that show something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// The most characters a reason may have.
    pub const LONGEST: usize = 1_000;

    /// Reads a reason; blank is none.
    ///
    /// # Errors
    /// `ReasonTooLong`, `ReasonControlCharacters` or `HiddenCharacter`.
    pub fn read(text: &str) -> Result<Option<Self>, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let length = text.chars().count();
        if length > Self::LONGEST {
            return Err(Problem::ReasonTooLong { most: Self::LONGEST, found: length });
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(Problem::ReasonControlCharacters);
        }
        no_hidden(text)?;
        Ok(Some(Self(text.to_owned())))
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
