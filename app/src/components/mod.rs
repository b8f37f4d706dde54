//! Pieces that pages are made of. Drawn on the server; what needs a browser is in `islands`.

mod field;
mod frame;
mod operation_notice;
mod operations_table;
mod outcome;
mod page;
mod sentence;
mod time;

pub use field::{Field, Hint, described_by};
pub use frame::{Frame, Section};
pub use operation_notice::operation_notice;
pub use operations_table::{OperationsTable, TeamColumn};
pub use outcome::{OutcomePill, Standing};
pub use page::{Drawn, page, page_of_refusal, redirected, set_status};
pub use sentence::{SentenceView, target_path};
pub use time::{Age, Ago, Moment};
