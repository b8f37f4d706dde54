//! Characters that a reader cannot see or that change how the text around them looks: which they are, where one is a
//! legitimate part of a word or an emoji, and how text is shown or compared in spite of them.

use std::borrow::Cow;

use unicode_properties::{
    GeneralCategory as Category, GeneralCategoryGroup as Group, UnicodeEmoji, UnicodeGeneralCategory,
};

/// Joins letters or emoji that would otherwise stand apart.
const JOINER: char = '\u{200d}';
/// Keeps letters apart that would otherwise be joined.
const NON_JOINER: char = '\u{200c}';
const BLACK_FLAG: char = '\u{1f3f4}';
const LAST_TAG: char = '\u{e007f}';
/// The flags that Unicode recommends to write with tags: England, Scotland and Wales.
const TAGGED_FLAGS: [&str; 3] = ["gbeng", "gbsct", "gbwls"];

/// Whether it leaves no trace on the screen: zero-width characters, bidirectional controls, tags, variation selectors,
/// fillers, the soft hyphen, and control characters that are not white space. Two names that differ only in these look
/// the same.
#[must_use]
pub fn is_invisible(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_ascii_control() && !letter.is_whitespace();
    }
    match letter {
        // Combining marks, a joiner and letters that are blank by definition.
        '\u{2d7f}' | '\u{16fe4}' => true,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => true,
        letter if is_variation_selector(letter) => true,
        // These are written around the digits or letters that follow.
        '\u{600}'..='\u{605}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{890}'
        | '\u{891}'
        | '\u{8e2}'
        | '\u{110bd}'
        | '\u{110cd}' => false,
        // Unicode reserves these for more characters that are ignored.
        '\u{2065}' | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}' => true,
        '\u{2028}' | '\u{2029}' | '\u{85}' => false,
        letter => matches!(letter.general_category(), Category::Format | Category::Control),
    }
}

/// Whether it is one that nobody should have to read past: invisible, a line separator that programs treat
/// differently, private-use, unassigned, or no character at all.
fn is_suspicious(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_ascii_control() && !matches!(letter, '\t' | '\n' | '\r');
    }
    // The punctuation and the letters that most texts have.
    if matches!(letter, '\u{a0}'..='\u{ac}' | '\u{ae}'..='\u{2ff}' | '\u{2010}'..='\u{2027}') {
        return false;
    }
    is_invisible(letter)
        || matches!(letter, '\u{85}' | '\u{2028}' | '\u{2029}')
        || matches!(letter.general_category(), Category::PrivateUse | Category::Unassigned)
}

/// A text, split where hidden characters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that looks like what it is.
    Plain(&'a str),
    /// A hidden character: invisible, private-use or unassigned, and no part of a word or an emoji.
    Hidden(char),
}

/// Splits a text where hidden characters are. Tabs and line breaks are not hidden.
///
/// Joiners stay where a script needs them (Persian, the scripts of India) and inside emoji; variation selectors stay
/// behind the characters that have variants. Anywhere else they are hidden.
pub fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut done = 0;
    let mut next = None;
    std::iter::from_fn(move || {
        if let Some(letter) = next.take() {
            return Some(Piece::Hidden(letter));
        }
        if done == text.len() {
            return None;
        }
        let from = done;
        let Some((at, letter)) = hidden_from(text, from) else {
            done = text.len();
            return Some(Piece::Plain(&text[from..]));
        };
        done = at + letter.len_utf8();
        if at == from {
            return Some(Piece::Hidden(letter));
        }
        next = Some(letter);
        Some(Piece::Plain(&text[from..at]))
    })
}

/// The first hidden character, if there is one.
#[must_use]
pub fn first_hidden(text: &str) -> Option<char> {
    hidden_from(text, 0).map(|(_, letter)| letter)
}

/// The text with each hidden character written out, such as `[U+202E]`.
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    if first_hidden(text).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(pieces(text).fold(String::with_capacity(text.len() + 16), |mut escaped, piece| {
        match piece {
            Piece::Plain(plain) => escaped.push_str(plain),
            Piece::Hidden(letter) => escaped.push_str(&format!("[{}]", code_point(letter))),
        }
        escaped
    }))
}

/// The text without invisible characters, for comparing it with what somebody types.
#[must_use]
pub fn without_invisible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|letter| !is_invisible(*letter)).collect())
}

/// `U+202E`.
#[must_use]
pub fn code_point(letter: char) -> String {
    format!("U+{:04X}", u32::from(letter))
}

