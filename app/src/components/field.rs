//! A labelled field with what is wrong with it beside it. Its type is erased: a form of ten fields would else be a type
//! that takes the compiler minutes.

use leptos::prelude::*;

/// A text-like input. Its id is its name, unless a page has the same field in several forms and gives `id`.
#[component]
pub fn Field(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(into, optional)] id: Option<String>,
    #[prop(into, default = "text".to_owned())] kind: String,
    #[prop(into, optional)] value: String,
    #[prop(optional)] required: bool,
    #[prop(into, optional)] autocomplete: Option<String>,
    #[prop(into, optional)] placeholder: Option<String>,
    /// The id of the `<datalist>` with what could be typed.
    #[prop(into, optional)]
    list: Option<String>,
    /// Said below the field, before anything is wrong.
    #[prop(into, optional)]
    hint: Option<String>,
    #[prop(optional_no_strip)] problem: Option<String>,
) -> AnyView {
    let id = id.unwrap_or_else(|| name.clone());
    let described = described_by(&id, hint.is_some(), problem.is_some());
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id.clone()
                name=name
                type=kind
                value=value
                required=required
                autocomplete=autocomplete
                placeholder=placeholder
                list=list
                aria-invalid=problem.is_some().then_some("true")
                aria-describedby=described
            />
            <Hint id=id hint=hint problem=problem/>
        </div>
    }
    .into_any()
}

/// What is said below a field: what is wrong with it, else the hint. `aria-describedby` is [`described_by`].
#[component]
pub fn Hint(id: String, hint: Option<String>, problem: Option<String>) -> AnyView {
    view! {
        {hint.map(|hint| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
        {problem.map(|problem| view! { <p class="problem" id=format!("{id}-problem")>{problem}</p> })}
    }
    .into_any()
}

/// The ids that describe a field.
pub fn described_by(id: &str, hint: bool, problem: bool) -> Option<String> {
    let ids: Vec<_> = [(hint, "hint"), (problem, "problem")]
        .into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, what)| format!("{id}-{what}"))
        .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}
