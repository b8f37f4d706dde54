//! A team, as entered in a form or on the command line.

/// A team, as entered in a form or on the command line.
#[derive(Clone, Debug, Default)]
pub struct TeamInput {
    /// Its short name in URLs.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Workato's base URL for its workspace.
    pub workato_url: String,
    /// Whether it is a production team. Its changes need a reason.
    pub production: bool,
    /// A regular expression that every reason for a change must contain; empty for none.
    pub reason_pattern: String,
    /// What people read about the pattern; may be empty.
    pub reason_hint: String,
}
