//! The views of a list as tabs, each with the number of its rows.

use leptos::prelude::*;

use crate::wording::numbers::grouped;

/// One view.
pub struct View {
    pub name: &'static str,
    pub href: String,
    /// How many rows it has, if that is known.
    pub count: Option<usize>,
    /// Whether its rows need attention.
    pub is_bad: bool,
    pub is_current: bool,
}

/// Renders nothing if there are none.
pub fn view_tabs(views: Vec<View>) -> Option<AnyView> {
    if views.is_empty() {
        return None;
    }
    let tabs: Vec<_> = views
        .into_iter()
        .map(|View { name, href, count, is_bad, is_current }| {
            let class = if is_bad && count.is_some_and(|count| count > 0) { "n bad" } else { "n" };
            let count = count.map(|count| view! { " "<span class=class>{grouped(count)}</span> });
            view! { <a href=href aria-current=is_current.then_some("page")>{name}{count}</a> }
        })
        .collect();
    Some(view! { <nav class="tabs tight" aria-label="Views">{tabs}</nav> }.into_any())
}
