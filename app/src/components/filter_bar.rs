//! The search box in the bar above a list.

use leptos::prelude::*;

use super::{Hint, Icon, described_by, icon};

/// A search box. Its label is for screen readers; the placeholder says what it finds.
pub struct Search {
    /// The parameter, which is also the field's id.
    pub name: &'static str,
    pub label: &'static str,
    pub placeholder: &'static str,
    pub value: String,
    pub problem: Option<String>,
}

impl Search {
    pub fn render(self) -> AnyView {
        let Self { name, label, placeholder, value, problem } = self;
        view! {
            <div class="seek">
                {icon(Icon::Search)}
                <label class="vh" for=name>{label}</label>
                <input
                    class="in"
                    type="search"
                    id=name
                    name=name
                    value=value
                    placeholder=placeholder
                    aria-invalid=problem.is_some().then_some("true")
                    aria-describedby=described_by(name, false, problem.is_some())
                />
                <Hint id=name.to_owned() hint=None problem=problem/>
            </div>
        }
        .into_any()
    }
}
