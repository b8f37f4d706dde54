//! The reason field: what it offers, and what a team asks of it.

use portal::audit::Action;

use crate::support::{Browser, ChangeKind, Installation, PAYMENTS, Targets, TestPortal};

const HINT: &str = "Name a ticket, such as PAY-123";
const LACKS: &str = r"Name a ticket, such as PAY-123. Reasons in this team must contain [A-Z]+-\d+.";

async fn offered(browser: &Browser, page: &str) -> Vec<String> {
    let page = browser.get(page).await;
    let lists = page.attributes("input[name='reason']", "list");
    assert!(!lists.is_empty() && lists.iter().all(|list| list == "own-reasons"), "{lists:?}");
    assert_eq!(page.select("datalist#own-reasons").len(), 1, "each field refers to the same list");
    page.attributes("#own-reasons option", "value")
}

/// A portal whose team asks for a ticket.
async fn with_pattern() -> TestPortal {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let form = admin.get(&format!("/admin/teams/{PAYMENTS}")).await.form_with_button("Save team");
    let form = form.fill("Pattern of reasons", r"[A-Z]+-\d+").fill("Hint for the pattern", HINT);
    admin.submit_and_follow(&form).await.assert_says("Team saved.");
    portal
}

#[tokio::test]
async fn the_field_offers_the_last_five_different_reasons_of_its_reader_in_the_team() {
    let portal = TestPortal::start().await;
    let (operator, admin) = (portal.browser_of("operator").await, portal.browser_of("admin").await);
    let mut targets = Targets::of(&portal);
    for reason in ["One", "Two", "Three <b>", "Two", "", "Four", "Five", "Six"] {
        let mut change = targets.prepare(ChangeKind::Tag, &operator).await;
        change.form = change.form.with("reason", reason);
        change.perform(&operator).await;
    }
    let last_five = ["Six", "Five", "Four", "Two", "Three <b>"];
    for page in ["connections/new", "recipes", &format!("connectors/{}", targets.shared_connector())] {
        assert_eq!(offered(&operator, &format!("/teams/{PAYMENTS}/{page}")).await, last_five, "{page}");
    }
    let connection = format!("/teams/{PAYMENTS}/connections/{}", targets.unused_connection());
    assert_eq!(offered(&operator, &connection).await, last_five);
    assert_eq!(offered(&operator, &format!("{connection}/edit")).await, last_five);

    // Nobody else's, and not those of another team.
    assert_eq!(offered(&admin, &format!("/admin/teams/{PAYMENTS}")).await, [""; 0]);
    let stranger = portal.browser_of("stranger").await;
    assert_eq!(offered(&stranger, "/teams/lending/connections/new").await, [""; 0]);
    portal.stop().await.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn without_the_pattern_in_the_reason_nothing_is_sent_whatever_the_change() {
    let portal = with_pattern().await;
    let operator = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    for kind in ChangeKind::ALL {
        let mut change = targets.prepare(kind, &operator).await;
        let form = change.form.clone();
        let refused = operator.submit_and_follow(&form.clone().with("reason", "They asked")).await;
        refused.assert_says(LACKS);
        let missing = operator.submit_and_follow(&form.clone().with("reason", " ")).await;
        missing.assert_says("Enter a reason.");
        assert!(portal.history(change.operation).await.is_empty(), "{kind:?}");
        change.form = form.with("reason", "They asked, PAY-123");
        change.perform(&operator).await;
        assert!(!portal.history(change.operation).await.is_empty(), "{kind:?}");
    }
    assert_eq!(portal.sandbox.ledger().len(), ChangeKind::ALL.len());
    portal.stop().await.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn the_help_names_what_is_asked_and_the_summary_takes_the_focus() {
    let portal = with_pattern().await;
    let operator = portal.browser_of("operator").await;
    let form = operator.get(&format!("/teams/{PAYMENTS}/connections/new")).await.form("/api/fn/create_connection");
    let form = form.with("fields[name]", "Jira").with("provider", "jira").with("reason", "They asked");
    let page = operator.submit_and_follow(&form).await;
    page.assert_says("Name a ticket, such as PAY-123. Recorded in the audit log with your name.");
    assert_eq!(page.problem("reason").as_deref(), Some(LACKS));
    assert_eq!(page.attributes(".problems a", "href"), ["#reason"]);

    let form = form.with("provider", "").with("fields[parent_id]", "thirty-six");
    let page = operator.submit_and_follow(&form).await;
    assert_eq!(page.problem("provider").as_deref(), Some("Enter the application."));
    let summary = page.select("[role=alert][autofocus][tabindex='-1']");
    assert_eq!(summary.len(), 1);
    assert!(summary[0].text.starts_with("Not sent. Fix the fields below."), "{}", summary[0].text);
    let links = page.attributes(".problems a", "href");
    assert!(links.len() == 2 && links.contains(&"#parent_id".to_owned()) && links.contains(&"#provider".to_owned()));
    for link in links {
        assert!(page.has(&format!("input[id='{}']", link.trim_start_matches('#'))), "{link}");
    }
}

#[tokio::test]
async fn a_reason_is_optional_only_where_nothing_asks_for_it() {
    let label = |page: crate::support::Page| page.select("label[for='reason']").remove(0).text;
    let new = |team: &str| format!("/teams/{team}/connections/new");
    let portal = TestPortal::serve(Installation::new().await).await;
    let (operator, stranger) = (portal.browser_of("operator").await, portal.browser_of("stranger").await);
    assert_eq!(label(operator.get(&new(PAYMENTS)).await), "Reason (optional)");
    assert_eq!(label(stranger.get(&new("lending")).await), "Reason", "a production team");
    let portal = with_pattern().await;
    let page = portal.browser_of("operator").await.get(&new(PAYMENTS)).await;
    assert_eq!(label(page.clone()), "Reason");
    // Name, application, folder, parent and external ID: the first two are required.
    let labels: Vec<String> = page.select(".field > label").into_iter().map(|label| label.text).collect();
    for optional in ["Folder (optional)", "Parent (optional)", "External ID (optional)"] {
        assert!(labels.iter().any(|label| label == optional), "{optional}: {labels:?}");
    }
    assert!(labels.contains(&"Name".to_owned()) && labels.contains(&"Application".to_owned()), "{labels:?}");
    assert!(portal.entries().await.iter().any(|entry| entry.action == Action::TeamUpdate));
}
