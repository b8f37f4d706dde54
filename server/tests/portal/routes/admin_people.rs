//! `/admin/people` and `/admin/people/{person}`: inviting people, their roles, and who can sign in.

use insta::{assert_snapshot, with_settings};
use portal::audit::Action;
use serde_json::json;

use super::{ADDRESSES_AND_IDS, NO_RIGHT};
use crate::support::{Browser, Page, TestPortal, email, password};

const PEOPLE: &str = "/admin/people";

/// The page of one of the people.
async fn page_of(admin: &Browser, who: &str) -> Page {
    let page = admin.get(PEOPLE).await.link(&format!("The {who}"));
    admin.get(&page).await
}

#[tokio::test]
async fn the_list_shows_each_person_with_role_teams_and_state() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    portal.invite(&admin, "guest", "member").await;
    admin.submit(&page_of(&admin, "leaver").await.form_with_button("Disable The leaver")).await;
    let page = admin.get(PEOPLE).await;
    assert_eq!(page.status, 200);
    assert_snapshot!(page.main_part(), @r"
    People
    People by name
    Name | Email | Role | Teams | State
    The admin | admin@partner.example | admin | | active
    The auditor | auditor@partner.example | auditor | | active
    The guest | guest@partner.example | member | | invited
    The leaver | leaver@partner.example | member | | disabled
    The operator | operator@partner.example | member | Payments (operator) | active
    The stranger | stranger@partner.example | member | Lending (operator) | active
    The viewer | viewer@partner.example | member | Payments (viewer) | active
    Invite a person
    You get a one-time link to send to the person, who uses it to choose a password.
    Email []
    Name []
    Role [member: works in their own teams]
    Team [none yet]
    Role in the team [viewer: can read]
    (Invite)
    Times are in UTC.
    ");
}

#[tokio::test]
async fn only_admins_see_the_page() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let person = admin.get(PEOPLE).await.link("The viewer");
    for who in ["viewer", "operator", "auditor"] {
        for path in [PEOPLE, &person] {
            let page = portal.browser_of(who).await.get(path).await;
            assert_eq!(page.status, 403, "{who}: {path}");
            page.assert_says(NO_RIGHT);
            assert!(!page.says(&email("stranger")), "{who}: {path}");
        }
    }
}

#[tokio::test]
async fn an_invitation_shows_its_link_once() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let form = admin.get(PEOPLE).await.form_with_button("Invite");
    let form = form.fill("Email", "Guest@Partner.example").fill("Name", "The guest").fill("Team", "Payments");
    let answer = admin.submit(&form.with("team_role", "operator")).await;
    assert_eq!(answer.status, 303);
    let page = admin.get(answer.location()).await;
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(page.main_part(), @r"
    People
    The guest
    guest@partner.example
    invited
    Person invited.
    One-time link
    Send this link only to The guest, because anyone who opens it can choose the password. It works once, within seven days. Copy it now. It won't be shown again.
    Link [http://127.0.0.1:PORT/setup?secret=SECRET]
    (Copy link)
    Teams
    Teams of The guest by name
    Team | Role
    Payments | [operator] (Change role in Payments) (Remove from Payments)
    Team [Lending]
    Role in the team [viewer: can read]
    (Add to team)
    Role in the portal
    Role [member: works in their own teams]
    (Save role)
    Signing in
    This person hasn't chosen a password yet. A new one-time link replaces the earlier one.
    (New one-time link)
    Disabling ends all sessions at once. The person can't sign in or use one-time links. Memberships stay.
    (Disable The guest)
    Sessions
    The guest isn't signed in anywhere.
    Times are in UTC.
    ") });
    assert!(page.value_of("link").is_some());
    assert!(admin.get(answer.location()).await.value_of("link").is_none(), "it is shown a second time");
    let entries = portal.entries().await;
    let [.., invited, member] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!((invited.action, member.action), (Action::PersonInvite, Action::MemberSet));
    assert_eq!(invited.parameters["email"], json!("guest@partner.example"));
    let secret = page.value_of("link").unwrap();
    let secret = secret.split_once("secret=").unwrap().1;
    assert!(!serde_json::to_string(&entries).unwrap().contains(secret));
}

#[tokio::test]
async fn an_invalid_invitation_shows_a_message_for_each_field_and_invites_nobody() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let before = portal.entries().await.len();
    let form = admin.get(PEOPLE).await.form("/api/fn/invite");
    let mut messages = Vec::new();
    for (address, name, role, team) in [
        ("no address", "", "member", ""),
        ("VIEWER@partner.example", "Twice", "member", ""),
        ("guest@partner.example", "The guest", "king", ""),
        ("guest@partner.example", "The guest", "member", "nowhere"),
    ] {
        let form = form.clone().with("email", address).with("name", name).with("role", role).with("team", team);
        let refused = admin.submit_and_follow(&form).await;
        let fields = ["email", "name", "role", "team"];
        let said = fields.iter().filter_map(|field| Some(format!("{field}: {}", refused.problem(field)?)));
        messages.push(said.collect::<Vec<_>>().join("\n"));
        assert_eq!(refused.form("/api/fn/invite").get("email"), address);
    }
    assert_snapshot!(messages.join("\n"), @r"
    email: Enter a valid email.
    name: Use 1 to 80 characters.
    email: Someone with this email already exists.
    role: Choose a role.
    team: This team no longer exists.
    ");
    assert_eq!(portal.entries().await.len(), before);
}

#[tokio::test]
async fn a_new_role_ends_the_session_and_applies_from_the_next_sign_in() {
    let portal = TestPortal::start().await;
    let (admin, viewer) = (portal.browser_of("admin").await, portal.browser_of("viewer").await);
    assert_eq!(viewer.get("/teams/lending/connections").await.status, 403);
    let form = page_of(&admin, "viewer").await.form_with_button("Save role");
    let form = form.fill("Role", "auditor: reads every team and the whole audit log");
    admin.submit_and_follow(&form).await.assert_says("Role changed.");
    let path = "/teams/lending/connections";
    assert!(viewer.get(path).await.location().starts_with("/login"), "the session goes on with other rights");
    assert_eq!(portal.browser_of("viewer").await.get(path).await.status, 200);
    let entry = portal.entries().await.into_iter().rfind(|entry| entry.action == Action::PersonRole).unwrap();
    assert_eq!((&entry.parameters["role"], entry.actor.name.as_str()), (&json!("auditor"), "The admin"));
}

#[tokio::test]
async fn an_admin_who_gives_up_the_role_is_redirected_to_the_account_page() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let form = page_of(&admin, "viewer").await.form("/api/fn/set_role");
    admin.submit(&form.with("role", "admin")).await;
    let form = page_of(&admin, "admin").await.form("/api/fn/set_role");
    let answer = admin.submit(&form.with("role", "member")).await;
    assert_eq!((answer.status, answer.location()), (303, "/account?done=own-role-changed"));
    admin.get(answer.location()).await.assert_says("Your role was changed.");
    assert_eq!(admin.get(PEOPLE).await.status, 403);
}

