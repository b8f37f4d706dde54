//! Creating, changing, tagging and disconnecting a connection by the real forms: what reaches Workato, what is logged,
//! and what the page shows.

use portal::audit::{Entry, Outcome, Stage};
use rstest::rstest;
use sandbox::{Alteration, WorkspaceHandle};
use serde_json::{Value, json};

use crate::support::{
    Browser, ChangeKind, Form, Installation, LENDING, PAYMENTS, Page, PreparedChange, Targets, TestPortal,
};

const NEW: &str = "/teams/payments/connections/new";

fn page_of(id: u64) -> String {
    format!("/teams/{PAYMENTS}/connections/{id}")
}

fn workspace(installation: &Installation) -> WorkspaceHandle {
    installation.sandbox.workspace(0).unwrap()
}

/// The form for a new Jira connection with this name and no credentials.
async fn form_for(browser: &Browser, name: &str) -> Form {
    let form = browser.get(NEW).await.form("/api/fn/create_connection");
    form.with("fields[name]", name).with("provider", "jira")
}

fn with_credentials(form: Form, fields: &[(&str, &str)]) -> Form {
    let form = form.with("credentials[authentication]", "credentials");
    fields.iter().enumerate().fold(form, |form, (row, (name, value))| {
        form.with(&format!("credentials[fields][{row}][name]"), name)
            .with(&format!("credentials[fields][{row}][value]"), value)
    })
}

/// The id in the URL of a connection's page.
fn id_in(path: &str) -> u64 {
    let path = path.split('?').next().unwrap();
    path.rsplit('/').next().unwrap().parse().unwrap_or_else(|_| panic!("no connection's page: {path}"))
}

/// Sends the form. Returns the new connection's id and its page.
async fn created(browser: &Browser, form: &Form) -> (u64, Page) {
    let answer = browser.submit(form).await;
    let (id, page) = (id_in(answer.location()), browser.get(answer.location()).await);
    assert_eq!(page.status, 200);
    (id, page)
}

/// The newest entry of the log.
async fn newest(installation: &Installation) -> Entry {
    installation.entries().await.pop().unwrap()
}

#[tokio::test]
async fn a_connection_is_created_with_the_folder_parent_and_external_id_of_its_form() {
    let portal = TestPortal::start().await;
    let (browser, workspace) = (portal.browser_of("operator").await, workspace(&portal));
    let parent = workspace.connections().into_iter().find(|one| !one.runtime_user && one.provider.is_some()).unwrap();
    let (application, folder) = (parent.provider.clone().unwrap(), workspace.folders()[0].id);
    let form = form_for(&browser, "  Prod (shell) ").await;
    let form = form
        .with("provider", &application)
        .with("fields[folder_id]", &folder.to_string())
        .with("fields[parent_id]", &parent.id.to_string())
        .with("fields[external_id]", "U-1")
        .with("reason", "A new customer");
    let (id, page) = created(&browser, &form).await;
    page.assert_says("Connection Prod (shell) was created.");
    page.assert_says("No credentials yet. Connect it in Workato");
    page.assert_says("Never connected");

    let parameters = json!({ "name": "Prod (shell)", "provider": application, "folder_id": folder,
                             "parent_id": parent.id, "external_id": "U-1", "shell_connection": true });
    assert_eq!(portal.sandbox.ledger()[0].parameters, parameters);
    let entry = newest(&portal).await;
    assert_eq!((entry.stage, entry.outcome), (Stage::Outcome, Some(Outcome::Succeeded)));
    assert_eq!(entry.targets[0].id, id.to_string());
    assert_eq!(Value::from(entry.parameters), parameters);
    portal.assert_every_call_was_logged().await;

    // Both pages link to each other.
    page.assert_says(&portal::one_line(parent.name.as_deref().unwrap()));
    browser.get(&page_of(parent.id)).await.assert_says("Prod (shell)");
}

