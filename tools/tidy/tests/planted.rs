//! Plants a violation of each rule in a small tidy workspace and demands the finding, with its place. What the rules
//! allow is planted as well and must pass.

#![allow(clippy::unwrap_used, reason = "a test may end with a panic")]

use std::{fs, path::Path};

use tempfile::TempDir;

/// A workspace with this one's crates, each of one documented file, and nothing wrong.
struct Tree(TempDir);

const LINTS: &str = "\n[lints]\nworkspace = true\n";

impl Tree {
    fn tidy() -> Self {
        let tree = Self(TempDir::new().unwrap());
        let members: &[(&str, &str)] = &[
            (
                "app",
                "[features]\nhydrate = []\nssr = [\"dep:portal\"]\n\n[dependencies]\nportal = { workspace = true, optional = true }\n",
            ),
            ("crates/evidence", ""),
            (
                "crates/portal",
                "[dependencies]\nstore.workspace = true\nworkato.workspace = true\n\n[dev-dependencies]\nsandbox.workspace = true\n",
            ),
            ("crates/sandbox", "[dependencies]\nworkato.workspace = true\n"),
            ("crates/store", "[dependencies]\nevidence.workspace = true\nsqlx.workspace = true\n"),
            ("crates/workato", "[dependencies]\nreqwest.workspace = true\n"),
            ("frontend", "[dependencies]\napp = { workspace = true, features = [\"hydrate\"] }\n"),
            ("server", "[dependencies]\napp = { workspace = true, features = [\"ssr\"] }\nsandbox.workspace = true\n"),
        ];
        let folders: Vec<String> = members.iter().map(|(folder, _)| format!("{folder:?}")).collect();
        tree.write("Cargo.toml", &format!("[workspace]\nmembers = [{}]\n", folders.join(", ")));
        for (folder, sections) in members {
            let name = folder.rsplit('/').next().unwrap();
            tree.write(&format!("{folder}/Cargo.toml"), &format!("[package]\nname = \"{name}\"\n\n{sections}{LINTS}"));
            tree.write(&format!("{folder}/src/lib.rs"), "//! A crate.\n");
        }
        tree
    }

