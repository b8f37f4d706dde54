//! Promoting a released version of a connector from one team to another, as one plan with a step each: write the draft,
//! release it, read back which version that made, share it, and check what is there. Each step is an operation through
//! `perform` or an entry, with an id that is derived from the plan's, so that none is sent twice.

mod go_on;
mod pairs;
mod plan;
mod progress;
mod promoter;
mod run;
mod running;
mod source;
mod steps;

pub(crate) use self::running::Running;
pub use self::{
    pairs::Counterpart,
    plan::{Promotion, PromotionInput},
    progress::{Progress, StepProgress, StepState},
    promoter::Promoter,
    source::Source,
    steps::PromotionStep,
};
