//! Comparing names that people type with names that Workato has. Every filter, search and confirmation by name uses
//! these two functions, so that a name that looks the same is the same.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::{
    characters::{is_invisible, without_invisible},
    one_line,
};

/// A name in one spelling: NFC, without characters that do not show, and with each run of white space as one space.
/// Keyboards and systems encode the same letter in different ways, for example `é` as one character or as `e` and an
/// accent. Letters that look different stay different: full-width letters, ligatures, accents.
pub(crate) fn normalized(name: &str) -> String {
    nfc(one_line(&without_invisible(name)))
}

/// The same in lower case, for search.
pub(crate) fn folded(name: &str) -> String {
    let lower = without_invisible(name).to_lowercase();
    // Nearly every name is single-spaced already, and checking that is faster than copying it.
    let is_single_spaced = lower.split(' ').all(|word| !word.is_empty() && !word.contains(char::is_whitespace));
    nfc(if is_single_spaced { lower } else { one_line(&lower) })
}

/// The same for names that look alike although they are spelt differently: full-width letters, ligatures, superscripts.
/// Only to find what could be taken for another; never to say that two are the same.
pub(crate) fn look_alike(name: &str) -> String {
    folded(&name.nfkc().collect::<String>())
}

/// A text in NFC and not changed otherwise, to see whether Workato has exactly what was sent.
pub(crate) fn composed(text: &str) -> String {
    nfc(text.to_owned())
}

/// Whether nothing of a name shows.
#[must_use]
pub fn is_blank(name: &str) -> bool {
    name.chars().all(|letter| letter.is_whitespace() || is_invisible(letter))
}

fn nfc(text: String) -> String {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes { text } else { text.nfc().collect() }
}

#[cfg(test)]
mod tests {
    use super::{folded, is_blank, normalized};

    const COMPOSED: &str = "Caf\u{e9} S\u{f8}n";
    const DECOMPOSED: &str = "Cafe\u{301}  S\u{f8}n\n";

    #[test]
    fn a_name_is_the_same_however_its_letters_are_encoded() {
        assert_ne!(COMPOSED, DECOMPOSED);
        assert_eq!(normalized(COMPOSED), normalized(DECOMPOSED));
        assert_eq!(folded("CAFE\u{301}"), folded("caf\u{e9}"));
    }

    #[test]
    fn letters_that_look_different_are_different() {
        for (one, other) in [("Cafe", "Caf\u{e9}"), ("\u{fb01}ne", "fine"), ("\u{ff21}cme", "Acme")] {
            assert_ne!(normalized(one), normalized(other));
            assert_ne!(folded(one), folded(other));
        }
    }

    #[test]
    fn characters_that_do_not_show_are_ignored() {
        for odd in [
            "Acme\u{200b} Pay",
            "\u{feff}Acme Pay",
            "Ac\u{ad}me\u{a0}Pay",
            "Acme \u{202e}Pay\u{202c}",
            "Acme\u{3000}Pay\u{200d}",
            "Acme\u{2003}\u{2060} Pay\u{fe0f}",
            "Acme\u{e0020} Pay\u{7f}",
            "Acme\t\u{200b}\u{a0}\u{200b} Pay\0",
        ] {
            assert_eq!((normalized(odd), folded(odd)), ("Acme Pay".to_owned(), "acme pay".to_owned()), "{odd:?}");
        }
        assert_eq!(normalized("Cafe\u{200d}\u{301}"), "Caf\u{e9}", "an accent joins the letter before it");
        assert_eq!(normalized("\u{200b} \u{2800}"), "");
        assert!(is_blank("\u{200b} \u{2800}\n") && is_blank("") && !is_blank("\u{200b}a"));
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
