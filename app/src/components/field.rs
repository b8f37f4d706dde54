//! A labelled input with its hint and problem. It returns `AnyView`, because a form with ten fields is otherwise a type
//! that takes minutes to compile.

use leptos::prelude::*;

/// The id is the name, unless a page has the same field in several forms and gives `id`.
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
    /// The id of the `<datalist>` with suggestions.
    #[prop(into, optional)]
    list: Option<String>,
    /// A help text below the field.
    #[prop(into, optional)]
    hint: Option<String>,
    #[prop(optional_no_strip)] problem: Option<String>,
    /// Leaves "(optional)" out: of a filter, and of a field that is one of several to choose from.
    #[prop(optional)]
    unmarked: bool,
) -> AnyView {
    let id = id.unwrap_or_else(|| name.clone());
    let described = described_by(&id, hint.is_some(), problem.is_some());
    let mark = if required || unmarked { Mark::None } else { Mark::Optional };
    view! {
        <div class="field">
            {label_of(&id, label, mark)}
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

/// What a label says about its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    None,
    Optional,
}

/// The label of the field with this id.
pub fn label_of(id: &str, text: String, mark: Mark) -> AnyView {
    let mark = (mark == Mark::Optional).then(|| view! { " "<small>"(optional)"</small> });
    view! { <label for=id.to_owned()>{text}{mark}</label> }.into_any()
}

/// The hint and the problem of a field. The field refers to them with [`described_by`].
#[component]
pub fn Hint(id: String, hint: Option<String>, problem: Option<String>) -> AnyView {
    view! {
        {hint.map(|hint| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
        {problem.map(|problem| view! { <p class="problem" id=format!("{id}-problem")>{problem}</p> })}
    }
    .into_any()
}

/// The value of `aria-describedby` for a field with a hint or a problem.
pub fn described_by(id: &str, hint: bool, problem: bool) -> Option<String> {
    let ids: Vec<_> = [(hint, "hint"), (problem, "problem")]
        .into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, what)| format!("{id}-{what}"))
        .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}
