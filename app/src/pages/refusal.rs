//! What a person sees when there is nothing else to show: no right, no such page, Workato down, the portal at fault.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use portal::PublicError;

use crate::components::{Frame, page_of_refusal};

/// A page that says why there is none. Sets the status, and when to try again where that is known.
#[component]
pub fn RefusalPage(error: PublicError) -> AnyView {
    provide_meta_context();
    page_of_refusal(error, Frame::of_visitor())
}

#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! { <RefusalPage error=PublicError::NotFound/> }
}
