//! Operations. An operation is one attempted change of something in Workato, from intent to outcome.
//! `perform` is the only way to change anything in Workato.

mod before;
mod binding;
mod change;
mod drawn_name;
mod in_batch;
mod operates;
mod outcome;
mod own_reasons;
mod perform;
mod request;
mod requests;
mod second_person;
mod settle;
mod step;

pub use self::{
    change::Change,
    request::{Request, Urgency},
    requests::{Approvals, Approver, Decision, RequestForPage, WaitingRequest},
    second_person::BREAK_GLASS_REASON,
    settle::Finding,
    step::{Observer, Step, unobserved},
};
pub(crate) use self::{
    in_batch::{BatchItem, ItemEnd},
    operates::operates,
    outcome::outcome_of,
    requests::MOST_WAITING_OF_ONE,
    second_person::SecondPerson,
    settle::{Seen, Verdict, is_of_another_workspace},
};
