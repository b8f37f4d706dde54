//! Why somebody changes something: the same field in every form that does. Whether it is required is checked where the
//! change is made.

use leptos::prelude::*;
use portal::teams::Team;

use super::Field;
use crate::form_memory::Refused;

/// The field, before it is drawn.
pub struct ReasonField<'a> {
    pub refused: &'a Refused,
    pub team: &'a Team,
    /// Whether what is done cannot be taken back. In a production team every change needs a reason.
    pub destructive: bool,
    /// Its id: a page has one in each of its forms.
    pub id: &'static str,
}

impl ReasonField<'_> {
    pub fn render(self) -> AnyView {
        let Self { refused, team, destructive, id } = self;
        let hint = match (destructive, team.production) {
            (true, _) => "It stands in the audit log, beside your name.",
            (false, true) => "Required: this is a production team.",
            (false, false) => "Optional.",
        };
        view! {
            <Field
                label="Reason"
                name="reason"
                id=id
                value=refused.value("reason", "")
                required=destructive || team.production
                autocomplete="off"
                hint=hint
                problem=refused.problem("reason")
            />
        }
        .into_any()
    }
}
