//! The people and teams of the demo.

use std::collections::HashMap;

use portal::{
    Actor, Origin, Portal, PortalRole, TeamRole,
    accounts::{FirstStep, Password, PersonInput},
    teams::TeamInput,
};
use sandbox::Running;
use secrecy::SecretString;
use uuid::Uuid;

use crate::command_error::CommandError;

/// A team: slug, name, and whether it is in production. Each has the sandbox's workspace of the same number.
pub const TEAMS: [(&str, &str, bool); 2] = [("payments", "Payments", true), ("hr-cloud", "HR Cloud", false)];

/// Who works with the demo's portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Who {
    /// Operator of both teams and admin. One of the two people to sign in as.
    Olga,
    /// Auditor. The other one.
    Marcus,
    /// Operator of both teams.
    Priya,
    /// Operator of Payments.
    Jonas,
    /// Viewer of Payments.
    Mei,
    /// Operator of HR Cloud.
    Tomas,
}

/// Everybody, in the order in which they were added.
pub const EVERYBODY: [Who; 6] = [Who::Olga, Who::Marcus, Who::Priya, Who::Jonas, Who::Mei, Who::Tomas];

impl Who {
    /// The e-mail that the person signs in with.
    pub const fn email(self) -> &'static str {
        match self {
            Self::Olga => "operator@example.com",
            Self::Marcus => "auditor@example.com",
            Self::Priya => "priya.raman@example.com",
            Self::Jonas => "jonas.weber@example.com",
            Self::Mei => "mei.tanaka@example.com",
            Self::Tomas => "tomas.rey@example.com",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Olga => "Olga Petrova",
            Self::Marcus => "Marcus Lindqvist",
            Self::Priya => "Priya Raman",
            Self::Jonas => "Jonas Weber",
            Self::Mei => "Mei Tanaka",
            Self::Tomas => "Tomás Rey",
        }
    }

    /// The person and what they may do, for whoever signs in as them.
    pub const fn described(self) -> &'static str {
        match self {
            Self::Olga => "Olga Petrova, operator of both teams and admin",
            Self::Marcus => "Marcus Lindqvist, auditor",
            Self::Priya | Self::Jonas | Self::Mei | Self::Tomas => self.name(),
        }
    }

    const fn role(self) -> PortalRole {
        match self {
            Self::Olga => PortalRole::Admin,
            Self::Marcus => PortalRole::Auditor,
            Self::Priya | Self::Jonas | Self::Mei | Self::Tomas => PortalRole::Member,
        }
    }

    /// The role in each of [`TEAMS`].
    const fn team_roles(self) -> [Option<TeamRole>; 2] {
        match self {
            Self::Olga | Self::Priya => [Some(TeamRole::Operator), Some(TeamRole::Operator)],
            Self::Jonas => [Some(TeamRole::Operator), None],
            Self::Mei => [Some(TeamRole::Viewer), None],
            Self::Tomas => [None, Some(TeamRole::Operator)],
            Self::Marcus => [None, None],
        }
    }

    /// Where the person works: an address of those that are kept for examples (RFC 5737), and a browser.
    pub fn origin(self) -> Origin {
        let (last, browser) = match self {
            Self::Olga => (
                14,
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
            ),
            Self::Marcus => (61, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            Self::Priya => {
                (23, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36")
            }
            Self::Jonas => (37, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            Self::Mei => (
                42,
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
            ),
            Self::Tomas => {
                (58, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36")
            }
        };
        Origin { ip: Some([198, 51, 100, last].into()), user_agent: Some(browser.to_owned()), ..Origin::default() }
    }
}

/// A password of 16 random characters.
pub fn new_password() -> SecretString {
    SecretString::from(Uuid::new_v4().simple().to_string()[..16].to_owned())
}

/// Creates the teams and these people, or finds those of an earlier demo, who get new passwords. Returns the passwords.
///
/// # Errors
/// One line for the person at the terminal.
pub async fn people_and_teams(
    portal: &Portal,
    sandbox: &Running,
    people: &[Who],
) -> Result<HashMap<Who, SecretString>, CommandError> {
    let admin = portal.command_line("demo");
    let mut passwords = HashMap::new();
    let mut ids = Vec::new();
    for &who in people {
        let password = new_password();
        let chosen = Password::try_from(password.clone())?;
        let person = match portal.person_by_email(&admin, who.email()).await {
            Ok(person) => {
                let (_, secret) = portal.invite_again(&admin, person.id).await?;
                portal.join(&secret, chosen, &Origin::default()).await?;
                person
            }
            Err(_) => {
                let (email, name) = (who.email().to_owned(), who.name().to_owned());
                portal.create_person(&admin, &PersonInput { email, name, role: who.role() }, chosen).await?
            }
        };
        ids.push((who, person.id));
        passwords.insert(who, password);
    }
    for (number, ((slug, name, production), token)) in TEAMS.into_iter().zip(&sandbox.tokens).enumerate() {
        if portal.team_for_admin(&admin, slug).await.is_ok() {
            continue;
        }
        let (slug, name, workato_url) = (slug.to_owned(), name.to_owned(), sandbox.base_url.clone());
        // The mark comes second, so that nothing needs approval yet: most of the history is by people alone.
        let input = TeamInput { slug, name, workato_url, production: false, ..TeamInput::default() };
        let team = portal.create_team_with_token(&admin, &input, token.as_str().into()).await?;
        let team = portal.update_team(&admin, team.id, &TeamInput { production, ..input }).await?;
        for (who, person) in &ids {
            if let Some(role) = who.team_roles()[number] {
                portal.set_member(&admin, team.id, *person, role).await?;
            }
        }
    }
    Ok(passwords)
}

/// Signs a person in and begins a session.
///
/// # Errors
/// One line for the person at the terminal.
pub async fn sign_in(portal: &Portal, who: Who, password: SecretString) -> Result<Actor, CommandError> {
    let origin = who.origin();
    let FirstStep::Proved(proof) = portal.sign_in(who.email(), password, &origin).await? else {
        return Err(CommandError::Input(format!("{} has a second factor", who.email())));
    };
    let key = portal.session_key(&new_password());
    portal.begin_session(&proof, &key, &origin).await?;
    let session = portal.session(&key).await?;
    let session = session.ok_or_else(|| CommandError::Input(format!("the session of {} has ended", who.email())))?;
    Ok(session.actor.coming_from(origin))
}
