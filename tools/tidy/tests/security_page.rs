//! Holds docs/security.md against the workspace: every requirement of ASVS 5.0 at levels 1 and 2 has its row, every row
//! names code and tests that exist, and what the page calls absent is absent.

#![allow(clippy::unwrap_used, reason = "a test may end with a panic")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{Attribute, ItemFn, visit::Visit};
use toml::de::{DeTable, DeValue};

/// Every requirement with the level from which it applies.
const REQUIREMENTS: &str = include_str!("asvs-5.0.0.txt");
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// What the page says the portal does not have, and the crates that would bring it.
const ABSENT: [(&str, &[&str]); 14] = [
    ("LDAP", &["ldap3", "simple-ldap"]),
    ("XML, XPath, XSL and SAML", &["quick-xml", "xml-rs", "roxmltree", "sxd-xpath", "libxml", "samael", "minidom"]),
    ("LaTeX", &["tectonic", "latex"]),
    ("regular expressions that backtrack", &["fancy-regex", "pcre2", "onig"]),
    ("template engines", &["tera", "handlebars", "minijinja", "askama", "liquid", "tinytemplate", "mustache"]),
    ("Java's naming", &["jni", "j4rs"]),
    ("memcache", &["memcache", "memcached", "async-memcached"]),
    ("mail", &["lettre", "mail-send"]),
    ("GraphQL", &["async-graphql", "juniper", "graphql-client"]),
    ("WebSockets", &["tungstenite", "tokio-tungstenite", "fastwebsockets"]),
    ("WebRTC", &["webrtc", "str0m", "turn", "stun"]),
    ("phone and SMS", &["twilio", "twilio-rs", "smpp"]),
    ("archives of people's", &["zip", "tar", "sevenz-rust", "unrar"]),
    ("client certificates", &["x509-parser", "openssl", "native-tls"]),
];

/// Crates of cryptography and of randomness. Each that the workspace names is in the page's inventory.
const CRYPTOGRAPHY: [&str; 34] = [
    "aes",
    "aes-gcm",
    "argon2",
    "bcrypt",
    "blake2",
    "blake3",
    "chacha20poly1305",
    "ed25519-dalek",
    "getrandom",
    "hkdf",
    "hmac",
    "jsonwebtoken",
    "md-5",
    "md5",
    "openidconnect",
    "p256",
    "pbkdf2",
    "rand",
    "rand_core",
    "ring",
    "rsa",
    "rustls",
    "scrypt",
    "secrecy",
    "sha1",
    "sha2",
    "sha3",
    "signed_note",
    "subtle",
    "tlog_tiles",
    "totp-rs",
    "webauthn-rs",
    "x25519-dalek",
    "zeroize",
];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn page() -> String {
    read("docs/security.md")
}

/// A value of a manifest or a lock file.
enum Value {
    Text(String),
    Bool(bool),
    List(Vec<Value>),
    Table(BTreeMap<String, Value>),
    Other,
}

impl Value {
    fn of(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Boolean(is_true) => Self::Bool(*is_true),
            DeValue::Array(values) => Self::List(values.iter().map(|value| Self::of(value.get_ref())).collect()),
            DeValue::Table(table) => Self::of_table(table),
            _ => Self::Other,
        }
    }

    fn of_table(table: &DeTable<'_>) -> Self {
        Self::Table(table.iter().map(|(key, value)| (key.get_ref().to_string(), Self::of(value.get_ref()))).collect())
    }

    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        Self::of_table(DeTable::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())).get_ref())
    }

    /// The value at the end of a path of keys.
    fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| match value {
            Self::Table(table) => table.get(*key),
            _ => None,
        })
    }

    fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    fn list(&self) -> &[Self] {
        if let Self::List(list) = self { list } else { &[] }
    }

    fn entries(&self) -> impl Iterator<Item = (&String, &Self)> {
        let table = if let Self::Table(table) = self { Some(table) } else { None };
        table.into_iter().flatten()
    }
}

