//! The WebAssembly module: prepares Leptos for the islands of `app` and exports their functions. `js/boot.js` calls
//! them.

use wasm_bindgen::prelude::wasm_bindgen;

// Without this the linker would drop the crate and its islands, since nothing else here refers to them.
pub use app::islands;

/// Call this once, before any island.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
