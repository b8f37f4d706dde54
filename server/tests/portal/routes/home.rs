//! `/`: what needs attention, for whom, and what it costs.

use insta::assert_snapshot;
use sandbox::{Alteration, Options};

use crate::support::{Browser, ChangeKind, Installation, LENDING, PAYMENTS, Targets, TestPortal, eventually, password};

/// Waits until the watcher has read every team's lists.
async fn read(browser: &Browser) {
    eventually("the lists are read", std::time::Duration::from_secs(20), || async {
        let page = browser.get("/").await;
        (page.says("Workato read") && !page.says("Not read yet") && !page.says("Reading…")).then_some(())
    })
    .await;
}

async fn compare(browser: &Browser, team: &str) {
    let answer = browser.post("/api/fn/compare_with_log", &[("team", team)]).await;
    assert_eq!(answer.status, 303, "{answer:?}");
}

#[tokio::test]
async fn people_see_what_needs_attention_in_their_teams_alone() {
    let portal = TestPortal::start().await;
    let (operator, viewer) = (portal.browser_of("operator").await, portal.browser_of("viewer").await);
    let (auditor, stranger) = (portal.browser_of("auditor").await, portal.browser_of("stranger").await);
    for team in [PAYMENTS, LENDING] {
        compare(&auditor, team).await;
    }
    read(&auditor).await;
    let workspace = portal.sandbox.workspace(0).unwrap();
    let mut targets = Targets::of(&portal);
    let connection = workspace.connection(targets.authorised_connection()).unwrap();
    let lost = Alteration::LoseConnection { connection_id: connection.id, reason: "Refresh token expired".to_owned() };
    workspace.alter(&lost).unwrap();
    let gone = workspace.connection(targets.unused_connection()).unwrap();
    workspace.alter(&Alteration::RemoveConnection { connection_id: gone.id }).unwrap();
    compare(&auditor, PAYMENTS).await;

    let page = operator.get("/").await;
    assert_eq!(page.heading(), "Needs attention");
    let path = format!("/teams/{PAYMENTS}/connections/{}", connection.id);
    assert!(page.links().contains(&path), "the one that was lost last is listed: {:?}", page.links());
    page.assert_says("Sign-in expired");
    assert!(page.links().contains(&format!("{path}/edit")), "an operator can connect it again");
    page.assert_says("Changed outside the portal 1");
    assert!(!page.has("nav[aria-label='Teams']"), "one team needs no tabs");

    let page = viewer.get("/").await;
    assert!(page.links().contains(&path) && !page.links().contains(&format!("{path}/edit")));

    let page = stranger.get("/").await;
    assert!(!page.links().iter().any(|link| link.contains(PAYMENTS)), "{:?}", page.links());
    assert!(!page.says("Changed outside the portal"));
    assert_eq!(stranger.get(&format!("/?team={PAYMENTS}")).await.status, 404);
    assert_eq!(stranger.get("/?team=nowhere").await.status, 404);

    let page = auditor.get("/").await;
    assert!(page.links().contains(&path) && page.has("nav[aria-label='Teams']"));
    let page = auditor.get(&format!("/?team={LENDING}")).await;
    assert!(!page.links().contains(&path) && !page.says("Changed outside the portal"));
    portal.stop().await.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn drawing_it_calls_workato_for_nothing() {
    let portal = TestPortal::start().await;
    let people =
        [portal.browser_of("auditor").await, portal.browser_of("admin").await, portal.browser_of("operator").await];
    for team in [PAYMENTS, LENDING] {
        compare(&people[0], team).await;
    }
    read(&people[0]).await;
    // From now on every read of Workato fails, and would be seen.
    portal.sandbox.faults().put("all", "* /api/**: 500".parse().unwrap());
    for browser in &people {
        let page = browser.get("/").await;
        assert_eq!(page.status, 200);
        page.assert_says("Workato read");
    }
    let struck: u64 = portal.sandbox.faults().list().iter().map(|fault| fault.struck).sum();
    assert_eq!(struck, 0);
}

#[tokio::test]
async fn it_shows_what_is_read_soon_after_the_start_and_does_not_say_before_that_all_is_well() {
    // Here the first comparison comes in an hour.
    let portal = TestPortal::start().await;
    let page = portal.browser_of("operator").await.get("/").await;
    assert_eq!(page.heading(), "Nothing needs attention so far");
    page.assert_says("Connections and connectors aren’t checked yet.");
    page.assert_says("The portal has just started and is reading Workato. Reload in a few seconds.");
    page.assert_says("Reading…");
    assert!(!page.says("All is well") && !page.says("No connection is broken"), "{}", page.text());
    drop(portal);

    let installation = Installation::new().await;
    let portal = TestPortal::serve_with(installation, |settings| settings.first_watch_after = None).await;
    let operator = portal.browser_of("operator").await;
    read(&operator).await;
    let page = operator.get("/").await;
    assert!(page.heading() != "Nothing needs attention so far" && !page.says("has just started"), "{}", page.text());
}

#[tokio::test]
async fn people_see_their_own_last_changes_and_how_they_ended() {
    let portal = TestPortal::start().await;
    let (operator, viewer) = (portal.browser_of("operator").await, portal.browser_of("viewer").await);
    let change = Targets::of(&portal).prepare(ChangeKind::Delete, &operator).await;
    change.perform(&operator).await;
    let own = "section[aria-labelledby='h-own']";
    let page = operator.get("/").await;
    let text = page.select(own).remove(0).text;
    assert!(text.starts_with("Your recent changes View all Succeeded: Deleted connection "), "{text}");
    assert_eq!(page.attributes(&format!("{own} li a"), "href"), [format!("/audit/{}", change.operation)]);
    let all = page.attributes(&format!("{own} .card-head a"), "href").remove(0);
    assert!(operator.get(&all).await.says("Deleted connection") || operator.get(&all).await.says("deleted connection"));
    assert!(!viewer.get("/").await.has(own), "nobody else's");
}

#[tokio::test]
async fn an_admin_sees_the_steps_of_setting_up_and_nobody_else_does() {
    let portal = TestPortal::start().await;
    let page = portal.browser_of("admin").await.get("/").await;
    page.assert_says("Set up your portal");
    page.assert_says("Send checkpoints outside the portal");
    for who in ["operator", "viewer", "auditor"] {
        assert!(!portal.browser_of(who).await.get("/").await.says("Set up your portal"), "{who}");
    }
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
    You’re not in a team yet
    Ask an admin of the portal to add you to your team.
    Times are in UTC.
    ");
}

#[tokio::test]
async fn without_a_team_an_admin_can_set_one_up_and_an_auditor_can_read_the_log() {
    let installation = Installation::empty(Options { connections: 10, ..Options::on_any_port() }).await;
    let portal = TestPortal::serve(installation).await;
    let admin = portal.first_admin().await;
    let page = admin.get("/").await;
    assert_eq!(page.heading(), "There is no team yet");
    page.assert_says("A team is one Workato workspace and its token. Set up the first team");
    page.assert_says("0 of 5 done");
    assert_eq!(admin.get(&page.link("Set up the first team")).await.status, 200);

    let auditor = portal.invited(&admin, "auditor", "auditor").await;
    let page = auditor.get("/").await;
    assert_snapshot!(page.main_part(), @r"
    There is no team yet
    Until an admin sets one up, there is only the audit log.
    Times are in UTC.
    ");
    assert_eq!(auditor.get(&page.link("the audit log")).await.status, 200);
    assert!(!page.body.contains(&password("auditor")));
}