    /// With this file. A crate's manifest gets the workspace's lints, unless it has some.
    fn with(self, path: &str, text: &str) -> Self {
        let lints = path.ends_with("/Cargo.toml") && !text.contains("[lints]");
        self.write(path, &format!("{text}{}", if lints { LINTS } else { "" }));
        self
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn findings(&self) -> Vec<String> {
        tidy::check(self.0.path()).unwrap().iter().map(ToString::to_string).collect()
    }

    /// Demands exactly one finding, which begins like this and holds each of `parts`.
    #[track_caller]
    fn has_one(&self, place: &str, parts: &[&str]) {
        let findings = self.findings();
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert!(findings[0].starts_with(&format!("{place}: ")), "{}", findings[0]);
        for part in parts {
            assert!(findings[0].contains(part), "{part:?} is not in: {}", findings[0]);
        }
    }

    #[track_caller]
    fn is_tidy(&self) {
        assert_eq!(self.findings(), Vec::<String>::new());
    }
}

#[test]
fn a_small_tidy_workspace_passes() {
    Tree::tidy().is_tidy();
}

#[test]
fn a_crate_must_not_depend_on_one_above_it() {
    let manifest =
        "[package]\nname = \"store\"\n\n[dependencies]\nevidence.workspace = true\nportal = { workspace = true }\n";
    Tree::tidy()
        .with("crates/store/Cargo.toml", manifest)
        .has_one("crates/store/Cargo.toml:6", &["`store` must not depend on `portal`", "it may use: evidence"]);
}

#[test]
fn evidence_depends_on_no_crate_of_the_workspace_even_in_its_tests() {
    let manifest = "[package]\nname = \"evidence\"\n\n[dev-dependencies]\nworkato.workspace = true\n";
    Tree::tidy()
        .with("crates/evidence/Cargo.toml", manifest)
        .has_one("crates/evidence/Cargo.toml:5", &["`evidence` must not depend on `workato`", "it may use: nothing"]);
}

#[test]
fn a_renamed_dependency_or_one_for_some_targets_is_found_too() {
    let renamed =
        "[package]\nname = \"workato\"\n\n[dependencies]\nfake = { package = \"sandbox\", path = \"../sandbox\" }\n";
    Tree::tidy()
        .with("crates/workato/Cargo.toml", renamed)
        .has_one("crates/workato/Cargo.toml:5", &["`workato` must not depend on `sandbox`"]);
    let on_unix = "[package]\nname = \"workato\"\n\n[target.'cfg(unix)'.dependencies]\nsandbox.workspace = true\n";
    Tree::tidy()
        .with("crates/workato/Cargo.toml", on_unix)
        .has_one("crates/workato/Cargo.toml:5", &["`workato` must not depend on `sandbox`"]);
}

#[test]
fn the_sandbox_is_for_the_portals_tests_alone() {
    let manifest = "[package]\nname = \"portal\"\n\n[dependencies]\nsandbox.workspace = true\n";
    Tree::tidy()
        .with("crates/portal/Cargo.toml", manifest)
        .has_one("crates/portal/Cargo.toml:5", &["`portal` must not depend on `sandbox` ([dependencies])"]);
}

#[test]
fn the_sandbox_has_workatos_types_but_not_its_client() {
    let manifest =
        "[package]\nname = \"sandbox\"\n\n[dependencies]\nworkato = { workspace = true, features = [\"client\"] }\n";
    Tree::tidy()
        .with("crates/sandbox/Cargo.toml", manifest)
        .has_one("crates/sandbox/Cargo.toml:5", &["`sandbox` must not ask for the feature `client` of `workato`"]);
}

#[test]
fn the_browser_half_carries_neither_portal_nor_workato() {
    let always = "[package]\nname = \"app\"\n\n[dependencies]\nportal.workspace = true\n";
    Tree::tidy().with("app/Cargo.toml", always).has_one("app/Cargo.toml:5", &["`portal` must be optional"]);
    let hydrated = "[package]\nname = \"app\"\n\n[features]\nhydrate = [\"dep:portal\"]\n\n[dependencies]\n\
        portal = { workspace = true, optional = true }\n";
    Tree::tidy()
        .with("app/Cargo.toml", hydrated)
        .has_one("app/Cargo.toml:5", &["`hydrate` turns on `portal`; only `ssr` may"]);
    let rendered =
        "[package]\nname = \"frontend\"\n\n[dependencies]\napp = { workspace = true, features = [\"ssr\"] }\n";
    Tree::tidy()
        .with("frontend/Cargo.toml", rendered)
        .has_one("frontend/Cargo.toml:5", &["`frontend` must not ask for the feature `ssr` of `app`"]);
}

#[test]
fn a_new_crate_needs_a_rule() {
    let members = "[workspace]\nmembers = [\"crates/mailer\"]\n";
    Tree::tidy()
        .with("Cargo.toml", members)
        .with("crates/mailer/Cargo.toml", "[package]\nname = \"mailer\"\n")
        .with("crates/mailer/src/lib.rs", "//! A crate.\n")
        .has_one("crates/mailer/Cargo.toml:1", &["`mailer` is new"]);
}

#[test]
fn only_the_store_names_sqlx() {
    let manifest = "[package]\nname = \"portal\"\n\n[dev-dependencies]\nsqlx.workspace = true\n";
    Tree::tidy()
        .with("crates/portal/Cargo.toml", manifest)
        .has_one("crates/portal/Cargo.toml:5", &["`sqlx` belongs to the crate `store` alone"]);
    Tree::tidy()
        .with("server/tests/log.rs", "//! Tests.\n\nuse sqlx::Connection;\n")
        .has_one("server/tests/log.rs:3", &["`sqlx` belongs to the crate `store` alone"]);
    Tree::tidy().with("crates/store/src/people.rs", "//! People.\n\nuse sqlx::Connection;\n").is_tidy();
}

#[test]
fn only_the_store_has_sql() {
    let messages = [
        ("r#\"SELECT 1\"#", "SELECT"),
        ("\"\\n  INSERT INTO person (name)\"", "INSERT"),
        ("\"UPDATE person SET name = ?\"", "UPDATE"),
        ("\"DELETE FROM person\"", "DELETE"),
        ("\"CREATE TABLE person (name)\"", "CREATE"),
        ("\"PRAGMA user_version\"", "PRAGMA"),
    ];
    for (literal, verb) in messages {
        Tree::tidy()
            .with("crates/portal/src/lib.rs", &format!("//! A crate.\n\nfn f() {{\n    run!({literal});\n}}\n"))
            .has_one("crates/portal/src/lib.rs:4", &[&format!("this SQL statement ({verb} …)"), "crate `store`"]);
    }
    Tree::tidy()
        .with("crates/portal/src/people.sql", "SELECT name FROM person\n")
        .has_one("crates/portal/src/people.sql:1", &["SQL belongs in the crate `store`"]);
    Tree::tidy()
        .with("migrations/sqlite/0001_log.sql", "CREATE TABLE entry (sequence);\n")
        .with("crates/store/src/people.rs", "//! People.\n\nconst ALL: &str = \"SELECT name FROM person\";\n")
        .is_tidy();
}

#[test]
fn tests_that_tamper_with_the_database_may_have_sql() {
    let change = "const CHANGE: &str = \"UPDATE entry SET hash = 0\";\n";
    Tree::tidy()
        .with("server/tests/tampering.rs", &format!("//! Tampering.\n\n{change}"))
        .with("crates/portal/src/lib.rs", "//! A crate.\n\n#[cfg(test)]\nmod tampering;\nmod review;\n")
        .with("crates/portal/src/tampering.rs", &format!("//! Tampering.\n\n{change}"))
        .with("crates/portal/src/review.rs", &format!("//! A file.\n\n#[cfg(test)]\nmod tests {{\n{change}}}\n"))
        .is_tidy();
    Tree::tidy()
        .with("app/tests/tampering.rs", &format!("//! Tampering.\n\n{change}"))
        .has_one("app/tests/tampering.rs:3", &["this SQL statement (UPDATE …)"]);
    Tree::tidy()
        .with("crates/portal/src/lib.rs", &format!("//! A crate.\n\n{change}\n#[cfg(test)]\nmod tests {{}}\n"))
        .has_one("crates/portal/src/lib.rs:3", &["this SQL statement (UPDATE …)"]);
}

#[test]
fn words_that_sql_shares_with_english_and_http_pass() {
    let source = "//! A crate.\n\n/// SELECT name FROM person\nconst VERBS: &[&str] = &[\"DELETE\", \"UPDATE\", \"Select a team\"];\n";
    Tree::tidy().with("crates/portal/src/lib.rs", source).is_tidy();
}

#[test]
fn sentences_for_people_are_in_app_alone() {
    for (text, path) in [
        ("The team was saved.", "crates/portal/src/lib.rs"),
        ("cannot do this. Try again", "crates/portal/src/lib.rs"),
        ("ask your admin", "crates/store/src/lib.rs"),
        ("Do you want {this}?", "crates/store/src/lib.rs"),
    ] {
        let source = format!("//! A crate.\n\n/// What you read.\npub const SAID: &str = {text:?};\n");
        Tree::tidy().with(path, &source).has_one(&format!("{path}:4"), &["belongs in `app/src/wording`"]);
        Tree::tidy().with("app/src/lib.rs", &source).is_tidy();
        Tree::tidy().with("server/src/lib.rs", &source).is_tidy();
        let test = format!("//! A crate.\n\n#[cfg(test)]\nmod tests {{\n    const SAID: &str = {text:?};\n}}\n");
        Tree::tidy().with(path, &test).is_tidy();
    }
    let formatted = "//! A crate.\n\npub fn said(name: &str) -> String {\n    format!(\"{name} was saved. Your team sees it.\")\n}\n";
    Tree::tidy().with("crates/portal/src/lib.rs", formatted).has_one("crates/portal/src/lib.rs:4", &["sentence"]);
}

#[test]
fn what_logs_errors_and_machines_read_is_no_sentence_for_people() {
    for text in [
        "the audit log cannot be written: {0}",
        "the token is refused; it is not used until somebody tests it",
        "Partner Portal",
        "Customer {number}",
        "SHA-256 of e.g. a.b",
        "partner-portal token v1 {id}",
        "audit.example.com/portal",
    ] {
        let source = format!("//! A crate.\n\npub const SAID: &str = {text:?};\n");
        Tree::tidy().with("crates/portal/src/lib.rs", &source).is_tidy();
    }
}

#[test]
fn only_the_workato_crate_names_reqwest() {
    Tree::tidy()
        .with("app/src/lib.rs", "//! A crate.\n\npub type Client = reqwest::Client;\n")
        .has_one("app/src/lib.rs:3", &["`reqwest` belongs to the crate `workato` alone"]);
    Tree::tidy().with("server/tests/browser.rs", "//! A browser.\n\nuse reqwest::Client;\n").is_tidy();
}

#[test]
fn no_code_asks_for_the_feature_server() {
    Tree::tidy()
        .with("crates/portal/src/lib.rs", "//! A crate.\n\n#[cfg(all(unix, feature = \"server\"))]\nfn f() {}\n")
        .has_one("crates/portal/src/lib.rs:3", &["no code asks for the feature `server`"]);
    let manifest = "[package]\nname = \"portal\"\n\n[features]\nserver = []\n";
    Tree::tidy()
        .with("crates/portal/Cargo.toml", manifest)
        .has_one("crates/portal/Cargo.toml:5", &["no crate has a feature `server`"]);
}

#[test]
fn every_file_begins_with_module_docs() {
    Tree::tidy()
        .with("server/src/lib.rs", "//! A crate.\n\nmod health;\n")
        .with("server/src/health.rs", "use std::fs;\n")
        .has_one("server/src/health.rs:1", &["begins with a line of module docs"]);
    Tree::tidy()
        .with("server/tests/health.rs", "//!\nuse std::fs;\n")
        .has_one("server/tests/health.rs:1", &["begins with a line of module docs"]);
}

#[test]
fn a_file_has_400_lines_at_most_without_its_tests() {
    let lines = |count: usize| format!("//! Lines.\n{}", "//\n".repeat(count - 1));
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "//\n".repeat(100));
    Tree::tidy().with("server/src/lib.rs", &lines(401)).has_one("server/src/lib.rs:1", &["401 lines", "more than 400"]);
    Tree::tidy().with("style/pages.css", &"a {}\n".repeat(401)).has_one("style/pages.css:1", &["401 lines"]);
    Tree::tidy()
        .with("server/src/lib.rs", &format!("{}{tests}", lines(400)))
        .with("server/tests/long.rs", &lines(500))
        .is_tidy();
    Tree::tidy()
        .with("server/src/lib.rs", "//! A crate.\n#[cfg(test)]\nmod fixture;\n")
        .with("server/src/fixture.rs", "//! Fixtures.\nmod more;\n")
        .with("server/src/fixture/more.rs", &lines(500))
        .is_tidy();
}

