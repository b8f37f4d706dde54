//! `make bench-pages`: the portal's pages beside what people would use instead, in one run on one machine. `measure` is
//! the run; `serve` is one of the peers that are written in Rust.

mod bare_leptos;
mod children;
mod client;
mod error;
mod goals;
mod load;
mod measure;
mod peers;
mod portal;
mod rows;
mod served;
mod table;
mod templates;

use std::{env, process::ExitCode};

use error::Result;
use mimalloc::MiMalloc;

/// The portal's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const USAGE: &str = "usage: bench-peers measure PORTAL | bench-peers serve bytes|leptos|maud ADDRESS FOLDER";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        // One thread loads, so that most of the two cores is left to what is measured.
        ["measure", portal] => on(tokio::runtime::Builder::new_current_thread(), measure::measure(portal)),
        ["serve", kind, address, folder] => {
            on(tokio::runtime::Builder::new_multi_thread(), served::serve(kind, address, folder))
        }
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-peers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn on(mut runtime: tokio::runtime::Builder, work: impl Future<Output = Result<()>>) -> Result<()> {
    runtime.enable_all().build()?.block_on(work)
}
