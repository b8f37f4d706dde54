//! The process: configuration, router, middleware, sessions, command line.
//! What the portal does is in `portal`, what people see in `app`; this crate only joins them to the world.

mod assets;
pub mod commands;
mod config;
mod demo;
mod feed;
mod functions;
mod headers;
mod health;
mod jobs;
mod logging;
mod origin;
#[cfg(test)]
mod readme_tables;
mod refusals;
mod render;
mod router;
mod serve;
mod sessions;
mod visitor;

pub use config::{CommandLine, Config, LogFormat, ServeOptions, StoreOptions};
pub use logging::start as start_logging;
pub use serve::{ServeError, serve};
