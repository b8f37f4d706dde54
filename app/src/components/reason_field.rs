//! The field for the reason of a change, the same in every form. It offers the reasons that the person gave last in the
//! team. `portal` checks whether it is required and what it must contain.

use leptos::prelude::*;
use portal::{ReasonRules, teams::Team};

use super::{Field, own_reasons::OWN_REASONS};
use crate::{form_memory::Refused, wording::reasons};

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
        let rules = if destructive { ReasonRules::for_destructive(team) } else { ReasonRules::of(team) };
        view! {
            <Field
                label="Reason"
                name="reason"
                id=id
                value=refused.value("reason", initial)
                required=rules.required().is_some()
                autocomplete="off"
                list=OWN_REASONS
                hint=reasons::help(rules, team)
                problem=refused.problem("reason")
            />
        }
        .into_any()
    }
}