#[tokio::test]
async fn credentials_are_sent_once_and_only_their_names_are_logged() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let form = form_for(&browser, "By fields").await;
    let form = with_credentials(form, &[("host_name", "acme.atlassian.example"), ("apitoken", "s3cr3t-token")]);
    let (id, page) = created(&browser, &form).await;
    page.assert_says("Connection By fields was created.");
    page.assert_says("Connected");
    assert_eq!(workspace(&portal).connection(id).unwrap().authorization_status.as_deref(), Some("success"));
    assert_eq!(newest(&portal).await.parameters["input"], json!(["apitoken", "host_name"]));

    let json = "{\"apitoken\": \"s3cr3t-token\",\n \"advanced_settings\": {\"scopes\": \"all\"}}";
    let form = form_for(&browser, "By JSON").await;
    let form = form.with("credentials[authentication]", "credentials").with("credentials[json]", json);
    created(&browser, &form).await;
    assert_eq!(newest(&portal).await.parameters["input"], json!(["advanced_settings.scopes", "apitoken"]));

    let form = form_for(&browser, "By tokens").await.with("provider", "salesforce");
    let form = form
        .with("credentials[authentication]", "oauth_token_pair")
        .with("credentials[access_token]", "s3cr3t-access")
        .with("credentials[refresh_token]", "s3cr3t-refresh");
    let (id, _) = created(&browser, &form).await;
    assert_eq!(workspace(&portal).connection(id).unwrap().authorization_status.as_deref(), Some("success"));
    assert_eq!(newest(&portal).await.parameters["oauth_token_pair"], json!(["access_token", "refresh_token"]));
    assert_eq!(portal.sandbox.ledger().len(), 3);
    assert!(!format!("{:?}", portal.entries().await).contains("s3cr3t"));
}

#[tokio::test]
async fn a_connection_that_workato_cannot_authorise_is_shown_as_created_but_not_authorised() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let form = with_credentials(form_for(&browser, "Wrong token").await, &[("apitoken", "invalid")]);
    let (id, page) = created(&browser, &form).await;
    page.assert_says("Connection Wrong token was created. Workato could not connect it.");
    page.assert_says("“401 Unauthorized: the credentials were not accepted”");
    assert_eq!(newest(&portal).await.outcome, Some(Outcome::Succeeded));

    // Send it again with only the mistake corrected.
    let form = browser.get(&format!("{}/edit", page_of(id))).await.form("/api/fn/update_connection");
    let form = with_credentials(form, &[("apitoken", "the right one")]);
    let page = browser.submit_and_follow(&form).await;
    page.assert_says("Connection Wrong token was updated.");
    page.assert_says("Connected");
    let entry = newest(&portal).await;
    assert_eq!(Value::from(entry.parameters), json!({ "input": ["apitoken"] }));
}

#[tokio::test]
async fn a_refused_form_keeps_everything_but_the_credentials() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let form = form_for(&browser, "Jira").await.with("provider", "").with("fields[parent_id]", "thirty-six");
    let form = with_credentials(form, &[("apitoken", "s3cr3t-token"), ("email", "")]).with("reason", "A customer");
    let answer = browser.submit(&form).await;
    assert!(answer.location().starts_with(&format!("{NEW}?problem=")), "{}", answer.location());
    let page = browser.get(answer.location()).await;
    for words in [
        "Not sent. Fix the fields below.",
        "Enter them again",
        "Enter the application.",
        "A connection ID is a whole number.",
        "Enter a value.",
    ] {
        page.assert_says(words);
    }
    let again = page.form("/api/fn/create_connection");
    let shown = ["fields[name]", "fields[parent_id]", "reason", "credentials[fields][0][name]", "operation"];
    assert_eq!(
        shown.map(|name| again.get(name)),
        ["Jira", "thirty-six", "A customer", "apitoken", form.get("operation")]
    );
    assert_eq!(again.get("credentials[authentication]"), "credentials");
    assert!(!page.body.contains("s3cr3t"));
    assert!(
        portal.sandbox.ledger().is_empty() && portal.history(again.get("operation").parse().unwrap()).await.is_empty()
    );

    let mended = again.with("provider", "jira").with("fields[parent_id]", "").with("credentials[fields][1][name]", "");
    let (_, page) = created(&browser, &with_credentials(mended, &[("apitoken", "s3cr3t-token")])).await;
    page.assert_says("Connection Jira was created.");
}

