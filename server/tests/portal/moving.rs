//! A portal moves from its data folder to PostgreSQL, is served from there by the real program, and moves back.

use std::{path::Path, process::Output};

use store::testing::postgres::server;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::{Browser, ChangeKind, Child, Installation, Targets, accepted, text};

/// Runs the program with the portal's data folder and these arguments.
async fn portal(arguments: &[&str], data_dir: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
    command.args(arguments).env_clear().env("PORTAL_DATA_DIR", data_dir).output().await.unwrap()
}

/// The root that a command names.
fn root(said: &str) -> String {
    let (_, rest) = said.split_once("root ").unwrap_or_else(|| panic!("no root: {said}"));
    rest.split_whitespace().next().unwrap().trim_end_matches('.').to_owned()
}

/// Signs in, and shares a connector.
async fn share(base: &str, targets: &mut Targets) -> Browser {
    let browser = Browser::of(base, "operator").await;
    let change = targets.prepare(ChangeKind::Share, &browser).await;
    change.perform(&browser).await;
    browser
}

#[tokio::test]
async fn a_portal_moves_to_postgresql_is_served_there_and_moves_back() {
    let installation = Installation::new().await;
    let mut targets = Targets::of(&installation);
    let child = Child::start_program(&installation, &[]).await;
    let browser = share(&child.base, &mut targets).await;
    let data_dir = installation.data_dir();
    let database = server().fresh().await.unwrap();
    let url = database.url();

    let early = portal(&["move", "--to", &url], &data_dir).await;
    assert!(!early.status.success() && text(&early).contains("is running: stop it first"), "{}", text(&early));
    child.stop().await;
    let there = accepted(&portal(&["move", "--to", &url], &data_dir).await);
    assert!(there.contains("verified at both ends") && !there.contains(&url), "{there}");
    assert!(!data_dir.join("portal.db").exists() && data_dir.join("portal.db.moved").exists());
    let verified = accepted(&portal(&["audit", "verify", "--database-url", &url], &data_dir).await);
    assert!(verified.contains("all unchanged") && verified.contains(&root(&there)), "{verified}");

    // The session goes on, and so does the work.
    let setting = format!("PORTAL_DATABASE_URL={url}");
    let child = Child::start_program(&installation, &["env", &setting]).await;
    assert_eq!(browser.at(&child.base).get("/").await.status, 200);
    share(&child.base, &mut targets).await;
    let (_, log) = child.stop().await;
    assert!(!log.contains("\"level\":\"ERROR\""), "{log}");
    assert!(!data_dir.join("portal.db").exists(), "nothing is left in the folder");
    assert_eq!(installation.sandbox.ledger().len(), 2);

    let folder = TempDir::with_prefix("portal-moved-").unwrap();
    let back = folder.path().join("data");
    let moved = portal(&["move", "--to", back.to_str().unwrap(), "--database-url", &url], &data_dir).await;
    let moved = accepted(&moved);
    assert_ne!(root(&moved), root(&there));
    for file in ["signing.key", "signing.mark"] {
        std::fs::copy(data_dir.join(file), back.join(file)).unwrap();
    }
    let verified = accepted(&portal(&["audit", "verify"], &back).await);
    assert!(verified.contains("all unchanged") && verified.contains(&root(&moved)), "{verified}");

    let refused = portal(&["backup", "/tmp/no-such-backup", "--database-url", &url], &data_dir).await;
    assert!(!refused.status.success() && text(&refused).contains("pg_dump"), "{}", text(&refused));
}
