//! The portal from outside: its real router on a real SQLite file and a real sandbox, over TCP. All tests are one
//! program, so that it is linked once. Run a part of them with `cargo test -p server --test portal kill::`.
#![allow(clippy::unwrap_used, reason = "a test may end with a panic")]

mod altered_history;
mod audit_log;
mod bundle_mutations;
mod check;
mod checkpoints;
mod credentials;
mod demo;
mod every_fault;
mod evidence;
mod gathering;
mod guessing;
mod hanging_up;
mod impact;
mod key_rotation;
mod kill;
mod killed_promotions;
mod last_good_copy;
mod limits;
mod metrics;
mod monitoring;
mod odd_forms;
mod password_queue;
mod passwords;
mod plain_http;
mod public_url;
mod readiness;
mod routes;
mod secrets;
mod settling;
mod signed_out;
mod soak;
mod standard_output;
mod start_up;
mod stolen;
mod support;
mod traces;
mod transport;
mod twenty_thousand;
mod unconfirmed_names;
mod unrecorded;
mod unwritable_log;
mod watching;
mod workato_down;
mod workers;
