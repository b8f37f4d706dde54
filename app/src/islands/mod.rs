//! The only code that is compiled to WebAssembly. The server renders each island, too, and pages work without
//! JavaScript.
//!
//! The browser code of an island also compiles for the server, but never runs there: Leptos runs no effects or event
//! handlers on the server.

mod copy_button;
mod local_times;
mod review_keys;
mod submit_once;
mod theme_switch;

pub use copy_button::CopyButton;
pub use local_times::LocalTimes;
pub use review_keys::ReviewKeys;
pub use submit_once::SubmitOnce;
pub use theme_switch::ThemeSwitch;
