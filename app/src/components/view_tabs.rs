//! The views of a list as tabs, each with the number of its rows: those that everyone has, then saved ones.

use leptos::prelude::*;

use super::{SaveView, view_count::count_title};
use crate::wording::numbers;
use portal::views::{CountedView, Finds};

/// One view.
pub struct View {
    pub name: String,
    pub href: String,
    /// How many rows it has, if that is known.
    pub count: Option<String>,
    /// What the count is of, if that needs saying.
    pub title: Option<String>,
    /// Whether its rows need attention.
    pub is_bad: bool,
    pub is_current: bool,
}

impl View {
    /// A view that everyone has.
    pub fn of_everyone(name: &str, href: String, count: Option<usize>, is_current: bool) -> Self {
        let count = count.map(numbers::grouped);
        Self { name: name.to_owned(), href, count, title: None, is_bad: false, is_current }
    }

    /// The same view, whose rows need attention.
    pub fn bad(self) -> Self {
        let is_bad = self.count.as_deref().is_some_and(|count| count != "0");
        Self { is_bad, ..self }
    }

    /// A saved view at this URL.
    pub fn saved(view: &CountedView, href: String, is_current: bool) -> Self {
        let count = match view.finds {
            Finds::Operations(count) => Some(numbers::count(count)),
            Finds::Rows { count, .. } => Some(numbers::grouped(count)),
            Finds::NotCounted | Finds::CannotBeAsked => None,
        };
        let (name, title) = (view.saved.name.clone(), count_title(view.finds));
        Self { name, href, count, title, is_bad: false, is_current }
    }
}

/// The tabs alone, of a list whose views cannot be saved.
pub fn view_tabs(views: Vec<View>) -> AnyView {
    tabs(views, ().into_any())
}

/// The tabs, a link to all saved views, and the form that saves the list as it is now.
pub fn savable_view_tabs(views: Vec<View>, save: Option<SaveView>) -> AnyView {
    let (button, form) = save.map(|save| (save.button(), save.form())).unzip();
    let rest = view! { {button}<a class="all" href="/views">"All views"</a> }.into_any();
    view! { {tabs(views, rest)}{form} }.into_any()
}

fn tabs(views: Vec<View>, rest: AnyView) -> AnyView {
    let tabs: Vec<_> = views
        .into_iter()
        .map(|View { name, href, count, title, is_bad, is_current }| {
            let class = if is_bad { "n bad" } else { "n" };
            let count = count.map(|count| view! { " "<span class=class title=title>{count}</span> });
            view! { <a href=href aria-current=is_current.then_some("page")>{name}{count}</a> }
        })
        .collect();
    view! { <nav class="tabs tight" aria-label="Views">{tabs}{rest}</nav> }.into_any()
}
