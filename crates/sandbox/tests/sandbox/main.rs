//! The sandbox as a client sees it, over TCP. Tests without sockets are next to the code.
#![allow(clippy::unwrap_used, reason = "a test may end with a panic")]

mod activity_logs;
mod admission;
mod api_clients;
mod client;
mod connection_changes;
mod connections;
mod connectors;
mod control;
mod customers;
mod faults;
mod folders_and_tags;
mod ledger;
mod limits;
mod program;
mod recipes;
mod samples;
mod size;

use sandbox::{Options, Running, Sandbox, WorkspaceHandle};

use client::Client;

/// A sandbox of the usual size without limits, a client with its token, and its state.
struct TestSandbox {
    running: Running,
    client: Client,
    workspace: WorkspaceHandle,
}

/// Starts a sandbox with these options.
async fn start_with(options: Options) -> TestSandbox {
    let running = Sandbox::start(options).await.unwrap();
    let client = Client::new(running.addr, &running.tokens[0]);
    let workspace = running.workspace(0).unwrap();
    TestSandbox { running, client, workspace }
}

async fn start() -> TestSandbox {
    start_with(unlimited()).await
}

fn unlimited() -> Options {
    Options { no_limits: true, ..Options::on_any_port() }
}
