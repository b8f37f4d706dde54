//! The client against servers on this machine.

mod breaker;
mod changes;
mod connections;
mod denials;
mod metrics;
mod new_token;
mod off_thread;
mod probes;
mod reads;
mod recipes;
mod releasing;
mod retries;
mod sharing;
mod support;