/// A crate of the files `files`, each beginning with its docs and two lines of nothing.
fn portal(files: &[(&str, &str)]) -> Tree {
    files.iter().fold(Tree::tidy(), |tree, (path, text)| {
        tree.with(&format!("crates/portal/src/{path}"), &format!("//! A file.\n\n{text}\n"))
    })
}

#[test]
fn two_files_must_not_need_each_other() {
    portal(&[
        ("lib.rs", "mod teams;\nmod store;"),
        ("teams.rs", "use crate::store::read;\npub struct Team;\nfn all() { read() }"),
        ("store.rs", "pub fn read() -> super::teams::Team { todo!() }"),
    ])
    .has_one(
        "crates/portal/src/store.rs:3",
        &[
            "import cycle of 2 files",
            "crates/portal/src/store.rs:3 uses super::teams::Team from crates/portal/src/teams.rs",
            "crates/portal/src/teams.rs:3 uses crate::store::read from crates/portal/src/store.rs",
        ],
    );
}

#[test]
fn a_cycle_of_three_is_found_through_re_exports_and_renames() {
    portal(&[
        ("lib.rs", "mod a;\nmod b;\nmod c;\npub use a::A;\npub use b::B as Second;\npub use c::*;"),
        ("a.rs", "pub struct A(Option<Box<crate::Second>>);"),
        ("b.rs", "use crate::C;\npub struct B(C);"),
        ("c.rs", "use super::{A, Second as _};\npub struct C(Vec<A>);"),
    ])
    .has_one(
        "crates/portal/src/a.rs:3",
        &["import cycle of 3 files", "uses crate::Second from crates/portal/src/b.rs", "c.rs:3 uses super::A"],
    );
}

