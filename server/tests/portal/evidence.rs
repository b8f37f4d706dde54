//! Evidence for people who do not trust the portal: it is verified on the command line without a database, and by
//! programs in another language that were written from the documentation.

use std::{
    path::{Path, PathBuf},
    process::Output,
};

use store::testing::Attacker;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::{ChangeKind, Installation, Targets, TestPortal, accepted, text};

const VERIFIER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/evidence-bundle/verify.py");
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/evidence-bundle/example.jsonl");
const FORMAT_PAGE: &str = include_str!("../../../docs/audit-format.md");
const BUNDLE_PAGE: &str = include_str!("../../../docs/evidence-bundle.md");

/// An installation whose log holds operations of every kind. Nothing serves it.
async fn written() -> Installation {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    for kind in ChangeKind::ALL {
        targets.prepare(kind, &browser).await.perform(&browser).await;
    }
    portal.stop().await
}

/// Runs the program in this folder, with no settings but these arguments.
async fn portal(arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
    command.args(arguments).current_dir(folder).env_clear().output().await.unwrap()
}

async fn python(arguments: &[&str], input: Option<&Path>) -> Output {
    let mut command = Command::new("python3");
    if let Some(input) = input {
        command.stdin(std::fs::File::open(input).unwrap());
    }
    command.args(arguments).output().await.expect("python3 is there: the set-up installs it for the tests")
}

#[track_caller]
fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{}", text(output));
    text(output)
}

/// A bundle exported on the command line, and the key that verifies it.
async fn bundle_of(installation: &Installation, search: &str, folder: &Path) -> (PathBuf, String) {
    let data = installation.data_dir().display().to_string();
    let arguments = ["audit", "export", "--format", "bundle", "--search", search, "--data-dir", &data];
    let exported = portal(&arguments, folder).await;
    assert!(exported.status.success(), "{}", text(&exported));
    let file = folder.join("evidence.jsonl");
    std::fs::write(&file, exported.stdout).unwrap();
    let key = accepted(&portal(&["audit", "public-key", "--data-dir", &data], folder).await);
    (file, key.trim().to_owned())
}

#[tokio::test]
async fn a_bundle_is_verified_without_a_database_and_by_a_program_in_another_language() {
    let installation = written().await;
    let folder = TempDir::with_prefix("portal-evidence-").unwrap();
    let search = "action:connector.share";
    let (file, key) = bundle_of(&installation, search, folder.path()).await;
    let name = file.to_str().unwrap();
    let said = accepted(&portal(&["audit", "verify", "--bundle", name, "--key", &key], folder.path()).await);
    // Intent and outcome, and the export's own entry.
    assert!(said.contains("3 entries, each in the log") && said.contains(search), "{said}");
    let said = accepted(&python(&[VERIFIER, name, &key], None).await);
    assert!(said.contains("3 entries, 0 of them") && said.contains(search), "{said}");

    let key_file = folder.path().join("portal.pub");
    std::fs::write(&key_file, format!("{key}\n")).unwrap();
    let key_file = key_file.to_str().unwrap();
    accepted(&portal(&["audit", "verify", "--bundle", name, "--key", key_file], folder.path()).await);
    accepted(&python(&[VERIFIER, name, key_file], None).await);

    let another = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let changed = std::fs::read_to_string(&file).unwrap().replacen("\"version\":", "\"Version\":", 1);
    let changed_file = folder.path().join("changed.jsonl");
    std::fs::write(&changed_file, changed).unwrap();
    for (file, key) in [(name, another), (changed_file.to_str().unwrap(), key.as_str())] {
        refused(&portal(&["audit", "verify", "--bundle", file, "--key", key], folder.path()).await);
        let said = refused(&python(&[VERIFIER, file, key], None).await);
        assert!(said.starts_with("refused: "), "{said}");
    }
    // The settings of a portal do not interfere.
    let mut beside = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
    beside.args(["audit", "verify", "--bundle", name, "--key", &key]).env("PORTAL_DATA_DIR", "/nowhere");
    accepted(&beside.output().await.unwrap());
    refused(&portal(&["audit", "verify", "--bundle", name], folder.path()).await);
    refused(&portal(&["audit", "verify", "--bundle", "no-such-file", "--key", &key], folder.path()).await);
}

