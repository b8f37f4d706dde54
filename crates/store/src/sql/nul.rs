//! Text with NUL characters, which names from Workato may have and PostgreSQL cannot store. There they are written in another
//! way, so that what is read is what was written, and has the same hash and HMAC on both databases.

use std::borrow::Cow;

/// Stands before what it changes. Unicode keeps it free for uses like this.
const ESCAPE: char = '\u{fdd0}';
const NUL: &str = "\u{fdd0}0";
const ITSELF: &str = "\u{fdd0}1";

/// A text as PostgreSQL stores it.
pub(super) fn hidden(text: String) -> String {
    match text.contains(['\0', ESCAPE]) {
        true => text.replace(ESCAPE, ITSELF).replace('\0', NUL),
        false => text,
    }
}

/// The text that PostgreSQL has stored.
pub(super) fn shown(text: String) -> String {
    match text.contains(ESCAPE) {
        true => text.replace(NUL, "\0").replace(ITSELF, "\u{fdd0}"),
        false => text,
    }
}

/// A JSON document that the database has made of such texts.
pub(crate) fn in_json(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\\u0000")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::{hidden, shown};

    #[test]
    fn every_text_is_read_as_it_was_written() {
        for text in ["", "plain", "a\0b", "\0\0", "\u{fdd0}", "\u{fdd0}0", "\u{fdd0}1\0", "0\u{fdd0}\u{fdd0}1"] {
            let stored = hidden(text.to_owned());
            assert!(!stored.contains('\0'), "{text:?}");
            assert_eq!(shown(stored), text);
        }
    }
}
