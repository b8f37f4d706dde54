//! What the log costs and how that grows with a million entries: `make bench-audit`. It prints and does not fail.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use evidence::canonical;
use store::{
    Action, Draft, Entry, Outcome, Stage, Store, Target, TargetType, Team, WorkatoSaid, append, testing::BareDatabase,
};
use time::OffsetDateTime;
use tokio::task::JoinSet;

use super::{
    AuditFilter, AuditQuery, Cursor, ExportFormat, FiguresQuery, Period, StoredLog,
    test_log::{Done, TestLog, somebody, write},
    verify, verify_bundle,
};
use crate::{Actor, OperationId, PortalRole, TeamRole};

/// The size of the first column.
const FEW: usize = 10_000;
/// How many operations are filled in per transaction.
const BATCH: usize = 2_500;
/// How often an append is measured.
const APPENDS: usize = 400;
/// How many operators work at once, and how many operations each of them.
const OPERATORS: usize = 64;
const OPERATIONS_EACH: usize = 20;
/// A page deep in the list.
const DEEP: usize = 1_000;
/// Searches; the empty one is the whole list.
const SEARCHES: [&str; 25] = [
    "",
    "team:payments",
    "-team:payments",
    "acme",
    "customer refund",
    "\"customers wait\"",
    "\"wait customers\"",
    "nowhere",
    "connector",
    "actor:olga",
    "-actor:olga",
    "actor:olga actor:example",
    "outcome:rejected",
    "outcome:rejected -action:connector.share",
    "支店",
    "店",
    "\"支店の接続\"",
    "192.0.2.17",
    "acm",
    "team:lending action:connection.delete outcome:unknown acme",
    "target:connector:77",
    "after:24h",
    "before:24h",
    "reviewed:no",
    "reviewed:flagged",
];
/// How many searches the auditor has saved: as many as the sidebar shows.
const KEPT: usize = 8;
/// Searches of somebody who may read one team.
const SEARCHES_OF_A_MEMBER: [&str; 4] = ["", "acme", "outcome:rejected", "-actor:olga"];

/// Names, each with a duration at each size.
struct Table {
    lines: Vec<(String, Vec<Duration>)>,
}

/// Prints a figure beside what it should be. No run fails on a time.
fn goal(name: &str, goal: &str, figure: &str, is_met: bool) {
    println!("{name:64} {goal:>12} {figure:>14} {}", if is_met { "met" } else { "missed" });
}

impl Table {
    fn put(&mut self, name: impl Into<String>, took: Duration) {
        let name = name.into();
        match self.lines.iter_mut().find(|(known, _)| *known == name) {
            Some((_, times)) => times.push(took),
            None => self.lines.push((name, vec![took])),
        }
    }

    fn print(&self, many: usize) {
        println!("\n{:104} {:>12} {:>12} {:>8}", "", FEW, many, "grew");
        for (name, times) in &self.lines {
            let [small, large] = times.as_slice() else { continue };
            let grew = large.as_secs_f64() / small.as_secs_f64();
            println!("{name:104} {:>12} {:>12} {grew:>7.1}x", shown(*small), shown(*large));
        }
    }
}

fn shown(took: Duration) -> String {
    format!("{:.3} ms", took.as_secs_f64() * 1e3)
}

