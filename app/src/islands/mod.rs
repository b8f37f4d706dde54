//! The only code that is compiled to WebAssembly. Pages work without JavaScript, and the server draws every control; the
//! one island here brings them to life.
//!
//! Each file has a component, which the server draws, and what the browser does with it. The browser finds controls by
//! their `data-` attributes and listens on the document, so that a page of any size hydrates one empty island: the module
//! is 46 kB (brotli) that way, and was 103 kB with an island, signals and effects for each control.

mod copy_button;
mod dom;
mod local_times;
mod review_keys;
mod submit_once;
mod theme_switch;

use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use {copy_button::CopyButton, review_keys::ReviewKeys, submit_once::SubmitOnce, theme_switch::ThemeSwitch};

/// Draws nothing. The frame has it once on each page.
#[island]
pub fn Controls() -> impl IntoView {
    // On the server, there is no document.
    if cfg!(feature = "hydrate") {
        local_times::start();
        theme_switch::start();
        submit_once::start();
        copy_button::start();
        review_keys::start();
        dom::show_controls();
    }
}
