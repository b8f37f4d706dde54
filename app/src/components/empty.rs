//! The sentence in place of a list that is empty.

use leptos::prelude::*;

pub fn empty(words: impl Into<String>) -> AnyView {
    view! { <p class="empty">{words.into()}</p> }.into_any()
}
