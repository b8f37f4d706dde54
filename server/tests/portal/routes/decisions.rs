//! Who can do what about a request, as one table: each situation of a request, and each act.

use std::time::Duration;

use portal::{PortalRole, TeamRole, audit::Stage};
use rstest::rstest;
use sandbox::Alteration;

use crate::support::{ALL_GUARDED, Browser, ChangeKind, Installation, PreparedChange, Targets, TestPortal, eventually};

/// What has happened before somebody acts, and who that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Situation {
    /// The person who asked.
    Own,
    /// Another operator.
    Other,
    /// Another operator, whose password the person who asked has set.
    ResetByRequester,
    /// Another operator, who was made a viewer meanwhile.
    Demoted,
    /// Another operator, after the person who asked was made a viewer.
    RequesterDemoted,
    /// The person who asked, who was made a viewer.
    OwnAndDemoted,
    /// Another operator, who has approved it already.
    SecondSubmit,
    /// The person who asked, after it was approved.
    OwnAndApproved,
    /// Another operator, after nobody has approved it in time.
    Expired,
    /// The person who asked, after nobody has approved it in time.
    OwnAndExpired,
    /// Another operator, after what it would change has changed.
    Stale,
    /// A viewer of the team.
    Viewer,
    /// An operator of another team.
    Stranger,
    /// An auditor.
    Auditor,
    /// An admin.
    Admin,
}

const WAITS: &[Stage] = &[Stage::Requested];
const DONE: &[Stage] = &[Stage::Requested, Stage::Approved, Stage::Intent, Stage::Outcome];
const DECLINED: &[Stage] = &[Stage::Requested, Stage::Declined];
const WITHDRAWN: &[Stage] = &[Stage::Requested, Stage::Withdrawn];
const EXPIRED: &[Stage] = &[Stage::Requested, Stage::Expired];

/// The entries of the request afterwards if somebody approves, declines or withdraws it.
const fn then(situation: Situation) -> [&'static [Stage]; 3] {
    match situation {
        Situation::Own => [WAITS, WAITS, WITHDRAWN],
        Situation::Other => [DONE, DECLINED, WAITS],
        Situation::ResetByRequester => [WAITS, DECLINED, WAITS],
        Situation::RequesterDemoted => [EXPIRED, DECLINED, WAITS],
        Situation::OwnAndDemoted => [WAITS, WAITS, WITHDRAWN],
        Situation::SecondSubmit | Situation::OwnAndApproved => [DONE, DONE, DONE],
        Situation::Expired | Situation::OwnAndExpired => [EXPIRED, EXPIRED, EXPIRED],
        Situation::Stale => [EXPIRED, DECLINED, WAITS],
        Situation::Demoted | Situation::Viewer | Situation::Stranger | Situation::Auditor | Situation::Admin => {
            [WAITS, WAITS, WAITS]
        }
    }
}

async fn post(browser: &Browser, act: &str, change: &PreparedChange) {
    let fields = [("operation", &*change.operation.to_string()), ("note", "Looked at it")];
    browser.post(&format!("/api/fn/{act}_request"), &fields).await;
}

async fn stages(portal: &TestPortal, change: &PreparedChange) -> Vec<Stage> {
    let entries = portal.entries().await;
    entries
        .iter()
        .filter(|it| it.operation_id == change.operation && it.stage != Stage::Denied)
        .map(|it| it.stage)
        .collect()
}

#[rstest]
#[tokio::test]
async fn each_act_in_each_situation_does_what_the_table_says(
    #[values(
        Situation::Own,
        Situation::Other,
        Situation::ResetByRequester,
        Situation::Demoted,
        Situation::RequesterDemoted,
        Situation::OwnAndDemoted,
        Situation::SecondSubmit,
        Situation::OwnAndApproved,
        Situation::Expired,
        Situation::OwnAndExpired,
        Situation::Stale,
        Situation::Viewer,
        Situation::Stranger,
        Situation::Auditor,
        Situation::Admin
    )]
    situation: Situation,
) {
    let expires = matches!(situation, Situation::Expired | Situation::OwnAndExpired);
    for (act, expected) in ["approve", "decline", "withdraw"].into_iter().zip(then(situation)) {
        let installation = Installation::new().await;
        installation.guard(&ALL_GUARDED).await;
        installation.add_operator("asks", PortalRole::Admin).await;
        installation.add_operator("second", PortalRole::Member).await;
        let portal = TestPortal::serve_with(installation, |settings| {
            if expires {
                settings.approval_expires = Duration::from_millis(500);
            }
        })
        .await;
        let (asks, second) = (portal.browser_of("asks").await, portal.browser_of("second").await);
        let mut targets = Targets::of(&portal);
        let change = targets.prepare(ChangeKind::Suppress, &asks).await;
        change.perform(&asks).await;
        let acts = match situation {
            Situation::Own | Situation::OwnAndDemoted | Situation::OwnAndApproved | Situation::OwnAndExpired => "asks",
            Situation::ResetByRequester => "invited",
            Situation::Viewer => "viewer",
            Situation::Stranger => "stranger",
            Situation::Auditor => "auditor",
            Situation::Admin => "admin",
            _ => "second",
        };
        match situation {
            Situation::ResetByRequester => {
                portal.invited(&asks, "invited", "member").await;
                portal.make_member("invited", Some(TeamRole::Operator)).await;
            }
            Situation::Demoted => portal.make_member("second", Some(TeamRole::Viewer)).await,
            Situation::RequesterDemoted | Situation::OwnAndDemoted => {
                portal.make_member("asks", Some(TeamRole::Viewer)).await;
            }
            Situation::SecondSubmit | Situation::OwnAndApproved => post(&second, "approve", &change).await,
            Situation::Expired | Situation::OwnAndExpired => {
                eventually("its end", Duration::from_secs(20), || async {
                    (stages(&portal, &change).await == EXPIRED).then_some(())
                })
                .await;
            }
            Situation::Stale => {
                let connector_id = change.page.rsplit('/').next().unwrap().parse().unwrap();
                let workspace = portal.sandbox.workspace(0).unwrap();
                let shared = workspace.connector(connector_id).unwrap().shared.is_some();
                assert!(shared, "only what is shared is suppressed");
                workspace.alter(&Alteration::SuppressConnector { connector_id }).unwrap();
            }
            _ => {}
        }
        // A change of rights has ended the person's session.
        post(&portal.browser_of(acts).await, act, &change).await;
        assert_eq!(stages(&portal, &change).await, expected, "{situation:?}: {act}");
        let sent = usize::from(expected == DONE);
        assert_eq!(portal.sandbox.ledger().len(), sent, "{situation:?}: {act}");
        portal.assert_every_call_was_logged().await;
    }
}
