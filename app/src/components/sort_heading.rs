//! The heading of a column that the list can be sorted by: a link to the list in that order.

use leptos::prelude::*;

use super::{Icon, icon};

/// `sorted` says whether the list is sorted by this column, and if so whether the greatest value is first. `href` is the
/// list sorted by it, or in the reverse order if it is.
pub fn sort_heading(label: &'static str, class: &'static str, sorted: Option<bool>, href: String) -> AnyView {
    let (direction, arrow) = match sorted {
        None => (None, None),
        Some(false) => (Some("ascending"), Some(icon(Icon::Down))),
        Some(true) => (Some("descending"), Some(icon(Icon::Up))),
    };
    view! { <th scope="col" class=class aria-sort=direction><a href=href>{label}{arrow}</a></th> }.into_any()
}