/// The first hidden character at or behind a place, and where it is. Whole pages are searched, so plain ASCII, which
/// most of a page is, is skipped by the byte.
fn hidden_from(text: &str, mut from: usize) -> Option<(usize, char)> {
    loop {
        from += text.as_bytes()[from..].iter().position(|byte| !matches!(byte, b' '..=b'~' | b'\n'))?;
        let letter = text[from..].chars().next()?;
        if is_suspicious(letter) && !belongs(text, from, letter) {
            return Some((from, letter));
        }
        from += letter.len_utf8();
    }
}

/// Whether a suspicious character is part of a word or an emoji where it is.
fn belongs(text: &str, at: usize, letter: char) -> bool {
    let (before, after) = (text[..at].chars().next_back(), text[at + letter.len_utf8()..].chars().next());
    let Some(before) = before else { return false };
    match letter {
        JOINER | NON_JOINER if after.is_some_and(|after| joins(before) && joins(after)) => true,
        JOINER => is_in_emoji(&text[..at]) && after.is_some_and(is_emoji),
        // Digits, `#` and `*` have one for keycaps.
        '\u{fe0e}' | '\u{fe0f}' => before.is_emoji_char(),
        '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}' => {
            is_han(before) || before.general_category_group() == Group::Symbol
        }
        '\u{180b}'..='\u{180d}' | '\u{180f}' => is_mongolian(before),
        '\u{180e}' => is_mongolian(before) && after.is_some_and(is_mongolian),
        '\u{e0020}'..=LAST_TAG => is_in_flag(text, at),
        _ => false,
    }
}

/// Whether a tag is one of those of a flag.
fn is_in_flag(text: &str, at: usize) -> bool {
    let Some(flag) = text[..at].rfind(BLACK_FLAG) else { return false };
    let tags = flag + BLACK_FLAG.len_utf8();
    TAGGED_FLAGS.iter().any(|flag| {
        let letters = flag.bytes().filter_map(|letter| char::from_u32(0xe0000 + u32::from(letter)));
        let written: String = letters.chain([LAST_TAG]).collect();
        text[tags..].starts_with(&written) && at < tags + written.len()
    })
}

