//! A choice among a few values that need an explanation each. If the labels are enough, use [`super::SelectField`].

use leptos::prelude::*;

use super::described_by;

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Radio {
    /// Its value in the form.
    pub value: &'static str,
    pub label: String,
    /// What the choice means.
    pub hint: String,
}

/// Radio buttons under one legend. The id of each is `name-value`.
#[component]
pub fn RadioField(
    #[prop(into)] legend: String,
    name: &'static str,
    /// Replaces `name` in ids, if the name is not valid in an id.
    #[prop(optional)]
    id: Option<&'static str>,
    radios: Vec<Radio>,
    #[prop(into)] chosen: String,
    #[prop(optional_no_strip)] problem: Option<String>,
) -> AnyView {
    let group = id.unwrap_or(name);
    let described = described_by(group, false, problem.is_some());
    let radios: Vec<_> = radios
        .into_iter()
        .map(|Radio { value, label, hint }| {
            let id = format!("{group}-{value}");
            view! {
                <div class="field check">
                    <input
                        type="radio"
                        id=id.clone()
                        name=name
                        value=value
                        checked=value == chosen
                        aria-describedby=described_by(&id, true, false)
                    />
                    <label for=id.clone()>{label}</label>
                    <p class="hint" id=format!("{id}-hint")>{hint}</p>
                </div>
            }
        })
        .collect();
    let problem = problem.map(|problem| view! { <p class="problem" id=format!("{group}-problem")>{problem}</p> });
    view! {
        <fieldset class="field radios" aria-describedby=described>
            <legend>{legend}</legend>
            {radios}
            {problem}
        </fieldset>
    }
    .into_any()
}
