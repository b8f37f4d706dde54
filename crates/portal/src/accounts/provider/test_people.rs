//! People who sign in at a provider, for tests that need no provider to talk to.

use time::OffsetDateTime;

use super::{
    ProviderError,
    oidc::{Identity, Provider},
    settings::tests::settings,
};
use crate::{Origin, Portal, accounts::FirstStep};

pub(crate) const ISSUER: &str = "https://login.example.com";

/// As if the provider had vouched for this person, whom the portal may not know yet.
pub(crate) async fn sign_in(portal: &Portal, who: &str, groups: &[&str]) -> Result<FirstStep, ProviderError> {
    let mut settings = settings(ISSUER);
    settings.creates_people = true;
    settings.roles = ["admins=admin", "staff=member"].map(|it| it.parse().expect("a group")).into();
    let identity = Identity {
        issuer: ISSUER.to_owned(),
        subject: format!("id of {who}"),
        email: Some(format!("{who}@example.com")),
        email_verified: Some(true),
        name: Some(who.to_owned()),
        groups: Some(groups.iter().map(|group| (*group).to_owned()).collect()),
        authenticated_at: Some(OffsetDateTime::now_utc()),
        methods: Vec::new(),
        token: "a token".into(),
    };
    portal.sign_in_at_provider(&Provider::new(settings), &identity, &Origin::default()).await
}
