//! `/`: leads to a team's connections, or says what to do while there is none.

use insta::assert_snapshot;
use sandbox::Options;

use crate::support::{Installation, TestPortal, password};

#[tokio::test]
async fn everybody_starts_at_the_first_team_they_can_read() {
    let portal = TestPortal::start().await;
    let mut begins = Vec::new();
    for who in ["operator", "viewer", "stranger", "auditor", "admin"] {
        let answer = portal.browser_of(who).await.get("/").await;
        assert!(answer.is_redirect(), "{who}: {answer:?}");
        begins.push(format!("{who}: {}", answer.location()));
    }
    assert_snapshot!(begins.join("\n"), @r"
    operator: /teams/payments/connections
    viewer: /teams/payments/connections
    stranger: /teams/lending/connections
    auditor: /teams/lending/connections
    admin: /teams/lending/connections
    ");
}

#[tokio::test]
async fn without_a_session_it_redirects_to_the_sign_in_page() {
    let portal = TestPortal::start().await;
    let answer = portal.browser().get("/").await;
    assert!(answer.is_redirect());
    assert_eq!(answer.location(), "/login");
}

#[tokio::test]
async fn a_member_without_a_team_is_told_to_ask_an_admin() {
    let portal = TestPortal::start().await;
    let page = portal.browser_of("leaver").await.get("/").await;
    assert_eq!(page.status, 200);
    assert_snapshot!(page.main_part(), @r"
    You belong to no team yet
    Ask an admin of the portal to make you a member of your team.
    ");
}

#[tokio::test]
async fn without_a_team_an_admin_can_set_one_up_and_an_auditor_can_read_the_log() {
    let installation = Installation::empty(Options { connections: 10, ..Options::on_any_port() }).await;
    let portal = TestPortal::serve(installation).await;
    let admin = portal.first_admin().await;
    let page = admin.get("/").await;
    assert_snapshot!(page.main_part(), @r"
    There is no team yet
    A team is one Workato workspace and its token. Set up the first team.
    ");
    assert_eq!(admin.get(&page.link("Set up the first team")).await.status, 200);

    let auditor = portal.invited(&admin, "auditor", "auditor").await;
    let page = auditor.get("/").await;
    assert_snapshot!(page.main_part(), @r"
    There is no team yet
    Until one is set up, there is only the audit log.
    ");
    assert_eq!(auditor.get(&page.link("the audit log")).await.status, 200);
    assert!(!page.body.contains(&password("auditor")));
}