#[tokio::test]
async fn a_parent_must_exist_and_be_of_the_same_application() {
    let portal = TestPortal::start().await;
    let (browser, workspace) = (portal.browser_of("operator").await, workspace(&portal));
    let other = workspace.connections().into_iter().find(|one| one.provider.as_deref() != Some("jira")).unwrap();
    for (parent, words) in [
        (
            other.id,
            format!(
                "Connection {} is for {}. A parent must be for the same application, jira.",
                other.id,
                other.provider.unwrap()
            ),
        ),
        (999_999_999, "This workspace has no connection 999999999.".to_owned()),
    ] {
        let form = form_for(&browser, "Child").await.with("fields[parent_id]", &parent.to_string());
        browser.submit_and_follow(&form).await.assert_says(&words);
    }
    let id = Targets::of(&portal).authorised_connection();
    let form = browser.get(&format!("{}/edit", page_of(id))).await.form("/api/fn/update_connection");
    let page = browser.submit_and_follow(&form.with("fields[parent_id]", &id.to_string())).await;
    page.assert_says("A connection cannot be its own parent.");
    assert!(portal.sandbox.ledger().is_empty());

    // If the list cannot be read, Workato decides.
    let form = form_for(&browser, "Child").await.with("fields[parent_id]", "999999999");
    browser.post("/api/fn/refresh", &[("team", PAYMENTS), ("page", NEW)]).await;
    portal.sandbox.faults().put("down", "GET /api/connections: 500".parse().unwrap());
    browser.submit_and_follow(&form).await.assert_says("Workato refused to create connection Child.");
}

#[tokio::test]
async fn a_refusal_by_workato_leads_back_to_the_filled_in_form() {
    let portal = TestPortal::start().await;
    let (browser, workspace) = (portal.browser_of("operator").await, workspace(&portal));
    workspace.alter(&Alteration::SetHomeIsProject { home_is_project: true }).unwrap();
    let form = with_credentials(form_for(&browser, "Homeless").await, &[("apitoken", "s3cr3t-token")]);
    let page = browser.submit_and_follow(&form).await;
    page.assert_says("Workato refused to create connection Homeless.");
    page.assert_says("folder_id can't be blank");
    page.assert_says("Choose a different folder");
    page.assert_says("Enter them again");
    assert!(!page.body.contains("s3cr3t"));
    let history = portal.history(form.get("operation").parse().unwrap()).await;
    assert_eq!(history, [(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Rejected))]);

    let again = page.form("/api/fn/create_connection");
    assert_eq!((again.get("fields[name]"), again.get("provider")), ("Homeless", "jira"));
    assert_ne!(again.get("operation"), form.get("operation"), "the first id is used up");
    let again = again.with("fields[folder_id]", &workspace.folders()[0].id.to_string());
    created(&browser, &with_credentials(again, &[("apitoken", "s3cr3t-token")])).await.1.assert_says("was created.");
}

#[tokio::test]
async fn no_second_connection_is_offered_while_the_outcome_of_the_first_is_unknown() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    portal.sandbox.faults().put("fault", "POST /api/connections: 500-after x1".parse().unwrap());
    let change = Targets::of(&portal).prepare(ChangeKind::Create, &browser).await;
    let answer = browser.submit(&change.form).await;
    assert_eq!(answer.location(), change.result_page());
    portal.until_settled().await;
    // From then on the same address redirects to the connection.
    let now = browser.get(&change.result_page()).await;
    assert_eq!(now.location(), format!("{}?operation={}", page_of(id_in(now.location())), change.operation));
    change.look(&browser).await.assert_says("was created.");
}

