//! The tags of a connection, by title where it is known.

use leptos::prelude::*;
use portal::upstream::Names;
use workato::TagHandle;

/// Each tag by its title, with the handle on hover; a dash where there is none.
pub fn tags(handles: Option<&[TagHandle]>, names: &Names) -> AnyView {
    match handles {
        None | Some([]) => dash(),
        Some(handles) => handles
            .iter()
            .map(|handle| view! { <span class="tag" title=handle.to_string()>{names.tag(handle).to_owned()}</span> })
            .collect_view()
            .into_any(),
    }
}

/// What stands where there is nothing.
pub fn dash() -> AnyView {
    view! { <span class="soft">"–"</span> }.into_any()
}
