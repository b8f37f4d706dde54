//! The parts of a sentence: text, and targets to be linked.

use portal::{TeamSlug, audit::Target};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Text(String),
    /// A target, to be linked to its page, and the team that it belongs to.
    Target(Target, Option<TeamSlug>),
}

/// Adds text to the last part, or as a part of its own after a target.
pub fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Text(last)) => last.push_str(text),
        Some(Part::Target(..)) | None => parts.push(Part::Text(text.to_owned())),
    }
}
