//! A new one-time link for somebody who has a password: one admin makes it, another releases it.

use portal::audit::Action;

use crate::support::{Browser, Child, Page, TestPortal, email, password};

async fn page_of(admin: &Browser, who: &str) -> Page {
    let people = admin.get("/admin/people").await;
    for link in people.links().iter().filter(|link| link.starts_with("/admin/people/")) {
        let page = admin.get(link).await;
        if page.text().contains(&email(who)) {
            return page;
        }
    }
    panic!("no page of {who}");
}

#[tokio::test]
async fn a_link_that_replaces_a_password_waits_for_an_independent_admin() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let second = portal.invited(&admin, "second", "admin").await;
    let made = admin.submit_and_follow(&page_of(&admin, "auditor").await.form("/api/fn/invite_again")).await;
    made.assert_says("It works after another admin has released it.");
    made.assert_says("A one-time link needs a second admin");
    assert!(made.forms("/api/fn/release_link").is_empty(), "its maker has no button");
    let link = portal.path_of(&made.value_of("link").expect("the link is shown"));
    let visitor = portal.browser();
    let waiting = visitor.open_link(&link).await;
    assert_eq!(waiting.status, 403);
    waiting.assert_says("This link isn't released yet");
    let new_password = ("password", "chosen by the admin");
    let answer = visitor.post("/api/fn/join", &[new_password]).await;
    assert!(answer.location().starts_with("/setup?"), "{}", answer.location());
    assert!(!visitor.has_session());
    assert_eq!(portal.browser().sign_in(&email("auditor"), &password("auditor")).await.location(), "/");

    // Neither the maker, by a form of one's own, nor an admin whom the maker has just set up.
    let person = made.form("/api/fn/invite_again").get("person").to_owned();
    let own = admin.post_and_follow("/api/fn/release_link", &[("person", &person)]).await;
    own.assert_says("You created this link. Another admin has to release it.");
    let refused = second.submit_and_follow(&page_of(&second, "auditor").await.form("/api/fn/release_link")).await;
    refused.assert_says("one person could have used both your account and the account that created this link");
    assert_eq!(visitor.open_link(&link).await.status, 403);
    let entries = portal.entries().await;
    assert!(entries.iter().all(|entry| entry.action != Action::PersonRelease), "{entries:?}");

    // The command line may, where there is no other admin.
    let installation = portal.stop().await;
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_partner-portal"))
        .args(["user", "release-link", "--email", &email("auditor")])
        .env("PORTAL_DATA_DIR", installation.data_dir())
        .env("PORTAL_MASTER_KEY_FILE", installation.key_file())
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        format!("The one-time link of {} works now.\n", email("auditor"))
    );
    let child = Child::start_program(&installation, &[]).await;
    let visitor = Browser::new(&child.base);
    let form = visitor.open_link(&link).await.form("/api/fn/join").with("password", "chosen by the auditor");
    assert_eq!(visitor.submit(&form).await.location(), "/");
    child.stop().await;
    let entries = installation.entries().await;
    let joined = entries.iter().rfind(|entry| entry.action == Action::PersonJoin).unwrap();
    assert_eq!(joined.parameters["link_made_by"], "The admin");
    assert_eq!(joined.parameters["link_released_by"], "command line");
}

#[tokio::test]
async fn an_auditor_whose_password_an_admin_reset_cannot_review_that_admins_changes() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let auditor = portal.invited(&admin, "newcomer", "auditor").await;
    let fields = [("name", "Treasury"), ("slug", "treasury"), ("workato_url", portal.sandbox.base_url.as_str())];
    assert_eq!(admin.post("/api/fn/create_team", &fields).await.status, 303);
    let entries = portal.entries().await;
    let by_admin = entries.iter().rfind(|entry| entry.action == Action::TeamCreate).unwrap().operation_id.to_string();
    let page = auditor.get(&format!("/audit/{by_admin}")).await;
    page.assert_says("Your password or your role was set within the last 30 days by someone who took part in this.");
    assert!(page.forms("/api/fn/review_operation").is_empty());
    let refused = auditor.post_and_follow("/api/fn/review_operation", &[("id", &by_admin)]).await;
    assert!(!refused.alerts().is_empty(), "{}", refused.text());
    assert!(portal.entries().await.iter().all(|entry| entry.action != Action::OperationReview));

    // What others did, the newcomer may review, and the review says who set the password.
    let operator = portal.browser_of("operator").await;
    let mut targets = crate::support::Targets::of(&portal);
    let shared = targets.prepare(crate::support::ChangeKind::Share, &operator).await;
    shared.perform(&operator).await;
    let page = auditor.get(&format!("/audit/{}", shared.operation)).await;
    let reviewed = auditor.submit_and_follow(&page.form("/api/fn/review_operation")).await;
    reviewed.assert_says("Operation marked reviewed.");
    reviewed.assert_says("Password set by The admin on ");
    let entries = portal.entries().await;
    let review = entries.iter().rfind(|entry| entry.action == Action::OperationReview).unwrap();
    assert_eq!(review.parameters["password_set_by"], serde_json::json!(["The admin"]));
}
