//! Views of the audit log as tabs: those that everyone has, then the viewer's own and the shared ones with their counts.

use leptos::prelude::*;
use portal::audit::{CountedSearch, Finds};

use crate::{components::search_path, query::Query, wording::numbers};

/// The views that everyone has: a name, and the parameter that makes it.
const EVERYONES: [(&str, &str, &str); 5] = [
    ("Everything", "", ""),
    ("To review", "reviewed", "no"),
    ("Flagged", "reviewed", "flagged"),
    ("Unresolved", "outcome", "unknown"),
    ("Sign-ins", "action", "session"),
];

/// The tabs of a list with this query.
pub fn tabs(query: &Query, path: &'static str, saved: Vec<CountedSearch>) -> AnyView {
    let here = query.on(path);
    let tab = |name: String, href: String, count: Option<String>| {
        let current = (href == here).then_some("page");
        let count = count.map(|count| view! { " "<span class="n">{count}</span> });
        view! { <a href=href aria-current=current>{name}{count}</a> }
    };
    let everyones = EVERYONES.map(|(name, parameter, value)| {
        let query = if parameter.is_empty() { Query::default() } else { Query::default().with(parameter, value) };
        tab(name.to_owned(), query.on(path), None)
    });
    let saved: Vec<_> = saved
        .into_iter()
        .map(|search| {
            let count = match search.finds {
                Finds::Operations(count) => Some(numbers::count(count)),
                Finds::NotCounted | Finds::CannotBeAsked => None,
            };
            tab(search.saved.name.clone(), search_path(&search.saved.search), count)
        })
        .collect();
    let all = view! { <a href="/audit/searches">"All saved views"</a> };
    view! { <nav class="tabs tight" aria-label="Views">{everyones}{saved}{all}</nav> }.into_any()
}
