//! How a search box is spelled: words, "words in quotes", key:value, each with `-` before it to exclude.
//! What keys and values mean is the query's matter.

use std::{fmt, iter::Peekable, str::Chars};

use super::{Key, Words};

/// A word, or words in quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub exact: bool,
}

/// A piece with what stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelled {
    pub excluded: bool,
    pub key: Option<Key>,
    pub piece: Piece,
}

type Letters<'a> = Peekable<Chars<'a>>;

/// Cuts a search box into pieces.
pub fn read(text: &str) -> Result<Vec<Spelled>, String> {
    let text = plain(text);
    let mut letters = text.chars().peekable();
    let mut all = Vec::new();
    while skip_white(&mut letters) {
        let excluded = takes_dash(&mut letters);
        let key = take_key(&mut letters)?;
        if let Some(key) = key
            && !skip_white(&mut letters)
        {
            return Err(format!("There is nothing after {key}:."));
        }
        let piece = take_piece(&mut letters)?;
        all.push(Spelled { excluded, key, piece });
    }
    Ok(all)
}

/// Cuts a field into words, each with whether it is excluded; a colon means nothing here.
pub fn words(text: &str) -> Result<Vec<(bool, Piece)>, String> {
    let text = plain(text);
    let mut letters = text.chars().peekable();
    let mut all = Vec::new();
    while skip_white(&mut letters) {
        all.push((takes_dash(&mut letters), take_piece(&mut letters)?));
    }
    Ok(all)
}

/// Whether a search could find it: punctuation alone is in no index.
pub fn says_something(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Writes words so that they are read as the same.
pub fn write(f: &mut fmt::Formatter<'_>, key: Option<Key>, words: &Words) -> fmt::Result {
    if let Some(key) = key {
        write!(f, "{key}:")?;
    }
    if words.exact { write!(f, "\"{}\"", words.text) } else { f.write_str(&words.text) }
}

/// One kind of quotation mark, one kind of space, and no letters that only the index uses.
fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '“' | '”' | '„' => '"',
            letter if letter.is_whitespace() || letter.is_control() || is_private(letter) => ' ',
            letter => letter,
        })
        .collect()
}

fn is_private(letter: char) -> bool {
    matches!(u32::from(letter), 0xE000..=0xF8FF | 0xF_0000..)
}

/// Says whether anything is left.
fn skip_white(letters: &mut Letters<'_>) -> bool {
    while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
    letters.peek().is_some()
}

/// A dash excludes where something stands right behind it.
fn takes_dash(letters: &mut Letters<'_>) -> bool {
    let mut ahead = letters.clone();
    let excludes = ahead.next() == Some('-') && ahead.next().is_some_and(|letter| !letter.is_whitespace());
    if excludes {
        letters.next();
    }
    excludes
}

/// Letters with a colon right behind them are a key, known or not; what only holds a colon somewhere is a word.
fn take_key(letters: &mut Letters<'_>) -> Result<Option<Key>, String> {
    let mut ahead = letters.clone();
    let mut name = String::new();
    while let Some(letter) = ahead.next_if(|letter| letter.is_alphabetic() || *letter == '_') {
        name.push(letter);
    }
    if name.is_empty() || ahead.next() != Some(':') {
        return Ok(None);
    }
    *letters = ahead;
    name.to_lowercase().parse().map(Some).map_err(|_| {
        let keys: Vec<String> = Key::ALL.iter().map(|key| format!("{key}:")).collect();
        format!(
            "There is no “{name}:”. The keys are {}. Put quotation marks around words with a colon.",
            keys.join(", ")
        )
    })
}

fn take_piece(letters: &mut Letters<'_>) -> Result<Piece, String> {
    if letters.next_if_eq(&'"').is_some() {
        let mut text = String::new();
        for letter in letters.by_ref() {
            if letter == '"' {
                return Ok(Piece { text: text.split_whitespace().collect::<Vec<_>>().join(" "), exact: true });
            }
            text.push(letter);
        }
        return Err("The closing quotation mark is missing.".to_owned());
    }
    let mut text = String::new();
    while let Some(letter) = letters.next_if(|letter| !letter.is_whitespace()) {
        text.push(letter);
    }
    Ok(Piece { text, exact: false })
}