#[tokio::test]
async fn a_deep_verification_compares_the_search_index_with_the_log() {
    let installation = written().await;
    let data = installation.data_dir().display().to_string();
    let deep = ["audit", "verify", "--deep", "--data-dir", &data];
    let folder = TempDir::with_prefix("portal-deep-").unwrap();
    let said = accepted(&portal(&deep, folder.path()).await);
    assert!(said.contains("all unchanged") && said.contains("all matching the log."), "{said}");
    let mut attacker = Attacker::open(&installation.data_dir().join("index.db")).await.unwrap();
    attacker.execute("DELETE FROM search_text WHERE rowid = (SELECT max(sequence) FROM document)").await.unwrap();
    attacker.close().await.unwrap();
    accepted(&portal(&["audit", "verify", "--data-dir", &data], folder.path()).await);
    let said = refused(&portal(&deep, folder.path()).await);
    assert!(said.contains("the search index differs from the log at the operation that begins with entry"), "{said}");
    std::fs::remove_file(installation.data_dir().join("index.db")).unwrap();
    let said = accepted(&portal(&deep, folder.path()).await);
    assert!(said.contains("Search index: there is none of this version."), "{said}");
}

#[tokio::test]
async fn an_invalid_search_exports_nothing() {
    let installation = Installation::new().await;
    let folder = TempDir::with_prefix("portal-evidence-").unwrap();
    let before = installation.entries().await.len();
    let data = installation.data_dir().display().to_string();
    for search in ["outcome:perhaps", "team:no-such-team", "after:yesterday"] {
        let said = portal(&["audit", "export", "--search", search, "--data-dir", &data], folder.path()).await;
        assert!(said.stdout.is_empty(), "{}", text(&said));
        refused(&said);
    }
    assert_eq!(installation.entries().await.len(), before);
}

/// The key on the documentation page.
fn example_key() -> &'static str {
    BUNDLE_PAGE.lines().find(|line| line.starts_with("audit.example.com/portal+")).expect("the page shows the key")
}

#[tokio::test]
async fn the_documented_verifier_accepts_the_example_and_refuses_it_with_any_byte_changed() {
    let said = accepted(&python(&[VERIFIER, EXAMPLE, example_key()], None).await);
    assert!(said.contains("4 entries, 1 of them without their contents"), "{said}");
    let every_byte = "
import importlib.util, sys
spec = importlib.util.spec_from_file_location('verifier', sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)
bundle, key, refused = open(sys.argv[2], 'rb').read(), verifier.Key(sys.argv[3]), 0
verifier.verify(bundle, key)
for at in range(len(bundle)):
    for bit in (0x01, 0x20, 0x80):
        changed = bytearray(bundle)
        changed[at] ^= bit
        try:
            verifier.verify(bytes(changed), key)
            sys.exit(f'accepted with byte {at} changed by {bit:#x}')
        except verifier.Refused:
            refused += 1
print(refused)
";
    let said = accepted(&python(&["-c", every_byte, VERIFIER, EXAMPLE, example_key()], None).await);
    let length = std::fs::read(EXAMPLE).unwrap().len();
    assert_eq!(said.trim(), (3 * length).to_string());
}

#[tokio::test]
async fn the_documented_program_computes_the_root_of_an_export() {
    let installation = written().await;
    let folder = TempDir::with_prefix("portal-evidence-").unwrap();
    let data = installation.data_dir().display().to_string();
    let exported = portal(&["audit", "export", "--data-dir", &data], folder.path()).await;
    let file = folder.path().join("log.jsonl");
    std::fs::write(&file, &exported.stdout).unwrap();
    let program = FORMAT_PAGE.split_once("```python\n").and_then(|(_, rest)| rest.split_once("```")).unwrap().0;
    let found = accepted(&python(&["-c", program], Some(&file)).await);
    let verified = accepted(&portal(&["audit", "verify", "--data-dir", &data], folder.path()).await);
    let root = found.trim().rsplit_once("root ").unwrap().1;
    assert!(verified.contains(&format!("Root: {root}")), "{found}{verified}");

    let changed = String::from_utf8(exported.stdout).unwrap().replacen("\"action\"", "\"Action\"", 1);
    std::fs::write(&file, changed).unwrap();
    refused(&python(&["-c", program], Some(&file)).await);
}
