//! What fifty thousand connections cost: to parse, to filter, sort and page, and to hold. Printed as ratios, which say
//! the same on every machine; run it with `make bench`.
#![allow(clippy::unwrap_used, reason = "a measurement may end with a panic")]

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use peak_alloc::PeakAlloc;
use portal::{
    connections::{ConnectionPage, Filter, FilterInput},
    upstream::{Shown, Snapshot, Stale, WhyStale},
};
use serde_json::json;
use time::OffsetDateTime;
use workato::{List, reply};

/// Counts what is held; what the system gave the process before tells too little of it.
#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

thread_local! {
    static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
}

const CONNECTIONS: usize = 50_000;
const RUNS: usize = 7;
const PEOPLE: usize = 50;

fn main() {
    let mut goals = Vec::new();
    let body = answer();
    println!("{CONNECTIONS} connections, {:.1} MiB as Workato answers them", mebibytes(body.len()));

    let before = ALLOCATED.current_usage();
    let connections = reply::connections(&body).unwrap();
    let held = ALLOCATED.current_usage().saturating_sub(before);
    let parse = median(|| drop(black_box(reply::connections(black_box(&body)).unwrap())));
    let untyped = median(|| drop(black_box(serde_json::from_slice::<serde_json::Value>(black_box(&body)).unwrap())));
    println!(
        "parse                      {}   {:.1} times as quick as into untyped JSON",
        told(parse),
        ratio(untyped, parse)
    );

    let odd = with_half_a_surrogate_pair(&body);
    let mended = median(|| drop(black_box(reply::connections(black_box(&odd)).unwrap())));
    println!("parse with one odd name    {}   {:.1} times as long as without", told(mended), ratio(mended, parse));
    goals.push(("parsing, against untyped JSON", 1.5, ratio(parse, untyped), "×"));
    goals.push(("parsing with one odd name, against without", 3.0, ratio(mended, parse), "×"));

    let now = OffsetDateTime::now_utc();
    let snapshot = Snapshot { items: connections, began_at: now, read_at: now, waited: Duration::ZERO };
    let shown = Shown { snapshot: Arc::new(snapshot), stale: None };
    let stale =
        Shown { snapshot: Arc::clone(&shown.snapshot), stale: Some(Stale { why: WhyStale::NotYet, changed_at: None }) };
    for (name, input, shown) in [
        ("first page of all", FilterInput::default(), &shown),
        (
            "tag, status, part of name",
            FilterInput {
                tag: "tag-8".into(),
                status: "failed".into(),
                q: "conn".into(),
                sort: "name".into(),
                ..FilterInput::default()
            },
            &shown,
        ),
        (
            "folder and age, from a copy",
            FilterInput { folder_id: "4517".into(), updated_after: "7d".into(), ..FilterInput::default() },
            &stale,
        ),
    ] {
        let filter = input.read(now).unwrap();
        let total = page(shown, &filter).list.total;
        let took = median(|| drop(black_box(page(shown, black_box(&filter)))));
        println!("{name:26} {}   {:.1} times as quick as parsing; {total} match", told(took), ratio(parse, took));
        goals.push((name, 20.0, took.as_secs_f64() * 1e3, "ms"));
    }

    let before = ALLOCATED.current_usage();
    let filter = FilterInput::default().read(now).unwrap();
    let pages: Vec<ConnectionPage> = (0..PEOPLE).map(|_| page(&shown, &filter)).collect();
    let more = ALLOCATED.current_usage().saturating_sub(before);
    assert!(pages.iter().all(|page| Arc::ptr_eq(&page.list.all.snapshot, &shown.snapshot)));
    println!(
        "held once                  {:.1} MiB, {} bytes a connection, {:.1} times the answer; {PEOPLE} people's pages hold {:.2} % more",
        mebibytes(held),
        held / CONNECTIONS,
        held as f64 / body.len() as f64,
        100.0 * more as f64 / held as f64,
    );
    goals.push(("held, against the answer", 1.0, held as f64 / body.len() as f64, "×"));
    goals.push(("more for fifty people's pages", 1.0, 100.0 * more as f64 / held as f64, "%"));
    println!("\n{:44} {:>10} {:>12}", "Goals", "goal", "figure");
    for (name, most, figure, unit) in goals {
        let met = if figure <= most { "met" } else { "missed" };
        println!("{name:44} {:>10} {:>12} {met}", format!("≤ {most} {unit}"), format!("{figure:.2} {unit}"));
    }
}

/// The answer with a defect in the last name, so that it is mended as a whole and parsed again.
fn with_half_a_surrogate_pair(body: &[u8]) -> Vec<u8> {
    let name = format!("connection {CONNECTIONS}\"");
    let text = std::str::from_utf8(body).unwrap();
    text.replacen(&name, &format!("connection \\ud83d{CONNECTIONS}\""), 1).into_bytes()
}

fn page(shown: &Shown<List<workato::Connection>>, filter: &Filter) -> ConnectionPage {
    RUNTIME.with(|runtime| runtime.block_on(ConnectionPage::of(shown.clone(), filter)))
}

/// An answer with every documented field.
fn answer() -> Vec<u8> {
    let all: Vec<_> = (1..=CONNECTIONS)
        .map(|id| {
            let application = ["salesforce", "jira", "google_sheets", "netsuite"][id % 4];
            let status = ["success", "success", "success", "failed", "exception"][id % 5];
            let minute = OffsetDateTime::now_utc() - Duration::from_secs(60 * (id as u64 % 40_000));
            let at = workato::Timestamp::from(minute.replace_nanosecond(52_000_000).unwrap());
            json!({
                "application": application,
                "id": id,
                "name": format!("ACME Production connection {id}"),
                "description": null,
                "authorized_at": at,
                "authorization_status": status,
                "authorization_error": (status == "failed").then_some("invalid_grant: expired access/refresh token"),
                "created_at": at,
                "updated_at": at,
                "external_id": (id % 3 == 0).then(|| format!("customer-{id}")),
                "folder_id": 4515 + id % 9,
                "connection_lost_at": null,
                "connection_lost_reason": null,
                "parent_id": null,
                "tags": (id % 2 == 0).then(|| vec![format!("tag-{}", id % 20), "tag-ANgeffPL-3gxQwA".to_owned()]),
            })
        })
        .collect();
    serde_json::to_vec(&all).unwrap()
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut runs: Vec<_> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .collect();
    runs.sort();
    runs[RUNS / 2]
}

fn told(took: Duration) -> String {
    format!("{:8.2} ms, {:6.0} times in a second", took.as_secs_f64() * 1_000.0, 1.0 / took.as_secs_f64())
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

fn mebibytes(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
