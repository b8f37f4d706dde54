//! Finds the words in Workato's answers that a person should see, and makes them safe to show and to keep.

use serde_json::Value;

/// The longest message that is kept, in characters.
const LONGEST: usize = 500;

/// One line, bounded, without control characters. `None` when nothing is left.
pub(super) fn tidy(text: &str) -> Option<String> {
    let mut line = String::new();
    let mut count = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if count > 0 {
            line.push(' ');
            count += 1;
        }
        for c in word.chars().filter(|c| !is_invisible(*c)) {
            if count >= LONGEST {
                line.push('…');
                return Some(line);
            }
            line.push(c);
            count += 1;
        }
    }
    let line = line.trim().to_owned();
    (!line.is_empty()).then_some(line)
}

/// Characters that turn the direction of text or hide in it: they could make a message read as another one.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Workato's own words in an answer, not yet tidied, wherever they are: `message`, `result.message`, `errors` as a map of field to
/// complaints, as a list of objects with a title and detail, or as a list of texts, or `error`.
pub(super) fn of_answer(body: &Value) -> Option<String> {
    let text = |pointer| body.pointer(pointer).and_then(Value::as_str);
    let message = text("/message").or_else(|| text("/result/message")).or_else(|| text("/error"));
    let errors = body.get("errors").or_else(|| body.pointer("/result/errors")).map(complaints);
    let errors = errors.filter(|errors| !errors.is_empty()).map(|errors| errors.join("; "));
    match (message, errors) {
        (Some(message), Some(errors)) => Some(format!("{message}: {errors}")),
        (Some(message), None) => Some(message.to_owned()),
        (None, errors) => errors,
    }
}

fn complaints(errors: &Value) -> Vec<String> {
    match errors {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().filter_map(complaint).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(field, about)| complaints(about).into_iter().map(move |text| format!("{field} {text}")))
            .collect(),
        _ => Vec::new(),
    }
}

fn complaint(error: &Value) -> Option<String> {
    if let Some(text) = error.as_str() {
        return Some(text.to_owned());
    }
    let text = |name| error.get(name).and_then(Value::as_str);
    match (text("title"), text("detail")) {
        (Some(title), Some(detail)) => Some(format!("{title}: {detail}")),
        (title, detail) => title.or(detail).or_else(|| text("message")).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::bare(json!({"message": "Not found"}), Some("Not found"))]
    #[case::in_result(json!({"result": {"message": "Not released"}}), Some("Not released"))]
    #[case::error(json!({"error": "invalid_token"}), Some("invalid_token"))]
    #[case::by_field(
        json!({"message": "Validation failed", "errors": {"name": ["can't be blank"]}}),
        Some("Validation failed: name can't be blank")
    )]
    #[case::by_object(
        json!({"errors": [{"code": "x", "title": "Bad tag", "detail": "no such"}, {"title": "Other"}]}),
        Some("Bad tag: no such; Other")
    )]
    #[case::texts(json!({"errors": ["one", "two"]}), Some("one; two"))]
    #[case::none(json!({"success": true, "errors": []}), None)]
    #[case::blank(json!({"message": " \n"}), None)]
    #[case::not_text(json!({"message": {"a": 1}}), None)]
    #[case::not_an_object(json!([1, 2]), None)]
    fn words_are_found_wherever_workato_puts_them(#[case] body: Value, #[case] words: Option<&str>) {
        assert_eq!(of_answer(&body).and_then(|text| tidy(&text)).as_deref(), words);
    }

    #[test]
    fn words_are_cut_at_their_longest_and_lose_what_cannot_be_seen() {
        assert_eq!(tidy(&"é".repeat(LONGEST)), Some("é".repeat(LONGEST)));
        let cut = tidy(&"é".repeat(LONGEST + 1)).expect("words");
        assert_eq!(cut.chars().count(), LONGEST + 1);
        assert!(cut.ends_with('…'));
        assert_eq!(tidy("a\u{0}\r\n\tb\u{202e}c\u{200b}").as_deref(), Some("a bc"));
    }
}
