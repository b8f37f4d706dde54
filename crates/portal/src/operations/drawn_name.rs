//! The name that a form showed for its target. It comes back from the browser, so it is only as good as the person who
//! sends it. It is recorded, as not confirmed, if the portal has no better one.

use crate::{characters::first_hidden, one_line};

/// The most characters of such a name.
const LONGEST: usize = 1_000;

/// The name on one line. `None` if it is empty or too long, or has characters that do not show.
pub(super) fn drawn_name(text: &str) -> Option<String> {
    let name = one_line(text);
    let is_good = !name.is_empty() && name.chars().count() <= LONGEST && first_hidden(&name).is_none();
    is_good.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::drawn_name;

    #[test]
    fn a_name_is_kept_on_one_line_if_every_character_shows() {
        assert_eq!(drawn_name("  Škoda &\n Søn 株式会社 🚚 ").as_deref(), Some("Škoda & Søn 株式会社 🚚"));
        let too_long = "x".repeat(1_001);
        for bad in ["", " \n", "a\0b", "Acme\u{200b}", "\u{202e}emcA", "Acme\u{e000}", "a\u{e0041}b", &too_long] {
            assert_eq!(drawn_name(bad), None, "{bad:?}");
        }
    }
}
