//! What people see: pages for the server half, islands for both.
//! Everything but `islands` is for the server alone and never becomes WebAssembly.

pub mod islands;

#[cfg(feature = "ssr")]
mod start_page;

#[cfg(feature = "ssr")]
pub mod shell;

#[cfg(feature = "ssr")]
pub use start_page::App;