/// A row of the page's table.
struct Row {
    requirement: String,
    level: String,
    /// The meaning, how it is met, where, and the tests.
    cells: Vec<String>,
}

fn rows(page: &str) -> Vec<Row> {
    let is_row = |line: &&str| line.starts_with("| ") && line[2..].starts_with(|c: char| c.is_ascii_digit());
    page.lines()
        .filter(is_row)
        .map(|line| {
            let mut cells = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned());
            let (requirement, level) = (cells.next().unwrap(), cells.next().unwrap());
            Row { requirement, level, cells: cells.collect() }
        })
        .collect()
}

/// What stands in backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Every file below a folder with one of these endings, but not what is built or fetched.
fn files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !["target", "node_modules"].contains(&name) && !name.starts_with('.') {
                files(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
}

fn all_files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&Path::new(ROOT).join(folder), endings, &mut found);
    found
}

#[derive(Default)]
struct Tests(BTreeSet<String>);

impl<'ast> Visit<'ast> for Tests {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        let is_test = |attribute: &Attribute| {
            attribute.path().segments.last().is_some_and(|last| last.ident == "test" || last.ident == "rstest")
        };
        let is_ignored = function.attrs.iter().any(|attribute| attribute.path().is_ident("ignore"));
        if function.attrs.iter().any(is_test) && !is_ignored {
            self.0.insert(function.sig.ident.to_string());
        }
        syn::visit::visit_item_fn(self, function);
    }
}

/// The names of every test that runs, in Rust and in the browser.
fn tests() -> BTreeSet<String> {
    let mut tests = Tests::default();
    for file in all_files("", &[".rs"]) {
        let text = fs::read_to_string(&file).unwrap();
        tests.visit_file(&syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())));
    }
    for file in all_files("end2end/tests", &[".spec.ts"]) {
        let text = fs::read_to_string(&file).unwrap();
        let titles = text.split("test(\"").skip(1).filter_map(|rest| rest.split_once('"'));
        tests.0.extend(titles.map(|(title, _)| title.to_owned()));
    }
    tests.0
}

#[test]
fn every_requirement_of_levels_1_and_2_has_one_row_in_the_standards_order() {
    let all: Vec<(&str, &str)> =
        REQUIREMENTS.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once(' ').unwrap()).collect();
    assert_eq!(all.len(), 345, "the standard has 345 requirements");
    let expected: Vec<(&str, &str)> = all.into_iter().filter(|(_, level)| ["1", "2"].contains(level)).collect();
    let page = page();
    let rows = rows(&page);
    let actual: Vec<(&str, &str)> = rows.iter().map(|row| (row.requirement.as_str(), row.level.as_str())).collect();
    for (actual, expected) in actual.iter().zip(&expected) {
        assert_eq!(actual, expected);
    }
    assert_eq!((actual.len(), expected.len()), (253, 253));
}

