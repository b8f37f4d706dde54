//! The sentences and words that pages make from codes and values: refusals, outcomes, operations, numbers, times.
//! Another language would be added here. Headings, labels and hints stay in the page that shows them.

pub mod account_notices;
pub mod alarms;
pub mod answers;
pub mod approvals;
mod capitalized;
pub mod checkup;
pub mod code;
pub mod confirmations;
pub mod connection_errors;
pub mod connections;
pub mod connectors;
pub mod denials;
pub mod devices;
pub mod doubts;
pub mod home;
pub mod impact;
pub mod jobs;
pub mod missing_names;
pub mod notices;
pub mod numbers;
pub mod operations;
pub mod outcomes;
pub mod people;
pub mod privileges;
pub mod problems;
pub mod promotions;
pub mod provider;
pub mod read_failures;
pub mod reasons;
pub mod refusals;
pub mod reviews;
pub mod setup_steps;
pub mod stale;
pub mod targets;
pub mod times;
pub mod trust;
pub mod values;

pub use capitalized::capitalized;
