//! Markup that is written as text in one go, for what a page has often. Everything else is a view of Leptos, which first
//! makes a tree of boxed nodes and closures: maud writes a row of a list without any.

use leptos::{prelude::*, tachys::html::InertElement};
use maud::Markup;

/// The markup as a part of a view.
pub fn drawn(markup: Markup) -> AnyView {
    InertElement::new(markup.into_string()).into_any()
}
