//! The page for requests that have no other page: forbidden, not found, Workato down, or an internal error.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use portal::PublicError;

use crate::components::{Frame, page_of_refusal};

/// Shows the error and sets the matching status.
#[component]
pub fn RefusalPage(
    error: PublicError,
    /// The URL of the refused form with what was typed, if it can be sent again.
    #[prop(optional_no_strip)]
    fresh_form: Option<String>,
) -> AnyView {
    provide_meta_context();
    page_of_refusal(error, Frame::of_visitor(), fresh_form)
}

#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! { <RefusalPage error=PublicError::NotFound/> }
}
