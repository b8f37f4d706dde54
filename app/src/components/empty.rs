//! What stands where a list has nothing to show.

use leptos::prelude::*;

pub fn empty(words: impl Into<String>) -> AnyView {
    view! { <p class="empty">{words.into()}</p> }.into_any()
}
