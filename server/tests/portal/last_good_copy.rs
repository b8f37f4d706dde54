//! What pages show when Workato does not answer: the last good copy, shared by everybody, with its age and the reason.
//! And where it must not be used.

use std::{sync::Arc, time::Duration};

use portal::{
    Origin, Portal, TeamReader,
    accounts::FirstStep,
    connections::{Filter, FilterInput},
};
use rstest::rstest;
use secrecy::SecretString;
use time::OffsetDateTime;
use workato::{Limit, Limits};

use crate::support::{
    Browser, ChangeKind, Installation, PAYMENTS, Page, Targets, TestPortal, email, eventually, password,
};

const LIST: &str = "/teams/payments/connections";
const CONNECTORS: &str = "/teams/payments/connectors";
const STALE: &str = "Showing the copy from";

/// Makes every call to Workato fail.
fn break_everything(portal: &TestPortal, fault: &str) {
    portal.sandbox.faults().put("fault", format!("* /api/**: {fault}").parse().unwrap());
}

/// Presses the page's *Refresh*.
async fn refresh(browser: &Browser, page: &Page) {
    let form = page.form("/api/fn/refresh");
    browser.submit(&form).await;
}

/// The links to the items of a list.
fn listed(page: &Page, list: &str) -> Vec<String> {
    let below = format!("{list}/");
    page.links().into_iter().filter(|href| href.starts_with(&below)).collect()
}

/// The four pages that show what Workato answers.
async fn pages(portal: &TestPortal) -> [String; 4] {
    let mut targets = Targets::of(portal);
    let (connection, connector) = (targets.unused_connection(), targets.shared_connector());
    [LIST.into(), format!("{LIST}/{connection}"), CONNECTORS.into(), format!("{CONNECTORS}/{connector}")]
}

#[rstest]
#[case::failed("500", "failed at Workato (500)")]
#[case::html("html", "failed at Workato (502)")]
#[case::reset("reset", "the connection broke")]
#[case::silent("hang", "got no answer within")]
#[case::cut("cut", "the connection broke")]
#[case::truncated("truncate", "can't be read")]
#[case::refused_for_rate("429 retry-after=7", "too many calls")]
#[tokio::test]
async fn each_page_shows_the_last_good_copy_with_its_age_and_the_reason(
    #[case] fault: &str,
    #[case] why: &str,
    // A portal for each page, because one person opens few pages a second.
    #[values(0, 1, 2, 3)] page: usize,
) {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let path = pages(&portal).await[page].clone();
    let before = browser.get(&path).await;
    assert!(!before.text().contains(STALE), "{path}");
    refresh(&browser, &before).await;
    break_everything(&portal, fault);
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text());
    page.assert_says(STALE);
    page.assert_says(why);
    assert_eq!(page.heading(), before.heading(), "{path}");
    assert_eq!(listed(&page, LIST), listed(&before, LIST), "{path}");
    assert_eq!(listed(&page, CONNECTORS), listed(&before, CONNECTORS), "{path}");
    // The forms stay usable, and the page says so.
    for action in ["/api/fn/delete_connection", "/api/fn/suppress_connector", "/api/fn/share_version"] {
        assert_eq!(page.forms(action).len(), before.forms(action).len(), "{path}: {action}");
    }
    if !page.forms("/api/fn/delete_connection").is_empty() {
        page.assert_says("You can still make changes.");
    }
    portal.sandbox.faults().clear();
    if !fault.starts_with("429") {
        eventually("the page is fresh again", Duration::from_secs(10), || async {
            (!browser.get(&path).await.text().contains(STALE)).then_some(())
        })
        .await;
    }
}

#[rstest]
#[case::denied("status 401", 502)]
#[case::forbidden("status 403", 502)]
#[case::not_found("status 404", 502)]
#[tokio::test]
async fn a_read_that_workato_refuses_is_not_answered_from_a_copy(#[case] fault: &str, #[case] status: u16) {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    for path in [LIST, CONNECTORS] {
        refresh(&browser, &browser.get(path).await).await;
        break_everything(&portal, fault);
        let page = browser.get(path).await;
        assert_eq!(page.status, status, "{path}: {}", page.text());
        assert!(listed(&page, path).is_empty() && !page.text().contains(STALE));
        portal.sandbox.faults().clear();
    }
}

