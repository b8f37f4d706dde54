//! A chip: one active filter of a list.

use leptos::prelude::*;

use super::{Icon, icon};
use crate::wording::capitalized;

/// An active filter, such as "Folder: Payments", with a link to the list without it.
pub fn filter_chip(words: &str, without: &str) -> AnyView {
    let (what, value) = match words.split_once(": ") {
        Some((what, value)) => (Some(format!("{}: ", capitalized(what))), value.to_owned()),
        None => (None, capitalized(words)),
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