#[test]
fn a_cycle_between_folders_is_found_through_imported_modules() {
    portal(&[
        ("lib.rs", "mod store;\nmod teams;"),
        ("store/mod.rs", "pub mod teams;"),
        ("store/teams.rs", "use crate::teams;\npub fn find() -> teams::Team { loop {} }"),
        ("teams.rs", "use crate::store;\npub struct Team;\nfn all() { store::teams::find(); }"),
    ])
    .has_one("crates/portal/src/store/teams.rs:4", &["import cycle of 2 files", "teams.rs:5 uses store::teams::find"]);
}

#[test]
fn a_parent_that_uses_a_child_must_not_be_used_by_it() {
    portal(&[
        ("lib.rs", "mod review;"),
        ("review.rs", "mod marks;\nuse marks::Mark;\npub struct Review(Mark);"),
        ("review/marks.rs", "use super::Review;\npub struct Mark(Box<Review>);"),
    ])
    .has_one("crates/portal/src/review.rs:4", &["import cycle of 2 files"]);
}

#[test]
fn what_macros_are_given_counts() {
    portal(&[
        ("lib.rs", "mod page;\nmod row;"),
        ("page.rs", "pub fn title() -> String { view! { <p>{crate::row::cells(1)}</p> } }"),
        ("row.rs", "pub fn cells(n: u8) -> String { format!(\"{}\", crate::page::title()) }"),
    ])
    .has_one("crates/portal/src/page.rs:3", &["import cycle of 2 files"]);
}

