//! The settings for signing in at an OpenID Connect provider, and how its groups become roles.

use std::str::FromStr;

use secrecy::SecretString;
use store::{PortalRole, TeamRole, TeamSlug};
use url::{Host, Url};

/// An OpenID Connect provider, and what its groups mean here.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// What people call it, as on the button "Sign in with …".
    pub name: String,
    /// Its issuer identifier.
    pub issuer: ProviderIssuer,
    /// The portal's client id at the provider.
    pub client_id: String,
    /// The portal's client secret at the provider.
    pub client_secret: SecretString,
    /// What is asked for in addition to `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists a person's groups.
    pub groups_claim: String,
    /// The role in the portal that each of these groups gives. If there is none, admins give roles.
    pub roles: Vec<GroupRole>,
    /// The role in a team that each of these groups gives. Other teams' members are left to admins.
    pub team_roles: Vec<GroupTeamRole>,
    /// Whether somebody whom the portal does not know gets an account at the first sign-in.
    pub creates_people: bool,
    /// Whether an email counts as verified if the provider does not say.
    pub trusts_emails: bool,
    /// The values of the claims `amr` and `acr` that mean that the provider checked a second factor. If there is none, the
    /// portal asks for its own.
    pub second_factor: Vec<String>,
}

/// An issuer identifier: an https URL, or http for a provider on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderIssuer(String);

/// Why a text is no issuer identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not an https URL without query and fragment, such as https://login.example.com/realms/staff")]
pub struct NotAnIssuer;

impl ProviderIssuer {
    /// Exactly as it was given: issuers are compared byte by byte.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProviderIssuer {
    type Err = NotAnIssuer;

    fn from_str(text: &str) -> Result<Self, NotAnIssuer> {
        let url = Url::parse(text).map_err(|_| NotAnIssuer)?;
        let is_bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if is_bare && url.password().is_none() && is_safe(&url) { Ok(Self(text.to_owned())) } else { Err(NotAnIssuer) }
    }
}

/// Whether nobody between can read or change what is sent to this URL.
pub(super) fn is_safe(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback)
}

/// A group and the role in the portal that it gives, as `GROUP=ROLE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRole {
    /// The group, exactly as the provider writes it.
    pub group: String,
    /// The role.
    pub role: PortalRole,
}

/// A group and the role in a team that it gives, as `GROUP=TEAM:ROLE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupTeamRole {
    /// The group, exactly as the provider writes it.
    pub group: String,
    /// The team.
    pub team: TeamSlug,
    /// The role.
    pub role: TeamRole,
}

impl FromStr for GroupRole {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("{text:?} is not GROUP=ROLE with the role member, auditor or admin");
        // Groups can hold an equals sign, as distinguished names do.
        let (group, role) = text.trim().rsplit_once('=').filter(|(group, _)| !group.is_empty()).ok_or_else(bad)?;
        Ok(Self { group: group.to_owned(), role: role.parse().map_err(|_| bad())? })
    }
}

impl FromStr for GroupTeamRole {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("{text:?} is not GROUP=TEAM:ROLE with the role viewer or operator");
        let (group, given) = text.trim().rsplit_once('=').filter(|(group, _)| !group.is_empty()).ok_or_else(bad)?;
        let (team, role) = given.split_once(':').ok_or_else(bad)?;
        let team = team.parse().map_err(|_| bad())?;
        Ok(Self { group: group.to_owned(), team, role: role.parse().map_err(|_| bad())? })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use store::{PortalRole, TeamRole};

    use super::{GroupRole, GroupTeamRole, ProviderIssuer, ProviderSettings};

    pub(in super::super) fn settings(issuer: &str) -> ProviderSettings {
        ProviderSettings {
            name: "Example".to_owned(),
            issuer: issuer.parse().expect("an issuer"),
            client_id: "portal".to_owned(),
            client_secret: "hush".into(),
            scopes: Vec::new(),
            groups_claim: "groups".to_owned(),
            roles: Vec::new(),
            team_roles: Vec::new(),
            creates_people: false,
            trusts_emails: false,
            second_factor: Vec::new(),
        }
    }

    #[test]
    fn an_issuer_is_https_or_on_this_machine() {
        for good in [
            "https://login.example.com",
            "https://login.example.com/realms/a",
            "http://127.0.0.1:9/",
            "http://[::1]:9",
            "http://localhost:3000",
        ] {
            assert_eq!(good.parse::<ProviderIssuer>().map(|issuer| issuer.as_str() == good), Ok(true), "{good}");
        }
        for bad in [
            "",
            "login.example.com",
            "http://login.example.com",
            "http://127.0.0.1.example.com",
            "https://a@b.example",
            "https://b.example?x",
            "https://b.example#x",
            "ftp://localhost",
        ] {
            assert!(bad.parse::<ProviderIssuer>().is_err(), "{bad}");
        }
    }

    #[test]
    fn groups_may_hold_any_character() {
        let role: GroupRole = "cn=portal admins,dc=example=admin".parse().unwrap();
        assert_eq!((role.group.as_str(), role.role), ("cn=portal admins,dc=example", PortalRole::Admin));
        let role: GroupTeamRole = "ops:eu=payments:operator".parse().unwrap();
        assert_eq!(
            (role.group.as_str(), role.team.to_string().as_str(), role.role),
            ("ops:eu", "payments", TeamRole::Operator)
        );
        for bad in ["", "admins", "=admin", "admins=", "admins=owner", "admins=operator"] {
            assert!(bad.parse::<GroupRole>().is_err(), "{bad}");
        }
        for bad in ["ops=payments", "ops=payments:admin", "=payments:viewer", "ops=:viewer", "ops=NO:viewer"] {
            assert!(bad.parse::<GroupTeamRole>().is_err(), "{bad}");
        }
    }
}
