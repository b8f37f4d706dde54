//! The sandbox as a client sees it: over TCP, byte by byte where that matters.
//! What needs no socket is tested beside the code.
#![allow(clippy::unwrap_used, reason = "a test may end with a panic")]

mod activity_logs;
mod admission;
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
mod samples;
mod size;

use sandbox::{Options, Running, Sandbox, WorkspaceHandle};

use client::Client;

/// A sandbox of the usual size without limits, a client with its token, and a look behind.
struct Scene {
    running: Running,
    client: Client,
    behind: WorkspaceHandle,
}

/// Starts a scene with these settings, on a port of its own.
async fn scene_with(options: Options) -> Scene {
    let running = Sandbox::start(options).await.unwrap();
    let client = Client::new(running.addr, &running.tokens[0]);
    let behind = running.workspace(0).unwrap();
    Scene { running, client, behind }
}

async fn scene() -> Scene {
    scene_with(unlimited()).await
}

fn unlimited() -> Options {
    Options { no_limits: true, ..Options::on_any_port() }
}