#[tokio::test]
async fn the_last_admin_cannot_be_disabled_or_given_another_role() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let before = portal.entries().await.len();
    let page = page_of(&admin, "admin").await;
    let refused = admin.submit_and_follow(&page.form_with_button("Disable The admin")).await;
    refused.assert_says("This is the last admin who can sign in. Make someone else an admin first.");
    let refused = admin.submit_and_follow(&page.form("/api/fn/set_role").with("role", "member")).await;
    assert_eq!(
        refused.problem("role").as_deref(),
        Some("This is the last admin who can sign in. Make someone else an admin first.")
    );
    assert_eq!(portal.entries().await.len(), before);
    assert_eq!(admin.get(PEOPLE).await.status, 200);
}

#[tokio::test]
async fn a_disabled_person_is_signed_out_and_can_sign_in_again_once_enabled() {
    let portal = TestPortal::start().await;
    let (admin, viewer) = (portal.browser_of("admin").await, portal.browser_of("viewer").await);
    let page = admin.submit_and_follow(&page_of(&admin, "viewer").await.form_with_button("Disable The viewer")).await;
    page.assert_says("Person disabled. All their sessions have ended, and they can't sign in.");
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(page.main_part(), @r"
    People
    The viewer
    viewer@partner.example
    disabled
    Person disabled. All their sessions have ended, and they can't sign in.
    Teams
    Teams of The viewer by name
    Team | Role
    Payments | [viewer] (Change role in Payments) (Remove from Payments)
    Team [Lending]
    Role in the team [viewer: can read]
    (Add to team)
    Role in the portal
    Role [member: works in their own teams]
    (Save role)
    Signing in
    Disabled since TIME.
    (Enable The viewer)
    Sessions
    The viewer isn't signed in anywhere.
    Times are in UTC.
    ") });
    assert!(viewer.get("/account").await.is_redirect());
    assert_ne!(portal.browser().sign_in(&email("viewer"), &password("viewer")).await.location(), "/");
    admin
        .submit_and_follow(&page.form_with_button("Enable The viewer"))
        .await
        .assert_says("The person can sign in again.");
    assert_eq!(portal.browser().sign_in(&email("viewer"), &password("viewer")).await.location(), "/");
    let actions: Vec<Action> = portal.entries().await.iter().map(|entry| entry.action).collect();
    assert!(actions.contains(&Action::PersonDisable) && actions.contains(&Action::PersonEnable));
}