#[tokio::test]
async fn a_new_filter_is_applied_to_the_last_complete_list() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    let mut all = portal.sandbox.workspace(0).unwrap().connections();
    all.retain(|one| !one.runtime_user);
    let some = all.iter().find(|one| one.external_id.is_some() && one.provider.is_some()).unwrap();
    let filters = [
        format!("folder_id={}", some.folder_id),
        format!("provider={}", some.provider.clone().unwrap()),
        format!("external_id={}", some.external_id.clone().unwrap().replace(' ', "+")),
        "updated_after=7d".to_owned(),
        "status=failed".to_owned(),
    ];
    let mut expected = Vec::new();
    for filter in &filters {
        let page = browser.get(&format!("{LIST}?{filter}")).await;
        expected.push((listed(&page, LIST), page.text().contains(" matching connection")));
    }
    let connectors = browser.get(&format!("{CONNECTORS}?title=a&oem_shared=true")).await;
    refresh(&browser, &browser.get(LIST).await).await;
    browser.get(LIST).await;
    refresh(&browser, &browser.get(CONNECTORS).await).await;
    browser.get(CONNECTORS).await;
    break_everything(&portal, "500");
    for (filter, (rows, tells_matches)) in filters.iter().zip(expected) {
        let page = browser.get(&format!("{LIST}?{filter}")).await;
        assert_eq!(page.status, 200, "{filter}: {}", page.text());
        assert!(!rows.is_empty(), "{filter} matches nothing");
        assert_eq!(
            (listed(&page, LIST), page.text().contains(" matching connection")),
            (rows, tells_matches),
            "{filter}"
        );
    }
    // Connectors are filtered by the portal, so a new filter needs no call while the complete list is fresh.
    let path = format!("{CONNECTORS}?title=a&oem_shared=true");
    refresh(&browser, &browser.get(&path).await).await;
    let page = browser.get(&path).await;
    page.assert_says(STALE);
    assert_eq!(listed(&page, CONNECTORS), listed(&connectors, CONNECTORS));
    // The connections of runtime users were never read, so no copy holds them.
    let unknown = browser.get(&format!("{LIST}?include_runtime_connections=true")).await;
    assert_ne!(unknown.status, 200);
}

#[tokio::test]
async fn a_stale_copy_never_reports_a_connection_as_missing() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    refresh(&browser, &browser.get(LIST).await).await;
    break_everything(&portal, "500");
    let page = browser.get(&format!("{LIST}/999999999")).await;
    assert_eq!(page.status, 502, "{}", page.text());
}

#[tokio::test]
async fn replacing_the_token_drops_what_the_old_one_has_read() {
    let portal = TestPortal::start().await;
    let (browser, admin) = (portal.browser_of("viewer").await, portal.browser_of("admin").await);
    browser.get(LIST).await;
    let token = "wrkaus-another-token-of-payments";
    portal.sandbox.admit(&token.parse().unwrap(), 0, sandbox::Privileges::all());
    let form = admin.get("/admin/teams/payments").await.form("/api/fn/set_token");
    assert_eq!(admin.submit(&form.with("token", token)).await.status, 303);
    break_everything(&portal, "500");
    let page = browser.get(LIST).await;
    assert_eq!(page.status, 502, "{}", page.text());
}

#[tokio::test]
async fn an_exhausted_limit_shows_the_copy_at_once_and_the_seconds_to_wait() {
    let portal = TestPortal::serve_with(Installation::new().await, |settings| {
        let two = Some(Limit::per_minute(2));
        settings.upstream.limits = Limits { connections_list: two, connectors: two, ..Limits::none() };
    })
    .await;
    let browser = portal.browser_of("viewer").await;
    for path in [LIST, CONNECTORS] {
        refresh(&browser, &browser.get(path).await).await;
        let again = browser.get(path).await;
        assert!(!again.text().contains(STALE), "{}", again.text());
        refresh(&browser, &again).await;
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{}", page.text());
        page.assert_says("This workspace's limit for the call is used up");
        assert_eq!(listed(&page, path), listed(&again, path));
        let filtered = browser.get(&format!("{path}?{}", if path == LIST { "status=failed" } else { "title=a" })).await;
        filtered.assert_says("This workspace's limit for the call is used up");
    }
    // Without a copy, the answer says when to try again.
    let nothing = browser.get(&format!("{LIST}?include_runtime_connections=true")).await;
    assert_eq!(nothing.status, 503, "{}", nothing.text());
    let seconds: u64 = nothing.header("retry-after").parse().unwrap();
    assert!((50..=61).contains(&seconds), "{seconds}");
    nothing.assert_says(&format!("Try again in {seconds} s"));
}

/// A portal with a limit of one call a second where `limits` puts it.
async fn unhurried(limits: impl FnOnce(Option<Limit>) -> Limits) -> TestPortal {
    let limits = limits(Some(Limit::per_second(1)));
    TestPortal::serve_with(Installation::new().await, |settings| {
        settings.upstream.limits = limits;
        settings.upstream.longest_wait = Duration::from_secs(20);
    })
    .await
}

#[tokio::test]
async fn a_short_wait_in_the_queue_is_shown_afterwards() {
    let portal = unhurried(|one| Limits { connections_list: one, ..Limits::none() }).await;
    let browser = portal.browser_of("operator").await;
    assert!(!browser.get(LIST).await.text().contains("in the queue"));
    let page = browser.get(&format!("{LIST}?include_runtime_connections=true")).await;
    page.assert_says(", after 1 s in the queue");
}

