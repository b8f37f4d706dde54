//! The only code that becomes WebAssembly: what a browser alone can do. Each island is drawn by the server too, and
//! the page works without it.
//!
//! What they do in the browser compiles for the server as well and is never called there: Leptos runs no effect and
//! no event handler on the server.

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
