//! A file is about one thing, and short. Tests are not counted, neither their files nor their items in others.

use crate::{
    error::Error,
    finding::Finding,
    policy::{LONG_FILES, MOST_LINES, is_excepted},
    workspace::Workspace,
};

pub fn check(workspace: &Workspace) -> Result<Vec<Finding>, Error> {
    let tests = workspace.test_files()?;
    let sources = workspace.sources().filter(|source| !tests.contains(&source.path));
    let mut findings = Vec::new();
    for source in sources.filter(|source| !is_excepted(LONG_FILES, &source.path)) {
        let in_tests: usize = source.test_lines().into_iter().map(Iterator::count).sum();
        let lines = source.text.lines().count() - in_tests;
        if lines > MOST_LINES {
            let message = format!("{lines} lines without its tests, more than {MOST_LINES}: it holds two things");
            findings.push(Finding::new(&source.path, 1, message));
        }
    }
    Ok(findings)
}
