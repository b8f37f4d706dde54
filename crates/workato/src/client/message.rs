//! Finds the message for a person in Workato's answers, and makes it safe to show and to store.

use serde_json::Value;

/// Longest message, in characters.
const LONGEST: usize = 500;

/// The text on one line, bounded, without control characters. `None` if nothing is left.
pub(super) fn sanitize(text: &str) -> Option<String> {
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

/// Characters that reverse the direction of text or do not show. They could make one message look like another.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Workato's message in an answer, not yet sanitized: `message`, `result.message` or `error`, and `errors`, which is a
/// map of fields to errors, a list of objects with title and detail, or a list of texts.
pub(super) fn in_answer(body: &Value) -> Option<String> {
    let text = |pointer| body.pointer(pointer).and_then(Value::as_str);
    let message = text("/message").or_else(|| text("/result/message")).or_else(|| text("/error"));
    let errors = body.get("errors").or_else(|| body.pointer("/result/errors")).map(error_texts);
    let errors = errors.filter(|errors| !errors.is_empty()).map(|errors| errors.join("; "));
    match (message, errors) {
        (Some(message), Some(errors)) => Some(format!("{message}: {errors}")),
        (Some(message), None) => Some(message.to_owned()),
        (None, errors) => errors,
    }
}

fn error_texts(errors: &Value) -> Vec<String> {
    match errors {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().filter_map(error_text).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(field, about)| error_texts(about).into_iter().map(move |text| format!("{field} {text}")))
            .collect(),
        _ => Vec::new(),
    }
}

fn error_text(error: &Value) -> Option<String> {
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
    fn the_message_is_found_wherever_workato_puts_it(#[case] body: Value, #[case] message: Option<&str>) {
        assert_eq!(in_answer(&body).and_then(|text| sanitize(&text)).as_deref(), message);
    }

    #[test]
    fn a_message_is_cut_at_its_longest_and_loses_invisible_characters() {
        assert_eq!(sanitize(&"é".repeat(LONGEST)), Some("é".repeat(LONGEST)));
        let cut = sanitize(&"é".repeat(LONGEST + 1)).expect("a message");
        assert_eq!(cut.chars().count(), LONGEST + 1);
        assert!(cut.ends_with('…'));
        assert_eq!(sanitize("a\u{0}\r\n\tb\u{202e}c\u{200b}").as_deref(), Some("a bc"));
    }
}
