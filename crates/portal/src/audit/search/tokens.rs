//! The words of a text as the search index holds them: in lower case, in one spelling, and in scripts that are written
//! without spaces in overlapping pairs of letters. Documents and searches go through the same functions.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::characters::without_invisible;

/// Shorter words are found whole only, since too many words begin with the same one or two letters.
const SHORTEST_BEGINNING: usize = 3;
/// In front of the tokens of single letters. No word has it.
const SINGLE: char = '_';

/// What a text is searched for: tokens in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phrase {
    pub tokens: Vec<String>,
    /// Whether the last token may be the beginning of a longer one.
    pub beginning: bool,
}

/// The tokens of a document's text.
pub(super) fn of_document(text: &str) -> Vec<String> {
    let folded = folded(text);
    let (mut tokens, mut singles) = (Vec::new(), BTreeSet::new());
    for run in runs(&folded) {
        match run {
            Run::Word(word) => tokens.push(word.to_owned()),
            Run::Unspaced(letters) => {
                singles.extend(letters.chars());
                tokens.extend(pairs(letters));
                // The last letter, so that a phrase can go on behind it.
                tokens.extend(letters.chars().next_back().map(String::from));
            }
        }
    }
    tokens.extend(singles.into_iter().map(single));
    tokens
}

/// What to search for to find a text: as it is if `exact`, otherwise also where its last word goes on. `None` if it has
/// no word.
pub(super) fn of_search(text: &str, exact: bool) -> Option<Phrase> {
    let folded = folded(text);
    let runs: Vec<Run<'_>> = runs(&folded).collect();
    let mut tokens = Vec::new();
    let mut beginning = false;
    for (at, run) in runs.iter().enumerate() {
        let is_last = at + 1 == runs.len();
        match *run {
            Run::Word(word) => {
                beginning = !exact && word.chars().count() >= SHORTEST_BEGINNING;
                tokens.push(word.to_owned());
            }
            Run::Unspaced(letters) => {
                beginning = false;
                tokens.extend(pairs(letters));
                let is_single = letters.chars().nth(1).is_none();
                let last = letters.chars().next_back();
                match last {
                    Some(letter) if is_last && is_single && tokens.is_empty() => tokens.push(single(letter)),
                    // Behind other words, a single letter begins a pair or ends its run.
                    Some(letter) if is_last && is_single => {
                        beginning = true;
                        tokens.push(letter.to_string());
                    }
                    Some(letter) if !is_last => tokens.push(letter.to_string()),
                    _ => {}
                }
            }
        }
    }
    (!tokens.is_empty()).then_some(Phrase { tokens, beginning })
}

/// Whether a text has a word that can be found.
pub(super) fn has_word(text: &str) -> bool {
    runs(&folded(text)).next().is_some()
}

/// The IP addresses in a text, each once, IPv4 addresses inside IPv6 as IPv4.
pub(super) fn addresses(text: &str) -> BTreeSet<IpAddr> {
    // Nearly every text has neither three dots nor two colons.
    if text.matches('.').nth(2).is_none() && text.matches(':').nth(1).is_none() {
        return BTreeSet::new();
    }
    let separates = |letter: char| {
        letter.is_whitespace() || matches!(letter, ',' | ';' | '(' | ')' | '<' | '>' | '"' | '\'' | '/' | '=' | '|')
    };
    text.split(separates).filter_map(address).collect()
}

/// A text that is an IP address, with or without brackets, port and zone.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches(|letter| matches!(letter, '.' | ',' | '"'));
    let socket = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let bare = || {
        let bare = text.strip_suffix(':').filter(|bare| !bare.ends_with(':')).unwrap_or(text);
        let bare = bare.strip_prefix('[').and_then(|bare| bare.strip_suffix(']')).unwrap_or(bare);
        bare.split_once('%').map_or(bare, |(address, _zone)| address).parse::<IpAddr>().ok()
    };
    socket().or_else(bare).map(|address| address.to_canonical())
}