fn is_variation_selector(letter: char) -> bool {
    matches!(letter, '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Letters and marks of scripts in which a joiner between two of them changes how they are written: Arabic, Syriac,
/// N'Ko, Mandaic, and the scripts of India and its neighbours.
fn joins(letter: char) -> bool {
    let in_such_a_script = matches!(letter, '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{1b00}'..='\u{1b7f}' | '\u{a8e0}'..='\u{a8ff}' | '\u{a980}'..='\u{a9df}' | '\u{11000}'..='\u{11fff}');
    in_such_a_script && matches!(letter.general_category_group(), Group::Letter | Group::Mark)
}

fn is_emoji(letter: char) -> bool {
    !letter.is_ascii() && letter.is_emoji_char()
}

/// Whether a text ends with an emoji, with or without a selector. Skin tones are emoji themselves.
fn is_in_emoji(text: &str) -> bool {
    text.strip_suffix('\u{fe0f}').unwrap_or(text).chars().next_back().is_some_and(is_emoji)
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_mongolian(letter: char) -> bool {
    matches!(letter, '\u{1800}'..='\u{18af}') && letter.general_category_group() == Group::Letter
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Piece, escaped, first_hidden, is_invisible, pieces, without_invisible};

    #[rstest]
    #[case::right_to_left_override("a\u{202e}b", "a[U+202E]b")]
    #[case::isolates("\u{2066}a\u{2069}", "[U+2066]a[U+2069]")]
    #[case::marks("a\u{200e}\u{200f}\u{61c}", "a[U+200E][U+200F][U+061C]")]
    #[case::zero_width_space("Acme\u{200b} CRM", "Acme[U+200B] CRM")]
    #[case::soft_hyphen("in\u{ad}voice", "in[U+00AD]voice")]
    #[case::byte_order_mark("\u{feff}Acme", "[U+FEFF]Acme")]
    #[case::private_use("\u{e000}1 \u{f8ff} \u{f0000}", "[U+E000]1 [U+F8FF] [U+F0000]")]
    #[case::tags("a\u{e0001}\u{e0068}\u{e0069}", "a[U+E0001][U+E0068][U+E0069]")]
    #[case::a_flag_that_carries_a_message(
        "\u{1f3f4}\u{e0068}\u{e0069}\u{e007f}",
        "\u{1f3f4}[U+E0068][U+E0069][U+E007F]"
    )]
    #[case::control_characters("a\0b\u{1b}[0m\u{7f}\u{85}", "a[U+0000]b[U+001B][0m[U+007F][U+0085]")]
    #[case::line_separators("a\u{2028}b\u{2029}", "a[U+2028]b[U+2029]")]
    #[case::noncharacters("\u{fffe}\u{fdd0}\u{10ffff}", "[U+FFFE][U+FDD0][U+10FFFF]")]
    #[case::unassigned("\u{378}", "[U+0378]")]
    #[case::fillers("\u{3164}\u{115f}\u{ffa0}\u{2800}", "[U+3164][U+115F][U+FFA0][U+2800]")]
    #[case::grapheme_joiner("a\u{34f}", "a[U+034F]")]
    #[case::a_joiner_in_latin("ad\u{200d}min", "ad[U+200D]min")]
    #[case::a_non_joiner_in_latin("ad\u{200c}min", "ad[U+200C]min")]
    #[case::a_joiner_at_an_end("\u{200d}می\u{200c}", "[U+200D]می[U+200C]")]
    #[case::two_joiners("می\u{200c}\u{200c}خواهم", "می[U+200C][U+200C]خواهم")]
    #[case::a_selector_on_a_letter("a\u{fe0f}\u{fe01}", "a[U+FE0F][U+FE01]")]
    #[case::two_selectors("\u{2764}\u{fe0f}\u{fe0f}", "\u{2764}\u{fe0f}[U+FE0F]")]
    #[case::a_joiner_behind_a_selector_of_nothing("a\u{fe0f}\u{200d}\u{1f4bb}", "a[U+FE0F][U+200D]\u{1f4bb}")]
    #[case::two_selectors_in_mongolian("ᠰ\u{180b}\u{180b}", "ᠰ\u{180b}[U+180B]")]
    #[case::invisible_times("2\u{2062}x", "2[U+2062]x")]
    fn what_cannot_be_seen_is_written_out(#[case] text: &str, #[case] shown: &str) {
        assert_eq!(escaped(text), shown);
        assert!(first_hidden(text).is_some());
    }

    #[rstest]
    #[case::lines("a\tb\r\nc\n")]
    #[case::accents("Café Søn Straße e\u{301}")]
    #[case::spaces("a\u{a0}b\u{202f}c\u{3000}d")]
    #[case::persian("می\u{200c}خواهم")]
    #[case::hindi("क्\u{200d}ष क्\u{200c}ष")]
    #[case::sinhala("ශ්\u{200d}රී")]
    #[case::a_family("\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}")]
    #[case::a_technician("\u{1f469}\u{1f3fd}\u{200d}\u{1f4bb}")]
    #[case::a_rainbow_flag("\u{1f3f3}\u{fe0f}\u{200d}\u{1f308}")]
    #[case::a_heart("\u{2764}\u{fe0f}")]
    #[case::a_keycap("1\u{fe0f}\u{20e3}")]
    #[case::scotland("\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}")]
    #[case::a_countrys_flag("\u{1f1ef}\u{1f1f5}")]
    #[case::a_variant_of_an_ideograph("葛\u{e0100}飾区")]
    #[case::mongolian("ᠰ\u{180b}ᠠ")]
    #[case::arabic_number_sign("\u{600}١٢")]
    #[case::scripts("東京支店の接続を削除しました 대한민국 고객 ภาษาไทย ພາສາລາວ ភាសាខ្មែរ မြန်မာဘာသာ")]
    #[case::the_replacement_character("\u{fffd}")]
    fn what_people_write_is_left_alone(#[case] text: &str) {
        assert_eq!(pieces(text).collect::<Vec<_>>(), [Piece::Plain(text)]);
        assert_eq!(first_hidden(text), None);
    }

    #[test]
    fn names_are_compared_without_what_cannot_be_seen() {
        assert_eq!(without_invisible("Ac\u{200b}me\u{ad} \u{202e}CRM\u{fe0f}"), "Acme CRM");
        assert_eq!(without_invisible("Acme \u{e000}"), "Acme \u{e000}", "a private-use character has a shape");
        assert_eq!(without_invisible("a\tb\u{2028}c"), "a\tb\u{2028}c", "white space is not left out");
    }

    #[test]
    fn no_white_space_is_invisible_and_every_text_is_made_of_its_pieces() {
        for letter in ('\0'..=char::MAX).filter(|letter| letter.is_whitespace()) {
            assert!(!is_invisible(letter), "{letter:?}");
        }
        let text = "a\u{202e}\u{200d}b\u{1f3f4}\u{e0067}c";
        let again: String = pieces(text)
            .map(|piece| match piece {
                Piece::Plain(plain) => plain.to_owned(),
                Piece::Hidden(letter) => letter.to_string(),
            })
            .collect();
        assert_eq!(again, text);
    }
}
