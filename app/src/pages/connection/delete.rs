//! The form that deletes a connection: what will happen, the name typed, a reason. Only operators see it; whether it
//! may be done is checked where it is done.

use leptos::prelude::*;
use portal::teams::Team;
use workato::Connection;

use crate::{
    components::{Field, connection_name},
    forms,
    islands::SubmitOnce,
};

/// What has to be typed, and what the field says about it.
#[derive(Debug, PartialEq, Eq)]
struct ToType {
    hint: String,
    /// The name as Workato has it; empty where there is none.
    name: String,
}

impl ToType {
    fn of(connection: &Connection) -> Self {
        let name: Vec<_> = connection.name.as_deref().unwrap_or_default().split_whitespace().collect();
        let name = name.join(" ");
        let hint = if name.is_empty() {
            format!("It has no name: type its id, {}", connection.id)
        } else {
            format!("Type: {name}")
        };
        Self { hint, name }
    }
}

/// The form's name among those that were refused.
pub const FORM: &str = "delete-connection";

/// The form for this connection, filled with what was typed if it was refused.
pub fn form(team: &Team, connection: &Connection) -> AnyView {
    let refused = forms::refused(FORM);
    let ToType { hint, name } = ToType::of(connection);
    let called = connection_name(connection);
    let application = connection.application.as_deref().map_or_else(String::new, |name| format!("{name}, "));
    let what = format!(" ({application}id {}) from the Workato workspace of {}.", connection.id, team.name);
    let in_production = team.production.then(|| view! { <p><strong>"This is a production team."</strong></p> });
    let alert = (!refused.is_empty())
        .then(|| view! { <p class="problem" role="alert">"Nothing was sent: something below needs another look."</p> });
    view! {
        <form id="delete" class="panel" method="post" action="/api/fn/delete_connection" aria-labelledby="delete-title">
            <h2 id="delete-title">"Delete this connection"</h2>
            {alert}
            <div class="callout">
                <p>"This deletes "<strong>{called.clone()}</strong>{what}</p>
                <p>"Recipes that use it stop until they are given another connection. It cannot be taken back."</p>
                {in_production}
            </div>
            <p class="soft">"Workato refuses as long as an active recipe or audit log streaming uses it."</p>
            <input type="hidden" name="team" value=team.slug.to_string()/>
            <input type="hidden" name="connection" value=connection.id.to_string()/>
            <input type="hidden" name="operation" value=refused.operation().to_string()/>
            <input type="hidden" name="name" value=name/>
            <Field
                label="Type the name to confirm"
                name="confirm"
                value=refused.value("confirm", "")
                required=true
                autocomplete="off"
                hint=hint
                problem=refused.problem("confirm")
            />
            <Field
                label="Reason"
                name="reason"
                value=refused.value("reason", "")
                required=true
                autocomplete="off"
                hint="It stands in the audit log, beside your name."
                problem=refused.problem("reason")
            />
            <SubmitOnce label=format!("Delete {called}") class="danger"/>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use workato::Connection;

    use super::ToType;

    #[test]
    fn the_name_is_typed_as_it_looks_and_the_id_where_there_is_none() {
        let to_type = |reply: &str| ToType::of(&serde_json::from_str::<Connection>(reply).expect("a connection"));
        assert_eq!(to_type(r#"{"id":36,"name":" Stripe \n refunds"}"#).name, "Stripe refunds");
        let nameless = to_type(r#"{"id":36,"name":"  "}"#);
        assert!(nameless.hint.contains("36") && nameless.name.is_empty());
    }
}
