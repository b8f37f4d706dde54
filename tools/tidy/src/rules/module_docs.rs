//! Every Rust file begins with its module docs.

use crate::{error::Error, finding::Finding, workspace::Workspace};

pub fn check(workspace: &Workspace) -> Result<Vec<Finding>, Error> {
    let rust = workspace.sources().filter(|source| source.syntax.is_some());
    let undocumented = rust.filter(|source| {
        let first = source.text.lines().next().unwrap_or_default();
        let text = first.strip_prefix("//!").unwrap_or_default();
        text.trim().is_empty() && !first.starts_with("#![doc")
    });
    let message = "a file begins with a line of module docs (`//! …`) on what it is for";
    Ok(undocumented.map(|source| Finding::new(&source.path, 1, message)).collect())
}