#[tokio::test]
async fn a_change_that_was_queued_says_for_how_long() {
    let portal = unhurried(|one| Limits { connections_other: one, ..Limits::none() }).await;
    let browser = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let mut changes = Vec::new();
    for _ in 0..3 {
        changes.push(targets.prepare(ChangeKind::Delete, &browser).await);
    }
    futures::future::join_all(changes.iter().map(|change| browser.submit(&change.form))).await;
    let mut waited = 0;
    for change in &changes {
        let page = browser.get(&change.result_page()).await;
        page.assert_says("was deleted.");
        waited += usize::from(page.text().contains("s in the queue"));
    }
    assert_eq!(waited, 2, "all but the first were queued");
}

#[tokio::test]
async fn while_workato_is_slow_pages_show_the_copy_and_then_the_answer() {
    let portal = TestPortal::serve_with(Installation::new().await, |settings| {
        settings.upstream.timeout = Duration::from_secs(20);
        settings.upstream.patience = Duration::from_millis(300);
    })
    .await;
    let browser = portal.browser_of("viewer").await;
    refresh(&browser, &browser.get(LIST).await).await;
    portal.sandbox.faults().put("slow", "GET /api/connections: latency 1500ms".parse().unwrap());
    let page = browser.get(LIST).await;
    page.assert_says("Workato hasn't answered yet.");
    assert!(!listed(&page, LIST).is_empty());
    eventually("the answer is there", Duration::from_secs(10), || async {
        (!browser.get(LIST).await.text().contains(STALE)).then_some(())
    })
    .await;
    let asked = portal.sandbox.faults().list()[0].struck;
    assert_eq!(asked, 1, "all readers shared one call");
}

#[tokio::test]
async fn a_change_invalidates_only_what_it_touched() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    let (share, delete) =
        (targets.prepare(ChangeKind::Share, &browser).await, targets.prepare(ChangeKind::Delete, &browser).await);
    browser.get(LIST).await;
    browser.get(CONNECTORS).await;
    portal.sandbox.faults().put("lists", "GET /api/connections: latency 1ms".parse().unwrap());
    let lists = || portal.sandbox.faults().list()[0].struck;
    share.perform(&browser).await;
    browser.get(LIST).await;
    assert_eq!(lists(), 0, "a share touches no connection");
    delete.perform(&browser).await;
    let page = browser.get(LIST).await;
    assert!(!listed(&page, LIST).contains(&delete.page), "what was deleted is still listed");
    portal.sandbox.faults().clear();
    portal.sandbox.faults().put("lists", "GET /api/custom_connectors: latency 1ms".parse().unwrap());
    browser.get(CONNECTORS).await;
    assert_eq!(lists(), 1, "the share touched the connectors");
}

/// Somebody's right to read the team, without a browser.
async fn reader(portal: &Portal, who: &str) -> TeamReader {
    let origin = Origin::default();
    let first = portal.sign_in(&email(who), password(who).into(), &origin).await.unwrap();
    let FirstStep::Proved(proof) = first else { panic!("a second factor") };
    let key = portal.session_key(&SecretString::from(format!("the session of {who}")));
    portal.begin_session(&proof, &key, &origin).await.unwrap();
    let session = portal.session(&key).await.unwrap().unwrap();
    portal.team(&session.actor, PAYMENTS).await.unwrap()
}

fn filter(input: FilterInput) -> Filter {
    input.read(OffsetDateTime::now_utc()).unwrap()
}

#[tokio::test]
async fn all_readers_and_filters_share_one_copy_of_the_list() {
    let installation = Installation::new().await;
    let portal = Portal::open(installation.settings()).await.unwrap();
    let (operator, viewer) = (reader(&portal, "operator").await, reader(&portal, "viewer").await);
    let all = filter(FilterInput::default());
    let failed = filter(FilterInput { status: "failed".into(), sort: "-name".into(), ..FilterInput::default() });
    let first = portal.connections(&operator, &all).await.unwrap().list.all.snapshot;
    for page in [portal.connections(&viewer, &all).await.unwrap(), portal.connections(&viewer, &failed).await.unwrap()]
    {
        assert!(Arc::ptr_eq(&first, &page.list.all.snapshot), "a reader has a copy of their own");
    }
    installation.sandbox.faults().put("fault", "* /api/**: 500".parse().unwrap());
    portal.refresh(&operator);
    let folder =
        filter(FilterInput { folder_id: first.items[0].folder_id.unwrap().to_string(), ..FilterInput::default() });
    for filter in [&all, &failed, &folder] {
        let page = portal.connections(&viewer, filter).await.unwrap();
        assert!(
            page.list.all.stale.is_some() && Arc::ptr_eq(&first, &page.list.all.snapshot),
            "the last good copy was read again"
        );
    }
    portal.close().await;
}
