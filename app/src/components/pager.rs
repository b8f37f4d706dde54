//! The position in a list of numbered pages, with links to the previous and next page. The audit log pages by keyset
//! instead.

use leptos::prelude::*;
use portal::{ListPage, PAGE_SIZES};

use super::ButtonLink;
use crate::{query::Query, wording::numbers::grouped};

/// One page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its number, counted from 1.
    pub number: usize,
    /// The number of pages.
    pub of: usize,
    /// The rows of a full page.
    pub size: usize,
    /// The rows of the whole list.
    pub total: usize,
}

impl<T> From<&ListPage<T>> for Page {
    fn from(list: &ListPage<T>) -> Self {
        Self { number: list.paging.page, of: list.pages(), size: list.paging.rows, total: list.total }
    }
}

impl Page {
    /// "1–50 of 412".
    fn range(self) -> String {
        let first = (self.number - 1) * self.size + 1;
        let last = (first + self.size - 1).min(self.total);
        format!("{}–{} of {}", grouped(first), grouped(last), grouped(self.total))
    }
}

/// `query` is the list's query without `page`.
#[component]
pub fn Pager(page: Page, #[prop(into)] path: String, query: Query) -> impl IntoView {
    let link = |number: usize, label: &'static str, rel: &'static str| {
        let number = if number == 1 { String::new() } else { number.to_string() };
        view! { <ButtonLink href=query.with("page", &number).on(&path) small=true rel=rel>{label}</ButtonLink> }
    };
    let previous = (page.number > 1).then(|| link(page.number - 1, "Previous", "prev"));
    let next = (page.number < page.of).then(|| link(page.number + 1, "Next", "next"));
    view! {
        <nav class="foot" aria-label="Pages">
            <span>{page.range()}</span>
            {sizes(page, &path, &query)}
            <span class="acts">{previous}{next}</span>
        </nav>
    }
}

/// Links to the list with other numbers of rows a page, if the list is longer than its shortest page.
fn sizes(page: Page, path: &str, query: &Query) -> Option<AnyView> {
    let [default, ..] = PAGE_SIZES;
    (page.total > default).then(|| {
        let links = PAGE_SIZES.map(|size| {
            let rows = if size == default { String::new() } else { size.to_string() };
            let here = (size == page.size).then_some("true");
            view! { <a class="btn sm quiet" href=query.with("rows", &rows).on(path) aria-current=here>{size}</a> }
        });
        view! { <span class="acts sizes"><span>"Rows"</span>{links.collect_view()}</span> }.into_any()
    })
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn a_page_shows_its_range_and_the_total() {
        let range = |number, total| Page { number, of: 9, size: 50, total }.range();
        assert_eq!(range(1, 412), "1–50 of 412");
        assert_eq!(range(9, 412), "401–412 of 412");
        assert_eq!(range(1, 1), "1–1 of 1");
        assert_eq!(range(400, 20_000), "19,951–20,000 of 20,000");
    }
}
