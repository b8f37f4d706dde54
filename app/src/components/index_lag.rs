//! Says that the search index does not have the newest entries yet.

use leptos::prelude::*;

use crate::wording::numbers::grouped_i64;

/// The notice, if `entries` of the newest entries are not indexed yet.
pub fn index_lag_notice(entries: i64) -> Option<AnyView> {
    if entries <= 0 {
        return None;
    }
    let which = if entries == 1 {
        "The newest entry is".to_owned()
    } else {
        format!("The newest {} entries are", grouped_i64(entries))
    };
    let words = format!("{which} not searched yet: the search index is being filled. Search again in a moment.");
    Some(view! { <p class="callout notice warn" role="status">{words}</p> }.into_any())
}
