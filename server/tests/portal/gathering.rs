//! What one person can cause again and again leaves few entries, and refused reads leave one.

use portal::audit::{Action, Entry, Outcome, Stage};
use reqwest::Method;

use crate::support::{ChangeKind, Installation, LENDING, PAYMENTS, Targets, TestPortal, email, password};

async fn unlimited() -> TestPortal {
    TestPortal::serve_configured(Installation::new().await, |config| config.requests_per_second = 0).await
}

fn of(entries: &[Entry], action: Action) -> Vec<&Entry> {
    entries.iter().filter(|entry| entry.action == action).collect()
}

/// How many attempts these entries stand for.
fn attempts(entries: &[&Entry]) -> u64 {
    entries.iter().map(|entry| entry.parameters.get("times").map_or(1, |times| times.as_u64().unwrap())).sum()
}

#[tokio::test]
async fn a_flood_of_denied_posts_is_a_few_entries_that_count_every_one() {
    let portal = unlimited().await;
    let viewer = portal.browser_of("viewer").await;
    let posts = (0..1_000).map(|id: u32| {
        let (viewer, id) = (viewer.clone(), id.to_string());
        async move { viewer.post("/api/fn/delete_connection", &[("team", PAYMENTS), ("connection", &id)]).await.status }
    });
    let answers = futures::future::join_all(posts).await;
    assert!(answers.iter().all(|status| *status == 403));
    let entries = portal.stop().await.entries().await;
    let denied = of(&entries, Action::ConnectionDelete);
    // A second minute may have begun.
    assert!(denied.len() <= 8, "{} entries", denied.len());
    assert_eq!(attempts(&denied), 1_000);
    let last = denied.last().unwrap();
    assert_eq!((last.stage, last.outcome), (Stage::Denied, Some(Outcome::Denied)));
    assert!(last.parameters["first_at"].as_str() <= last.parameters["last_at"].as_str());
}

#[tokio::test]
async fn every_refused_read_is_an_entry_with_who_and_what() {
    let portal = TestPortal::start().await;
    let (operator, stranger) = (portal.browser_of("operator").await, portal.browser_of("stranger").await);
    let viewer = portal.browser_of("viewer").await;
    let shared = Targets::of(&portal).prepare(ChangeKind::Share, &operator).await;
    shared.perform(&operator).await;
    let before = portal.entries().await.len();
    for (browser, path, status, action) in [
        (&stranger, format!("/teams/{PAYMENTS}/connections?q=what"), 403, Action::TeamRead),
        (&stranger, format!("/teams/{PAYMENTS}/connectors/1/code"), 403, Action::TeamRead),
        (&stranger, format!("/audit/{}", shared.operation), 403, Action::OperationRead),
        (&stranger, format!("/audit/figures?team={PAYMENTS}"), 422, Action::TeamRead),
        (&stranger, "/admin/people".to_owned(), 403, Action::AdminRead),
        (&viewer, format!("/teams/{PAYMENTS}/connections/new"), 403, Action::TeamRead),
    ] {
        let (page, entries) = (browser.get(&path).await, portal.entries().await);
        assert_eq!(page.status, status, "{path}");
        let entry = entries.last().unwrap();
        assert_eq!(
            (entry.action, entry.stage, entry.outcome),
            (action, Stage::Denied, Some(Outcome::Denied)),
            "{path}"
        );
        let asked = path.split('?').next().unwrap();
        assert_eq!(entry.parameters["path"].as_str(), Some(asked));
        assert!(entry.actor.id.is_some() && entry.actor.session.is_some() && entry.actor.ip.is_some());
        let linked = page.links().contains(&format!("/audit/{}", entry.operation_id));
        assert_eq!(linked, status == 403 && (action == Action::AdminRead || std::ptr::eq(browser, &viewer)), "{path}");
    }
    assert_eq!(portal.entries().await.len(), before + 6);
    // What people may read leaves no such entry, and neither does the page around a refusal.
    for (browser, path) in [(&stranger, format!("/teams/{LENDING}/connections")), (&stranger, "/audit".to_owned())] {
        assert_eq!(browser.get(&path).await.status, 200);
    }
    for _ in 0..20 {
        stranger.get(&format!("/teams/{PAYMENTS}/connections")).await;
    }
    let entries = portal.stop().await.entries().await;
    let team_reads: Vec<&Entry> = of(&entries, Action::TeamRead);
    assert_eq!(attempts(&team_reads), 24);
    assert!(team_reads.len() <= 6, "{team_reads:?}");
}

