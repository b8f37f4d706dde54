//! Tags that a form adds to a connection or removes from it, one at a time.

use workato::{TagAssignment, TagHandle};

use crate::FieldProblems;

/// What is to be sent: the tag to remove where one is named, else the one to add.
///
/// # Errors
/// What is wrong, by field: `add` or `remove`.
pub fn tag_assignment(add: &str, remove: &str) -> Result<TagAssignment, FieldProblems> {
    let (field, handle) = if remove.trim().is_empty() { ("add", add.trim()) } else { ("remove", remove.trim()) };
    if handle.is_empty() {
        return Err(FieldProblems::from([(field, "Choose a tag.")]));
    }
    if handle.chars().count() > 200 || handle.chars().any(char::is_control) {
        return Err(FieldProblems::from([(field, "This is no tag's handle.")]));
    }
    let handle = vec![TagHandle::new(handle)];
    Ok(match field {
        "add" => TagAssignment { add: handle, remove: Vec::new() },
        _ => TagAssignment { add: Vec::new(), remove: handle },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::tag_assignment;

    #[test]
    fn one_tag_is_removed_or_added() {
        let sent = |add, remove| serde_json::to_value(tag_assignment(add, remove).unwrap()).unwrap();
        assert_eq!(sent("tag-a", ""), json!({ "add_tags": ["tag-a"] }));
        assert_eq!(sent("tag-a", "tag-b"), json!({ "remove_tags": ["tag-b"] }));
    }

    #[test]
    fn what_is_no_tag_is_told_by_its_field() {
        let wrong =
            |add: &str, remove: &str| tag_assignment(add, remove).unwrap_err().iter().next().unwrap().field.clone();
        assert_eq!(wrong(" ", ""), "add");
        assert_eq!(wrong(&"x".repeat(201), ""), "add");
        assert_eq!(wrong("tag-a", "tag\0b"), "remove");
    }
}
