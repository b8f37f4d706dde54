//! How long a million entries take: not a test of anything, but what the design is measured by.
//! `cargo test --release -p portal --features server -- --ignored --nocapture a_million_entries`

use std::time::{Duration, Instant};

use time::OffsetDateTime;

use crate::{
    Actor, PortalRole, TeamRole,
    audit::{
        Action, AuditFilter, AuditQuery, Cursor, Outcome, TargetType,
        a_log::{ALog, Done, somebody, write},
    },
    teams::Team,
};

/// Operations, each with two entries.
const OPERATIONS: usize = 500_000;
const SEARCHES: [&str; 20] = [
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
    "outcome:rejected outcome:failed",
    "team:lending action:connection.delete outcome:unknown acme",
    "target:connector:77",
    "after:24h",
    "before:24h",
    "reviewed:no",
    "reviewed:flagged",
];

#[tokio::test]
#[ignore = "takes minutes and asserts nothing: it measures"]
async fn a_million_entries() {
    let log = ALog::new().await;
    let (payments, lending) = (log.team("payments").await, log.team("lending").await);
    let people: Vec<Actor> = (0..40)
        .map(|number| {
            let name = if number == 0 { "Olga Operator".to_owned() } else { format!("Person{number} Operator") };
            somebody(&name, PortalRole::Member, &[(&payments, TeamRole::Operator)])
        })
        .collect();
    let names: Vec<String> = (0..4_000).map(|number| format!("Customer {number} – Acme {}", number % 97)).collect();
    let mut written = 0;
    for target in [10_000, OPERATIONS] {
        let begun = Instant::now();
        while written < target {
            let mut tx = log.portal.store.write().await.expect("the writer");
            for _ in 0..5_000 {
                let done = some(written, &people, &names, &payments, &lending);
                write(&mut tx, &done).await;
                written += 1;
            }
            tx.commit().await.expect("a commit");
        }
        println!("{} entries written in {:?}", 2 * written, begun.elapsed());
        let begun = Instant::now();
        log.portal.indexer.catch_up().await.expect("an index");
        println!("indexed in {:?}", begun.elapsed());
        let auditor = somebody("Aude Auditor", PortalRole::Auditor, &[]);
        let member = somebody("Vito Viewer", PortalRole::Member, &[(&lending, TeamRole::Viewer)]);
        measure(&log, &auditor, "auditor").await;
        measure(&log, &member, "member").await;
    }
}

fn some<'a>(at: usize, people: &'a [Actor], names: &'a [String], payments: &'a Team, lending: &'a Team) -> Done<'a> {
    // Spread without a generator: multiplying by a large odd number scatters the low bits well enough.
    let dice = at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let actions = [Action::ConnectorShare, Action::ConnectionDelete, Action::ConnectorSuppress];
    let outcomes = [Outcome::Rejected, Outcome::Failed, Outcome::Unknown, Outcome::Denied];
    let action = actions[dice % 3];
    let kind = if action == Action::ConnectionDelete { TargetType::Connection } else { TargetType::Connector };
    Done {
        actor: &people[dice % people.len()],
        team: Some(if (dice >> 8).is_multiple_of(5) { lending } else { payments }),
        action,
        target: (kind, ["77", "78", "79", "1080", "20817"][(dice >> 6) % 5], &names[(dice >> 9) % names.len()]),
        reason: ["Customers wait for the fix", "It loses invoices", "A refund was charged twice", ""][(dice >> 5) % 4],
        outcome: Some(if (dice >> 12).is_multiple_of(11) { outcomes[(dice >> 3) % 4] } else { Outcome::Succeeded }),
        said: "",
    }
}

async fn measure(log: &ALog, who: &Actor, name: &str) {
    let now = OffsetDateTime::now_utc();
    for search in SEARCHES {
        if name == "member" && search.contains("payments") {
            continue;
        }
        let query = AuditQuery::read(search, now).expect(search);
        let mut cursor = Cursor::Newest;
        let mut pages: Vec<Duration> = Vec::new();
        loop {
            let begun = Instant::now();
            let page = log.portal.audit_page(who, &AuditFilter { query: query.clone(), cursor }).await.expect("a page");
            pages.push(begun.elapsed());
            match page.older {
                Some(older) if pages.len() < 1_000 => cursor = Cursor::Older(older),
                _ => break,
            }
        }
        let begun = Instant::now();
        let count = log.portal.count_operations(who, &query).await.expect("a count");
        let counted = begun.elapsed();
        let (first, last, slowest) = (pages[0], pages[pages.len() - 1], pages.iter().max().expect("a page"));
        println!(
            "{name:8} {search:60} first {first:>10.2?}  page {:4} {last:>10.2?}  slowest {slowest:>10.2?}  count {counted:>10.2?} {count:?}",
            pages.len()
        );
    }
    let begun = Instant::now();
    log.portal.suggestions(who).await.expect("suggestions");
    println!("{name:8} suggestions {:?}", begun.elapsed());
}
