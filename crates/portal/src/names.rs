//! Comparing names that people type with names that Workato has.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::one_line;

/// A name in one spelling: NFC, with each run of white space as one space. Keyboards and systems encode the same letter
/// in different ways, for example `é` as one character or as `e` and an accent.
pub(crate) fn normalized(name: &str) -> String {
    nfc(one_line(name))
}

/// The same in lower case, for search.
pub(crate) fn folded(name: &str) -> String {
    let lower = name.to_lowercase();
    // Nearly every name is single-spaced already, and checking that is faster than copying it.
    let is_single_spaced = lower.split(' ').all(|word| !word.is_empty() && !word.contains(char::is_whitespace));
    nfc(if is_single_spaced { lower } else { one_line(&lower) })
}

fn nfc(text: String) -> String {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes { text } else { text.nfc().collect() }
}

#[cfg(test)]
mod tests {
    use super::{folded, normalized};

    const COMPOSED: &str = "Caf\u{e9} S\u{f8}n";
    const DECOMPOSED: &str = "Cafe\u{301}  S\u{f8}n\n";

    #[test]
    fn a_name_is_the_same_however_its_letters_are_encoded() {
        assert_ne!(COMPOSED, DECOMPOSED);
        assert_eq!(normalized(COMPOSED), normalized(DECOMPOSED));
        assert_eq!(folded("CAFE\u{301}"), folded("caf\u{e9}"));
        assert_ne!(normalized("Cafe"), normalized("Caf\u{e9}"));
        assert_ne!(normalized("\u{fb01}ne"), normalized("fine"), "a ligature is another spelling");
    }

    #[test]
    fn a_lower_case_letter_is_composed_as_well() {
        // The lower case of U+0130 is `i` and U+0307.
        assert_eq!(folded("\u{130}"), folded("I\u{307}"));
    }

    #[test]
    fn names_are_compared_in_lower_case_with_single_spaces() {
        assert_eq!(folded("  Kronos   (TWO\r\nlines) Ä "), "kronos (two lines) ä");
    }
}