#[tokio::test]
async fn the_page_for_a_new_connection_ignores_an_operation_of_another_team() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Create, &browser).await;
    change.perform(&browser).await;
    let stranger = portal.browser_of("stranger").await;
    let page = stranger.get(&format!("/teams/{LENDING}/connections/new?operation={}", change.operation)).await;
    assert_eq!((page.status, page.text().contains("was created")), (200, false));
}

/// The form that changes this connection.
async fn edit(browser: &Browser, id: u64) -> Form {
    browser.get(&format!("{}/edit", page_of(id))).await.form("/api/fn/update_connection")
}

#[tokio::test]
async fn a_rename_sends_only_the_name_and_logs_before_and_after() {
    let portal = TestPortal::start().await;
    let (browser, workspace) = (portal.browser_of("operator").await, workspace(&portal));
    let id = Targets::of(&portal).authorised_connection();
    let before = workspace.connection(id).unwrap();
    let page = browser.submit_and_follow(&edit(&browser, id).await.with("fields[name]", "A new name")).await;
    page.assert_says("was updated. Its new name is A new name.");
    assert_eq!(portal.sandbox.ledger()[0].parameters, json!({ "name": "A new name" }));
    let after = workspace.connection(id).unwrap();
    assert_eq!(after.authorized_at, before.authorized_at, "it was authenticated again");
    let entries = portal.entries().await;
    let intent = entries.iter().rfind(|entry| entry.stage == Stage::Intent).unwrap();
    assert_eq!(intent.before.as_ref().unwrap()["name"], json!(before.name));
    assert_eq!(Value::from(intent.parameters.clone()), json!({ "name": "A new name" }));
}

#[tokio::test]
async fn an_emptied_field_is_removed_and_an_untouched_one_stays() {
    let portal = TestPortal::start().await;
    let (browser, workspace) = (portal.browser_of("operator").await, workspace(&portal));
    let has_both = |one: &sandbox::Connection| one.parent_id.is_some() && one.external_id.is_some();
    let child = workspace.deletable_connections().into_iter().find(has_both).expect("a child with an external id");
    let form = edit(&browser, child.id).await.with("fields[parent_id]", "").with("fields[external_id]", " ");
    // Somebody else renames it meanwhile. The form does not send fields that it does not change.
    let rename = Alteration::RenameConnection { connection_id: child.id, name: "Renamed meanwhile".to_owned() };
    workspace.alter(&rename).unwrap();
    browser.submit_and_follow(&form).await.assert_says("Connection Renamed meanwhile was updated.");
    assert_eq!(portal.sandbox.ledger()[0].parameters, json!({ "parent_id": null, "external_id": null }));
    let now = workspace.connection(child.id).unwrap();
    assert_eq!((now.parent_id, now.external_id, now.folder_id), (None, None, child.folder_id));
}

#[tokio::test]
async fn an_unchanged_form_sends_nothing() {
    let portal = TestPortal::start().await;
    let (browser, workspace) = (portal.browser_of("operator").await, workspace(&portal));
    let id = Targets::of(&portal).authorised_connection();
    let rename = Alteration::RenameConnection { connection_id: id, name: "  Kronos \t (two  blanks)\n ".to_owned() };
    workspace.alter(&rename).unwrap();
    let form = edit(&browser, id).await;
    assert_eq!(form.get("fields[name]"), "Kronos (two blanks)");
    let entries = portal.entries().await.len();
    let page = browser.submit_and_follow(&form).await;
    page.assert_says("Nothing was changed here, so nothing was sent.");
    let page = browser.submit_and_follow(&form.with("fields[name]", " ")).await;
    page.assert_says("A connection needs a name.");
    assert_eq!(portal.entries().await.len(), entries);
    assert!(portal.sandbox.ledger().is_empty());
}

/// The form that disconnects this connection, filled in.
async fn disconnect(browser: &Browser, id: u64) -> Form {
    let form = browser.get(&page_of(id)).await.form("/api/fn/disconnect_connection");
    let shown = if form.get("name").is_empty() { id.to_string() } else { form.get("name").to_owned() };
    form.with("confirm", &shown).with("reason", "The contract ended")
}

