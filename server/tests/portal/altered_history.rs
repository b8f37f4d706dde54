//! A log that contradicts what was signed: people can read and sign in, nothing is changed or sent, and an admin sets it
//! free on the command line. And the drill that follows a lost disk.

use std::{
    fs,
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use portal::audit::{Action, Outcome, Stage};
use tokio::process::Command;

use crate::support::{Browser, ChangeKind, Child, Installation, PAYMENTS, Targets, TestPortal, eventually};

const SOON: Duration = Duration::from_secs(30);

async fn program(data_dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
    command.args(arguments).env("PORTAL_DATA_DIR", data_dir).stdin(Stdio::null()).kill_on_drop(true);
    command.output().await.unwrap()
}

#[track_caller]
fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.clone(), output.stderr.clone()].concat()).unwrap()
}

#[tokio::test]
async fn changes_are_refused_until_an_admin_acknowledges_that_the_log_is_another() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let first = Targets::of(&portal).prepare(ChangeKind::Tag, &browser).await;
    first.perform(&browser).await;
    let installation = portal.stop().await;
    let sent = installation.sandbox.ledger().len();
    // The newest operation never happened.
    installation
        .database()
        .await
        .tamper(
            "CREATE TEMP TABLE cut AS SELECT max(sequence) AS place FROM operation;
             DELETE FROM checkpoint WHERE size     >= (SELECT place FROM cut);
             DELETE FROM operation  WHERE sequence >= (SELECT place FROM cut);
             DELETE FROM entry_body WHERE sequence >= (SELECT place FROM cut);
             DELETE FROM entry      WHERE sequence >= (SELECT place FROM cut);",
        )
        .await;
    let found = program(&installation.data_dir(), &["audit", "verify"]).await;
    assert!(!found.status.success() && said(&found).contains("changed or truncated"), "{}", said(&found));

    let portal = TestPortal::serve(installation).await;
    let ready = portal.readiness().await;
    assert_eq!(ready.status, 200, "people can still read");
    assert!(ready.body.contains("alarm history_contradicted: "), "{}", ready.body);
    let auditor = portal.browser_of("auditor").await;
    let page = auditor.get("/audit").await;
    page.assert_says("The portal refuses every change and signs nothing");
    page.assert_says("partner-portal audit acknowledge");

    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let mut all = Vec::new();
    for kind in ChangeKind::ALL {
        all.push(targets.prepare(kind, &operator).await);
    }
    for change in &all {
        let answer = operator.submit(&change.form).await;
        assert_eq!(answer.status, 503, "{:?}", change.kind);
        answer.assert_says("doesn't match what was signed");
    }
    let admin = portal.browser_of("admin").await;
    let form = admin.get("/admin/people").await.form("/api/fn/invite");
    let form = form.with("email", "new@partner.example").with("name", "New").with("role", "member");
    assert_eq!(admin.submit(&form).await.status, 503);
    assert_eq!(portal.sandbox.ledger().len(), sent);
    let entries = portal.entries().await;
    assert!(entries.iter().rev().take(3).all(|entry| entry.action != Action::PersonInvite));

    let data_dir = portal.data_dir();
    let no_reason = program(&data_dir, &["audit", "acknowledge", "--reason", " "]).await;
    assert!(!no_reason.status.success(), "{}", said(&no_reason));
    let done = program(&data_dir, &["audit", "acknowledge", "--reason", "Restored after the fire"]).await;
    assert!(done.status.success() && said(&done).contains("Recorded."), "{}", said(&done));
    eventually("the alarm is over", SOON, || async {
        (!portal.readiness().await.body.contains("alarm")).then_some(())
    })
    .await;
    // The same forms work: the refusals did not use up their operation ids.
    all[0].perform(&operator).await;
    let done = [(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Succeeded))];
    assert_eq!(portal.history(all[0].operation).await, done);
    let entries = portal.entries().await;
    let told = entries.iter().find(|entry| entry.action == Action::AuditAcknowledge).expect("an entry");
    assert_eq!(told.reason.as_deref(), Some("Restored after the fire"));
    assert_eq!(told.parameters["alarms"][0]["alarm"], "history_contradicted");
    let installation = portal.stop().await;
    let found = program(&installation.data_dir(), &["audit", "verify"]).await;
    assert!(found.status.success(), "{}", said(&found));
}

