//! A rarely needed form, collapsed below its title.

use leptos::prelude::*;

/// The form, before it is rendered.
pub struct CollapsedForm {
    /// The id of the panel. The id of the title is `{id}-title`.
    pub id: &'static str,
    pub title: &'static str,
    /// Whether the form starts expanded.
    pub open: bool,
    pub form: AnyView,
}

impl CollapsedForm {
    pub fn render(self) -> AnyView {
        let Self { id, title, open, form } = self;
        view! {
            <details class="panel" id=id open=open>
                <summary><h2 id=format!("{id}-title")>{title}</h2></summary>
                {form}
            </details>
        }
        .into_any()
    }
}