#[tokio::test]
async fn force_is_offered_only_after_workato_refused_because_of_active_recipes() {
    let portal = TestPortal::start().await;
    let (browser, workspace) = (portal.browser_of("operator").await, workspace(&portal));
    let (id, recipe) = (Targets::of(&portal).authorised_connection(), workspace.recipes()[0].id);
    workspace.alter(&Alteration::UseConnection { connection_id: id, recipe_id: recipe }).unwrap();
    let form = disconnect(&browser, id).await;
    assert_eq!(form.get("force"), "", "force is offered too early");
    let page = browser.submit_and_follow(&form).await;
    page.assert_says("Workato refused to disconnect");
    page.assert_says("“You can't disconnect a connection used by active recipes”");
    page.assert_says("Stop those recipes in Workato first, or choose “Force” under Disconnect.");
    page.assert_says("Active recipes use it, Workato says.");

    // The harmless choice is the default, on later visits too.
    let form = disconnect(&browser, id).await;
    assert_eq!(form.get("force"), "false");
    browser.submit_and_follow(&form).await.assert_says("Workato refused to disconnect");
    assert!(portal.sandbox.ledger().is_empty());
    let form = disconnect(&browser, id).await.with("force", "true");
    browser.submit_and_follow(&form).await.assert_says("was disconnected.");
    assert_eq!(portal.sandbox.ledger()[0].parameters, json!({ "force": true }));
    assert_eq!(newest(&portal).await.parameters["force"], json!(true));
    assert_eq!(disconnect(&browser, id).await.get("force"), "", "it is done, so it is not offered again");
}

#[tokio::test]
async fn disconnecting_a_disconnected_connection_succeeds() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let id = Targets::of(&portal).authorised_connection();
    browser.submit_and_follow(&disconnect(&browser, id).await).await.assert_says("was disconnected.");
    let page = browser.get(&page_of(id)).await;
    page.assert_says("It is disconnected already.");
    let page = browser.submit_and_follow(&disconnect(&browser, id).await).await;
    page.assert_says("was disconnected already. There was nothing to do.");
    assert_eq!(newest(&portal).await.outcome, Some(Outcome::Succeeded));
    assert_eq!(portal.sandbox.ledger().len(), 1);
}

#[tokio::test]
async fn a_disconnection_needs_the_name_and_a_reason() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let id = Targets::of(&portal).authorised_connection();
    let form = browser.get(&page_of(id)).await.form("/api/fn/disconnect_connection");
    let answer = browser.submit(&form.with("confirm", "Another one")).await;
    // A fragment would keep the browser from giving the focus to the summary of the problems.
    assert!(!answer.location().contains('#'), "{}", answer.location());
    let page = browser.get(answer.location()).await;
    page.assert_says("exactly as shown.");
    page.assert_says("Enter a reason. This can't be undone.");
    let again = page.form("/api/fn/disconnect_connection");
    assert_eq!(again.get("confirm"), "Another one");
    // The page's other form is not affected.
    assert_eq!(page.form("/api/fn/delete_connection").get("confirm"), "");
    assert!(portal.sandbox.ledger().is_empty());
}

