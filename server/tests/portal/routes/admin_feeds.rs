//! `/admin/feeds`: the tokens with which collectors read the audit log. What a token opens is in `feed`.

use insta::{assert_snapshot, with_settings};
use portal::audit::Action;

use super::{ADDRESSES_AND_IDS, NO_RIGHT};
use crate::support::TestPortal;

const FEEDS: &str = "/admin/feeds";

#[tokio::test]
async fn a_token_is_shown_once_and_stays_listed_after_it_is_revoked() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let page = admin.get(FEEDS).await;
    assert_eq!(page.status, 200);
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(page.main_part(), @r"
    Log streams
    Collectors such as Vector or Fluent Bit can read the audit log at http://127.0.0.1:PORT/api/v1/audit. Each has its own token, which gives access to nothing else.
    No log streams yet
    Add a log stream
    Name []
    Such as Vector in the cluster
    (Create token)
    Times are in UTC.
    ") });

    let form = page.form_with_button("Create token").fill("Name", "Vector in the cluster");
    let page = admin.submit_and_follow(&form).await;
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(page.main_part(), @r"
    Log streams
    Collectors such as Vector or Fluent Bit can read the audit log at http://127.0.0.1:PORT/api/v1/audit. Each has its own token, which gives access to nothing else.
    Token created.
    Token of Vector in the cluster. Copy it now. It won't be shown again.
    portal-feed-TOKEN (Copy token)
    Log streams, newest first
    Name | State | Use | Made | Revoke
    Vector in the cluster | good | not used yet | TIME by The admin | (Revoke Vector in the cluster)
    Add a log stream
    Name []
    Such as Vector in the cluster
    (Create token)
    Times are in UTC.
    ") });
    assert!(!admin.get(FEEDS).await.says("portal-feed-"));

    let page = admin.submit_and_follow(&page.form_with_button("Revoke Vector in the cluster")).await;
    page.assert_says("Token revoked");
    assert!(page.rows()[0].contains(&"revoked".to_owned()), "{:?}", page.rows());
    let entries = portal.entries().await;
    let [.., created, revoked] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!((created.action, revoked.action), (Action::FeedCreate, Action::FeedRevoke));
}

#[tokio::test]
async fn a_token_needs_a_name() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let before = portal.entries().await.len();
    for name in ["", " ", &"x".repeat(61)] {
        let form = admin.get(FEEDS).await.form("/api/fn/create_feed_token").fill("Name", name);
        let refused = admin.submit_and_follow(&form).await;
        assert_eq!(refused.problem("name").as_deref(), Some("Use 1 to 60 characters."), "{name:?}");
    }
    assert_eq!(portal.entries().await.len(), before);
}

#[tokio::test]
async fn only_admins_see_the_page() {
    let portal = TestPortal::start().await;
    for who in ["operator", "auditor"] {
        let page = portal.browser_of(who).await.get(FEEDS).await;
        assert_eq!(page.status, 403, "{who}");
        page.assert_says(NO_RIGHT);
        assert!(page.forms("/api/fn/create_feed_token").is_empty());
    }
}
