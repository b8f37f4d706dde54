//! `/admin/teams`, `/admin/teams/new` and `/admin/teams/{team}`: what an admin sees and does there.

use insta::{assert_snapshot, with_settings};
use portal::audit::{Action, Entry};
use sandbox::Privileges;
use serde_json::json;

use super::{ADDRESSES_AND_IDS, NO_RIGHT};
use crate::support::{ChangeKind, Installation, PAYMENTS, Targets, TestPortal};

const TEAM: &str = "/admin/teams/payments";
const TOKEN: &str = "wrkaus-another-0123456789";

async fn newest(portal: &TestPortal) -> Entry {
    portal.entries().await.pop().expect("an entry")
}

#[tokio::test]
async fn the_list_shows_each_team_with_the_fingerprint_of_its_token() {
    let portal = TestPortal::start().await;
    let page = portal.browser_of("admin").await.get("/admin/teams").await;
    assert_eq!(page.status, 200);
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(page.main_part(), @r"
    Teams
    New team
    Teams by name
    Name | Slug | Data centre | Workspace | Token
    Lending Production | lending | http://127.0.0.1:PORT | Rosterly HR (10017293) | FINGERPRINT set TIME
    Payments | payments | http://127.0.0.1:PORT | Tillpoint Payments (17293) | FINGERPRINT set TIME
    Times are in UTC.
    ") });
    assert_eq!(page.link("Payments"), TEAM);
}

#[tokio::test]
async fn only_admins_see_the_page() {
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
async fn a_new_team_with_a_token_shows_the_workspace_it_opens() {
    let portal = TestPortal::start().await;
    portal.sandbox.admit(&TOKEN.parse().unwrap(), 0, Privileges::all());
    let admin = portal.browser_of("admin").await;
    let page = admin.get("/admin/teams/new").await;
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(page.main_part(), @r"
    Teams
    New team
    Name []
    Slug []
    Used in URLs: a–z, 0–9, hyphens
    Workato data centre [United States (www.workato.com)]
    Where you sign in to Workato. A token works only in its own data centre.
    [ ] Production
    Its pages are marked, and every change needs a reason. In a new production team, suppressing and deleting also need approval.
    Pattern of reasons (optional) []
    A regular expression that every reason for a change must contain, such as a ticket number.
    Hint for the pattern (optional) []
    Shown below the reason field instead of the pattern.
    Token (optional) []
    You can set it later. In Workato: Workspace admin, API clients. Stored encrypted, never shown again.
    (Create team)
    Times are in UTC.
    ") });
    let before = portal.entries().await.len();
    let form = page.form_with_button("Create team").fill("Name", "Treasury").fill("Slug", "treasury");
    let form = form.with("workato_url", &portal.sandbox.base_url).tick("Production").fill("Token", TOKEN);
    let page = admin.submit_and_follow(&form).await;
    assert_eq!((page.status, page.heading()), (200, "Treasury".to_owned()));
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(page.main_part(), @r"
    Teams / treasury
    Treasury
    Production Connections
    Team created. The token belongs to workspace Tillpoint Payments (17293).
    Members
    This team has no members yet.
    Person [The admin (admin@partner.example)]
    Role in the team [viewer: can read]
    (Add member)
    Workato token
    Fingerprint
    FINGERPRINT
    Set
    TIME
    Last used
    never
    Workspace
    Tillpoint Payments (17293)
    (Test the token)
    Let Workato replace the token
    Token []
    In Workato: Workspace admin, API clients. Stored encrypted, never shown again.
    (Replace token)
    About this team
    Name [Treasury]
    Slug [treasury]
    Used in URLs: a–z, 0–9, hyphens
    Workato data centre http://127.0.0.1:PORT Fixed, because the token belongs to it. Create a new team for another workspace.
    [x] Production
    Its pages are marked, and every change needs a reason. In a new production team, suppressing and deleting also need approval.
    Pattern of reasons (optional) []
    A regular expression that every reason for a change must contain, such as a ticket number.
    Hint for the pattern (optional) []
    Shown below the reason field instead of the pattern.
    (Save team)
    Approval
    Changes that need a second person
    These changes wait until another operator of the team approves them. Creating and editing connections can't wait: a request would have to hold their credentials.
    [ ] Share a version
    [ ] Roll back to an earlier version
    [x] Suppress a connector
    [ ] Disconnect a connection
    [x] Delete a connection
    This team has fewer than two operators. Add another one, or nobody can approve a request.
    Jobs over this many items need a second person (optional) []
    Leave it empty if jobs of any size may start without one.
    [x] Operators may act at once in an emergency
    They give a reason of at least 20 characters. Everyone responsible is notified, and the change stays on the home page until a second person has reviewed it.
    Reason []
    If you require less, everyone responsible is notified, and your own changes still need approval for 24 hours.
    (Save policy)
    Withdraw the token
    This destroys the portal's copy of the token. The team, its people and its log stay. Until you set another token, the portal can't read or change anything in the team's Workato. The token itself still works, so delete it in Workato too.
    Type Treasury to confirm []
    Its ID, treasury, works too.
    Reason []
    Recorded in the audit log with your name.
    (Withdraw the token)
    Retire this team
    This destroys the portal's copy of the token. Nothing in the team can be changed afterwards. Its history stays in the audit log. This can't be undone.
    Type Treasury to confirm []
    Its ID, treasury, works too.
    Reason []
    Recorded in the audit log with your name.
    (Retire this team)
    Times are in UTC.
    ") });
    let entries = portal.entries().await.split_off(before);
    let actions: Vec<Action> = entries.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [Action::TeamCreate, Action::TeamTokenSet]);
    assert_eq!(entries[0].parameters["production"], json!(true));
    assert!(entries.iter().all(|entry| entry.actor.name == "The admin"));
    assert!(!serde_json::to_string(&entries).unwrap().contains(TOKEN) && !page.body.contains(TOKEN));
}

#[tokio::test]
async fn an_invalid_team_shows_a_message_for_each_field_and_creates_nothing() {
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
    assert_snapshot!(messages.join("\n\n"), @r"
    name: Use 1 to 80 characters.
    slug: Use 1 to 40 characters: a–z, 0–9 and single hyphens between them.
    workato_url: This isn't a Workato data centre, and it isn't listed in PORTAL_WORKATO_HOSTS.

    slug: Choose another slug. “new” is reserved.

    slug: Another team already uses payments.

    name: Use 1 to 80 characters.
    ");
    assert_eq!(portal.entries().await.len(), before);
}

#[tokio::test]
async fn the_page_of_a_team_shows_its_members_its_token_and_its_settings() {
    let portal = TestPortal::start().await;
    let page = portal.browser_of("admin").await.get(TEAM).await;
    assert_eq!(page.status, 200);
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(page.main_part(), @r"
    Teams / payments
    Payments
    Connections
    Members
    Members of Payments by name
    Person | Role
    The operator operator@partner.example | [operator] (Change role of The operator) (Remove The operator)
    The viewer viewer@partner.example | [viewer] (Change role of The viewer) (Remove The viewer)
    Person [The admin (admin@partner.example)]
    Role in the team [viewer: can read]
    (Add member)
    Workato token
    Fingerprint
    FINGERPRINT
    Set
    TIME
    Last used
    never
    Workspace
    Tillpoint Payments (17293)
    (Test the token)
    Let Workato replace the token
    Token []
    In Workato: Workspace admin, API clients. Stored encrypted, never shown again.
    (Replace token)
    About this team
    Name [Payments]
    Slug [payments]
    Used in URLs: a–z, 0–9, hyphens
    Workato data centre http://127.0.0.1:PORT Fixed, because the token belongs to it. Create a new team for another workspace.
    [ ] Production
    Its pages are marked, and every change needs a reason. In a new production team, suppressing and deleting also need approval.
    Pattern of reasons (optional) []
    A regular expression that every reason for a change must contain, such as a ticket number.
    Hint for the pattern (optional) []
    Shown below the reason field instead of the pattern.
    (Save team)
    Approval
    Changes that need a second person
    These changes wait until another operator of the team approves them. Creating and editing connections can't wait: a request would have to hold their credentials.
    [ ] Share a version
    [ ] Roll back to an earlier version
    [ ] Suppress a connector
    [ ] Disconnect a connection
    [ ] Delete a connection
    This team has fewer than two operators. Add another one, or nobody can approve a request.
    Jobs over this many items need a second person (optional) []
    Leave it empty if jobs of any size may start without one.
    [x] Operators may act at once in an emergency
    They give a reason of at least 20 characters. Everyone responsible is notified, and the change stays on the home page until a second person has reviewed it.
    Reason []
    If you require less, everyone responsible is notified, and your own changes still need approval for 24 hours.
    (Save policy)
    Withdraw the token
    This destroys the portal's copy of the token. The team, its people and its log stay. Until you set another token, the portal can't read or change anything in the team's Workato. The token itself still works, so delete it in Workato too.
    Type Payments to confirm []
    Its ID, payments, works too.
    Reason []
    Recorded in the audit log with your name.
    (Withdraw the token)
    Retire this team
    This destroys the portal's copy of the token. Nothing in the team can be changed afterwards. Its history stays in the audit log. This can't be undone.
    Type Payments to confirm []
    Its ID, payments, works too.
    Reason []
    Recorded in the audit log with your name.
    (Retire this team)
    Times are in UTC.
    ") });
}

#[tokio::test]
async fn renaming_a_team_is_logged_and_saving_it_unchanged_is_not() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let form = admin.get(TEAM).await.form_with_button("Save team").fill("Name", "Payouts").fill("Slug", "payouts");
    let page = admin.submit_and_follow(&form).await;
    page.assert_says("Team saved.");
    assert_eq!(page.heading(), "Payouts");
    let entry = newest(&portal).await;
    assert_eq!((entry.action, &entry.parameters["slug"]), (Action::TeamUpdate, &json!("payouts")));
    assert_eq!(entry.before.unwrap()["slug"], json!(PAYMENTS));
    assert_eq!(admin.get(TEAM).await.status, 404);
    let before = portal.entries().await.len();
    admin.submit_and_follow(&page.form_with_button("Save team")).await.assert_says("Team saved.");
    assert_eq!(portal.entries().await.len(), before);
}

#[tokio::test]
async fn the_data_center_of_a_team_with_a_token_cannot_be_changed() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let before = portal.entries().await.len();
    let form = admin.get(TEAM).await.form("/api/fn/update_team").with("workato_url", "https://app.eu.workato.com");
    let refused = admin.submit_and_follow(&form).await;
    refused.assert_says("This team has a token for its current data centre. Create a new team for another workspace.");
    assert_eq!(portal.entries().await.len(), before);
}

#[tokio::test]
async fn a_token_is_replaced_and_tested_and_only_its_fingerprint_is_shown() {
    let portal = TestPortal::start().await;
    portal.sandbox.admit(&TOKEN.parse().unwrap(), 0, Privileges::all());
    let admin = portal.browser_of("admin").await;
    let fingerprint = async || admin.get(TEAM).await.select("dd.id").remove(0).text;
    let old = fingerprint().await;
    let form = admin.get(TEAM).await.form_with_button("Replace token");
    let page = admin.submit_and_follow(&form.fill("Token", TOKEN)).await;
    page.assert_says("Token saved and working.");
    assert_ne!(fingerprint().await, old);
    assert!(!page.body.contains(TOKEN));
    let entries = portal.entries().await;
    assert!(entries.iter().any(|entry| entry.action == Action::TeamTokenReplace));
    assert!(!serde_json::to_string(&entries).unwrap().contains(TOKEN));

    assert!(portal.sandbox.revoke(TOKEN));
    let page = admin.submit_and_follow(&admin.get(TEAM).await.form_with_button("Test the token")).await;
    assert_snapshot!(page.alerts().join("\n"), @"GET /api/users/me was refused (401): Unauthorized. Either the token \
                                                 is invalid, or its role lacks the privilege for this call. Check both \
                                                 in Workato.");
    page.assert_says("Workato rejects this token");
}

#[tokio::test]
async fn a_member_is_added_gets_another_role_and_is_removed() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let leaver = portal.browser_of("leaver").await;
    let connections = "/teams/payments/connections";
    assert_eq!(leaver.get(connections).await.status, 403);

    let form = admin.get(TEAM).await.form_with_button("Add member");
    let form = form.fill("Person", "The leaver (leaver@partner.example)").fill("Role in the team", "viewer: can read");
    admin.submit_and_follow(&form).await.assert_says("Membership saved.");
    let of_members = || async {
        let entries = portal.entries().await.into_iter();
        entries.filter(|entry| matches!(entry.action, Action::MemberSet | Action::MemberRemove)).collect::<Vec<_>>()
    };
    let before = of_members().await;
    assert_eq!(before.last().unwrap().parameters["role"], json!("viewer"));
    // Each time the sessions end, and the next one has the new rights.
    assert!(leaver.get(connections).await.location().starts_with("/login"));
    let leaver = portal.browser_of("leaver").await;
    assert_eq!(leaver.get(connections).await.status, 200);
    assert_eq!(leaver.get(&format!("{connections}/new")).await.status, 403);

    let form = admin.get(TEAM).await.form_with_button("Change role of The leaver");
    admin.submit(&form.fill("Role of The leaver", "operator")).await;
    let leaver = portal.browser_of("leaver").await;
    assert_eq!(leaver.get(&format!("{connections}/new")).await.status, 200);

    let form = admin.get(TEAM).await.form_with_button("Remove The leaver");
    admin.submit_and_follow(&form).await.assert_says("Membership ended.");
    assert_eq!(portal.browser_of("leaver").await.get(connections).await.status, 403);
    let actions: Vec<_> = of_members().await[before.len()..].iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [Action::MemberSet, Action::MemberRemove]);
}

#[tokio::test]
async fn the_pattern_of_reasons_is_checked_saved_and_logged() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let form = admin.get(TEAM).await.form_with_button("Save team");
    let before = portal.entries().await.len();
    for (pattern, hint, field, words) in [
        ("[A-Z", "", "reason_pattern", "This isn't a valid regular expression: unclosed character class."),
        (r"(\w{50}){50}", "", "reason_pattern", "This pattern is too complex. Use a shorter one."),
        (".*", "", "reason_pattern", "Every reason matches this pattern. Use one that requires something."),
        ("", "Name a ticket", "reason_pattern", "Enter a pattern, or clear the hint."),
    ] {
        let page =
            admin.submit_and_follow(&form.clone().with("reason_pattern", pattern).with("reason_hint", hint)).await;
        assert_eq!(page.problem(field).as_deref(), Some(words));
        assert_eq!(page.value_of("reason_pattern").as_deref(), Some(pattern), "what was typed is there");
        assert_eq!(page.attributes(".problems a", "href"), [format!("#{field}")]);
    }
    assert_eq!(portal.entries().await.len(), before);

    let form =
        form.fill("Pattern of reasons", r"[A-Z]+-\d+").fill("Hint for the pattern", "Name a ticket, such as PAY-123");
    let page = admin.submit_and_follow(&form).await;
    page.assert_says("Team saved.");
    let entry = newest(&portal).await;
    assert_eq!(entry.action, Action::TeamUpdate);
    assert_eq!(entry.parameters["reason_pattern"], json!(r"[A-Z]+-\d+"));
    assert_eq!(entry.parameters["reason_hint"], json!("Name a ticket, such as PAY-123"));
    assert_eq!(entry.before.unwrap()["reason_pattern"], json!(null));

    // The team's own acts that take a reason need it as well.
    let form = page.form_with_button("Withdraw the token").with("confirm", PAYMENTS).with("reason", "It leaked");
    let refused = admin.submit_and_follow(&form).await;
    let words = r"Name a ticket, such as PAY-123. Reasons in this team must contain [A-Z]+-\d+.";
    assert_eq!(refused.problem("withdraw-reason").as_deref(), Some(words));
    let form = refused.form_with_button("Withdraw the token").with("reason", "It leaked, SEC-77");
    admin.submit_and_follow(&form).await.assert_says("Token destroyed.");
    portal.stop().await.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_stored_pattern_that_cannot_be_used_is_shown_and_locks_nobody_out() {
    let installation = Installation::new().await;
    installation.write_with_key("team", "UPDATE team SET reason_pattern = '[A-Z' WHERE slug = 'payments'").await;
    let portal = TestPortal::serve(installation).await;
    let page = portal.browser_of("admin").await.get(TEAM).await;
    let problem = page.problem("reason_pattern").expect("a problem");
    assert_eq!(problem, "Reasons aren't checked. This isn't a valid regular expression: unclosed character class.");
    let operator = portal.browser_of("operator").await;
    let mut change = Targets::of(&portal).prepare(ChangeKind::Delete, &operator).await;
    change.form = change.form.with("reason", "They asked");
    change.perform(&operator).await.assert_says("was deleted");
}
