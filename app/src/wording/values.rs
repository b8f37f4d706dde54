//! JSON values of the log as people read them.

use serde_json::Value;

/// A key in words: "shared version" for `shared_version`.
pub fn key(name: &str) -> String {
    name.replace('_', " ")
}

/// A value without JSON's quotes, and a dash for null.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The same within a sentence, where null is "none".
pub fn in_sentence(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Array(_) => value.to_string(),
        value => plain(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::plain;

    #[test]
    fn values_are_shown_as_people_write_them() {
        for (value, shown) in [
            (json!(4), "4"),
            (json!("EU"), "EU"),
            (json!(null), "–"),
            (json!(true), "yes"),
            (json!(["a", 1]), "a, 1"),
            (json!({ "a": 1 }), "{\"a\":1}"),
        ] {
            assert_eq!(plain(&value), shown);
        }
    }
}
