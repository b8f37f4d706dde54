//! What impact costs for a large team: 5,000 recipes, and 500 customers with 40 recipes each. Prints what is held and how
//! long a look-up takes; run it with `make bench`. Fails beyond 64 MiB, which do not depend on the machine.
#![allow(clippy::unwrap_used, reason = "a measurement may end with a panic")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use peak_alloc::PeakAlloc;
use portal::impact::{CustomersRecipesBuilder, OwnRecipes};
use serde_json::{Value, json};
use time::OffsetDateTime;
use workato::{ConnectionId, Customer, RecipeList, reply};

/// Counts what is held; what the system gave the process before tells too little of it.
#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

const RECIPES: usize = 5_000;
const CUSTOMERS: usize = 500;
const OF_EACH: usize = 40;
const LOOKUPS: u32 = 1_000;
const MOST_BYTES: usize = 64 * 1024 * 1024;

fn main() {
    let now = OffsetDateTime::now_utc();
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let own = OwnRecipes::of(recipes(0, RECIPES), now, now);
    let mut builder = CustomersRecipesBuilder::default();
    for number in 0..CUSTOMERS {
        let name = format!("Customer {number} of the vendor with an ordinary name");
        let customer: Customer = serde_json::from_value(json!({ "id": number + 1, "name": name })).unwrap();
        builder.add(&customer, Ok(recipes(1_000_000 + number * OF_EACH, OF_EACH)));
    }
    let customers = builder.finish(true, now, now);
    let held = ALLOCATED.current_usage() - before;
    let peak = ALLOCATED.peak_usage() - before;
    assert!(held < MOST_BYTES && peak < MOST_BYTES, "{held} and {peak} bytes");
    println!(
        "{:64} {:>12} {:>14}",
        format!("{RECIPES} recipes and {CUSTOMERS} × {OF_EACH} of customers"),
        "goal",
        "figure"
    );
    let most = format!("≤ {} KiB", MOST_BYTES / 1024);
    for (name, bytes) in [("held", held), ("held at the most", peak)] {
        println!("{name:64} {most:>12} {:>14} met", format!("{} KiB", bytes / 1024));
    }

    let connections: Vec<_> = (1..=LOOKUPS).map(|id| ConnectionId::new(i64::from(id)).unwrap()).collect();
    per_lookup("the recipes of a connection", || {
        connections.iter().map(|id| own.of_connection(*id).iter().filter(|it| it.is_active()).count()).sum()
    });
    per_lookup("the customers of a connector", || {
        (0..LOOKUPS).map(|nth| customers.of_connector(&connector(nth as usize)).customers.len()).sum()
    });
    per_lookup("the recipes of an application that everybody uses", || {
        (0..LOOKUPS).map(|_| customers.of_connector("salesforce").customers.len()).sum()
    });
}

fn per_lookup(what: &str, look: impl Fn() -> usize) {
    let begun = Instant::now();
    let found = black_box(look());
    let each = begun.elapsed() / LOOKUPS;
    let met = if each <= Duration::from_millis(1) { "met" } else { "missed" };
    println!("{what:64} {:>12} {:>14} {met}; {found} found in {LOOKUPS}", "≤ 1 ms", format!("{each:?}"));
    assert!(found > 0);
}

fn connector(number: usize) -> String {
    format!("acme_connector_{}_1626869205", number % 18)
}

/// Recipes as Workato answers them, in pages of a hundred.
fn recipes(first: usize, count: usize) -> RecipeList {
    let mut all = Vec::new();
    for page in (0..count).step_by(100) {
        let rows: Vec<Value> = (page..count.min(page + 100)).map(|nth| row(first + nth)).collect();
        let body = json!({ "items": rows }).to_string();
        all.extend(reply::recipes(body.as_bytes()).unwrap());
    }
    RecipeList { recipes: all, left_out: 0, complete: true }
}

fn row(number: usize) -> Value {
    json!({
        "id": number + 1,
        "name": format!("Settlement reports to the ledger, number {number}"),
        "running": number % 10 < 7,
        "folder_id": 4515,
        "last_run_at": "2026-11-20T01:00:00.000-08:00",
        "job_succeeded_count": number,
        "job_failed_count": number % 7,
        "applications": ["salesforce", connector(number)],
        "config": [
            { "keyword": "application", "name": "salesforce", "provider": "salesforce", "account_id": number % 412 + 1 },
            { "keyword": "application", "name": connector(number), "provider": connector(number), "account_id": number % 999 + 1 },
        ],
    })
}
