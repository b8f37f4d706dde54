//! `/admin/feeds`: the tokens with which collectors read the audit log. What a token opens is in `feed`.

use insta::{assert_snapshot, with_settings};
use portal::audit::Action;

use super::{ADDRESSES_AND_IDS, NO_RIGHT};
use crate::support::TestPortal;

const FEEDS: &str = "/admin/feeds";

#[tokio::test]
async fn a_token_is_shown_once_and_listed_until_long_after_it_is_revoked() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let page = admin.get(FEEDS).await;
    assert_eq!(page.status, 200);
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(page.main_part(), @"") });

    let form = page.form_with_button("Make a token").fill("Name", "Vector in the cluster");
    let page = admin.submit_and_follow(&form).await;
    with_settings!({ filters => ADDRESSES_AND_IDS.to_vec() }, { assert_snapshot!(page.main_part(), @"") });
    assert!(!admin.get(FEEDS).await.says("portal-feed-"));

    let page = admin.submit_and_follow(&page.form_with_button("Revoke Vector in the cluster")).await;
    page.assert_says("The token is revoked");
    assert!(page.rows()[0].contains(&"revoked".to_owned()), "{:?}", page.rows());
    let entries = portal.entries().await;
    let [.., created, revoked] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!((created.action, revoked.action), (Action::FeedCreate, Action::FeedRevoke));
}

#[tokio::test]
async fn a_token_without_a_name_is_not_made() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let before = portal.entries().await.len();
    for name in ["", " ", &"x".repeat(61)] {
        let form = admin.get(FEEDS).await.form("/api/fn/create_feed_token").fill("Name", name);
        let refused = admin.submit_and_follow(&form).await;
        assert_eq!(refused.problem("name").as_deref(), Some("A name has 1 to 60 characters."), "{name:?}");
    }
    assert_eq!(portal.entries().await.len(), before);
}

#[tokio::test]
async fn whoever_is_not_an_admin_is_told_so_and_nothing_else() {
    let portal = TestPortal::start().await;
    for who in ["operator", "auditor"] {
        let page = portal.browser_of(who).await.get(FEEDS).await;
        assert_eq!(page.status, 403, "{who}");
        page.assert_says(NO_RIGHT);
        assert!(page.forms("/api/fn/create_feed_token").is_empty());
    }
}
