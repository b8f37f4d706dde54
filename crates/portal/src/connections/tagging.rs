//! Adding or removing one tag of a connection.

use workato::{TagAssignment, TagHandle};

use crate::{FieldProblems, Problem, fields::no_hidden};

/// The tag to remove if the form names one, otherwise the tag to add.
///
/// # Errors
/// The problem, at the field `add` or `remove`.
pub fn tag_assignment(add: &str, remove: &str) -> Result<TagAssignment, FieldProblems> {
    let (field, handle) = if remove.trim().is_empty() { ("add", add.trim()) } else { ("remove", remove.trim()) };
    if handle.is_empty() {
        return Err(FieldProblems::from([(field, Problem::ChooseTag)]));
    }
    if handle.chars().count() > 200 || no_hidden(handle).is_err() {
        return Err(FieldProblems::from([(field, Problem::NotATag)]));
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
    fn an_invalid_tag_has_a_problem_at_its_field() {
        let wrong =
            |add: &str, remove: &str| tag_assignment(add, remove).unwrap_err().iter().next().unwrap().field.clone();
        assert_eq!(wrong(" ", ""), "add");
        assert_eq!(wrong(&"x".repeat(201), ""), "add");
        assert_eq!(wrong("tag-a", "tag\0b"), "remove");
    }
}
