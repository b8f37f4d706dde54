//! `/account`: a person's own password and sessions.

use crate::support::{TestPortal, email, password};

const NEW: &str = "an entirely different pass phrase";

#[tokio::test]
async fn changing_the_password_ends_every_other_session() {
    let portal = TestPortal::start().await;
    let (here, there) = (portal.browser_of("operator").await, portal.browser_of("operator").await);
    let fields = [("old_password", password("operator")), ("password", NEW.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    here.post_and_follow("/api/fn/change_password", &fields).await.assert_says("Password changed.");
    assert_eq!(here.get("/account").await.status, 200);
    assert!(there.get("/account").await.is_redirect());
    let browser = portal.browser();
    assert_ne!(browser.sign_in(&email("operator"), &password("operator")).await.location(), "/");
    assert_eq!(browser.sign_in(&email("operator"), NEW).await.location(), "/");
}

#[tokio::test]
async fn a_wrong_old_password_or_a_short_new_one_changes_nothing() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    for (old, new) in [("not the password", NEW), (password("operator").as_str(), "short")] {
        let page =
            browser.post_and_follow("/api/fn/change_password", &[("old_password", old), ("password", new)]).await;
        assert!(page.has(".problem"), "{}", page.text());
        assert!(!page.body.contains(old) && !page.body.contains(new), "a password is on the page");
    }
    assert_eq!(portal.browser_of("operator").await.get("/account").await.status, 200);
}

#[tokio::test]
async fn a_revoked_session_ends_and_nobody_can_revoke_another_persons() {
    let portal = TestPortal::start().await;
    let (here, there) = (portal.browser_of("operator").await, portal.browser_of("operator").await);
    let forms = here.get("/account").await.forms("/api/fn/revoke_session");
    let labels: Vec<String> = forms.iter().map(|form| form.get("session").to_owned()).collect();
    let other = portal.browser_of("viewer").await;
    for label in &labels {
        other.post("/api/fn/revoke_session", &[("session", label)]).await;
    }
    assert_eq!((here.get("/account").await.status, there.get("/account").await.status), (200, 200));
    for label in &labels {
        here.post("/api/fn/revoke_session", &[("session", label)]).await;
    }
    assert!(there.get("/account").await.is_redirect());
}
