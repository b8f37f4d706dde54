//! Makes bytes that are nearly JSON into JSON, so that one odd value does not hide a whole answer. Used only for a body
//! that could not be parsed as it came, or whose numbers lost digits.

/// The body with each defect mended:
///
/// - a byte order mark is dropped;
/// - bytes that are not UTF-8, halves of surrogate pairs and unknown escapes become U+FFFD;
/// - control characters in text are escaped;
/// - numbers that a 64-bit integer does not hold exactly, such as `1.10`, and words such as `NaN` become text with the
///   same characters.
///
/// A body that is cut off stays cut off.
pub(super) fn repaired(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    let mut rest = text.trim_start_matches('\u{feff}');
    let mut json = String::with_capacity(rest.len() + 64);
    while let Some(first) = rest.chars().next() {
        match first {
            '"' => rest = copy_string(rest, &mut json),
            '{' | '}' | '[' | ']' | ',' | ':' | ' ' | '\t' | '\r' | '\n' => {
                json.push(first);
                rest = &rest[1..];
            }
            _ => {
                let is_end = |letter: char| "\"{}[],: \t\r\n".contains(letter);
                let (word, after) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
                copy_word(word, &mut json);
                rest = after;
            }
        }
    }
    json.into_bytes()
}

/// Copies the string at the beginning of `rest`. Returns what follows it.
fn copy_string<'a>(rest: &'a str, json: &mut String) -> &'a str {
    json.push('"');
    let mut rest = &rest[1..];
    loop {
        let is_special = |letter: char| matches!(letter, '"' | '\\' | '\0'..='\u{1f}');
        let Some(at) = rest.find(is_special) else {
            json.push_str(rest);
            return "";
        };
        json.push_str(&rest[..at]);
        let special = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        match special {
            b'"' => {
                json.push('"');
                return rest;
            }
            b'\\' => rest = copy_escape(rest, json),
            control => json.push_str(&format!("\\u{control:04x}")),
        }
    }
}

/// Copies the escape whose backslash was before `rest`. Returns what follows it.
fn copy_escape<'a>(rest: &'a str, json: &mut String) -> &'a str {
    match rest.as_bytes().first() {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
            json.push('\\');
            json.push_str(&rest[..1]);
            &rest[1..]
        }
        Some(b'u') => match (code_unit(&rest[1..]), rest.get(5..7), rest.get(7..).and_then(code_unit)) {
            (Some(0xd800..=0xdbff), Some("\\u"), Some(0xdc00..=0xdfff)) => {
                json.push('\\');
                json.push_str(&rest[..11]);
                &rest[11..]
            }
            (Some(0xd800..=0xdfff), ..) => {
                json.push('\u{fffd}');
                &rest[5..]
            }
            (Some(_), ..) => {
                json.push('\\');
                json.push_str(&rest[..5]);
                &rest[5..]
            }
            (None, ..) => {
                json.push('\u{fffd}');
                &rest[1..]
            }
        },
        // Another letter is copied by the caller.
        _ => {
            json.push('\u{fffd}');
            rest
        }
    }
}

/// The four hexadecimal digits at the beginning of a text.
fn code_unit(text: &str) -> Option<u16> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

/// Copies a word outside of strings. One that is neither JSON nor like a number stays as it is: a page of HTML must not
/// become JSON.
fn copy_word(word: &str, json: &mut String) {
    const NO_NUMBERS: [&str; 8] = ["NaN", "Infinity", "-Infinity", "+Infinity", "undefined", "None", "True", "False"];
    let is_like_a_number = word.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte));
    let is_text = NO_NUMBERS.contains(&word) || (is_like_a_number && !is_exact_integer(word));
    if is_text {
        json.extend(["\"", word, "\""]);
    } else {
        json.push_str(word);
    }
}

/// Whether the word is a JSON integer that 64 bits hold.
fn is_exact_integer(word: &str) -> bool {
    word.parse::<i64>().is_ok_and(|number| number.to_string() == word)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::repaired;

    #[rstest]
    #[case::nothing_to_mend(
        br#" {"a": [1, -2, true, null, "x\n\u00e9\ud83d\ude00 "]} "#,
        r#" {"a": [1, -2, true, null, "x\n\u00e9\ud83d\ude00 "]} "#
    )]
    #[case::half_a_pair(br#""Acme \ud83d""#, "\"Acme \u{fffd}\"")]
    #[case::the_second_half(br#""\uDE00 x""#, "\"\u{fffd} x\"")]
    #[case::two_first_halves(br#""\ud83d\ud83d\ude00""#, "\"\u{fffd}\\ud83d\\ude00\"")]
    #[case::half_before_another_escape(br#""\ud83d\u0041\n""#, "\"\u{fffd}\\u0041\\n\"")]
    #[case::half_before_a_letter(br#""\ud83dx""#, "\"\u{fffd}x\"")]
    #[case::half_before_the_end(br#"["\ud83d", 1]"#, "[\"\u{fffd}\", 1]")]
    #[case::a_byte_of_latin_1(b"\"Caf\xe9\"", "\"Caf\u{fffd}\"")]
    #[case::half_a_pair_as_bytes(b"\"\xed\xa0\x80\"", "\"\u{fffd}\u{fffd}\u{fffd}\"")]
    #[case::a_byte_order_mark(b"\xef\xbb\xbf[1]", "[1]")]
    #[case::an_unknown_escape(br#""it\'s \x41 \u00g1 \u12""#, "\"it\u{fffd}'s \u{fffd}x41 \u{fffd}00g1 \u{fffd}12\"")]
    #[case::control_characters(b"\"a\tb\nc\x00\"", r#""a\u0009b\u000ac\u0000""#)]
    #[case::an_escaped_quote(br#"{"a\"1.5": "\\"}"#, r#"{"a\"1.5": "\\"}"#)]
    #[case::numbers_that_lose_digits(
        br#"[1.10, 123456789012345678901234, 1e3, -0, 007, 9223372036854775807]"#,
        r#"["1.10", "123456789012345678901234", "1e3", "-0", "007", 9223372036854775807]"#
    )]
    #[case::words(br#"[NaN, -Infinity, undefined, \x]"#, r#"["NaN", "-Infinity", "undefined", \x]"#)]
    #[case::html(b"<html>502 Bad gateway</html>", "<html>502 Bad gateway</html>")]
    #[case::cut(br#"[{"a": "b"#, r#"[{"a": "b"#)]
    #[case::cut_in_an_escape(br#"["\ud8"#, "[\"\u{fffd}d8")]
    #[case::cut_after_a_backslash(br#"["\"#, "[\"\u{fffd}")]
    fn each_defect_is_mended_and_the_rest_is_copied(#[case] body: &[u8], #[case] expected: &str) {
        assert_eq!(String::from_utf8(repaired(body)).expect("UTF-8"), expected);
    }

    proptest::proptest! {
        #[test]
        fn json_stays_the_same_json(text in ".*", number: i64) {
            let json = serde_json::json!({ text.clone(): [number, text, true, null] });
            let body = serde_json::to_vec(&json).expect("JSON");
            proptest::prop_assert_eq!(serde_json::from_slice::<serde_json::Value>(&repaired(&body)).expect("JSON"), json);
        }

        #[test]
        fn any_bytes_can_be_repaired(bytes: Vec<u8>) {
            repaired(&bytes);
        }
    }
}