#[rstest]
#[case::as_documented_elsewhere(200)]
#[case::bad_request(400)]
#[case::unprocessable(422)]
#[tokio::test]
async fn each_documented_refusal_of_a_delete_says_what_to_do_next(#[case] status: u16) {
    let portal = TestPortal::start().await;
    portal.sandbox.set_refusal_status(status.try_into().unwrap());
    let (browser, workspace) = (portal.browser_of("operator").await, workspace(&portal));
    let mut targets = Targets::of(&portal);
    let recipe = workspace.recipes()[0].id;
    let mut all: Vec<PreparedChange> = Vec::new();
    for _ in 0..3 {
        all.push(targets.prepare(ChangeKind::Delete, &browser).await);
    }
    let ids: Vec<u64> = all.iter().map(|change| id_in(&change.page)).collect();
    workspace.alter(&Alteration::UseConnection { connection_id: ids[0], recipe_id: recipe }).unwrap();
    workspace.alter(&Alteration::StreamAuditLogTo { connection_id: Some(ids[1]) }).unwrap();
    workspace.alter(&Alteration::RemoveConnection { connection_id: ids[2] }).unwrap();
    for (change, said, next) in [
        (&all[0], "You can't delete a connection used by active recipes", "Stop those recipes in Workato"),
        (&all[1], "You can't delete a connection used by audit log streaming", "Choose another destination"),
        (&all[2], "Not found", "There is nothing left to delete."),
    ] {
        let page = change.perform(&browser).await;
        page.assert_says("Workato refused to delete");
        page.assert_says(&format!("“{said}”"));
        page.assert_says(next);
        let history = portal.history(change.operation).await;
        assert_eq!(history, [(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Rejected))]);
    }
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn a_tag_is_added_by_title_and_removed_by_its_own_button() {
    let portal = TestPortal::start().await;
    let (browser, workspace) = (portal.browser_of("operator").await, workspace(&portal));
    let id = Targets::of(&portal).authorised_connection();
    let has = workspace.connection(id).unwrap().tags.unwrap_or_default();
    let tag = workspace.tags().into_iter().find(|tag| !has.contains(&tag.handle)).unwrap();
    let form = browser.get(&page_of(id)).await.form("/api/fn/tag_connection");
    let page = browser.submit_and_follow(&form.clone().with("add", &tag.handle)).await;
    page.assert_says("were changed.");
    page.assert_says(&tag.title);
    assert!(page.has(&format!(".tag.{}", tag.color)) || tag.color == "indigo", "{}", tag.color);
    assert!(workspace.connection(id).unwrap().tags.unwrap().contains(&tag.handle));
    assert!(page.attributes("button", "value").contains(&tag.handle), "no button to remove it");

    let form = page.form("/api/fn/tag_connection").with("remove", &tag.handle);
    browser.submit_and_follow(&form).await.assert_says("were changed.");
    assert!(!workspace.connection(id).unwrap().tags.unwrap().contains(&tag.handle));
    let asked: Vec<Value> = portal.sandbox.ledger().into_iter().map(|done| done.parameters).collect();
    assert_eq!(
        asked,
        [
            json!({ "add_tags": [tag.handle], "remove_tags": [] }),
            json!({ "add_tags": [], "remove_tags": [tag.handle] })
        ]
    );
    let form = browser.get(&page_of(id)).await.form("/api/fn/tag_connection");
    browser.submit_and_follow(&form).await.assert_says("Choose a tag.");
    assert_eq!(portal.sandbox.ledger().len(), 2);
}

#[tokio::test]
async fn in_a_production_team_tags_need_a_reason_too() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("stranger").await;
    let workspace = portal.sandbox.workspace(1).unwrap();
    let id = workspace.deletable_connections()[0].id;
    let page = format!("/teams/{LENDING}/connections/{id}");
    let form = browser.get(&page).await.form("/api/fn/tag_connection").with("add", &workspace.tags()[0].handle);
    let page = browser.submit_and_follow(&form).await;
    page.assert_says("Enter a reason. Production teams require one for every change.");
    let again = page.form("/api/fn/tag_connection");
    assert_eq!(again.get("add"), workspace.tags()[0].handle);
    assert!(portal.sandbox.ledger().is_empty());
    browser.submit_and_follow(&again.with("reason", "So that it is found")).await.assert_says("were changed.");
}