#[test]
fn every_row_says_what_how_where_and_names_code_and_tests_that_exist() {
    let (page, tests) = (page(), tests());
    assert!(tests.len() > 1_000, "only {} tests were found", tests.len());
    let mut wrong = Vec::new();
    for Row { requirement, cells, .. } in rows(&page) {
        let [meaning, how, place, named] = &cells[..] else {
            wrong.push(format!("{requirement} has {} cells instead of 6", cells.len() + 2));
            continue;
        };
        if meaning.is_empty() || how.is_empty() {
            wrong.push(format!("{requirement} does not say what it is, or how it is met"));
        }
        let (places, named) = (quoted(place), quoted(named));
        if places.is_empty() || named.is_empty() {
            wrong.push(format!("{requirement} names no code or no test"));
        }
        let missing = places.iter().filter(|path| !Path::new(ROOT).join(path).exists());
        wrong.extend(missing.map(|path| format!("{requirement}: there is no {path}")));
        let missing = named.iter().filter(|test| !tests.contains(**test));
        wrong.extend(missing.map(|test| format!("{requirement}: there is no test {test:?}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The anchors of a page's headings.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter_map(|line| line.strip_prefix('#')?.trim_start_matches('#').strip_prefix(' '));
    let is_kept = |c: &char| c.is_alphanumeric() || *c == '-';
    headings.map(|heading| heading.to_lowercase().replace(' ', "-").chars().filter(is_kept).collect()).collect()
}

#[test]
fn every_link_of_the_page_leads_somewhere() {
    let page = page();
    for link in page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
        if link.starts_with("https://") {
            continue;
        }
        let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
        let text = if file.is_empty() { page.clone() } else { read(&format!("docs/{file}")) };
        assert!(anchor.is_empty() || anchors(&text).contains(anchor), "no heading {link}");
    }
}

/// The crates that the workspace's manifests name, each with the manifests.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in all_files("", &["Cargo.toml"]) {
        let manifest = Value::read(&file);
        let targets = manifest.at(&["target"]).into_iter().flat_map(Value::entries).map(|(_, target)| target);
        let tables = [&["dependencies"][..], &["workspace", "dependencies"]].map(|path| manifest.at(path));
        let tables = tables.into_iter().chain(targets.map(|target| target.at(&["dependencies"])));
        for (name, value) in tables.flatten().flat_map(Value::entries) {
            let name = value.at(&["package"]).and_then(Value::text).unwrap_or(name);
            found.entry(name.to_owned()).or_default().push(file.display().to_string());
        }
    }
    found
}

#[test]
fn what_the_page_calls_absent_is_absent() {
    let dependencies = dependencies();
    assert!(dependencies.len() > 30, "{dependencies:?}");
    for (what, crates) in ABSENT {
        for name in crates {
            assert!(
                !dependencies.contains_key(*name),
                "the page says that there is no {what}, but {:?} need {name}",
                dependencies[*name]
            );
        }
    }
}

#[test]
fn every_library_of_cryptography_is_in_the_inventory() {
    let page = page();
    let section =
        page.split("\n## Keys\n").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a section on keys");
    let listed = quoted(section);
    let used: Vec<String> = dependencies().into_keys().filter(|name| CRYPTOGRAPHY.contains(&name.as_str())).collect();
    assert!(used.len() > 8, "{used:?}");
    let missing: Vec<&String> = used.iter().filter(|name| !listed.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "not in the inventory: {missing:?}");
    let gone: Vec<_> =
        CRYPTOGRAPHY.iter().filter(|name| listed.contains(*name) && !used.contains(&(**name).to_owned())).collect();
    assert!(gone.is_empty(), "in the inventory and not used: {gone:?}");
}

#[test]
fn every_dependency_comes_from_crates_io_and_is_pinned() {
    let lock = Value::read(&Path::new(ROOT).join("Cargo.lock"));
    let packages = lock.at(&["package"]).unwrap().list();
    assert!(packages.len() > 300);
    let members: BTreeSet<String> = all_files("", &["Cargo.toml"])
        .iter()
        .filter_map(|file| Some(Value::read(file).at(&["package", "name"])?.text()?.to_owned()))
        .collect();
    for package in packages {
        let name = package.at(&["name"]).and_then(Value::text).unwrap();
        match package.at(&["source"]).and_then(Value::text) {
            None => assert!(members.contains(name), "{name} has no source"),
            Some(source) => {
                let is_known = source.starts_with("registry+") && source.contains("crates.io-index");
                assert!(is_known, "{name} comes from {source}");
                assert!(package.at(&["checksum"]).is_some(), "{name} has no checksum");
            }
        }
    }
}

#[test]
fn unsafe_code_is_forbidden_and_the_crates_inherit_that() {
    let root = Value::read(&Path::new(ROOT).join("Cargo.toml"));
    let forbidden = root.at(&["workspace", "lints", "rust", "unsafe_code"]).and_then(Value::text);
    assert_eq!(forbidden, Some("forbid"));
    let members = root.at(&["workspace", "members"]).unwrap().list();
    assert!(members.len() > 6);
    for member in members.iter().filter_map(Value::text) {
        let manifest = Value::read(&Path::new(ROOT).join(member).join("Cargo.toml"));
        assert!(matches!(manifest.at(&["lints", "workspace"]), Some(Value::Bool(true))), "{member}");
    }
}

#[test]
fn make_dist_writes_a_bill_of_materials() {
    let makefile = read("Makefile");
    let recipe = makefile.split("\ndist:").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("make dist");
    assert!(recipe.contains("tools/dist.sh"), "{recipe}");
    assert!(read("tools/dist.sh").contains("cyclonedx"));
}

/// The lines of the program's own source that hold one of these words. Tests and tools are not part of it.
fn lines_with(folders: &[&str], endings: &[&str], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in folders.iter().flat_map(|folder| all_files(folder, endings)) {
        let text = fs::read_to_string(&file).unwrap();
        let program = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let lines = program.lines().enumerate().filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        found.extend(lines.map(|(number, line)| {
            let path = file.strip_prefix(ROOT).unwrap_or(&file);
            format!("{}:{}: {}", path.display(), number + 1, line.trim())
        }));
    }
    found
}

const PROGRAM: [&str; 8] = [
    "app/src",
    "frontend/src",
    "server/src",
    "crates/evidence/src",
    "crates/portal/src",
    "crates/sandbox/src",
    "crates/store/src",
    "crates/workato/src",
];

#[test]
fn no_code_of_the_portal_starts_a_program() {
    let found = lines_with(&PROGRAM, &[".rs"], &["process::Command", "Command::new(\"", "libc::system", "posix_spawn"]);
    // Tests start a PostgreSQL. It is not in the program, which is built without the feature `testing`.
    let found: Vec<_> =
        found.into_iter().filter(|line| !line.starts_with("crates/store/src/testing/postgres.rs")).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_page_inserts_raw_html() {
    let found = lines_with(
        &["app/src", "frontend"],
        &[".rs", ".js"],
        &["inner_html", "innerHTML", "outerHTML", "document.write", "InertElement", "PreEscaped"],
    );
    // Charts that the portal draws; the drawing escapes names. QR codes, which are squares. What maud has written, which
    // escapes every value. And the theme's switch, which is always the same.
    let drawn = |line: &str| {
        line.starts_with("app/src/pages/figures/pictures.rs")
            || line.starts_with("app/src/components/day_chart.rs")
            || line.starts_with("app/src/components/drawn.rs")
            || (line.starts_with("app/src/components/sidebar.rs")
                && (line.contains("PreEscaped(THEME_SWITCH.as_str())") || line.contains("use maud::")))
            || (line.starts_with("app/src/pages/second_factor.rs") && line.contains("inner_html=totp.svg"))
    };
    let raw: Vec<_> = found.iter().filter(|line| !drawn(line)).collect();
    assert!(raw.is_empty(), "{raw:?}");
    assert!(!found.is_empty(), "the search finds nothing at all");
}

#[test]
fn no_page_listens_for_messages() {
    let found = lines_with(
        &["app/src", "frontend"],
        &[".rs", ".js", ".mjs"],
        &["postMessage", "post_message", "on:message", "\"message\","],
    );
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_the_theme_and_shortcuts_are_in_browser_storage() {
    let words = [
        "local_storage()",
        "session_storage()",
        "dom::store(",
        "dom::stored(",
        "localStorage",
        "sessionStorage",
        "indexed_db",
        "indexedDB",
    ];
    let found = lines_with(&["app/src", "frontend"], &[".rs", ".js", ".mjs"], &words);
    let known = [
        "app/src/islands/dom.rs",
        "app/src/islands/theme_switch.rs",
        "app/src/islands/review_keys.rs",
        "frontend/public/",
        "frontend/js/",
    ];
    let unknown: Vec<_> = found.iter().filter(|line| !known.iter().any(|known| line.starts_with(known))).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(!found.is_empty(), "the search finds nothing at all");
}
