//! No import cycle between the files of a crate: if a file uses another, directly or through others, then that one does
//! not use it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{error::Error, finding::Finding, modules::Edge, policy::CYCLES, workspace::Workspace};

pub fn check(workspace: &Workspace) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for member in &workspace.crates {
        for modules in member.modules()? {
            let edges = modules.edges();
            findings.extend(cycles(&edges).iter().filter(|files| !may_stay(files)).map(|files| finding(files, &edges)));
        }
    }
    Ok(findings)
}

fn may_stay(files: &BTreeSet<&str>) -> bool {
    CYCLES.iter().any(|exception| files.iter().all(|file| exception.covers(file)))
}

fn finding(files: &BTreeSet<&str>, edges: &[Edge]) -> Finding {
    let within = |edge: &&Edge| files.contains(edge.from.as_str()) && files.contains(edge.to.as_str());
    let edges: Vec<&Edge> = edges.iter().filter(within).collect();
    let mut message = format!("import cycle of {} files; remove one of these uses:", files.len());
    for edge in &edges {
        message += &format!("\n    {}:{} uses {} from {}", edge.from, edge.line, edge.path, edge.to);
    }
    // Each file of a cycle uses another, so there is a first edge.
    let (file, line) = edges.first().map(|edge| (edge.from.as_str(), edge.line)).unwrap_or_default();
    Finding::new(file, line, message)
}

/// The largest sets of files in which each needs each other: strongly connected components of more than one file.
fn cycles(edges: &[Edge]) -> Vec<BTreeSet<&str>> {
    let mut forward: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut backward: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for edge in edges {
        forward.entry(&edge.from).or_default().push(&edge.to);
        backward.entry(&edge.to).or_default().push(&edge.from);
    }
    // Kosaraju: walk forward and note each file when all it needs is done; then walk backward from the last.
    let (mut seen, mut done) = (BTreeSet::new(), Vec::new());
    for start in forward.keys() {
        walk(start, &forward, &mut seen, &mut done);
    }
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for start in done.iter().rev() {
        let mut cycle = Vec::new();
        walk(start, &backward, &mut seen, &mut cycle);
        if cycle.len() > 1 {
            found.push(cycle.into_iter().collect());
        }
    }
    found
}

fn walk<'a>(
    file: &'a str,
    edges: &BTreeMap<&'a str, Vec<&'a str>>,
    seen: &mut BTreeSet<&'a str>,
    done: &mut Vec<&'a str>,
) {
    if seen.insert(file) {
        for next in edges.get(file).into_iter().flatten() {
            walk(next, edges, seen, done);
        }
        done.push(file);
    }
}
