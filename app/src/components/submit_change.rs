//! The button that sends a change: at once, or if it needs a second person, as a request. An operator who may act at once
//! all the same finds that below, closed. `portal` decides what the change needs when it is sent.

use leptos::prelude::*;
use portal::teams::Team;

use super::{Glyph, Icon, Tone, note};
use crate::{form_memory::Refused, islands::SubmitOnce, wording::approvals};

/// The button, before it is rendered.
pub struct SubmitChange<'a> {
    /// What the button says if the change is sent at once.
    pub label: String,
    /// Its CSS classes.
    pub class: &'static str,
    pub team: &'a Team,
    /// Whether the change needs a second person.
    pub needs_approval: bool,
    pub refused: &'a Refused,
}

impl SubmitChange<'_> {
    pub fn render(self) -> AnyView {
        let Self { label, class, team, needs_approval, refused } = self;
        if !needs_approval {
            return view! { <p class="acts"><SubmitOnce label=label class=class/></p> }.into_any();
        }
        let at_once = team.policy.break_glass.then(|| {
            let open = refused.typed("break_glass") == Some("yes");
            let name = format!("{label} without approval");
            view! {
                <details class="fold" open=open>
                    <summary>
                        <svg class="i i-turn" aria-hidden="true"><use href=Icon::Right.href()></use></svg>
                        "Act without approval (break-glass)"
                    </summary>
                    <p class="hint">{approvals::AT_ONCE}</p>
                    <p class="acts">
                        <button type="submit" class="btn danger" name="break_glass" value="yes">{name}</button>
                    </p>
                </details>
            }
        });
        view! {
            {note(Tone::Info, Glyph::Wait, approvals::needs_second_person(&team.name))}
            <p class="acts"><SubmitOnce label="Request approval" class="primary"/></p>
            {at_once}
        }
        .into_any()
    }
}
