//! `/search`: who finds what, and that finding asks Workato nothing.

use sandbox::{Connection, Connector, Options};
use url::form_urlencoded;

use crate::support::{Browser, Installation, LENDING, PAYMENTS, Page, TestPortal};

/// The hrefs of the results.
fn found(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text());
    page.attributes("#found a", "href")
}

async fn find(browser: &Browser, text: &str) -> Vec<String> {
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("q", text).finish();
    found(&browser.get(&format!("/search?{query}")).await)
}

fn path(team: &str, connection: &Connection) -> String {
    format!("/teams/{team}/connections/{}", connection.id)
}

/// Reads the lists of a team, as opening its pages does.
async fn read(portal: &TestPortal, who: &str, team: &str) {
    let browser = portal.browser_of(who).await;
    for list in ["connections", "connectors", "customers"] {
        assert_eq!(browser.get(&format!("/teams/{team}/{list}")).await.status, 200);
    }
}

/// A connection of a workspace whose name no other has.
fn one_of(portal: &TestPortal, workspace: usize) -> Connection {
    let connections = portal.sandbox.workspace(workspace).unwrap().connections();
    let named = |one: &&Connection| {
        let name = one.name.as_deref().unwrap_or_default();
        !one.runtime_user
            && name.len() > 12
            && name.is_ascii()
            && connections.iter().filter(|other| other.name.as_deref() == Some(name)).count() == 1
    };
    connections.iter().find(named).unwrap().clone()
}

#[tokio::test]
async fn a_connection_is_found_by_name_and_id_and_by_those_who_may_read_its_team() {
    let portal = TestPortal::start().await;
    read(&portal, "operator", PAYMENTS).await;
    read(&portal, "stranger", LENDING).await;
    for (workspace, team, may, may_not) in [(0, PAYMENTS, "viewer", "stranger"), (1, LENDING, "stranger", "viewer")] {
        let connection = one_of(&portal, workspace);
        let name = connection.name.clone().unwrap();
        for text in [name.clone(), name.to_uppercase(), connection.id.to_string(), format!("#{}", connection.id)] {
            for who in [may, "auditor", "admin"] {
                let hrefs = find(&portal.browser_of(who).await, &text).await;
                assert!(hrefs.contains(&path(team, &connection)), "{who} looks for {text}: {hrefs:?}");
            }
            for who in [may_not, "leaver"] {
                let hrefs = find(&portal.browser_of(who).await, &text).await;
                let elsewhere = format!("/teams/{team}/");
                assert!(!hrefs.iter().any(|href| href.starts_with(&elsewhere)), "{who} looks for {text}: {hrefs:?}");
            }
        }
    }
}

#[tokio::test]
async fn finding_asks_workato_nothing_and_says_which_teams_were_not_read() {
    let portal = TestPortal::start().await;
    let workspace = portal.sandbox.workspace(0).unwrap();
    let calls = || format!("{:?}", workspace.calls());
    let before = calls();
    let browser = portal.browser_of("viewer").await;
    let page = browser.get("/search?q=salesforce").await;
    page.assert_says("Not searched yet: Payments.");
    page.assert_says("Customers not searched yet: Payments.");
    assert!(!found(&page).iter().any(|href| href.contains("/connections/")));
    assert_eq!(calls(), before);

    read(&portal, "viewer", PAYMENTS).await;
    let before = calls();
    for text in ["salesforce", "a", "#1", ""] {
        let page = browser.get(&format!("/search?q={}", text.replace('#', "%23"))).await;
        assert!(!page.says("ot searched yet"));
    }
    assert_eq!(calls(), before);
}

#[tokio::test]
async fn people_are_found_by_admins_alone() {
    let portal = TestPortal::start().await;
    for (who, finds) in [("admin", true), ("auditor", false), ("operator", false)] {
        let hrefs = find(&portal.browser_of(who).await, "leaver@partner").await;
        assert_eq!(hrefs.iter().any(|href| href.starts_with("/admin/people/")), finds, "{who}: {hrefs:?}");
    }
}

#[tokio::test]
async fn an_operation_is_found_by_its_id_if_one_may_see_it_and_a_wrong_guess_is_no_denied_read() {
    let portal = TestPortal::start().await;
    let entries = portal.entries().await;
    let of_admins = entries.iter().find(|entry| entry.team.is_none()).unwrap().operation_id.to_string();
    let before = portal.entries().await.len();
    for (who, finds) in [("auditor", true), ("admin", true), ("operator", false), ("stranger", false)] {
        let browser = portal.browser_of(who).await;
        let hrefs = find(&browser, &of_admins).await;
        assert_eq!(hrefs.contains(&format!("/audit/{of_admins}")), finds, "{who}: {hrefs:?}");
    }
    // Four sign-ins, and nothing else.
    let denied =
        portal.entries().await.into_iter().skip(before).filter(|entry| entry.action.as_str() != "session.start");
    assert_eq!(denied.map(|entry| entry.action.as_str().to_owned()).collect::<Vec<_>>(), Vec::<String>::new());
}

#[tokio::test]
async fn sharing_the_newest_version_is_offered_to_operators_of_the_team() {
    let portal = TestPortal::start().await;
    read(&portal, "operator", PAYMENTS).await;
    let connectors = portal.sandbox.workspace(0).unwrap().connectors();
    let newest_of = |one: &Connector| one.released().map(|released| released.version).max();
    let behind =
        connectors.iter().find(|one| one.shared.as_ref().is_some_and(|shared| Some(shared.version) < newest_of(one)));
    let behind = behind.unwrap();
    let newest = newest_of(behind).unwrap();
    let form = format!("/teams/{PAYMENTS}/connectors/{}#version-{newest}", behind.id);
    for (who, offered) in [("operator", true), ("viewer", false), ("admin", false)] {
        let browser = portal.browser_of(who).await;
        let hrefs = find(&browser, &behind.id.to_string()).await;
        assert_eq!(hrefs.contains(&form), offered, "{who}: {hrefs:?}");
        if offered {
            let page = browser.get(&form).await;
            assert!(page.has(&format!("#version-{newest}")), "the link leads nowhere");
        }
    }
}

#[tokio::test]
async fn odd_texts_find_nothing_and_break_nothing() {
    let portal =
        TestPortal::serve(Installation::with(Options { connections: 20, ..Options::on_any_port() }).await).await;
    read(&portal, "viewer", PAYMENTS).await;
    let browser = portal.browser_of("viewer").await;
    for text in [
        "<script>alert(1)</script>",
        "\u{202e}gnp.exe",
        "\0",
        "%",
        "' OR 1=1 --",
        "99999999999999999999999999",
        &"x ".repeat(2_000),
        &"\u{1f469}\u{200d}\u{1f4bb}".repeat(150),
    ] {
        let page = browser
            .get(&format!(
                "/search?{}",
                form_urlencoded::Serializer::new(String::new()).append_pair("q", text).finish()
            ))
            .await;
        assert_eq!(page.status, 200, "{text:?}");
        assert!(!page.has("#found script"), "{text:?}");
    }
    assert!(browser.get("/search").await.says("Go to"));
}

#[tokio::test]
async fn nobody_searches_without_signing_in() {
    let portal = TestPortal::start().await;
    let page = Browser::new(&portal.base).get("/search?q=payments").await;
    assert!(page.is_redirect() && page.location().starts_with("/login"), "{}", page.status);
}
