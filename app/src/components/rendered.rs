//! A rendered page.

use leptos::prelude::AnyView;

/// A page that [`Frame::render`](super::Frame::render) made, so that no page is sent without its frame.
pub struct Rendered(pub(super) AnyView);
