//! Checks the rules that keep this workspace's crates and files apart. `policy` holds the rules as tables, `rules` one
//! check each. It reads the sources and compiles nothing, so it runs before anything slow.
//!
//! One rule is not here, because it needs the command line's definition: `server/src/readme_tables.rs` compares it with
//! the tables in the README.
#![warn(missing_docs)]

mod error;
mod finding;
mod items;
mod manifest;
mod modules;
mod policy;
mod rules;
mod source;
mod tokens;
mod workspace;

use std::path::Path;

pub use error::Error;
pub use finding::Finding;
use workspace::Workspace;

/// Checks the workspace in `root` against every rule. An empty list means that it is tidy.
///
/// # Errors
/// [`Error`] if a file cannot be read or parsed.
pub fn check(root: &Path) -> Result<Vec<Finding>, Error> {
    let workspace = Workspace::read(root)?;
    let mut findings = Vec::new();
    for rule in rules::ALL {
        findings.extend(rule(&workspace)?);
    }
    Ok(findings)
}

/// The exceptions in `policy` that cover no file of the workspace in `root`.
///
/// # Errors
/// [`Error`] if a file cannot be read or parsed.
pub fn unused_exceptions(root: &Path) -> Result<Vec<Finding>, Error> {
    rules::unused_exceptions(&Workspace::read(root)?)
}
