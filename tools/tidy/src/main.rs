//! The command: checks the workspace it was built from, or the one in the folder given, prints each finding on a line
//! of its own and exits with 1 if there is any.

use std::{path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let built_from = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = std::env::args_os().nth(1).map_or_else(built_from, PathBuf::from);
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