/// Text that is a network, such as `203.0.113.0/24`.
pub(super) fn is_network(text: &str) -> bool {
    text.split_once('/').is_some_and(|(start, length)| {
        address(start).is_some() && !length.is_empty() && length.bytes().all(|digit| digit.is_ascii_digit())
    })
}

fn single(letter: char) -> String {
    format!("{SINGLE}{letter}")
}

fn pairs(letters: &str) -> impl Iterator<Item = String> {
    letters.chars().zip(letters.chars().skip(1)).map(|(first, second)| String::from_iter([first, second]))
}

/// Letters that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run<'a> {
    /// A word.
    Word(&'a str),
    /// Letters of a script that is written without spaces, or whose words carry endings that are not set apart.
    Unspaced(&'a str),
}

fn runs(text: &str) -> impl Iterator<Item = Run<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|letter: char| !letter.is_alphanumeric());
        let is_unspaced = unspaced(rest.chars().next()?);
        let goes_on =
            |letter: char| (letter.is_alphanumeric() && unspaced(letter) == is_unspaced) || is_combining_mark(letter);
        let end = rest.find(|letter| !goes_on(letter)).unwrap_or(rest.len());
        let (run, left) = rest.split_at(end);
        rest = left;
        Some(if is_unspaced { Run::Unspaced(run) } else { Run::Word(run) })
    })
}

/// Scripts whose words are not set apart: Han, Kana, Bopomofo, Yi, Tangut, Thai, Lao, Khmer, Burmese and their
/// neighbours; and Hangul, where a word is often a part of what stands between two spaces.
fn unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{1950}'..='\u{19ff}' | '\u{1a20}'..='\u{1aaf}' | '\u{2e80}'..='\u{2fff}' | '\u{3005}'..='\u{3007}'
        | '\u{3021}'..='\u{3029}' | '\u{3031}'..='\u{30ff}' | '\u{3100}'..='\u{31ff}' | '\u{3400}'..='\u{a4cf}'
        | '\u{a960}'..='\u{a97f}' | '\u{a9e0}'..='\u{a9ff}' | '\u{aa60}'..='\u{aadf}' | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}' | '\u{16fe0}'..='\u{18dff}' | '\u{1aff0}'..='\u{1b2ff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// One spelling for what people take for the same: compatibility forms (NFKC), lower case, no accents on Latin and Greek
/// letters, no vowel points, and letters such as `ß`, `ø` and `æ` as they are written where a keyboard lacks them.
fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let mut folded = String::with_capacity(text.len());
    let mut base = ' ';
    for letter in without_invisible(text).nfkd() {
        if is_combining_mark(letter) {
            if is_ignored_mark(letter, base) {
                continue;
            }
        } else {
            base = letter;
        }
        match letter {
            '\u{640}' => {}
            letter if letter.is_ascii() => folded.push(letter.to_ascii_lowercase()),
            letter => {
                for lower in letter.to_lowercase() {
                    match lower {
                        'ß' => folded.push_str("ss"),
                        'æ' => folded.push_str("ae"),
                        'œ' => folded.push_str("oe"),
                        'þ' => folded.push_str("th"),
                        'ø' => folded.push('o'),
                        'ł' => folded.push('l'),
                        'đ' | 'ð' => folded.push('d'),
                        'ħ' => folded.push('h'),
                        'ŧ' => folded.push('t'),
                        'ı' => folded.push('i'),
                        'ς' => folded.push('σ'),
                        lower => folded.push(lower),
                    }
                }
            }
        }
    }
    Cow::Owned(folded.nfc().collect())
}

/// Accents on Latin and Greek letters, the dots of `ё`, stress marks on Cyrillic ones, and points that Hebrew and Arabic are mostly written without.
fn is_ignored_mark(mark: char, base: char) -> bool {
    match mark {
        '\u{300}'..='\u{36f}' => {
            let is_stress = matches!(mark, '\u{300}' | '\u{301}') && matches!(base, '\u{400}'..='\u{52f}');
            matches!(base, '\0'..='\u{24f}' | '\u{370}'..='\u{3ff}' | '\u{1e00}'..='\u{1fff}' | 'е' | 'Е') || is_stress
        }
        '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
