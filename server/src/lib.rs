//! The process: configuration, router, middleware, sessions, workers, metrics, command line.
//! What the portal does is in `portal`, and what people see in `app`.
#![deny(clippy::print_stdout, clippy::print_stderr, reason = "they panic where nothing can be written; use `output`")]

mod addressing;
mod assets;
mod check_part;
mod command_error;
pub mod commands;
mod config;
mod demo;
mod demo_options;
mod destination_options;
mod executor;
mod factor_options;
mod factor_setup;
mod feed;
mod functions;
mod hardening;
mod headers;
mod health;
mod jobs;
mod kept_pages;
mod known_devices;
mod last_person;
mod limits;
mod listen;
mod logging;
mod metrics;
mod one_time_link;
mod origin;
mod output;
mod plain_http;
mod provider;
mod provider_options;
mod public_url;
#[cfg(test)]
mod readme_tables;
mod refusals;
mod render;
mod router;
mod second_step;
mod serve;
mod serve_error;
mod session_options;
mod sessions;
mod setting_values;
mod store_settings;
mod system_account;
mod traces;
mod transport;
mod visitor;
mod web_options;
mod workers;

pub use command_error::CommandError;
pub use config::{CommandLine, Config, ServeOptions, StoreOptions};
pub use hardening::harden;
pub use logging::{LogFormat, start as start_logging};
pub use public_url::{PublicUrl, PublicUrlError};
pub use serve::{Listeners, serve};
pub use serve_error::ServeError;
