//! Features that have been removed stay removed: no crate declares them, no `cfg` asks for them.

use crate::{
    error::Error,
    finding::Finding,
    policy::{REMOVED_FEATURE_EXCEPTIONS, REMOVED_FEATURES, is_excepted},
    workspace::Workspace,
};

pub fn check(workspace: &Workspace) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for (feature, reason) in REMOVED_FEATURES {
        for manifest in workspace.crates.iter().map(|member| &member.manifest) {
            let declared = manifest.features.iter().filter(|declared| declared.name == *feature);
            let message = format!("no crate has a feature `{feature}`: {reason}");
            findings.extend(declared.map(|declared| Finding::new(&manifest.path, declared.line, message.clone())));
        }
        let asked_for = format!("feature=\"{feature}\"");
        for source in workspace.sources().filter(|source| source.syntax.is_some()) {
            if is_excepted(REMOVED_FEATURE_EXCEPTIONS, &source.path) {
                continue;
            }
            let lines = source.text.lines().zip(1..);
            let lines = lines.filter(|(line, _)| line.replace(' ', "").contains(&asked_for));
            let message = format!("no code asks for the feature `{feature}`: {reason}");
            findings.extend(lines.map(|(_, line)| Finding::new(&source.path, line, message.clone())));
        }
    }
    Ok(findings)
}
