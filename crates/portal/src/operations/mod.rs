//! Operations: one attempted change of something in Workato, from intent to outcome.
//! `perform` is the only way by which anything reaches Workato that changes it.

mod binding;
mod change;
mod perform;
mod settle;
mod step;

pub(crate) use binding::was_used_for;
pub use change::Change;
pub use perform::Request;
pub use settle::Finding;
pub use step::{Observer, Step, unobserved};
