//! Jobs: many changes that somebody asks for at once. A dry run says what would happen to each item. Once a job is
//! started, a worker carries its items out, one operation each, in the name of the person who made it. How an item ended is
//! in the log alone, so that a crash loses nothing and repeats nothing.

mod about;
mod control;
mod dry_run;
#[cfg(test)]
mod forged;
mod items;
mod report;
mod reviewing;
mod shown;
mod start;
mod stop;
mod worker;

pub use store::jobs::{
    Act, Item, ItemState, Job, JobState, Verdict,
    items::{ItemCounts, ItemRow},
};

pub(crate) use self::start::record_start;
pub use self::{
    control::Control,
    dry_run::{JobInput, MOST_ITEMS, Selection},
    report::JobReport,
    shown::{JobInList, JobPage, JobsPage},
    start::StartInput,
    stop::Stop,
};
