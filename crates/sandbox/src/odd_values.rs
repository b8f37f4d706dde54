//! Values that no document describes, spread over an answer: what a client must survive without losing a row.

use axum::body::{Body, Bytes};
use serde_json::{Map, Value, json};

/// Stands for half of a surrogate pair until the answer is text.
const HALF_A_PAIR: &str = "half-a-pair-goes-here";

/// Stands for a byte that is not UTF-8 until the answer is bytes.
const LATIN_1: &str = "a-byte-of-latin-1-goes-here";

/// The answer with odd values in it. Ids and handles of objects stay as they are; each list of objects has two more
/// elements, which have no id. One object in five has an odd name.
pub fn spread(bytes: Bytes) -> Body {
    let Ok(mut json) = serde_json::from_slice::<Value>(&bytes) else { return Body::from(bytes) };
    let mut seen = 0;
    walk(&mut json, &mut seen);
    let text = json.to_string().replace(HALF_A_PAIR, "\\ud83d");
    let mut bytes = Vec::with_capacity(text.len());
    for (number, part) in text.split(LATIN_1).enumerate() {
        if number > 0 {
            bytes.push(0xe9);
        }
        bytes.extend_from_slice(part.as_bytes());
    }
    Body::from(bytes)
}

fn walk(json: &mut Value, seen: &mut usize) {
    match json {
        Value::Array(items) => {
            items.iter_mut().for_each(|item| walk(item, seen));
            if items.iter().any(Value::is_object) {
                items.push(Value::Null);
                items.push(json!({ "id": "E36", "name": "an id that is not one" }));
            }
        }
        Value::Object(object) => {
            object.values_mut().for_each(|value| walk(value, seen));
            if object.contains_key("id") || object.contains_key("handle") {
                make_odd(object, *seen);
                *seen += 1;
            }
        }
        _ => {}
    }
}

fn make_odd(object: &mut Map<String, Value>, number: usize) {
    let fields: Vec<String> =
        object.keys().filter(|name| !["id", "handle"].contains(&name.as_str())).cloned().collect();
    let odd = [json!({ "code": 7 }), json!([1, 2]), json!(""), json!(1.5), json!(true), json!("home"), json!(0)];
    if let Some(field) = fields.get(number % fields.len().max(1)) {
        object.insert(field.clone(), odd[number % odd.len()].clone());
    }
    let name = match number % 5 {
        0 => format!("Acme {HALF_A_PAIR}"),
        1 => format!("Caf{LATIN_1}"),
        _ => return,
    };
    for field in ["name", "title"] {
        if object.contains_key(field) {
            object.insert(field.to_owned(), json!(name));
        }
    }
}
