//! The field for the reason of a change, the same in every form. `portal` checks whether it is required.

use leptos::prelude::*;
use portal::teams::Team;

use super::Field;
use crate::form_memory::Refused;

/// The field, before it is rendered.
pub struct ReasonField<'a> {
    pub refused: &'a Refused,
    pub team: &'a Team,
    /// Whether the change cannot be undone.
    pub destructive: bool,
    /// The id of the field, which must be unique on the page.
    pub id: String,
    /// The value of a form that was not refused.
    pub initial: &'a str,
}

impl ReasonField<'_> {
    pub fn render(self) -> AnyView {
        let Self { refused, team, destructive, id, initial } = self;
        let hint = match (destructive, team.production) {
            (true, _) => "Recorded in the audit log with your name.",
            (false, true) => "Required for production teams. Recorded in the audit log.",
            (false, false) => "Optional. Recorded in the audit log.",
        };
        view! {
            <Field
                label="Reason"
                name="reason"
                id=id
                value=refused.value("reason", initial)
                required=destructive || team.production
                autocomplete="off"
                hint=hint
                problem=refused.problem("reason")
            />
        }
        .into_any()
    }
}
