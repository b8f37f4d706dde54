//! The demo as a person starts it: the program itself, its month of history, and what a second start makes of it.

use std::{collections::BTreeSet, path::Path, process::Stdio, time::Duration};

use portal::audit::{Action, Entry, Outcome, Stage};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::support::{Browser, Database, eventually};

struct Demo {
    process: Child,
    base: String,
    passwords: Vec<(String, String)>,
}

impl Demo {
    async fn start(folder: &Path, options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
        command
            .args(["demo", "--data-dir"])
            .arg(folder)
            .args(options)
            .env("PORTAL_ADDR", "127.0.0.1:0")
            .env("PORTAL_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (mut emails, mut passwords, mut printed) = (Vec::new(), Vec::new(), String::new());
        let reading = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                let words: Vec<&str> = line.split_whitespace().collect();
                match words.as_slice() {
                    ["Email", email] => emails.push((*email).to_owned()),
                    ["Password", password] => passwords.push((*password).to_owned()),
                    ["Partner", "Portal", "on", base, ..] => return (*base).to_owned(),
                    _ => {}
                }
                printed.push_str(&line);
            }
            panic!("it ended: {printed}");
        };
        let base = timeout(Duration::from_secs(60), reading).await.expect("it starts");
        Self { process, base, passwords: emails.into_iter().zip(passwords).collect() }
    }

    async fn stop(mut self) {
        let id = rustix::process::Pid::from_raw(i32::try_from(self.process.id().unwrap()).unwrap()).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        timeout(Duration::from_secs(60), self.process.wait()).await.expect("it stops").unwrap();
    }
}

async fn entries(folder: &Path) -> Vec<Entry> {
    Database::open(folder).await.entries().await
}

async fn verify(folder: &Path) -> String {
    let key = folder.join("demo.key");
    let output = Command::new(env!("CARGO_BIN_EXE_partner-portal"))
        .args(["audit", "verify", "--deep", "--data-dir"])
        .arg(folder)
        .env("PORTAL_MASTER_KEY_FILE", key)
        .output()
        .await
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    said
}

#[tokio::test]
async fn the_demo_has_a_month_of_history_that_verifies_and_is_made_once() {
    let folder = TempDir::with_prefix("portal-demo-").unwrap();
    let demo = Demo::start(folder.path(), &[]).await;
    let (emails, passwords): (Vec<_>, Vec<_>) = demo.passwords.iter().cloned().unzip();
    assert_eq!(emails, ["operator@example.com", "auditor@example.com"]);
    for (email, password) in emails.iter().zip(&passwords) {
        let browser = Browser::new(&demo.base);
        assert_eq!(browser.sign_in(email, password).await.location(), "/", "{email}");
        let page = browser.get("/").await;
        assert_eq!(page.heading(), "Needs attention", "{email}");
    }
    demo.stop().await;
    verify(folder.path()).await;

    let log = entries(folder.path()).await;
    let days: BTreeSet<_> = log.iter().map(|entry| entry.at.date()).collect();
    assert!(days.len() > 20, "{days:?}");
    assert!(log.is_sorted_by_key(|entry| entry.at));
    let has = |action: Action, outcome: Outcome| {
        log.iter().any(|entry| entry.action == action && entry.outcome == Some(outcome))
    };
    for (action, outcome) in [
        (Action::ConnectorShare, Outcome::Succeeded),
        (Action::ConnectorSuppress, Outcome::Succeeded),
        (Action::ConnectorSuppress, Outcome::Denied),
        (Action::ConnectionDelete, Outcome::Succeeded),
        (Action::ConnectionDelete, Outcome::Rejected),
        (Action::ConnectionDelete, Outcome::Unknown),
        (Action::RecipeShare, Outcome::Unknown),
        (Action::SessionRefuse, Outcome::Rejected),
        (Action::ConnectionExport, Outcome::Succeeded),
        (Action::AuditExport, Outcome::Succeeded),
        (Action::OperationFlag, Outcome::Succeeded),
        (Action::OperationAnswer, Outcome::Succeeded),
        (Action::OperationReview, Outcome::Succeeded),
        (Action::ViewShare, Outcome::Succeeded),
        (Action::JobCreate, Outcome::Succeeded),
        (Action::ConnectorPromote, Outcome::Succeeded),
        (Action::ConnectorPromoteCheck, Outcome::Succeeded),
    ] {
        assert!(has(action, outcome), "{action} {outcome}");
    }
    let stages = |stage| log.iter().filter(|entry| entry.stage == stage).count();
    assert!(stages(Stage::Observed) >= 4 && stages(Stage::Waiting) == 2 && stages(Stage::Settled) >= 2);

    // A second start neither makes the history again nor takes what happened in it for changes outside the portal.
    let demo = Demo::start(folder.path(), &[]).await;
    let browser = Browser::new(&demo.base);
    let (email, password) = &demo.passwords[0];
    assert_eq!(browser.sign_in(email, password).await.location(), "/");
    eventually("both teams are compared", Duration::from_secs(20), || async {
        let page = browser.get("/").await;
        (!page.says("Not read yet") && !page.says("Reading…")).then_some(())
    })
    .await;
    for team in ["payments", "hr-cloud"] {
        let answer = browser.post("/api/fn/compare_with_log", &[("team", team)]).await;
        assert!(answer.location().contains("done=nothing-observed"), "{answer:?}");
    }
    demo.stop().await;
    verify(folder.path()).await;
    let again = entries(folder.path()).await;
    assert_eq!(again[..log.len()], log[..]);
    assert!(again[log.len()..].iter().all(|entry| entry.stage != Stage::Observed), "{:?}", &again[log.len()..]);
    assert!(again.len() < log.len() + 20, "{} entries, and {} before", again.len(), log.len());
}

#[tokio::test]
async fn without_history_the_log_has_only_the_set_up() {
    let folder = TempDir::with_prefix("portal-demo-").unwrap();
    Demo::start(folder.path(), &["--no-history"]).await.stop().await;
    verify(folder.path()).await;
    let log = entries(folder.path()).await;
    assert!(log.iter().all(|entry| !entry.action.is_upstream()), "nothing was asked of Workato");
    assert!(log.len() < 40, "{}", log.len());
}