#[tokio::test]
async fn connections_of_runtime_users_are_marked() {
    let portal = TestPortal::start().await;
    let (browser, workspace) = (portal.browser_of("viewer").await, workspace(&portal));
    let runtime: Vec<_> = workspace.connections().into_iter().filter(|one| one.runtime_user).collect();
    let child = runtime.iter().find(|one| one.parent_id.is_some()).expect("one with a parent");
    let list = format!("/teams/{PAYMENTS}/connections");
    let marked = |page: &Page| page.select("span").iter().filter(|span| span.text == "Runtime user").count();
    let of_parent = format!("{list}?parent_id={}", child.parent_id.unwrap());
    assert_eq!(marked(&browser.get(&of_parent).await), 0);
    let page = browser.get(&format!("{of_parent}&include_runtime_connections=true")).await;
    let expected = runtime.iter().filter(|one| one.parent_id == child.parent_id).count();
    assert_eq!(marked(&page), expected);
    let page = browser.get(&page_of(child.id)).await;
    page.assert_says("Runtime user");
    let parent = browser.get(&page_of(child.parent_id.unwrap())).await;
    assert!(!parent.text().contains("of a runtime user "), "{}", parent.text());
    let all = format!("parent_id={}&include_runtime_connections=true", child.parent_id.unwrap());
    assert!(parent.links().iter().any(|href| href.ends_with(&all)));
}

#[tokio::test]
async fn corrected_credentials_are_not_taken_for_the_first_submit() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let first = with_credentials(form_for(&browser, "Mistyped").await, &[("apitoken", "invalid-s3cr3t")]);
    let first = first.with("reason", "A new customer");
    browser.submit(&first).await;
    // Stopped in the browser, corrected, and sent again.
    for corrected in [
        first.clone().with("credentials[fields][0][value]", "the right s3cr3t"),
        first.clone().with("reason", "Another reason"),
        first.clone().with("fields[external_id]", "U-9"),
    ] {
        let conflict = browser.submit(&corrected).await;
        assert_eq!(conflict.status, 409, "{}", conflict.text());
        conflict.assert_says("Nothing was sent this time.");
        conflict.assert_says(first.get("operation"));
        assert_eq!(portal.sandbox.ledger().len(), 1);

        let fresh = browser.get(&conflict.link("Open a fresh form")).await;
        let again = fresh.form("/api/fn/create_connection");
        for field in ["fields[name]", "provider", "fields[external_id]", "reason", "credentials[fields][0][name]"] {
            assert_eq!(again.get(field), corrected.get(field), "{field}");
        }
        assert_ne!(again.get("operation"), first.get("operation"));
        assert!(!fresh.body.contains("s3cr3t"), "a credential was kept");
    }
    // The very same form again leads to the first one's page.
    let answer = browser.submit(&first).await;
    assert!(answer.location().contains(first.get("operation")), "{answer:?}");
    assert_eq!(portal.sandbox.ledger().len(), 1);

    let conflict = browser.submit(&first.with("credentials[fields][0][value]", "the right one")).await;
    let fresh = browser.get(&conflict.link("Open a fresh form")).await.form("/api/fn/create_connection");
    let (_, page) = created(&browser, &with_credentials(fresh, &[("apitoken", "the right one")])).await;
    page.assert_says("Connected");
    assert_eq!(portal.sandbox.ledger().len(), 2);
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn corrected_credentials_of_an_edit_are_not_taken_for_the_first_submit() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let (id, _) = created(&browser, &form_for(&browser, "No credentials yet").await).await;
    let form = browser.get(&format!("{}/edit", page_of(id))).await.form("/api/fn/update_connection");
    let first = with_credentials(form, &[("apitoken", "invalid")]);
    browser.submit(&first).await;
    let conflict = browser.submit(&first.with("credentials[fields][0][value]", "the right one")).await;
    assert_eq!(conflict.status, 409);
    let fresh = browser.get(&conflict.link("Open a fresh form")).await.form("/api/fn/update_connection");
    assert_eq!(fresh.get("credentials[fields][0][name]"), "apitoken");
    let page = browser.submit_and_follow(&with_credentials(fresh, &[("apitoken", "the right one")])).await;
    page.assert_says("Connected");
    assert_eq!(portal.sandbox.ledger().len(), 3);
}
