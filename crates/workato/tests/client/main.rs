//! The client against servers on this machine: what its changes mean, and what its reads ask for and answer.

mod changes;
mod connections;
mod reads;
mod sharing;
mod support;
