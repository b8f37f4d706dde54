//! The sentences and words that pages make from codes and values: refusals, outcomes, operations, numbers, times.
//! Another language would be added here. Headings, labels and hints stay in the page that shows them.

pub mod confirmations;
pub mod connections;
pub mod connectors;
pub mod notices;
pub mod numbers;
pub mod operations;
pub mod outcomes;
pub mod people;
pub mod refusals;
pub mod reviews;
pub mod stale;
pub mod times;
pub mod values;
