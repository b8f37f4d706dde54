//! The user interface: pages for the server, and islands for the server and the browser.
//! Only `islands` is compiled to WebAssembly.

// Views are deeply nested types. A page with several forms exceeds the default limit.
#![recursion_limit = "512"]

pub mod islands;

#[cfg(feature = "ssr")]
pub mod answer;
#[cfg(feature = "ssr")]
mod api;
#[cfg(feature = "ssr")]
pub mod browser_session;
#[cfg(feature = "ssr")]
mod components;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
mod done;
#[cfg(all(test, feature = "ssr"))]
mod fixture;
#[cfg(feature = "ssr")]
pub mod form_memory;
#[cfg(feature = "ssr")]
mod form_shelf;
#[cfg(feature = "ssr")]
mod forms;
#[cfg(feature = "ssr")]
pub mod live;
#[cfg(feature = "ssr")]
mod operation_status;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod query;
#[cfg(feature = "ssr")]
pub mod second_step;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
mod short;
#[cfg(feature = "ssr")]
mod shown_once;
#[cfg(feature = "ssr")]
mod urls;
#[cfg(feature = "ssr")]
pub mod wording;

#[cfg(feature = "ssr")]
pub use components::icon_sheet;
#[cfg(feature = "ssr")]
pub use pages::{App, RefusalPage, may_be_kept};

/// The paths of all server functions.
#[cfg(feature = "ssr")]
pub fn functions() -> impl Iterator<Item = &'static str> {
    leptos::server_fn::axum::server_fn_paths().map(|(path, _method)| path)
}