#[tokio::test]
#[ignore = "fills a million entries and measures: make bench-audit"]
async fn what_a_million_entries_cost() {
    let many = std::env::var("PORTAL_BENCH_ENTRIES").map_or(1_000_000, |many| many.parse().expect("a number"));
    let log = TestLog::empty().await;
    let teams = [log.team("payments").await, log.team("lending").await];
    let people: Vec<Actor> = (0..40)
        .map(|number| {
            let name = if number == 0 { "Olga Operator".to_owned() } else { format!("Person{number} Operator") };
            somebody(&name, PortalRole::Member, &[(&teams[0], TeamRole::Operator)])
        })
        .collect();
    let customers: Vec<String> = (0..4_000).map(|number| format!("Customer {number} – Acme {}", number % 97)).collect();
    let mut auditor = somebody("Aude Auditor", PortalRole::Auditor, &[]);
    log.join(&mut auditor).await;
    for search in SEARCHES.iter().filter(|search| !search.is_empty()).take(KEPT) {
        let name: String = search.chars().take(60).collect();
        log.portal.save_view(&auditor, &name, search, false).await.expect("a search that is kept");
    }
    let member = somebody("Vito Viewer", PortalRole::Member, &[(&teams[1], TeamRole::Viewer)]);
    let mut table = Table { lines: Vec::new() };
    let (mut worst, mut alone) = (0.0_f64, 1.0);
    let (mut at_once, mut verifying) = (0.0, Duration::ZERO);
    let mut operations = 0;
    for size in [FEW, many] {
        let begun = Instant::now();
        while operations < size / 2 {
            let mut tx = log.portal.store.write().await.expect("the writer");
            for _ in 0..BATCH {
                write(&mut tx, &some(operations, &people, &customers, &teams)).await;
                operations += 1;
            }
            tx.commit().await.expect("a commit");
        }
        println!("{size} entries filled in after {:?}", begun.elapsed());
        let begun = Instant::now();
        log.portal.indexer.catch_up().await.expect("an index");
        println!("and indexed in {:?}", begun.elapsed());
        let file = std::fs::metadata(log.data_dir().join("index.db")).expect("a file").len();
        let begun = Instant::now();
        let found = StoredLog::open(&log.data_dir(), None).await.expect("the log").verify_index().await;
        println!("{found:?} of {} MiB, compared in {:?}", file >> 20, begun.elapsed());

        let [ours, apart, bare] = appends(&log, &people[0], &teams[0]).await;
        worst = worst.max(ours.as_secs_f64() / bare.as_secs_f64());
        alone = ours.as_secs_f64() / apart.as_secs_f64();
        at_once = operators_at_once(&log, &people[0], &teams[0]).await;
        println!("{OPERATORS} operators at once: {at_once:.0} operations a second, each with two durable entries");
        table.put("append of an operation's two entries, each durable", ours);
        table.put("  the same without group commit, in turn with it", apart);
        table.put("  two durable commits of a bare insert, in turn with it", bare);
        let begun = Instant::now();
        let verified = verify(&log.portal.store).await.expect("a log that is whole");
        verifying = begun.elapsed();
        table.put("verify all", verifying);
        println!("verified {} entries", verified.entries);
        bundles(&log, &mut table).await;
        let entries = store::entries::after(&mut log.portal.store.read().await.expect("a reader"), 0, 1_000).await;
        let entries = entries.expect("entries");
        let begun = Instant::now();
        for stored in &entries {
            stored.checked().expect("an entry as it was written");
        }
        table.put("checking an entry before it is shown", begun.elapsed() / 1_000);
        pages(&log, &auditor, &SEARCHES, &mut table).await;
        pages(&log, &member, &SEARCHES_OF_A_MEMBER, &mut table).await;
        beside_the_list(&log, &auditor, &mut table).await;
    }
    table.print(many);
    println!("\n{:64} {:>12} {:>14}", "Goals", "goal", "figure");
    goal("an operation's two entries against two bare inserts", "≤ 1.2 ×", &format!("{worst:.2} ×"), worst <= 1.2);
    let name = "one operation alone, with group commit against without";
    goal(name, "0.9 to 1.1 ×", &format!("{alone:.2} ×"), (0.9..=1.1).contains(&alone));
    let name = format!("durable operations a second, {OPERATORS} operators at once");
    goal(&name, "≥ 1,000", &format!("{at_once:.0}"), at_once >= 1_000.0);
    let seconds = verifying.as_secs_f64();
    goal(&format!("verify {many} entries"), "≤ 6 s", &format!("{seconds:.1} s"), seconds <= 6.0);
    if let Some(took) = start_to_first_page(&log) {
        let milliseconds = took.as_secs_f64() * 1e3;
        let name = format!("start to first page, {many} entries");
        goal(&name, "≤ 200 ms", &format!("{milliseconds:.0} ms"), milliseconds <= 200.0);
    }
}

/// How long `PORTAL_BENCH_PROGRAM` takes from its start on this log to its first page.
fn start_to_first_page(log: &TestLog) -> Option<Duration> {
    let program = std::env::var_os("PORTAL_BENCH_PROGRAM").filter(|program| !program.is_empty())?;
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let begun = Instant::now();
    let mut server = Command::new(program)
        .args(["serve", "--addr", &address.to_string(), "--data-dir"])
        .arg(log.data_dir())
        .arg("--master-key-file")
        .arg(log.elsewhere().join("key"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a program that starts");
    let request = format!("GET /login HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", address.port());
    let answered = || {
        let mut answer = Vec::new();
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(request.as_bytes())?;
        stream.read_to_end(&mut answer)?;
        Ok::<_, std::io::Error>(answer.starts_with(b"HTTP/1.1 200"))
    };
    while !answered().unwrap_or(false) && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(2));
    }
    let took = begun.elapsed();
    server.kill().and_then(|()| server.wait()).expect("a program that ends");
    Some(took)
}

