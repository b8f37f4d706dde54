//! CSV files for spreadsheets, without cells that a spreadsheet would run as a formula.
//!
//! A spreadsheet does not ask which character separates cells: Excel takes the one of the computer's region, often a
//! semicolon, and cuts a quoted cell there. So every field is quoted, and text is defused behind every character that
//! could be taken for a separator.

use unicode_normalization::UnicodeNormalization;

use crate::characters::escaped;

/// Tells spreadsheets that the text is UTF-8. Excel takes it for the computer's own character set without this.
pub(crate) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Appends rows to a file. Hidden characters are written out.
pub(crate) fn write_rows<const COLUMNS: usize>(
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
    out: &mut Vec<u8>,
) -> Result<(), csv::Error> {
    let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(out);
    for row in rows {
        writer.write_record(row.iter().map(|cell| escaped(&defused(cell)).into_owned()))?;
    }
    Ok(writer.flush()?)
}

/// A cell's text, with an apostrophe before each part that begins like a formula.
fn defused(text: &str) -> String {
    let mut defused = String::with_capacity(text.len() + 1);
    // A cell that begins with a tab or a line break has one before it, since some programs drop both.
    if text.starts_with(['\t', '\r', '\n']) {
        defused.push('\'');
    }
    let mut part = 0;
    let mut is_beginning = true;
    for character in text.chars() {
        if is_separator(character) {
            defused.push(character);
            (part, is_beginning) = (defused.len(), true);
            continue;
        }
        if is_beginning && !is_overlooked(character) {
            if begins_a_formula(character) {
                defused.insert(part, '\'');
            }
            is_beginning = false;
        }
        defused.push(if character == '\0' { char::REPLACEMENT_CHARACTER } else { character });
    }
    defused
}

/// Whether a spreadsheet may end a cell here.
fn is_separator(character: char) -> bool {
    matches!(
        character,
        ',' | ';' | '|' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'
            ..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Whether a spreadsheet may take a cell for a formula whose first character is this one. Full-width and other forms
/// are the same to some of them.
fn begins_a_formula(character: char) -> bool {
    let plain = std::iter::once(character).nfkc().next();
    matches!(plain, Some('=' | '+' | '-' | '@' | '\u{2212}'))
}

/// White space, quotation marks and characters without a shape: a formula may come behind them.
fn is_overlooked(character: char) -> bool {
    let is_invisible = matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    );
    character == '"' || character.is_whitespace() || character.is_control() || is_invisible
}

/// For tests of files: the first cell that a spreadsheet would run, whichever separator it assumes.
#[cfg(test)]
pub(crate) fn first_formula(file: &str) -> Option<String> {
    let text = file.strip_prefix(BYTE_ORDER_MARK).unwrap_or(file);
    let begins = |cell: &&str| {
        let shown = cell.trim_start_matches(['"', ' ', '\t', '\r', '\n', '\u{a0}', '\u{200b}', '\u{3000}', '\u{feff}']);
        shown.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '−', '﹣'])
    };
    for separator in [b',', b';', b'\t', b'|'] {
        for quoting in [true, false] {
            let mut builder = csv::ReaderBuilder::new();
            let reader = builder.delimiter(separator).quoting(quoting).flexible(true).has_headers(false);
            for row in reader.from_reader(text.as_bytes()).records() {
                let row = row.expect("a row");
                if let Some(cell) = row.iter().find(begins) {
                    return Some(cell.to_owned());
                }
            }
        }
    }
    text.split([',', ';', '\t', '|', '\n', '\r', '\u{85}', '\u{2028}']).find(begins).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{defused, first_formula, write_rows};

    #[test]
    fn cells_that_begin_like_a_formula_are_defused() {
        for formula in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\tx",
            "\rx",
            "\nx",
            " =1",
            "＝1+1",
            "＋1",
            "－1",
            "＠A1",
            "﹦1",
            "−1",
            "\u{200b}=1",
            "\u{feff}=1",
            "\u{a0}=1",
            "\"=1\"",
            "\0=1",
            "\u{202e}=1",
        ] {
            assert!(defused(formula).starts_with('\''), "{formula:?}");
        }
        for plain in ["Acme – CRM", "a=b", "ops+eu@example.com", "2026-11-22", "", "– no minus sign", "'=1"] {
            assert_eq!(defused(plain), plain);
        }
    }

    #[test]
    fn a_formula_behind_a_separator_is_defused_where_it_begins() {
        for (text, expected) in [
            ("Acme;=1+1;x", "Acme;'=1+1;x"),
            ("a,b, =1", "a,b,' =1"),
            ("a\t@x\tb", "a\t'@x\tb"),
            ("a\n-1\r\n+2", "a\n'-1\r\n'+2"),
            ("a;\"=1\"", "a;'\"=1\""),
            ("a;;＝1", "a;;'＝1"),
            ("a|=1", "a|'=1"),
            ("a\u{2028}=1", "a\u{2028}'=1"),
            ("a;;b", "a;;b"),
        ] {
            assert_eq!(defused(text), expected, "{text:?}");
        }
    }

    #[test]
    fn every_field_is_quoted() {
        let mut file = Vec::new();
        write_rows([["1".to_owned(), "a \"b\"".to_owned(), String::new()]], &mut file).unwrap();
        assert_eq!(String::from_utf8(file).unwrap(), "\"1\",\"a \"\"b\"\"\",\"\"\n");
    }

    #[test]
    fn hidden_characters_are_written_out() {
        let mut file = Vec::new();
        write_rows([["Acme\u{202e}".to_owned(), "\u{200b}=1+1".to_owned()]], &mut file).unwrap();
        assert_eq!(String::from_utf8(file).unwrap(), "\"Acme[U+202E]\",\"'[U+200B]=1+1\"\n");
    }

    proptest! {
        #[test]
        fn no_text_makes_a_cell_that_is_a_formula_with_any_separator(
            rows in prop::collection::vec(prop::array::uniform3("[a=+@;,|\t\n\r\" '＝－\u{a0}\u{200b}\\-]{0,9}"), 0..6),
        ) {
            let mut file = Vec::new();
            write_rows(rows, &mut file).unwrap();
            let file = String::from_utf8(file).unwrap();
            prop_assert_eq!(first_formula(&file), None, "{}", file);
        }

        #[test]
        fn with_a_comma_the_texts_come_back_apart_from_apostrophes(text in "[a=+@;,|\t\n\r\" -]{0,12}") {
            let mut file = Vec::new();
            write_rows([[text.clone(), "x".to_owned()]], &mut file).unwrap();
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(file.as_slice());
            let row = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(row[0].replace('\'', ""), text);
        }
    }
}
