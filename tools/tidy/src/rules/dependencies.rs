//! Who may depend on whom, from the manifests.

use crate::{
    error::Error,
    finding::Finding,
    manifest::{Dependency, Manifest, Section},
    policy::{FORBIDDEN_FEATURES, LAYERS, Layer, ONLY_WITH_FEATURE},
    workspace::Workspace,
};

pub fn check(workspace: &Workspace) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for member in &workspace.crates {
        let manifest = &member.manifest;
        let Some(layer) = LAYERS.iter().find(|layer| layer.name == manifest.name) else {
            let message = format!("`{}` is new: add it to LAYERS in tools/tidy/src/policy.rs", manifest.name);
            findings.push(Finding::new(&manifest.path, 1, message));
            continue;
        };
        let is_member = |package: &str| workspace.crates.iter().any(|other| other.manifest.name == package);
        for dependency in manifest.dependencies.iter().filter(|dependency| is_member(&dependency.package)) {
            let problems = [
                not_allowed(layer, dependency),
                forbidden_feature(manifest, dependency),
                not_optional(manifest, dependency),
            ];
            let problems = problems.into_iter().flatten();
            findings.extend(problems.map(|problem| Finding::new(&manifest.path, dependency.line, problem)));
        }
        findings.extend(turned_on_elsewhere(manifest, is_member));
    }
    Ok(findings)
}

fn not_allowed(layer: &Layer, dependency: &Dependency) -> Option<String> {
    let package = dependency.package.as_str();
    let in_tests = dependency.section == Section::Dev && layer.only_in_tests.contains(&package);
    if layer.dependencies.contains(&package) || in_tests {
        return None;
    }
    let may = if layer.dependencies.is_empty() { "nothing".to_owned() } else { layer.dependencies.join(", ") };
    let section = dependency.section.name();
    Some(format!("`{}` must not depend on `{package}` ([{section}]); of this workspace it may use: {may}", layer.name))
}

fn forbidden_feature(manifest: &Manifest, dependency: &Dependency) -> Option<String> {
    FORBIDDEN_FEATURES.iter().find_map(|(dependant, package, feature, reason)| {
        let matches = manifest.name == *dependant
            && dependency.package == *package
            && dependency.section == Section::Normal
            && dependency.features.iter().any(|asked_for| asked_for == feature);
        matches.then(|| format!("`{dependant}` must not ask for the feature `{feature}` of `{package}`: {reason}"))
    })
}

fn not_optional(manifest: &Manifest, dependency: &Dependency) -> Option<String> {
    let (_, feature) = ONLY_WITH_FEATURE.iter().find(|(name, _)| *name == manifest.name)?;
    let is_always_there = dependency.section == Section::Normal && !dependency.optional;
    is_always_there.then(|| {
        format!(
            "`{}` must be optional and turned on by `{feature}` alone: the browser half does without it",
            dependency.package
        )
    })
}

/// Features besides the one allowed that turn on a crate of the workspace.
fn turned_on_elsewhere(manifest: &Manifest, is_member: impl Fn(&str) -> bool) -> Vec<Finding> {
    let Some((_, allowed)) = ONLY_WITH_FEATURE.iter().find(|(name, _)| *name == manifest.name) else {
        return Vec::new();
    };
    let others = manifest.features.iter().filter(|feature| feature.name != *allowed);
    others
        .flat_map(|feature| {
            let members = feature.turns_on.iter().filter_map(|turned_on| {
                let package =
                    turned_on.strip_prefix("dep:").or_else(|| turned_on.split_once('/').map(|(package, _)| package));
                package.filter(|package| is_member(package))
            });
            members.map(|package| {
                let message = format!("`{}` turns on `{package}`; only `{allowed}` may", feature.name);
                Finding::new(&manifest.path, feature.line, message)
            })
        })
        .collect()
}
