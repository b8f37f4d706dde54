//! Comparing names with what people type in a hurry.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};

/// A text that names are compared with. Each of its words has to be in a name, and may lack letters: `ady set` and
/// `adystl` find "Adyen Settlement". Upper case and accents do not matter.
pub struct Matching {
    pattern: Pattern,
    matcher: Matcher,
    letters: Vec<char>,
}

impl Matching {
    /// Prepares a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let pattern = Pattern::new(text, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
        Self { pattern, matcher: Matcher::new(Config::DEFAULT), letters: Vec::new() }
    }

    /// How well a name fits: higher is better. `None` if it does not.
    pub fn score(&mut self, name: &str) -> Option<u32> {
        self.pattern.score(Utf32Str::new(name, &mut self.letters), &mut self.matcher)
    }

    /// How well the best of these names fits.
    pub fn score_any<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) -> Option<u32> {
        names.into_iter().filter_map(|name| self.score(name)).max()
    }
}

#[cfg(test)]
mod tests {
    use super::Matching;

    fn best<'a>(text: &str, names: &[&'a str]) -> Option<&'a str> {
        let mut matching = Matching::new(text);
        let scored = names.iter().filter_map(|name| Some((matching.score(name)?, *name)));
        scored.max_by_key(|(score, _)| *score).map(|(_, name)| name)
    }

    #[test]
    fn letters_may_be_missing_but_not_in_another_order() {
        let names = ["Adyen Settlement", "Mollie Refunds"];
        for text in ["ady set", "adystl", "SETTLEMENT", "settlement adyen", "a"] {
            assert_eq!(best(text, &names), Some("Adyen Settlement"), "{text}");
        }
        assert_eq!(best("tesyda", &names), None);
        assert_eq!(best("adyen refunds", &names), None);
    }

    #[test]
    fn the_beginning_of_a_word_is_better_than_its_middle() {
        assert_eq!(best("box", &["Inbox rules", "Box APAC"]), Some("Box APAC"));
        assert_eq!(best("ns", &["Sunshine", "NetSuite"]), Some("NetSuite"));
    }

    #[test]
    fn accents_do_not_matter_and_signs_have_no_special_meaning() {
        assert_eq!(best("cafe", &["Caf\u{e9} Zurich"]), Some("Caf\u{e9} Zurich"));
        assert_eq!(best("zürich", &["Zürich HQ", "Zurich HQ"]), Some("Zürich HQ"));
        for sign in ["!box", "^box", "'box", "box$", "%", "\\"] {
            assert_eq!(best(sign, &["Box APAC"]), None, "{sign}");
        }
    }
}
