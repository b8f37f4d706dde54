//! A labelled `<select>` that always has a value. If it may be empty, use [`super::ChoiceField`].

use leptos::prelude::*;

use super::{
    Hint,
    choice::{self, Choice},
    described_by,
    drawn::drawn,
};

/// The id is the name, unless a page has the same field in several forms and gives `id`.
#[component]
pub fn SelectField(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(into, optional)] id: Option<String>,
    options: Vec<Choice>,
    #[prop(into)] chosen: String,
    #[prop(into, optional)] hint: Option<String>,
    #[prop(optional_no_strip)] problem: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let described = described_by(&id, hint.is_some(), problem.is_some());
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select
                id=id.clone()
                name=name
                aria-invalid=problem.is_some().then_some("true")
                aria-describedby=described
            >
                <Options options chosen/>
            </select>
            <Hint id=id hint=hint problem=problem/>
        </div>
    }
}

/// The options of a `<select>`.
#[component]
pub fn Options(options: Vec<Choice>, chosen: String) -> impl IntoView {
    drawn(choice::options(&options, &chosen))
}
