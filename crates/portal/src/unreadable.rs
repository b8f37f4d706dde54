//! The state of a target in the log, when not all of it could be read.

use serde_json::Value;
use workato::Unreadable;

/// A state without the fields that could not be read, and with their names: `null` would say that there is no value.
pub(crate) fn without_unreadable(mut state: Value, unreadable: &Unreadable) -> Value {
    if let Some(fields) = state.as_object_mut().filter(|_| !unreadable.is_empty()) {
        fields.retain(|name, _| !unreadable.has(name));
        fields.insert("unreadable".to_owned(), unreadable.iter().collect());
    }
    state
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::without_unreadable;

    #[test]
    fn what_could_not_be_read_is_named_and_is_not_null() {
        let state = json!({ "found": true, "name": "Acme", "folder_id": null, "parent_id": null });
        assert_eq!(without_unreadable(state.clone(), &workato::Unreadable::default()), state);
        let unreadable = ["folder_id", "description"].into_iter().collect();
        let expected = json!({
            "found": true, "name": "Acme", "parent_id": null, "unreadable": ["folder_id", "description"]
        });
        assert_eq!(without_unreadable(state, &unreadable), expected);
    }
}
