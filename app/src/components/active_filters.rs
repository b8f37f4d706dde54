//! The active filters of a list, each with a link to the list without it.

use leptos::prelude::*;

use super::filter_chip;
use crate::query::Query;

/// One active filter: how it reads, and the list's query without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveFilter {
    pub words: String,
    pub without: Query,
}

/// The active filters of the list at `path`. Renders nothing if there are none. `cleared` is the query without any
/// filter.
#[component]
pub fn ActiveFilters(filters: Vec<ActiveFilter>, #[prop(into)] path: String, cleared: Query) -> impl IntoView {
    (!filters.is_empty()).then(|| {
        let chips =
            filters.into_iter().map(|filter| filter_chip(&filter.words, &filter.without.on(&path))).collect_view();
        view! {
            <div class="active">
                <span class="soft">"Filtered by"</span>
                {chips}
                <a href=cleared.on(&path)>"Clear all"</a>
            </div>
        }
    })
}
