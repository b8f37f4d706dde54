//! The form that says which of a team's changes need a second person.

use leptos::prelude::*;
use portal::teams::{Guarded, Team};

use crate::{
    components::{Field, Glyph, Tone, by_id, note, problem_summary},
    form_memory::Refused,
    forms::{self, names::TEAM_POLICY},
    islands::SubmitOnce,
    wording::approvals,
};

/// The form, with the input of a refused one. `operators` is how many operators the team has.
pub fn form(team: &Team, operators: usize) -> AnyView {
    let refused = forms::refused(TEAM_POLICY);
    let policy = &team.policy;
    let boxes = Guarded::ALL.iter().map(|kind| {
        let (label, _) = approvals::guarded(*kind);
        check(&refused, kind.as_str(), label, policy.guarded.contains(kind), None)
    });
    let boxes = boxes.collect_view();
    let items = policy.items.map_or_else(String::new, |items| items.to_string());
    view! {
        <section class="panel" aria-labelledby="policy-title" id="policy">
            <h2 id="policy-title">"Approval"</h2>
            <form class="fields" method="post" action="/api/fn/set_policy" aria-labelledby="policy-title">
                {problem_summary(
                    &refused,
                    by_id([("items", "items".to_owned()), ("reason", "policy-reason".to_owned())]),
                )}
                <input type="hidden" name="team" value=team.slug.to_string()/>
                <fieldset class="field radios">
                    <legend>"Changes that need a second person"</legend>
                    <p class="hint">{approvals::POLICY_HINT}</p>
                    {boxes}
                </fieldset>
                {(operators < 2).then(|| note(Tone::Warn, Glyph::Exc, approvals::TOO_FEW_OPERATORS))}
                <Field
                    label="Jobs over this many items need a second person"
                    name="items"
                    value=refused.value("items", &items)
                    autocomplete="off"
                    hint="Leave it empty if jobs of any size may start without one."
                    problem=refused.problem("items")
                />
                {check(
                    &refused,
                    "break_glass",
                    "Operators may act at once in an emergency",
                    policy.break_glass,
                    Some(approvals::BREAK_GLASS_HINT),
                )}
                <Field
                    label="Reason"
                    name="reason"
                    id="policy-reason"
                    value=refused.value("reason", "")
                    required=true
                    autocomplete="off"
                    hint=approvals::LOOSEN_HINT
                    problem=refused.problem("reason")
                />
                <SubmitOnce label="Save policy" class=""/>
            </form>
        </section>
    }
    .into_any()
}

/// A box that is ticked as it was in a refused form, or else as the policy is.
fn check(
    refused: &Refused,
    name: &'static str,
    label: &'static str,
    is_on: bool,
    hint: Option<&'static str>,
) -> AnyView {
    let is_on = if refused.is_empty() { is_on } else { refused.value(name, "") == "yes" };
    let id = format!("policy-{name}");
    let hint_id = hint.map(|_| format!("{id}-hint"));
    let (for_box, described_by) = (id.clone(), hint_id.clone());
    view! {
        <div class="field check">
            <input type="checkbox" id=id name=name value="yes" checked=is_on aria-describedby=described_by/>
            <label for=for_box>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
        </div>
    }
    .into_any()
}
