//! What people see: pages for the server half, islands for both.
//! Everything but `islands` is for the server alone and never becomes WebAssembly.

// Views are deep types; the default depth ends before a page with several forms does.
#![recursion_limit = "512"]

pub mod islands;

#[cfg(feature = "ssr")]
pub mod answer;
#[cfg(feature = "ssr")]
mod api;
#[cfg(feature = "ssr")]
mod components;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
mod done;
#[cfg(feature = "ssr")]
pub mod forms;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod query;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod shown_once;

#[cfg(feature = "ssr")]
pub use pages::{App, RefusalPage};

/// The paths of all server functions.
#[cfg(feature = "ssr")]
pub fn functions() -> impl Iterator<Item = &'static str> {
    leptos::server_fn::axum::server_fn_paths().map(|(path, _method)| path)
}
