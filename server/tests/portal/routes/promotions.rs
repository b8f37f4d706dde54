//! Promoting a connector from one team to another: who may, what is sent in which order, what stops it, and how it goes on.

use std::time::Duration;

use portal::{
    OperationId, PortalRole, TeamRole,
    audit::{Action, Entry, Outcome, Stage},
};
use rstest::rstest;
use sandbox::{Alteration, WorkspaceHandle};

use crate::support::{Browser, Form, Installation, LENDING, PAYMENTS, Page, TestPortal, eventually};

const CODE: &str = "{\n  title: 'Acme',\n  secret: 'hunter2-in-code',\n}\n";
const NEXT: &str = "{\n  title: 'Acme',\n  retries: 3,\n  secret: 'hunter2-in-code',\n}\n";

/// `lending` is the staging team and `payments` production; `operator` operates both.
struct Promoting {
    portal: TestPortal,
    /// The connector in staging.
    source: u64,
    /// Its counterpart in production, which has other code.
    counterpart: u64,
}

impl Promoting {
    async fn start() -> Self {
        Self::with(Installation::new().await).await
    }

    async fn with(installation: Installation) -> Self {
        installation.make_member_of(LENDING, "operator", Some(TeamRole::Operator)).await;
        let portal = TestPortal::serve(installation).await;
        let (staging, production) = (workspace(&portal, 1), workspace(&portal, 0));
        let source = staging.connectors()[0].id;
        let counterpart = production.connectors()[1].id;
        release(&staging, source, CODE);
        release(&production, counterpart, "{}\n");
        Self { portal, source, counterpart }
    }

    fn page(&self) -> String {
        format!("/teams/{LENDING}/connectors/{}/promote?to={PAYMENTS}", self.source)
    }

    fn production(&self) -> WorkspaceHandle {
        workspace(&self.portal, 0)
    }

    async fn pair(&self, browser: &Browser, counterpart: &str) -> Page {
        let form = browser.get(&self.page()).await.form("/api/fn/pair_connectors");
        browser.submit_and_follow(&form.with("counterpart", counterpart)).await
    }

    /// The filled-in form, after the counterpart was chosen.
    async fn form(&self, browser: &Browser) -> Form {
        let page = self.pair(browser, &self.counterpart.to_string()).await;
        page.form("/api/fn/promote_connector").with("reason", "It is tested").with("note", "From staging")
    }

    async fn entries_of(&self, promotion: &str) -> Vec<Entry> {
        let promotion: OperationId = promotion.parse().unwrap();
        self.portal.entries().await.into_iter().filter(|entry| entry.batch == Some(promotion)).collect()
    }

    /// The actions and outcomes of the entries with an outcome.
    async fn outcomes(&self, promotion: &str) -> Vec<(Action, Option<Outcome>)> {
        let entries = self.entries_of(promotion).await;
        entries.iter().filter(|one| one.outcome.is_some()).map(|one| (one.action, one.outcome)).collect()
    }

    fn sent(&self) -> Vec<&'static str> {
        self.portal.sandbox.ledger().iter().map(|entry| entry.action).collect()
    }
}

fn workspace(portal: &TestPortal, number: usize) -> WorkspaceHandle {
    portal.sandbox.workspace(number).unwrap()
}

fn release(workspace: &WorkspaceHandle, connector_id: u64, code: &str) -> u64 {
    workspace.alter(&Alteration::RewriteConnector { connector_id, code: code.to_owned() }).unwrap();
    workspace.alter(&Alteration::ReleaseVersion { connector_id, note: None }).unwrap();
    workspace.connector(connector_id).unwrap().released().next().unwrap().version
}

const STEPS: [(Action, Option<Outcome>); 6] = [
    (Action::ConnectorPromote, Some(Outcome::Succeeded)),
    (Action::ConnectorUpdate, Some(Outcome::Succeeded)),
    (Action::ConnectorRelease, Some(Outcome::Succeeded)),
    (Action::ConnectorPromoteCheck, Some(Outcome::Succeeded)),
    (Action::ConnectorShare, Some(Outcome::Succeeded)),
    (Action::ConnectorPromoteCheck, Some(Outcome::Succeeded)),
];