/// How many operations a second are recorded when many operators work at once: each waits for its two entries.
async fn operators_at_once(log: &TestLog, actor: &Actor, team: &Team) -> f64 {
    let begun = Instant::now();
    let mut working = JoinSet::new();
    for operator in 0..OPERATORS {
        let (store, actor, team) = (log.portal.store.clone(), actor.clone(), team.clone());
        working.spawn(async move {
            for number in 0..OPERATIONS_EACH {
                operation(&store, &actor, &team, operator * OPERATIONS_EACH + number, Commits::Together).await;
            }
        });
    }
    working.join_all().await;
    (OPERATORS * OPERATIONS_EACH) as f64 / begun.elapsed().as_secs_f64()
}

/// An operation whose person, target and outcome depend on its number: multiplying by a large odd number scatters the
/// bits well enough.
fn some<'a>(at: usize, people: &'a [Actor], customers: &'a [String], teams: &'a [Team; 2]) -> Done<'a> {
    let dice = at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let actions = [Action::ConnectorShare, Action::ConnectionDelete, Action::ConnectorSuppress];
    let outcomes = [Outcome::Rejected, Outcome::Failed, Outcome::Unknown, Outcome::Denied];
    let action = actions[dice % 3];
    let kind = if action == Action::ConnectionDelete { TargetType::Connection } else { TargetType::Connector };
    Done {
        actor: &people[dice % people.len()],
        team: Some(&teams[usize::from((dice >> 8).is_multiple_of(5))]),
        action,
        target: (kind, ["77", "78", "79", "1080", "20817"][(dice >> 6) % 5], &customers[(dice >> 9) % customers.len()]),
        reason: [
            "Customers wait for the fix",
            "It loses invoices",
            "A refund was charged twice",
            "",
            "東京支店の接続を削除しました",
        ][(dice >> 5) % 5],
        outcome: Some(if (dice >> 12).is_multiple_of(11) { outcomes[(dice >> 3) % 4] } else { Outcome::Succeeded }),
        said: "",
    }
}

