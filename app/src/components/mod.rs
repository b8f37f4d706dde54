//! Pieces that pages are made of. Drawn on the server; what needs a browser is in `islands`.

mod field;
mod frame;
mod page;
mod time;

pub use field::{Field, Hint, described_by};
pub use frame::{Frame, Section};
pub use page::{Drawn, page, page_of_refusal, redirected, set_status};
pub use time::{Ago, Moment};
