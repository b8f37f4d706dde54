//! Pieces that pages are made of. Drawn on the server; what needs a browser is in `islands`.

mod active_filters;
mod choice;
mod connections_table;
mod connector_name;
mod field;
#[cfg(test)]
pub mod fixture;
mod frame;
mod freshness;
mod member_forms;
mod operation_notice;
mod operations_table;
mod outcome;
mod page;
mod pager;
mod select;
mod sentence;
mod status;
mod tags;
mod team_fields;
mod time;
mod unsettled;
mod watched;

pub use active_filters::{ActiveFilter, ActiveFilters};
pub use choice::{Choice, ChoiceField};
pub use connections_table::{ConnectionsOf, connections_table};
pub use connector_name::{connector_name, one_line};
pub use field::{Field, Hint, described_by};
pub use frame::{Frame, Section};
pub use freshness::Freshness;
pub use member_forms::{AddMember, FORM as MEMBER_FORM, MemberForms, MembersOf, team_roles};
pub use operation_notice::{asked_operation, operation_notice};
pub use operations_table::{OperationsTable, TeamColumn};
pub use outcome::{OutcomePill, Standing};
pub use page::{Drawn, page, page_of_refusal, redirected, set_status, unsent_notice};
pub use pager::{Page, Pager, grouped};
pub use select::{Options, SelectField};
pub use sentence::{SentenceView, target_path};
pub use status::{ConnectionStatus, StatusPill, connection_name};
pub use tags::{dash, tags};
pub use team_fields::{TeamFields, center_name};
pub use time::{Age, Ago, Moment, in_utc};
pub use unsettled::{unsettled_warning, waiting_queue};
pub use watched::{changes_outside, watched};
