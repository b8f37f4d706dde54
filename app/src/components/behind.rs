//! What is not counted to its end: lists that are longer than anybody counts, and entries that the index does not know yet.

use leptos::prelude::*;
use portal::audit::Count;

use super::grouped;

/// "1,000+".
pub fn counted_up_to(count: Count) -> String {
    match count {
        Count::Exactly(number) => grouped(number),
        Count::More => format!("{}+", grouped(Count::MOST)),
    }
}

/// Says that the newest entries could not be searched.
pub fn behind(entries: i64) -> Option<AnyView> {
    let entries = usize::try_from(entries).ok().filter(|entries| *entries > 0)?;
    let which = if entries == 1 {
        "The newest entry is".to_owned()
    } else {
        format!("The newest {} entries are", grouped(entries))
    };
    let words = format!("{which} not searched yet: the search index is being filled. Search again in a moment.");
    Some(view! { <p class="callout notice warn" role="status">{words}</p> }.into_any())
}
