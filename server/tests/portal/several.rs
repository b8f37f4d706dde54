//! Several instances of one portal, each a process of its own, which share a PostgreSQL database.

use std::{collections::HashSet, path::PathBuf, time::Duration};

use portal::{
    Portal, Settings,
    audit::{Entry, Outcome, Stage},
};
use sandbox::Options;
use store::{Store, entries, testing::postgres};
use tokio::{
    process::Command,
    time::{Instant, sleep},
};

use crate::{
    routes::jobs::{dry_run, start},
    support::{Browser, Child, Installation, Targets, eventually, people_and_teams},
};

/// Longer than a lease, its renewal and the look of the next instance.
const TAKEN_OVER: Duration = Duration::from_secs(40);

/// A portal that several instances can serve. The data folder of the installation is that of the first.
struct Several {
    installation: Installation,
    database: postgres::Database,
}

impl Several {
    async fn new(options: Options) -> Self {
        let installation = Installation::empty(options).await;
        let several = Self { installation, database: postgres::server().fresh().await.unwrap() };
        let portal = Portal::open(several.settings()).await.unwrap();
        people_and_teams(&portal, &several.installation.sandbox).await;
        portal.close().await;
        several
    }

    fn settings(&self) -> Settings {
        Settings { database_url: Some(self.database.url().into()), ..self.installation.settings() }
    }

    /// Each has a data folder of its own, and the first's signing key.
    async fn instance(&self, number: usize) -> Child {
        self.instance_with(number, false).await
    }

    async fn instance_with(&self, number: usize, has_limits: bool) -> Child {
        let data_dir = match number {
            0 => self.installation.data_dir(),
            _ => self.installation.data_dir().with_file_name(format!("data-{number}")),
        };
        if number > 0 {
            // Without the mark of the log as it is, an instance takes the log for one that was put back.
            std::fs::create_dir_all(&data_dir).unwrap();
            std::fs::copy(self.signing_key().with_extension("mark"), data_dir.join("signing.mark")).unwrap();
        }
        Child::instance(&self.installation, data_dir, &self.signing_key(), (&self.database.url(), has_limits)).await
    }

    fn signing_key(&self) -> PathBuf {
        self.installation.data_dir().join("signing.key")
    }

    async fn entries(&self) -> Vec<Entry> {
        let store = Store::connect_read_only(&self.database.url()).await.unwrap();
        let stored = entries::after(&mut store.snapshot().await.unwrap(), 0, 1_000_000).await.unwrap();
        store.close().await;
        let bodies = stored.iter().enumerate().map(|(number, entry)| {
            assert_eq!(entry.sequence, number as i64 + 1, "a gap in the log");
            entry.body.as_ref().expect("a body")
        });
        bodies.map(|body| serde_json::from_slice(&body.bytes).unwrap()).collect()
    }

    /// How often each stage stands in the log among the operations of jobs.
    async fn of_jobs(&self, stage: Stage) -> usize {
        let entries = self.entries().await;
        entries.iter().filter(|entry| entry.batch.is_some() && entry.stage == stage).count()
    }
}

async fn signal(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().await.unwrap();
    assert!(sent.success());
}

/// A job that instance 0 works on, and a page of it that instance 1 shows.
async fn job_on_the_first(several: &Several, items: usize) -> (Child, Child, Browser, String) {
    let faults = several.installation.sandbox.faults();
    faults.put("slow", "DELETE /api/connections/*: latency 150ms..250ms".parse().unwrap());
    let mut targets = Targets::of(&several.installation);
    let ids: Vec<u64> = (0..items).map(|_| targets.unused_connection()).collect();
    let first = several.instance(0).await;
    let operator = Browser::of(&first.base, "operator").await;
    let page = dry_run(&operator, "delete", &ids, &[]).await;
    start(&operator, &page).await;
    eventually("the job is under way", Duration::from_secs(30), || async {
        (several.of_jobs(Stage::Outcome).await > 3).then_some(())
    })
    .await;
    let second = several.instance(1).await;
    let operator = operator.at(&second.base);
    (first, second, operator, page)
}

async fn until_finished(several: &Several, operator: &Browser, page: &str, items: usize) {
    eventually("the other instance finishes the job", TAKEN_OVER + Duration::from_secs(60), || async {
        operator.get(page).await.says("Finished").then_some(())
    })
    .await;
    assert_eq!(several.of_jobs(Stage::Intent).await, items, "each item has one intent");
}

/// # Panics
/// If something was sent twice, an operation has two outcomes, or more than the one item that was under way was not done.
async fn nothing_is_there_twice(several: &Several, items: usize) {
    let mut sent: Vec<_> =
        several.installation.sandbox.ledger().iter().map(|done| done.targets[0].id.clone()).collect();
    let deleted = sent.len();
    sent.sort();
    sent.dedup();
    assert_eq!(sent.len(), deleted, "something was deleted twice");
    let entries = several.entries().await;
    let ends = |entry: &&Entry| {
        let is_known = entry.outcome.is_some_and(|outcome| outcome != Outcome::Unknown);
        entry.batch.is_some() && matches!(entry.stage, Stage::Outcome | Stage::Settled) && is_known
    };
    let ended: Vec<_> = entries.iter().filter(ends).map(|entry| entry.operation_id).collect();
    let (outcomes, once) = (ended.len(), ended.into_iter().collect::<HashSet<_>>().len());
    assert_eq!(once, outcomes, "an operation has two outcomes");
    assert!(outcomes + 1 >= items && deleted + 1 >= items, "{outcomes} outcomes, {deleted} deleted");
}

