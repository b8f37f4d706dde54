//! The reasons that a person gave last in a team, which every reason field of the page offers.

use leptos::prelude::*;
use portal::TeamReader;

use crate::context;

/// The id of the list of suggestions, which a page with reason fields has once.
pub const OWN_REASONS: &str = "own-reasons";

/// The suggestions. A page does not fail because it lacks them.
pub async fn own_reasons(reader: &TeamReader) -> Vec<String> {
    context::portal().own_reasons(reader).await.unwrap_or_else(|error| {
        tracing::error!(%error, "cannot read the reasons that a person gave before");
        Vec::new()
    })
}

/// The list, to which the fields refer.
pub fn suggestions(reasons: Vec<String>) -> AnyView {
    let options = reasons.into_iter().map(|reason| view! { <option value=reason></option> }).collect_view();
    view! { <datalist id=OWN_REASONS>{options}</datalist> }.into_any()
}
