//! A labelled field for a few sentences.

use leptos::prelude::*;

use super::{Hint, described_by};

/// A `<textarea>`. Its id is its name.
#[component]
pub fn NoteField(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(into, optional)] value: String,
    #[prop(optional_no_strip)] problem: Option<String>,
) -> AnyView {
    let described = described_by(&name, false, problem.is_some());
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <textarea
                id=name.clone()
                name=name.clone()
                required=true
                rows="3"
                maxlength="1000"
                aria-invalid=problem.is_some().then_some("true")
                aria-describedby=described
            >
                {value}
            </textarea>
            <Hint id=name hint=None problem=problem/>
        </div>
    }
    .into_any()
}
