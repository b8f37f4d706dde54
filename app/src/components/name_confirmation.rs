//! The field to type a target's name into, to confirm a change that cannot be undone.

use std::fmt::Display;

use leptos::prelude::*;
use portal::{is_blank, one_line};

use super::Field;
use crate::form_memory::Refused;

/// The expected input and the field's hint.
#[derive(Debug, PartialEq, Eq)]
pub struct NameConfirmation {
    label: String,
    hint: String,
    /// The name on one line. Empty if there is none.
    name: String,
}

impl NameConfirmation {
    /// `name` is the target's name in Workato, and `id` its id, which is typed if it has no name.
    pub fn new(name: Option<&str>, id: impl Display) -> Self {
        let name = name.filter(|name| !is_blank(name)).map(one_line).unwrap_or_default();
        let (label, hint) = match name.as_str() {
            "" => (format!("Type its ID, {id}, to confirm"), "It has no name.".to_owned()),
            name => (format!("Type {name} to confirm"), format!("Its ID, {id}, works too.")),
        };
        Self { label, hint, name }
    }

    /// The field, and a hidden field with the name. `id` is the field's id.
    pub fn render(self, refused: &Refused, id: &'static str) -> AnyView {
        view! {
            <input type="hidden" name="name" value=self.name/>
            <Field
                label=self.label
                name="confirm"
                id=id
                value=refused.value("confirm", "")
                required=true
                autocomplete="off"
                hint=self.hint
                problem=refused.problem("confirm")
            />
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::NameConfirmation;

    #[test]
    fn the_name_is_typed_on_one_line_and_the_id_if_there_is_no_name() {
        assert_eq!(NameConfirmation::new(Some(" Stripe \n refunds"), 36).name, "Stripe refunds");
        assert_eq!(NameConfirmation::new(Some("Stripe"), 36).label, "Type Stripe to confirm");
        for nameless in [None, Some("  "), Some("\u{200b}")].map(|name| NameConfirmation::new(name, 36)) {
            assert!(nameless.label.contains("36") && nameless.name.is_empty());
        }
    }
}
