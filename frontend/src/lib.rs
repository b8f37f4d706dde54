//! The WebAssembly module: readies Leptos for the islands of `app`, whose own functions it exports.
//! `js/boot.js` calls them.

use wasm_bindgen::prelude::wasm_bindgen;

// Nothing here names the islands; without this the linker would leave the crate, and them, out.
pub use app::islands;

/// To be called once, before any island.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