#[tokio::test]
async fn the_feed_counts_requests_without_a_valid_token() {
    let portal = TestPortal::start().await;
    let browser = portal.browser();
    for token in [None, Some("Bearer portal-feed-wrong"), Some("Basic x")] {
        let request = browser.request(Method::GET, "/api/v1/audit");
        let request = token.iter().fold(request, |request, token| request.header("authorization", *token));
        assert_eq!(browser.send(request).await.unwrap().status, 401);
    }
    let entries = portal.stop().await.entries().await;
    let [refused] = of(&entries, Action::FeedRead)[..] else { panic!("{entries:?}") };
    assert_eq!((refused.actor.name.as_str(), refused.actor.ip.as_deref()), ("signed out", Some("127.0.0.1")));
    assert_eq!(refused.parameters["times"], 3);
    assert!(!serde_json::to_string(refused).unwrap().contains("portal-feed-wrong"));
}

#[tokio::test]
async fn wrong_old_passwords_are_recorded_and_limited() {
    let portal = TestPortal::start().await;
    let viewer = portal.browser_of("viewer").await;
    let change = async |old: &str| {
        let fields = [("old_password", old), ("password", "a new one of five words")];
        viewer.post("/api/fn/change_password", &fields).await
    };
    for _ in 0..20 {
        assert_eq!(change("my-secret-guess").await.status, 303);
    }
    let refused = change(&password("viewer")).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
    let entries = portal.stop().await.entries().await;
    let wrong = of(&entries, Action::PersonPassword);
    assert_eq!((wrong.len(), attempts(&wrong)), (2, 20));
    assert!(wrong.iter().all(|entry| entry.outcome == Some(Outcome::Rejected)));
    assert_eq!(wrong[0].actor.email.as_deref(), Some(email("viewer").as_str()));
    assert!(!serde_json::to_string(&entries).unwrap().contains("my-secret-guess"));
}

#[tokio::test]
async fn equal_exports_of_a_minute_are_counted_and_different_ones_are_limited() {
    let portal = TestPortal::start().await;
    let auditor = portal.browser_of("auditor").await;
    let export = async |search: &str| {
        let fields = [("page", "/audit"), ("format", "csv"), ("filter[q]", search)];
        auditor.post("/api/fn/export_audit", &fields).await
    };
    let first = export("").await;
    assert_eq!(first.status, 200);
    let written = portal.entries().await;
    assert_eq!(of(&written, Action::AuditExport).len(), 1, "an entry before the file");
    for _ in 0..9 {
        assert_eq!(export("").await.status, 200);
    }
    assert_eq!(of(&portal.entries().await, Action::AuditExport).len(), 1);
    let list = format!("/teams/{PAYMENTS}/connections");
    for _ in 0..5 {
        let fields = [("team", PAYMENTS), ("page", list.as_str())];
        assert_eq!(auditor.post("/api/fn/export_connections", &fields).await.status, 200);
    }
    let mut refused = None;
    for number in 0..30 {
        let answer = export(&format!("reason{number}")).await;
        if answer.status != 200 {
            refused = Some((number, answer.status, answer.header("retry-after").to_owned()));
            break;
        }
    }
    assert_eq!(refused, Some((19, 429, "60".to_owned())));
    let entries = portal.stop().await.entries().await;
    let exports: Vec<&Entry> = of(&entries, Action::AuditExport);
    assert_eq!((exports.len(), attempts(&exports)), (21, 29));
    assert_eq!(exports.last().unwrap().parameters["repeats"], exports[0].operation_id.to_string());
    let exports = of(&entries, Action::ConnectionExport);
    assert_eq!((exports.len(), attempts(&exports)), (2, 5));
}
