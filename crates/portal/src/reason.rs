//! Why somebody changes something, in his or her own words.

/// 1 to 1,000 characters that show something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// The most characters a reason may have.
    pub const LONGEST: usize = 1_000;

    /// Reads a reason; blank is none.
    ///
    /// # Errors
    /// What is wrong with it, for the field.
    pub fn read(text: &str) -> Result<Option<Self>, String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let length = text.chars().count();
        if length > Self::LONGEST {
            return Err(format!("A reason has 1,000 characters at most; this one has {length}."));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err("This reason has control characters in it.".to_owned());
        }
        Ok(Some(Self(text.to_owned())))
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
