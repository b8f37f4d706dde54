//! No circle between the files of a crate: of two files, at most one needs the other, directly or through others.

use std::collections::{BTreeMap, BTreeSet};

use crate::{error::Error, finding::Finding, modules::Edge, policy::CIRCLES, workspace::Workspace};

pub fn check(workspace: &Workspace) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for member in &workspace.crates {
        for modules in member.modules()? {
            let edges = modules.edges();
            findings
                .extend(circles(&edges).iter().filter(|files| !may_stay(files)).map(|files| finding(files, &edges)));
        }
    }
    Ok(findings)
}

fn may_stay(files: &BTreeSet<&str>) -> bool {
    CIRCLES.iter().any(|exception| files.iter().all(|file| exception.covers(file)))
}

fn finding(files: &BTreeSet<&str>, edges: &[Edge]) -> Finding {
    let within = |edge: &&Edge| files.contains(edge.from.as_str()) && files.contains(edge.to.as_str());
    let edges: Vec<&Edge> = edges.iter().filter(within).collect();
    let mut message = format!("a circle of {} files; cut one of these:", files.len());
    for edge in &edges {
        message += &format!("\n    {}:{} names {}, which is in {}", edge.from, edge.line, edge.path, edge.to);
    }
    // A circle has an edge from each of its files.
    let (file, line) = edges.first().map(|edge| (edge.from.as_str(), edge.line)).unwrap_or_default();
    Finding::new(file, line, message)
}

/// The largest sets of files in which each needs each other: strongly connected components of more than one file.
fn circles(edges: &[Edge]) -> Vec<BTreeSet<&str>> {
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
        let mut circle = Vec::new();
        walk(start, &backward, &mut seen, &mut circle);
        if circle.len() > 1 {
            found.push(circle.into_iter().collect());
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
