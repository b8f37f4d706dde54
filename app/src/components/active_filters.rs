//! The filters that restrict a list, each a link to the same list without it.

use leptos::prelude::*;

use crate::query::Query;

/// One filter that restricts: its parameter, and how it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveFilter {
    pub parameter: &'static str,
    pub words: String,
}

/// The filters in force on the list at `path`; draws nothing where there are none. `paging` are the parameters that
/// say where in the list a page is: the list without a filter is another list, and begins at its beginning.
#[component]
pub fn ActiveFilters(
    filters: Vec<ActiveFilter>,
    #[prop(into)] path: String,
    query: Query,
    paging: &'static [&'static str],
) -> impl IntoView {
    (!filters.is_empty()).then(|| {
        let query = query.without(paging);
        let parameters: Vec<_> = filters.iter().map(|filter| filter.parameter).collect();
        let all = query.without(&parameters).on(&path);
        let chips = filters
            .into_iter()
            .map(|filter| {
                let href = query.without(&[filter.parameter]).on(&path);
                let label = format!("Remove the filter {}", filter.words);
                view! { <a class="chip on" href=href aria-label=label>{filter.words}" ×"</a> }
            })
            .collect_view();
        view! {
            <div class="active">
                <span class="soft">"Filtered by"</span>
                {chips}
                <a href=all>"Clear all"</a>
            </div>
        }
    })
}
