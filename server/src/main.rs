//! The binary: reads the command line and runs what it asks for. One clear line when that cannot be done.

use std::process::ExitCode;

use clap::Parser;
use server::{CommandLine, commands};

#[tokio::main]
async fn main() -> ExitCode {
    match commands::run(CommandLine::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("partner-portal: {error}");
            ExitCode::FAILURE
        }
    }
}