#[tokio::test]
async fn an_instance_that_is_killed_during_a_job_is_replaced_and_nothing_is_sent_twice() {
    const ITEMS: usize = 60;
    let several = Several::new(Options { connections: 400, ..Options::on_any_port() }).await;
    let (first, _second, operator, page) = job_on_the_first(&several, ITEMS).await;
    first.kill().await;
    let at_kill = several.of_jobs(Stage::Intent).await;
    assert!(at_kill < ITEMS, "the job had ended before");
    until_finished(&several, &operator, &page, ITEMS).await;
    eventually("what the first left open is settled", Duration::from_secs(30), || async {
        let entries = several.entries().await;
        let ended = entries.iter().filter(|entry| {
            entry.batch.is_some() && matches!(entry.stage, Stage::Outcome | Stage::Settled | Stage::Waiting)
        });
        (ended.count() >= ITEMS).then_some(())
    })
    .await;
    nothing_is_there_twice(&several, ITEMS).await;
}

#[tokio::test]
async fn an_instance_that_is_frozen_during_a_job_and_wakes_up_sends_and_writes_nothing_more_of_it() {
    const ITEMS: usize = 60;
    let several = Several::new(Options { connections: 400, ..Options::on_any_port() }).await;
    let (first, _second, operator, page) = job_on_the_first(&several, ITEMS).await;
    signal(&first, "-STOP").await;
    let at_freeze = several.of_jobs(Stage::Intent).await;
    assert!(at_freeze < ITEMS, "the job had ended before");
    sleep(Duration::from_secs(15)).await;
    assert!(several.of_jobs(Stage::Intent).await <= at_freeze + 1, "the lease of the first still lasts");
    until_finished(&several, &operator, &page, ITEMS).await;
    signal(&first, "-CONT").await;
    sleep(Duration::from_secs(8)).await;
    assert_eq!(several.of_jobs(Stage::Intent).await, ITEMS);
    nothing_is_there_twice(&several, ITEMS).await;
    // It serves people again.
    assert_eq!(operator.at(&first.base).get(&page).await.status, 200);
}

#[tokio::test]
async fn a_share_made_on_one_instance_is_seen_on_the_next_page_of_another() {
    let several = Several::new(Options { connections: 50, ..Options::on_any_port() }).await;
    let (one, other) = (several.instance(0).await, several.instance(1).await);
    let operator = Browser::of(&one.base, "operator").await;
    let workspace = several.installation.sandbox.workspace(0).unwrap();
    let connector = workspace.connectors().into_iter().find(|one| one.released().count() >= 3).expect("three releases");
    let page = format!("/teams/payments/connectors/{}", connector.id);
    for version in connector.released().map(|released| released.version.to_string()) {
        // Both have read the connector by now.
        operator.at(&other.base).get(&page).await;
        let shown = operator.get(&page).await;
        let form = shown.forms("/api/fn/share_version").into_iter().find(|form| form.get("version") == version);
        let Some(form) = form else { continue };
        operator.submit_and_follow(&form.with("reason", "Customers wait")).await;
        let there = operator.at(&other.base).get(&page).await;
        let forms = there.forms("/api/fn/share_version");
        assert!(forms.iter().all(|form| form.get("replaces") == version), "{version}: {}", there.text());
    }
    assert!(several.installation.sandbox.ledger().len() > 1);
}

#[tokio::test]
#[ignore = "it takes a minute and a half: `make soak` runs it"]
async fn three_instances_keep_workatos_limits_together() {
    let several = Several::new(Options { connections: 400, connectors: 30, ..Options::on_any_port() }).await;
    several.installation.sandbox.set_limited(true);
    let connectors = several.installation.sandbox.workspace(0).unwrap().connectors();
    let mut instances = Vec::new();
    for number in 0..3 {
        instances.push(several.instance_with(number, true).await);
    }
    let begun = Instant::now();
    let clicks = (0..12).map(|person| {
        let (base, connectors) = (instances[person % 3].base.clone(), &connectors);
        async move {
            let browser = Browser::of(&base, if person % 2 == 0 { "operator" } else { "viewer" }).await;
            let mut pages = 0;
            while begun.elapsed() < Duration::from_secs(80) {
                let connector = &connectors[(person * 7 + pages) % connectors.len()];
                let page = match pages % 3 {
                    0 => "/teams/payments/connections".to_owned(),
                    1 => format!("/teams/payments/connectors/{}", connector.id),
                    _ => "/teams/payments/connectors".to_owned(),
                };
                assert_eq!(browser.get(&page).await.status, 200, "{page}");
                pages += 1;
                sleep(Duration::from_millis(300)).await;
            }
            pages
        }
    });
    let pages: usize = futures::future::join_all(clicks).await.into_iter().sum();
    let calls = several.installation.sandbox.workspace(0).unwrap().calls();
    println!("{pages} pages of three instances, {calls:?}");
    assert_eq!(calls.refused, 0);
    // A minute's worth of two classes: the limits were reached.
    assert!(calls.counted > 60, "{calls:?}");
}
