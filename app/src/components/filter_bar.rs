//! The parts of the bar above a list: the search box, and the active filters as chips.

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

/// An active filter, such as "folder: Payments", with a link to the list without it.
pub fn filter_chip(words: &str, without: &str) -> AnyView {
    let (what, value) = match words.split_once(": ") {
        Some((what, value)) => (Some(format!("{what}: ")), value.to_owned()),
        None => (None, words.to_owned()),
    };
    let label = format!("Remove the filter {words}");
    view! {
        <span class="chip">
            <span>{what}<b>{value}</b></span>
            <a href=without.to_owned()><span class="vh">{label}</span>{icon(Icon::X)}</a>
        </span>
    }
    .into_any()
}
