//! `/admin/teams`, `/admin/teams/new` and `/admin/teams/{team}`: what an admin sees and does there.

use insta::{assert_snapshot, with_settings};
use portal::audit::{Action, Entry};
use sandbox::Privileges;
use serde_json::json;

use super::{ADDRESSES_AND_IDS, NO_RIGHT};
use crate::support::{PAYMENTS, TestPortal};

const TEAM: &str = "/admin/teams/payments";
const TOKEN: &str = "wrkaus-another-0123456789";

async fn newest(portal: &TestPortal) -> Entry {
    portal.entries().await.pop().expect("an entry")
}

#[tokio::test]
async fn the_list_shows_every_team_and_its_token_by_fingerprint() {
    let portal = TestPortal::start().await;
    let page = portal.browser_of("admin").await.get("/admin/teams").await;
    assert_eq!(page.status, 200);
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(page.main_part(), @"") });
    assert_eq!(page.link("Payments"), TEAM);
}

#[tokio::test]
async fn whoever_is_not_an_admin_is_told_so_and_nothing_else() {
    let portal = TestPortal::start().await;
    for who in ["operator", "auditor"] {
        for path in ["/admin/teams", "/admin/teams/new", TEAM, "/admin/teams/nowhere"] {
            let page = portal.browser_of(who).await.get(path).await;
            assert_eq!(page.status, 403, "{who}: {path}");
            page.assert_says(NO_RIGHT);
            assert!(page.forms("/api/fn/set_token").is_empty() && !page.main_part().contains("Lending"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_team_is_set_up_with_its_token_and_its_page_names_the_workspace() {
    let portal = TestPortal::start().await;
    portal.sandbox.admit(&TOKEN.parse().unwrap(), 0, Privileges::all());
    let admin = portal.browser_of("admin").await;
    let page = admin.get("/admin/teams/new").await;
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(page.main_part(), @"") });
    let before = portal.entries().await.len();
    let form = page.form_with_button("Create team").fill("Name", "Treasury").fill("Slug", "treasury");
    let form = form.with("workato_url", &portal.sandbox.base_url).tick("Production").fill("Token", TOKEN);
    let page = admin.submit_and_follow(&form).await;
    assert_eq!((page.status, page.heading()), (200, "Treasury".to_owned()));
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(page.main_part(), @"") });
    let entries = portal.entries().await.split_off(before);
    let actions: Vec<Action> = entries.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [Action::TeamCreate, Action::TeamTokenSet]);
    assert_eq!(entries[0].parameters["production"], json!(true));
    assert!(entries.iter().all(|entry| entry.actor.name == "The admin"));
    assert!(!serde_json::to_string(&entries).unwrap().contains(TOKEN) && !page.body.contains(TOKEN));
}

#[tokio::test]
async fn each_field_of_a_new_team_that_is_wrong_has_its_message_and_nothing_is_created() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let before = portal.entries().await.len();
    let form = admin.get("/admin/teams/new").await.form("/api/fn/create_team");
    let mut messages = Vec::new();
    for (name, slug, url) in [
        ("", "No Slug", "https://evil.example"),
        ("Treasury", "new", portal.sandbox.base_url.as_str()),
        ("Treasury", PAYMENTS, portal.sandbox.base_url.as_str()),
        (&"x".repeat(81), "treasury", portal.sandbox.base_url.as_str()),
    ] {
        let form = form.clone().fill("Name", name).fill("Slug", slug).with("workato_url", url).fill("Token", TOKEN);
        let refused = admin.submit_and_follow(&form).await;
        let fields = ["name", "slug", "workato_url"];
        let said = fields.iter().filter_map(|field| Some(format!("{field}: {}", refused.problem(field)?)));
        messages.push(said.collect::<Vec<_>>().join("\n"));
        assert_eq!(refused.form("/api/fn/create_team").get("slug"), slug, "what was typed is kept");
        assert!(!refused.body.contains(TOKEN), "the token is not");
    }
    assert_snapshot!(messages.join("\n\n"), @"");
    assert_eq!(portal.entries().await.len(), before);
}

#[tokio::test]
async fn the_page_of_a_team_shows_its_token_its_members_and_its_marks() {
    let portal = TestPortal::start().await;
    let page = portal.browser_of("admin").await.get(TEAM).await;
    assert_eq!(page.status, 200);
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(page.main_part(), @"") });
}

