//! Splits a search box into pieces: words, "words in quotes", key:value, each excluded by a `-` before it.
//! What keys and values mean is `grammar`'s concern.

use std::{iter::Peekable, str::Chars};

use super::clause::Key;
use crate::{
    SearchProblem,
    audit::search::tokens::address,
    characters::{self, is_invisible, pieces},
};

/// A word, or words in quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub exact: bool,
}

/// A piece with its key and whether it is excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub excluded: bool,
    pub key: Option<Key>,
    pub piece: Piece,
}

type Letters<'a> = Peekable<Chars<'a>>;

/// Splits a search box into pieces.
pub fn read(text: &str) -> Result<Vec<Term>, SearchProblem> {
    let text = plain(text);
    let mut letters = text.chars().peekable();
    let mut all = Vec::new();
    while skip_white(&mut letters) {
        let excluded = takes_dash(&mut letters)?;
        let key = take_key(&mut letters)?;
        if let Some(key) = key
            && !skip_white(&mut letters)
        {
            return Err(SearchProblem::NothingAfter { key });
        }
        let piece = take_piece(&mut letters)?;
        all.push(Term { excluded, key, piece });
    }
    Ok(all)
}

/// Splits a field into words, each with whether it is excluded. A colon has no meaning here.
pub fn words(text: &str) -> Result<Vec<(bool, Piece)>, SearchProblem> {
    let text = plain(text);
    let mut letters = text.chars().peekable();
    let mut all = Vec::new();
    while skip_white(&mut letters) {
        all.push((takes_dash(&mut letters)?, take_piece(&mut letters)?));
    }
    Ok(all)
}

/// Text with one kind of quotation mark and one kind of space, without characters that nobody sees.
fn plain(text: &str) -> String {
    pieces(text)
        .flat_map(|piece| {
            match piece {
                characters::Piece::Plain(plain) => plain,
                characters::Piece::Hidden(letter) if is_invisible(letter) && !letter.is_control() => "",
                characters::Piece::Hidden(_) => " ",
            }
            .chars()
        })
        .map(|letter| match letter {
            '“' | '”' | '„' => '"',
            letter if letter.is_whitespace() => ' ',
            letter => letter,
        })
        .collect()
}

/// Skips white space. Returns whether anything is left.
fn skip_white(letters: &mut Letters<'_>) -> bool {
    while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
    letters.peek().is_some()
}

/// A dash excludes if it is followed by something other than white space. Between words it is punctuation, and at the
/// end something is missing behind it.
fn takes_dash(letters: &mut Letters<'_>) -> Result<bool, SearchProblem> {
    let mut ahead = letters.clone();
    if ahead.next() != Some('-') {
        return Ok(false);
    }
    match ahead.next() {
        Some(letter) if letter.is_whitespace() && !ahead.all(char::is_whitespace) => Ok(false),
        Some(letter) if !letter.is_whitespace() => {
            letters.next();
            Ok(true)
        }
        _ => Err(SearchProblem::NothingExcluded),
    }
}

/// Letters followed by a colon are a key, known or not. Anything else with a colon in it is a word.
fn take_key(letters: &mut Letters<'_>) -> Result<Option<Key>, SearchProblem> {
    let mut ahead = letters.clone();
    let mut name = String::new();
    while let Some(letter) = ahead.next_if(|letter| letter.is_alphabetic() || *letter == '_') {
        name.push(letter);
    }
    if name.is_empty() || ahead.next() != Some(':') {
        return Ok(None);
    }
    // An IPv6 address may begin with letters.
    let word: String = letters.clone().take_while(|letter| !letter.is_whitespace()).collect();
    if address(&word).is_some() {
        return Ok(None);
    }
    *letters = ahead;
    name.to_lowercase().parse().map(Some).map_err(|_| SearchProblem::NoSuchKey { key: name })
}

fn take_piece(letters: &mut Letters<'_>) -> Result<Piece, SearchProblem> {
    if letters.next_if_eq(&'"').is_some() {
        let mut text = String::new();
        for letter in letters.by_ref() {
            if letter == '"' {
                return Ok(Piece { text: text.split_whitespace().collect::<Vec<_>>().join(" "), exact: true });
            }
            text.push(letter);
        }
        return Err(SearchProblem::QuoteOpen);
    }
    let mut text = String::new();
    while let Some(letter) = letters.next_if(|letter| !letter.is_whitespace()) {
        text.push(letter);
    }
    Ok(Piece { text, exact: false })
}