#[tokio::test]
async fn a_version_is_promoted_in_one_plan_and_its_code_is_in_no_entry() {
    let promoting = Promoting::start().await;
    let operator = promoting.portal.browser_of("operator").await;
    let form = promoting.form(&operator).await;
    let shown = operator.get(&promoting.page()).await;
    shown.assert_says("Code changes, Payments to version");
    assert!(shown.has("[aria-label='Impact']") && shown.forms("/api/fn/promote_connector")[0].buttons == ["Promote"]);
    let page = operator.submit_and_follow(&form).await;
    page.assert_says("has this code, and its customers get it.");
    assert!(page.has("[aria-label='Progress']"));
    assert_eq!(promoting.outcomes(form.get("operation")).await, STEPS);
    assert_eq!(promoting.sent(), ["connector.update", "connector.release", "connector.share"]);
    let connector = promoting.production().connector(promoting.counterpart).unwrap();
    let newest = connector.released().next().unwrap();
    assert_eq!((connector.code.as_str(), newest.note.as_deref()), (CODE, Some("From staging")));
    assert_eq!(connector.shared.unwrap().version, newest.version);
    let entries = promoting.entries_of(form.get("operation")).await;
    for entry in entries.iter().filter(|one| matches!(one.stage, Stage::Intent | Stage::Recorded)) {
        let text = serde_json::to_string(entry).unwrap();
        assert!(text.contains(form.get("sha256")), "{}: no hash of the code", entry.action);
    }
    let log = serde_json::to_string(&promoting.portal.entries().await).unwrap();
    assert!(!log.contains("hunter2"), "the code is in the log");
    promoting.portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_connector_without_a_counterpart_is_created_and_paired() {
    let promoting = Promoting::start().await;
    let operator = promoting.portal.browser_of("operator").await;
    let before = promoting.production().connectors().len();
    let page = promoting.pair(&operator, "new").await;
    let form = page.form("/api/fn/promote_connector").with("reason", "It is new").with("share", "no");
    let page = operator.submit_and_follow(&form).await;
    page.assert_says("It is released and not shared.");
    assert_eq!(promoting.sent(), ["connector.create", "connector.release"]);
    let all = promoting.production().connectors();
    assert_eq!(all.len(), before + 1);
    let new = all.iter().max_by_key(|connector| connector.id).unwrap();
    assert_eq!((new.code.as_str(), new.shared.is_none()), (CODE, true));
    // The counterpart is known from now on.
    let next = release(&workspace(&promoting.portal, 1), promoting.source, NEXT);
    operator.post("/api/fn/refresh", &[("team", LENDING), ("page", &promoting.page())]).await;
    let page = operator.get(&promoting.page()).await;
    page.assert_says(&format!("{next}: No release note"));
    let form = page.form("/api/fn/promote_connector").with("reason", "Retries");
    operator.submit_and_follow(&form).await.assert_says("its customers get it.");
    assert_eq!(promoting.production().connector(new.id).unwrap().code, NEXT);
    assert_eq!(promoting.production().connectors().len(), before + 1);
    promoting.portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_plan() {
    let promoting = Promoting::start().await;
    let operator = promoting.portal.browser_of("operator").await;
    let form = promoting.form(&operator).await;
    let answers = futures::future::join_all((0..4).map(|_| operator.submit(&form))).await;
    assert!(
        answers.iter().all(|answer| answer.status == 303),
        "{:?}",
        answers.iter().map(|it| it.status).collect::<Vec<_>>()
    );
    eventually("it has ended", Duration::from_secs(10), || async {
        (promoting.outcomes(form.get("operation")).await.len() == STEPS.len()).then_some(())
    })
    .await;
    assert_eq!(promoting.sent().len(), 3);
    assert_eq!(operator.submit(&form.clone().with("note", "Another")).await.status, 409);
}

#[tokio::test]
async fn other_code_than_the_form_showed_is_not_promoted() {
    let promoting = Promoting::start().await;
    let operator = promoting.portal.browser_of("operator").await;
    let form = promoting.form(&operator).await;
    release(&workspace(&promoting.portal, 1), promoting.source, NEXT);
    operator.submit_and_follow(&form).await.assert_says("Another version or other code is there now");
    assert!(promoting.sent().is_empty());
    assert!(promoting.entries_of(form.get("operation")).await.is_empty());
}

/// Who sends the form of `operator`, and what comes of it.
#[rstest]
#[case::of_both("operator", 303, true)]
#[case::of_staging_alone("stranger", 403, false)]
#[case::of_production_alone("second", 403, false)]
#[case::viewer("viewer", 403, false)]
#[case::auditor("auditor", 403, false)]
#[case::admin("admin", 403, false)]
#[tokio::test]
async fn only_an_operator_of_both_teams_pairs_and_promotes(
    #[case] who: &str,
    #[case] status: u16,
    #[case] is_sent: bool,
) {
    let installation = Installation::new().await;
    installation.add_operator("second", PortalRole::Member).await;
    let promoting = Promoting::with(installation).await;
    let operator = promoting.portal.browser_of("operator").await;
    let form = promoting.form(&operator).await;
    let browser = promoting.portal.browser_of(who).await;
    let fields = [
        ("team", LENDING),
        ("connector", &*promoting.source.to_string()),
        ("to", PAYMENTS),
        ("counterpart", &*promoting.counterpart.to_string()),
    ];
    assert_eq!(browser.post("/api/fn/pair_connectors", &fields).await.status, status);
    assert_eq!(browser.submit(&form).await.status, status);
    assert_eq!(
        browser
            .post("/api/fn/resume_promotion", &[&fields[..3], &[("promotion", form.get("operation"))]].concat())
            .await
            .status,
        status
    );
    assert_eq!(!promoting.sent().is_empty(), is_sent);
    if !is_sent {
        let denied = promoting.portal.entries().await.into_iter().filter(|entry| entry.stage == Stage::Denied).count();
        assert!(denied >= 2, "the attempts are entries");
    }
}

#[tokio::test]
async fn a_share_that_needs_a_second_person_waits_and_the_promotion_then_ends() {
    let installation = Installation::new().await;
    installation.guard(&["share"]).await;
    installation.add_operator("second", PortalRole::Member).await;
    let promoting = Promoting::with(installation).await;
    let operator = promoting.portal.browser_of("operator").await;
    let form = promoting.form(&operator).await;
    let page = operator.submit_and_follow(&form).await;
    page.assert_says("Waiting for approval");
    assert_eq!(promoting.sent(), ["connector.update", "connector.release"]);
    let before = promoting.production().connector(promoting.counterpart).unwrap().shared;
    let request = page.links().into_iter().find(|link| link.starts_with("/approvals/")).expect("the request");
    let second = promoting.portal.browser_of("second").await;
    let approve = second.get(&request).await.form("/api/fn/approve_request");
    second.submit_and_follow(&approve).await.assert_says("Approved by The second");
    eventually("it is checked", Duration::from_secs(10), || async {
        let last = promoting.outcomes(form.get("operation")).await.last().map(|last| last.0);
        (last == Some(Action::ConnectorPromoteCheck) && promoting.sent().len() == 3).then_some(())
    })
    .await;
    assert_ne!(promoting.production().connector(promoting.counterpart).unwrap().shared, before);
    operator.get(&promoting.page()).await.assert_says("its customers get it.");
    promoting.portal.assert_every_call_was_logged().await;
}

/// A step that fails or whose outcome is unknown, the steps that were sent until then, and what the page says.
#[rstest]
#[case::draft_refused("PUT /api/custom_connectors/*: status 422", &[], "This step was not carried out")]
#[case::release_refused("POST /api/custom_connectors/*/release: status 422", &["connector.update"], "This step was not carried out")]
#[case::share_refused("POST /api/custom_connectors/*/share_oem_version/*: status 422", &["connector.update", "connector.release"], "This step was not carried out")]
#[case::draft_unknown("PUT /api/custom_connectors/*: reset-after", &["connector.update"], "")]
#[case::release_unknown("POST /api/custom_connectors/*/release: reset-after", &["connector.update", "connector.release"], "")]
#[case::share_unknown("POST /api/custom_connectors/*/share_oem_version/*: reset-after", &["connector.update", "connector.release", "connector.share"], "")]
#[case::draft_lost("PUT /api/custom_connectors/*: reset", &[], "")]
#[tokio::test]
async fn a_step_that_fails_or_is_unknown_stops_the_plan_and_resuming_sends_nothing_twice(
    #[case] fault: &str,
    #[case] sent: &[&str],
    #[case] says: &str,
) {
    let promoting = Promoting::start().await;
    let operator = promoting.portal.browser_of("operator").await;
    let form = promoting.form(&operator).await;
    promoting.portal.sandbox.faults().put("once", fault.parse().unwrap());
    let page = operator.submit_and_follow(&form).await;
    page.assert_says(says);
    assert_eq!(promoting.sent(), sent);
    promoting.portal.sandbox.faults().clear();
    promoting.portal.until_settled().await;
    let page = operator.get(&promoting.page()).await;
    if let [resume] = &page.forms("/api/fn/resume_promotion")[..] {
        operator.submit_and_follow(resume).await.assert_says("its customers get it.");
    }
    let outcomes = || async { promoting.outcomes(form.get("operation")).await };
    eventually("it has ended", Duration::from_secs(10), || async {
        (outcomes().await.iter().filter(|one| one.0 == Action::ConnectorPromoteCheck).count() == 2).then_some(())
    })
    .await;
    assert_eq!(promoting.sent(), ["connector.update", "connector.release", "connector.share"], "each step once");
    assert_eq!(promoting.production().connector(promoting.counterpart).unwrap().code, CODE);
    promoting.portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_draft_that_somebody_else_wrote_is_not_released() {
    let promoting = Promoting::start().await;
    let operator = promoting.portal.browser_of("operator").await;
    let form = promoting.form(&operator).await;
    promoting.portal.sandbox.faults().put("once", "POST /api/custom_connectors/*/release: status 422".parse().unwrap());
    operator.submit_and_follow(&form).await;
    promoting.portal.sandbox.faults().clear();
    let rewrite =
        Alteration::RewriteConnector { connector_id: promoting.counterpart, code: "a work in progress".to_owned() };
    promoting.production().alter(&rewrite).unwrap();
    let resume = operator.get(&promoting.page()).await.form("/api/fn/resume_promotion");
    operator.submit_and_follow(&resume).await.assert_says("no longer the code that was promoted");
    assert_eq!(promoting.sent(), ["connector.update"]);
}

#[tokio::test]
async fn code_that_was_written_into_the_database_is_not_promoted() {
    let promoting = Promoting::start().await;
    let operator = promoting.portal.browser_of("operator").await;
    let form = promoting.form(&operator).await;
    promoting.portal.sandbox.faults().put("once", "PUT /api/custom_connectors/*: status 422".parse().unwrap());
    operator.submit_and_follow(&form).await;
    promoting.portal.sandbox.faults().clear();
    // The sealed code of another version, which the portal's own key opens for that version alone.
    promoting.portal.database().await.tamper("UPDATE connector_code SET sealed = randomblob(length(sealed))").await;
    let resume = operator.get(&promoting.page()).await.form("/api/fn/resume_promotion");
    operator.submit_and_follow(&resume).await;
    assert!(promoting.sent().is_empty(), "{:?}", promoting.sent());
}

#[tokio::test]
async fn a_promotion_whose_row_names_another_is_not_carried_on() {
    let promoting = Promoting::start().await;
    let operator = promoting.portal.browser_of("operator").await;
    let form = promoting.form(&operator).await;
    promoting.portal.sandbox.faults().put("once", "PUT /api/custom_connectors/*: status 422".parse().unwrap());
    operator.submit_and_follow(&form).await;
    promoting.portal.sandbox.faults().clear();
    let resume = operator.get(&promoting.page()).await.form("/api/fn/resume_promotion");
    promoting
        .portal
        .database()
        .await
        .tamper("UPDATE promotion SET source_connector_id = source_connector_id + 1")
        .await;
    operator.submit(&resume).await;
    assert!(promoting.sent().is_empty(), "{:?}", promoting.sent());
}