#[tokio::test]
async fn a_restore_drill_brings_everything_back() {
    let installation = Installation::new().await;
    let outside = installation.data_dir().parent().unwrap().to_owned();
    let backup = outside.join("backup.db");
    let backup_name = backup.to_str().unwrap();
    let child = Child::start_program(&installation, &[]).await;
    let operator = Browser::of(&child.base, "operator").await;
    let change = Targets::of(&installation).prepare(ChangeKind::Tag, &operator).await;
    change.perform(&operator).await;
    let made = program(&installation.data_dir(), &["backup", backup_name]).await;
    assert!(made.status.success(), "{}", said(&made));
    let again = program(&installation.data_dir(), &["backup", backup_name]).await;
    assert!(!again.status.success() && said(&again).contains("exists"), "{}", said(&again));
    let key = fs::read_to_string(installation.data_dir().join("signing.key")).unwrap();
    let inside = fs::read(&backup).unwrap();
    assert!(!inside.windows(key.trim().len()).any(|window| window == key.trim().as_bytes()), "no key is inside");
    // Something that the backup does not have.
    let later = Targets::of(&installation).prepare(ChangeKind::Delete, &operator).await;
    later.perform(&operator).await;
    let (_, log) = child.stop().await;
    assert_eq!(log.matches("no outside witness is configured").count(), 1, "{log}");

    let occupied = program(&installation.data_dir(), &["restore", backup_name]).await;
    assert!(!occupied.status.success() && said(&occupied).contains("exists"), "{}", said(&occupied));
    // The disk is lost, but the keys and the mark were kept.
    let kept =
        ["signing.key", "signing.mark"].map(|name| (name, fs::read(installation.data_dir().join(name)).unwrap()));
    fs::remove_dir_all(installation.data_dir()).unwrap();
    fs::create_dir(installation.data_dir()).unwrap();
    for (name, content) in kept {
        fs::write(installation.data_dir().join(name), content).unwrap();
    }
    let restored = program(&installation.data_dir(), &["restore", backup_name]).await;
    assert!(restored.status.success(), "{}", said(&restored));
    assert!(said(&restored).contains("changed or truncated"), "it is older than the mark: {}", said(&restored));

    let portal = TestPortal::serve(installation).await;
    let browser = portal.browser_of("operator").await;
    let connections = browser.get(&format!("/teams/{PAYMENTS}/connections")).await;
    assert_eq!(connections.status, 200);
    let data_dir = portal.data_dir();
    let done = program(&data_dir, &["audit", "acknowledge", "--reason", "The disk was lost"]).await;
    assert!(done.status.success(), "{}", said(&done));
    eventually("changes are allowed", SOON, || async {
        (!portal.readiness().await.body.contains("alarm")).then_some(())
    })
    .await;
    let change = Targets::of(&portal).prepare(ChangeKind::Tag, &browser).await;
    change.perform(&browser).await;
    let installation = portal.stop().await;
    let verified = program(&installation.data_dir(), &["audit", "verify"]).await;
    assert!(verified.status.success() && said(&verified).contains("all unchanged"), "{}", said(&verified));
}

#[tokio::test]
async fn a_file_copied_while_the_portal_serves_lacks_entries_and_verification_says_so() {
    let installation = Installation::new().await;
    let child = Child::start_program(&installation, &[]).await;
    let operator = Browser::of(&child.base, "operator").await;
    let before = fs::read(installation.data_dir().join("signing.mark")).unwrap();
    Targets::of(&installation).prepare(ChangeKind::Delete, &operator).await.perform(&operator).await;
    eventually("the mark has risen", SOON, || async {
        (fs::read(installation.data_dir().join("signing.mark")).unwrap() != before).then_some(())
    })
    .await;
    let copy = installation.data_dir().parent().unwrap().join("copy");
    fs::create_dir(&copy).unwrap();
    for name in ["portal.db", "signing.key", "signing.mark"] {
        fs::copy(installation.data_dir().join(name), copy.join(name)).unwrap();
    }
    let found = program(&copy, &["audit", "verify"]).await;
    assert!(!found.status.success() && said(&found).contains("changed or truncated"), "{}", said(&found));
    let original = program(&installation.data_dir(), &["audit", "verify"]).await;
    assert!(original.status.success(), "{}", said(&original));
    assert!(said(&original).contains("No one else holds a checkpoint"), "{}", said(&original));
    child.stop().await;
}