/// The cost of an operation's two entries, each committed durably, with and without group commit, and of two bare inserts into
/// another database on the same disk. They take turns, so that all meet the same disk and the same load.
async fn appends(log: &TestLog, actor: &Actor, team: &Team) -> [Duration; 3] {
    let bare = BareDatabase::open(log.elsewhere()).await.expect("a bare database");
    let (mut ours, mut apart, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..APPENDS {
        let begun = Instant::now();
        let entries = operation(&log.portal.store, actor, team, number, Commits::Together).await;
        ours.push(begun.elapsed());
        let begun = Instant::now();
        operation(&log.portal.store, actor, team, number, Commits::Apart).await;
        apart.push(begun.elapsed());
        let bytes = entries.map(|entry| canonical::to_bytes(&entry).expect("bytes"));
        let begun = Instant::now();
        for body in bytes {
            bare.insert(body).await.expect("a bare insert");
        }
        theirs.push(begun.elapsed());
    }
    bare.close().await;
    [ours, apart, theirs].map(median)
}

/// Whether transactions that wait are committed together, as `perform`'s are.
#[derive(Clone, Copy)]
enum Commits {
    Together,
    Apart,
}

/// Appends a draft in a transaction of its own.
async fn appended(store: &Store, draft: Draft, commits: Commits) -> Entry {
    match commits {
        Commits::Together => {
            let mut tx = store.write_together().await.expect("the writer");
            let entry = append(&mut tx, draft).await.expect("an entry");
            tx.commit().await.expect("a commit");
            entry
        }
        Commits::Apart => {
            let mut tx = store.write().await.expect("the writer");
            let entry = append(&mut tx, draft).await.expect("an entry");
            tx.commit().await.expect("a commit");
            entry
        }
    }
}

/// Appends an intent and its outcome as `perform` does.
async fn operation(store: &Store, actor: &Actor, team: &Team, number: usize, commits: Commits) -> [Entry; 2] {
    let draft = Draft::new(OperationId::new(), Stage::Intent, actor.entry_actor(), Action::ConnectorShare)
        .team(team.entry_team())
        .target(Target::new(TargetType::Connector, number, Some("Acme Connector")))
        .parameter("version", 4)
        .reason(Some("Customers wait for the fix".to_owned()));
    let intent = appended(store, draft, commits).await;
    let mut draft = Draft::follows(&intent, Stage::Outcome, intent.actor.clone());
    draft.outcome = Some(Outcome::Succeeded);
    draft.workato = Some(WorkatoSaid {
        http_status: Some(200),
        status: Some("updated".to_owned()),
        message: None,
        detail: "answered".to_owned(),
        ..WorkatoSaid::default()
    });
    let outcome = appended(store, draft, commits).await;
    [intent, outcome]
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Exports a bundle of about a thousand entries, and verifies it.
async fn bundles(log: &TestLog, table: &mut Table) {
    let stored = StoredLog::open(&log.data_dir(), None).await.expect("the log");
    let query = AuditQuery::read("actor:person7 target:connection:77", OffsetDateTime::now_utc()).expect("a query");
    let begun = Instant::now();
    let mut bundle = Vec::new();
    let handed = stored.export("bench", &query, ExportFormat::Bundle).await.expect("an export");
    handed.write_to(&mut bundle).await.expect("a bundle");
    let made = begun.elapsed();
    let begun = Instant::now();
    let found =
        verify_bundle(bundle.as_slice(), &stored.public_key().await.expect("a key")).expect("a bundle that is whole");
    let checked = begun.elapsed();
    println!("a bundle of {} entries: {} bytes", found.entries, bundle.len());
    let each = |took: Duration| took / u32::try_from(found.entries).unwrap_or(1);
    table.put("bundle of a search, for which the whole log is verified and read", made);
    table.put("checking it, for each of its entries", each(checked));
}

/// What pages show beside the list.
async fn beside_the_list(log: &TestLog, auditor: &Actor, table: &mut Table) {
    let asked = FiguresQuery { team: None, period: Period::Quarter };
    let begun = Instant::now();
    let figures = log.portal.figures(auditor, &asked).await.expect("numbers");
    table.put("the numbers behind the pictures of 90 days", begun.elapsed());
    let counted: i64 = figures.by_outcome.values().sum();
    println!("the pictures are of {counted} operations by {} people or more", figures.by_actor.len());

    let begun = Instant::now();
    let kept = log.portal.saved_views(auditor, Some(8)).await.expect("searches");
    table.put(format!("counts of {} kept searches, as the sidebar asks for them", kept.len()), begun.elapsed());

    let query = AuditQuery::read("outcome:succeeded action:connector", OffsetDateTime::now_utc()).expect("a query");
    let filter = AuditFilter { query, cursor: Cursor::Newest };
    let newest = log.portal.audit_page(auditor, &filter).await.expect("a page").operations.swap_remove(0);
    let begun = Instant::now();
    log.portal.related(auditor, &newest).await.expect("related operations");
    table.put("what is related to an operation", begun.elapsed());
    let reviewer = log.portal.reviewer(auditor, Action::OperationReview, None).await.expect("an auditor");
    let begun = Instant::now();
    log.portal.review(&reviewer, newest.id).await.expect("a review");
    table.put("marking it reviewed", begun.elapsed());
}

/// Pages of the list and of searches.
async fn pages(log: &TestLog, who: &Actor, searches: &[&str], table: &mut Table) {
    let now = OffsetDateTime::now_utc();
    for search in searches {
        let query = AuditQuery::read(search, now).expect("a query");
        let name = if search.is_empty() { "the whole list" } else { search };
        let name = format!("{}, {name}", who.name());
        let mut cursor = Cursor::Newest;
        let (mut count, mut slowest) = (0, Duration::ZERO);
        while count < DEEP {
            let begun = Instant::now();
            let page = log.portal.audit_page(who, &AuditFilter { query: query.clone(), cursor }).await.expect("a page");
            let took = begun.elapsed();
            slowest = slowest.max(took);
            if count == 0 {
                table.put(format!("{name}: first page"), took);
            }
            count += 1;
            match page.older {
                Some(older) => cursor = Cursor::Older(older),
                None => break,
            }
        }
        table.put(format!("{name}: slowest of all pages, {DEEP} at most"), slowest);
        let begun = Instant::now();
        log.portal.count_operations(who, &query).await.expect("a count");
        table.put(format!("{name}: count"), begun.elapsed());
    }
    let begun = Instant::now();
    log.portal.suggestions(who).await.expect("suggestions");
    table.put(format!("{}, suggestions", who.name()), begun.elapsed());
}
