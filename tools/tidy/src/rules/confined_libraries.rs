//! Libraries that belong to one crate: neither manifests nor sources of the others name them, tests included.

use crate::{
    error::Error,
    finding::Finding,
    policy::{CONFINED, Confined, is_excepted},
    workspace::{Crate, Workspace},
};

pub fn check(workspace: &Workspace) -> Result<Vec<Finding>, Error> {
    let outside = |confined: &'static Confined| {
        let others = workspace.crates.iter().filter(move |member| member.manifest.name != confined.home);
        others.flat_map(move |member| of_crate(member, confined))
    };
    Ok(CONFINED.iter().flat_map(outside).collect())
}

fn of_crate(member: &Crate, confined: &Confined) -> Vec<Finding> {
    let Confined { library, home, reason, exceptions } = confined;
    let message = format!("`{library}` belongs to the crate `{home}` alone: {reason}");
    let manifest = &member.manifest;
    let dependencies = manifest.dependencies.iter().filter(|dependency| {
        let place = format!("{} [{}]", manifest.path, dependency.section.name());
        dependency.package == *library && !is_excepted(exceptions, &place)
    });
    let mut findings: Vec<Finding> =
        dependencies.map(|dependency| Finding::new(&manifest.path, dependency.line, message.clone())).collect();
    for source in member.sources.iter().filter(|source| !is_excepted(exceptions, &source.path)) {
        let lines = source.text.lines().zip(1..).filter(|(line, _)| has_word(line, library));
        findings.extend(lines.map(|(_, line)| Finding::new(&source.path, line, message.clone())));
    }
    findings
}

/// Whether `line` has `word`, not as part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |character: Option<char>| character.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word)
        .any(|(at, _)| !is_part(line[..at].chars().next_back()) && !is_part(line[at + word.len()..].chars().next()))
}
