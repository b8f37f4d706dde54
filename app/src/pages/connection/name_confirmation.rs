//! The field to type a connection's name into before it is disconnected or deleted.

use leptos::prelude::*;
use portal::one_line;
use workato::Connection;

use crate::{components::Field, form_memory::Refused};

/// The expected input and the field's hint.
#[derive(Debug, PartialEq, Eq)]
pub struct NameConfirmation {
    hint: String,
    /// The connection's name in Workato. Empty if it has none.
    pub name: String,
}

impl NameConfirmation {
    pub fn of(connection: &Connection) -> Self {
        let name = one_line(connection.name.as_deref().unwrap_or_default());
        let hint = if name.is_empty() {
            format!("It has no name: type its id, {}", connection.id)
        } else {
            format!("Type: {name}")
        };
        Self { hint, name }
    }

    /// The field, and a hidden field with the name. `id` is the field's id.
    pub fn field(self, refused: &Refused, id: &'static str) -> AnyView {
        view! {
            <input type="hidden" name="name" value=self.name/>
            <Field
                label="Type the name to confirm"
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
    use workato::Connection;

    use super::NameConfirmation;

    #[test]
    fn the_name_is_typed_on_one_line_and_the_id_if_there_is_no_name() {
        let confirmation =
            |reply: &str| NameConfirmation::of(&serde_json::from_str::<Connection>(reply).expect("a connection"));
        assert_eq!(confirmation(r#"{"id":36,"name":" Stripe \n refunds"}"#).name, "Stripe refunds");
        let nameless = confirmation(r#"{"id":36,"name":"  "}"#);
        assert!(nameless.hint.contains("36") && nameless.name.is_empty());
    }
}
