//! The binary: parses the command line, runs the command, and prints one line if it fails.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use mimalloc::MiMalloc;
use server::{CommandLine, commands, harden};

/// Drawing a page allocates thousands of small strings: with the system's allocator a quarter of its time was spent in
/// `malloc` and `free` (perf, connections page of 50 rows, 2026-11-27). Huge pages are off: with them the demo held 137 MiB
/// instead of 81 and was no faster (smaps, 865 and 788 pages a second, 2026-11-28).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    if let Err(error) = harden() {
        let _ = writeln!(io::stderr(), "partner-portal: core dumps cannot be switched off: {error}");
    }
    match commands::run(CommandLine::parse()).await {
        Ok(status) => status,
        Err(error) => {
            // If standard error is closed as well, only the exit status is left to tell.
            let _ = writeln!(io::stderr(), "partner-portal: {error}");
            ExitCode::FAILURE
        }
    }
}
