//! The table in the crate's README: what Workato's API reference documents, and the tests that cover it.
//! That a test still covers what its row says, its name has to tell; that it is there, this tells.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// Where tests are.
const SOURCES: [&str; 3] = ["crates", "server", "app"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The rows of the table: what is documented, and the names of its tests.
fn rows() -> Vec<(String, Vec<String>)> {
    let readme = include_str!("../README.md");
    let (_, table) = readme.split_once("| documented | tests |\n| --- | --- |\n").expect("the table");
    let lines = table.lines().take_while(|line| line.starts_with('|'));
    let cells =
        lines.map(|line| line.trim_matches('|').rsplit_once(" | ").unwrap_or_else(|| panic!("two cells: {line}")));
    cells.map(|(documented, tests)| (documented.trim().to_owned(), quoted(tests))).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn collect(folder: &Path, tests: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            collect(&path, tests);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).expect("a source");
            tests.extend(names_of_tests(&source));
        }
    }
}

/// The functions of a source that are tests.
fn names_of_tests(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim_start) {
        is_test |=
            line.starts_with("#[") && (line.contains("test]") || line.contains("test(") || line.contains("test-"));
        let function = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "));
        if let Some(function) = function.filter(|_| is_test) {
            names.extend(function.split(['(', '<']).next().map(str::to_owned));
            is_test = false;
        }
    }
    names
}

#[test]
fn every_row_names_tests_that_there_are() {
    let mut tests = BTreeSet::new();
    for folder in SOURCES {
        collect(&root().join(folder), &mut tests);
    }
    let rows = rows();
    assert!(rows.len() > 60, "only {} rows", rows.len());
    for (documented, names) in rows {
        assert!(!names.is_empty(), "no test covers {documented}");
        for name in names {
            assert!(tests.contains(&name), "there is no test {name}, which is to cover {documented}");
        }
    }
}

#[test]
fn every_call_field_and_parameter_of_the_sample_requests_has_a_row() {
    let documented: Vec<String> = rows().into_iter().map(|(documented, _)| documented).collect();
    let has_row = |words: &str| documented.iter().any(|row| quoted(row).iter().any(|quoted| quoted == words));
    let requests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/requests");
    for file in fs::read_dir(requests).expect("the sample requests") {
        let path = file.expect("a file").path();
        let request: Value = serde_json::from_str(&fs::read_to_string(&path).expect("a request")).expect("JSON");
        let path = request["path"].as_str().expect("a path");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        // The documents have names in the place of the ids.
        let template = path
            .replace("managed_users/12345/recipes/123", "managed_users/:managed_user_id/recipes/:recipe_id")
            .replace("connections/1678", "connections/:connection_id")
            .replace("share_oem_version/4", "share_oem_version/:version")
            .replace("custom_connectors/3066", "custom_connectors/:id");
        let call = format!("{} {template}", request["method"].as_str().expect("a method"));
        assert!(has_row(&call), "{call} has no row");
        for parameter in query.split('&').filter_map(|pair| pair.split('=').next()).filter(|name| !name.is_empty()) {
            assert!(has_row(parameter), "{parameter} of {call} has no row");
        }
        for field in request["body"].as_object().into_iter().flat_map(|body| body.keys()) {
            assert!(has_row(field), "{field} of {call} has no row");
        }
    }
}
