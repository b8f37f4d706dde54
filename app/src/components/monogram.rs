//! Two letters on a coloured ground, for an application, a team or a person: never a logo.

use leptos::prelude::*;
use maud::{Markup, html};

use super::drawn::drawn;

/// How many grounds `style/status.css` has.
const HUES: u32 = 8;

/// `key` chooses the ground, so that things of one kind look alike; `name` gives the letters. Screen readers skip it: the style sheet gives
/// the letters an empty name.
pub fn monogram(name: &str, key: &str) -> AnyView {
    drawn(monogram_markup(name, key))
}

pub fn monogram_markup(name: &str, key: &str) -> Markup {
    in_class("app", name, key)
}

/// A person's.
pub fn person_monogram(name: &str) -> AnyView {
    drawn(person_monogram_markup(name))
}

pub fn person_monogram_markup(name: &str) -> Markup {
    in_class("app round", name, name)
}

/// Beside the heading of a page.
pub fn large_monogram(name: &str, key: &str) -> AnyView {
    drawn(in_class("app lg", name, key))
}

fn in_class(class: &'static str, name: &str, key: &str) -> Markup {
    html! { i class={ (class) " h" (hue(key)) } data-m=(letters(name)) {} }
}

/// The initials of the first two words, or the first two letters of the only one.
fn letters(name: &str) -> String {
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let upper = |word: &str| word.chars().next().into_iter().flat_map(char::to_uppercase).take(1).collect::<String>();
    match words.as_slice() {
        [] => String::new(),
        [one] => {
            one.chars().nth(1).map_or_else(|| upper(one), |second| upper(one) + &second.to_lowercase().to_string())
        }
        [one, two, ..] => upper(one) + &upper(two),
    }
}

fn hue(key: &str) -> u32 {
    // FNV-1a, which spreads short names well.
    key.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)) % HUES
}

#[cfg(test)]
mod tests {
    use super::{hue, letters};

    #[test]
    fn the_letters_are_initials_or_the_first_two() {
        assert_eq!(letters("Payments Sandbox"), "PS");
        assert_eq!(letters("salesforce"), "Sa");
        assert_eq!(letters("net_suite – EU"), "NS");
        assert_eq!(letters("x"), "X");
        assert_eq!(letters(" – "), "");
        assert_eq!(letters("日本"), "日本");
        assert_eq!(letters("ßeta"), "Se");
    }

    #[test]
    fn the_same_key_has_the_same_ground() {
        assert_eq!(hue("salesforce"), hue("salesforce"));
        let hues: std::collections::BTreeSet<_> = (0..100).map(|key| hue(&key.to_string())).collect();
        assert_eq!(hues.len(), 8);
    }
}
