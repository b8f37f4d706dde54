//! A file is about one thing, and short. Tests are not counted, neither files of them nor modules at a file's end.

use std::collections::BTreeSet;

use syn::{Item, spanned::Spanned};

use crate::{
    error::Error,
    finding::Finding,
    modules::{attributes, is_only_for_tests},
    policy::{LONG_FILES, MOST_LINES, is_excepted},
    source::Source,
    workspace::Workspace,
};

pub fn check(workspace: &Workspace) -> Result<Vec<Finding>, Error> {
    let mut test_files = BTreeSet::new();
    for member in &workspace.crates {
        for modules in member.modules()? {
            test_files.extend(modules.test_files);
        }
    }
    let is_test = |source: &Source| {
        let mut folders = source.path.split('/');
        folders.any(|folder| ["benches", "end2end", "tests"].contains(&folder)) || test_files.contains(&source.path)
    };
    let mut findings = Vec::new();
    for source in workspace.sources().filter(|source| !is_test(source) && !is_excepted(LONG_FILES, &source.path)) {
        let lines = source.text.lines().count() - lines_of_tests(source);
        if lines > MOST_LINES {
            let message = format!("{lines} lines without its tests, more than {MOST_LINES}: it holds two things");
            findings.push(Finding::new(&source.path, 1, message));
        }
    }
    Ok(findings)
}

fn lines_of_tests(source: &Source) -> usize {
    let items = source.syntax.iter().flat_map(|syntax| &syntax.items);
    let tests = items.filter(|item| matches!(item, Item::Mod(_)) && is_only_for_tests(attributes(item)));
    tests
        .map(|tests| {
            let span = tests.span();
            span.end().line - span.start().line + 1
        })
        .sum()
}
