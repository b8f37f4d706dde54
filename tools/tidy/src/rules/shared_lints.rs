//! Every crate has the lints of the workspace, which forbid `unsafe`.

use crate::{error::Error, finding::Finding, workspace::Workspace};

pub fn check(workspace: &Workspace) -> Result<Vec<Finding>, Error> {
    let manifests = workspace.crates.iter().map(|member| &member.manifest);
    let without = manifests.filter(|manifest| !manifest.has_shared_lints);
    let message = "add `[lints] workspace = true`: the workspace's lints forbid `unsafe`";
    Ok(without.map(|manifest| Finding::new(&manifest.path, 1, message)).collect())
}
