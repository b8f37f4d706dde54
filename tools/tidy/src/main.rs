//! The command: checks the workspace in the current folder, or in the one given, prints each finding on a line of its own
//! and exits with 1 if there is any.

use std::{path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    // Not the folder it was built from: clones that share a target folder share the program.
    let root = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    let findings = tidy::check(&root).and_then(|mut findings| {
        findings.extend(tidy::unused_exceptions(&root)?);
        Ok(findings)
    });
    match findings {
        Ok(findings) if findings.is_empty() => ExitCode::SUCCESS,
        Ok(findings) => {
            for finding in &findings {
                eprintln!("{finding}");
            }
            eprintln!("tidy: {} findings; the rules are in tools/tidy/src/policy.rs", findings.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("tidy: {error}");
            ExitCode::FAILURE
        }
    }
}