#[test]
fn declaring_and_re_exporting_children_is_no_cycle() {
    portal(&[
        ("lib.rs", "mod audit;\nmod ids;\npub use audit::Entry;\npub use ids::TeamId;"),
        ("ids.rs", "pub struct TeamId;"),
        ("audit/mod.rs", "mod entry;\nmod tree;\npub use entry::Entry;\npub(crate) use self::tree::Tree;"),
        ("audit/entry.rs", "use super::Tree;\npub struct Entry(Tree, crate::TeamId);"),
        ("audit/tree.rs", "pub struct Tree;"),
    ])
    .is_tidy();
}

#[test]
fn what_only_tests_need_is_no_cycle() {
    portal(&[
        ("lib.rs", "mod a;\nmod b;\n#[cfg(test)]\nmod fixture;"),
        ("a.rs", "pub struct A;\n#[cfg(test)]\nmod tests {\n    use crate::b::B;\n}\n#[cfg(test)]\nfn sample() -> crate::b::B { loop {} }"),
        ("b.rs", "pub struct B(crate::a::A);"),
        ("fixture.rs", "pub struct F(crate::b::B);"),
    ])
    .is_tidy();
}

#[test]
fn other_crates_with_a_modules_name_are_no_cycle() {
    portal(&[
        ("lib.rs", "mod a;\nmod time;"),
        ("a.rs", "use ::time::Date;\nuse std::time::Duration;\npub struct A(Date, Duration);"),
        ("time.rs", "pub struct Late(crate::a::A);"),
    ])
    .is_tidy();
}

#[test]
fn a_file_that_is_not_rust_or_a_module_without_a_file_is_an_error() {
    let problem = |tree: Tree| tidy::check(tree.0.path()).unwrap_err().to_string();
    assert_eq!(
        problem(portal(&[("lib.rs", "mod lost;")])),
        "crates/portal/src/lost/mod.rs: this file of a module is missing"
    );
    assert!(problem(portal(&[("lib.rs", "fn {")])).starts_with("crates/portal/src/lib.rs:3: "));
}

#[test]
fn a_crate_without_the_workspaces_lints_is_a_finding() {
    let own = "[package]\nname = \"evidence\"\n\n[lints]\nrust.unsafe_code = \"allow\"\n";
    Tree::tidy().with("crates/evidence/Cargo.toml", own).has_one("crates/evidence/Cargo.toml:1", &["forbid `unsafe`"]);
}

#[test]
fn an_exception_that_covers_nothing_is_a_finding() {
    let findings = tidy::unused_exceptions(Tree::tidy().0.path()).unwrap();
    let unused = findings.iter().find(|finding| finding.message.contains("server/tests/"));
    assert!(unused.is_some_and(|finding| finding.message.contains("covers no file")), "{findings:#?}");
}

#[test]
fn the_program_fails_on_a_finding_and_names_it() {
    let run = |root: &Path| std::process::Command::new(env!("CARGO_BIN_EXE_tidy")).arg(root).output().unwrap();
    let output = run(Tree::tidy().with("server/src/lib.rs", "mod x {}\n").0.path());
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("server/src/lib.rs:1: a file begins with a line of module docs"), "{text}");
    assert!(text.contains("findings; the rules are in"), "{text}");
}