#[tokio::test]
async fn a_team_is_renamed_and_an_unchanged_form_is_no_entry() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let form = admin.get(TEAM).await.form_with_button("Save team").fill("Name", "Payouts").fill("Slug", "payouts");
    let page = admin.submit_and_follow(&form).await;
    page.assert_says("The team is saved.");
    assert_eq!(page.heading(), "Payouts");
    let entry = newest(&portal).await;
    assert_eq!((entry.action, &entry.parameters["slug"]), (Action::TeamUpdate, &json!("payouts")));
    assert_eq!(entry.before.unwrap()["slug"], json!(PAYMENTS));
    assert_eq!(admin.get(TEAM).await.status, 404);
    let before = portal.entries().await.len();
    admin.submit_and_follow(&page.form_with_button("Save team")).await.assert_says("The team is saved.");
    assert_eq!(portal.entries().await.len(), before);
}

#[tokio::test]
async fn a_team_with_a_token_keeps_the_address_that_the_token_was_given_for() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let before = portal.entries().await.len();
    let form = admin.get(TEAM).await.form("/api/fn/update_team").with("workato_url", "https://app.eu.workato.com");
    let refused = admin.submit_and_follow(&form).await;
    refused.assert_says("This team has a token for the old data centre. Set up a new team for another workspace.");
    assert_eq!(portal.entries().await.len(), before);
}

#[tokio::test]
async fn a_token_is_replaced_and_tested_and_only_its_fingerprint_is_ever_shown() {
    let portal = TestPortal::start().await;
    portal.sandbox.admit(&TOKEN.parse().unwrap(), 0, Privileges::all());
    let admin = portal.browser_of("admin").await;
    let fingerprint = async || admin.get(TEAM).await.select("dd.id").remove(0).text;
    let old = fingerprint().await;
    let form = admin.get(TEAM).await.form_with_button("Replace token");
    let page = admin.submit_and_follow(&form.fill("Token", TOKEN)).await;
    page.assert_says("The token is kept, and Workato takes it.");
    assert_ne!(fingerprint().await, old);
    assert!(!page.body.contains(TOKEN));
    let entries = portal.entries().await;
    assert!(entries.iter().any(|entry| entry.action == Action::TeamTokenReplace));
    assert!(!serde_json::to_string(&entries).unwrap().contains(TOKEN));

    assert!(portal.sandbox.revoke(TOKEN));
    let page = admin.submit_and_follow(&admin.get(TEAM).await.form_with_button("Test the token")).await;
    assert_snapshot!(page.alerts().join("\n"), @"");
}

#[tokio::test]
async fn a_member_is_added_given_another_role_and_removed() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let leaver = portal.browser_of("leaver").await;
    let connections = "/teams/payments/connections";
    assert_eq!(leaver.get(connections).await.status, 403);

    let form = admin.get(TEAM).await.form_with_button("Add member");
    let form = form.fill("Person", "The leaver (leaver@partner.example)").fill("Role in the team", "viewer: reads");
    admin.submit_and_follow(&form).await.assert_says("The membership is saved.");
    assert_eq!(newest(&portal).await.parameters["role"], json!("viewer"));
    assert_eq!(leaver.get(connections).await.status, 200);
    assert_eq!(leaver.get(&format!("{connections}/new")).await.status, 403);

    let form = admin.get(TEAM).await.form_with_button("Change role of The leaver");
    admin.submit(&form.fill("Role of The leaver", "operator")).await;
    assert_eq!(leaver.get(&format!("{connections}/new")).await.status, 200);

    let form = admin.get(TEAM).await.form_with_button("Remove The leaver");
    admin.submit_and_follow(&form).await.assert_says("The membership is ended.");
    assert_eq!(leaver.get(connections).await.status, 403);
    let entries = portal.entries().await;
    let of_members = entries.iter().rev().take_while(|entry| entry.action != Action::SessionStart);
    let actions = of_members
        .map(|entry| entry.action)
        .filter(|action| matches!(action, Action::MemberSet | Action::MemberRemove));
    assert_eq!(actions.collect::<Vec<_>>(), [Action::MemberRemove, Action::MemberSet, Action::MemberSet]);
}
