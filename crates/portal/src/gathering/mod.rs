//! Gathering what one person or address can cause again and again into few entries.

mod exports;
mod gatherer;
mod record;

pub(crate) use exports::Exports;
pub(crate) use gatherer::{Gatherer, Group, Who, network};
