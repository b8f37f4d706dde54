//! Inviting people, setting their roles, disabling them. For admins.

use leptos::prelude::*;
use portal::{
    Error, PersonId, PortalRole, Problem, Reason, TeamRole,
    accounts::{PersonInput, Secret},
    audit::{Action, TargetType},
};
use secrecy::{ExposeSecret, SecretString};
use server_fn::codec::PostUrl;

use super::admin;
use crate::{
    answer::{ApiError, Form, actor},
    context,
    done::Done,
};

/// `POST /api/fn/invite`: with a `team`, also makes the person a member of it.
#[server(prefix = "/api/fn", endpoint = "invite", input = PostUrl)]
pub async fn invite(
    #[server(default)] email: String,
    #[server(default)] name: String,
    #[server(default)] role: String,
    #[server(default)] team: String,
    #[server(default)] team_role: String,
) -> Result<(), ApiError> {
    let typed = [("email", &*email), ("name", &name), ("role", &role), ("team", &team), ("team_role", &team_role)];
    let form = Form { page: "/admin/people".to_owned(), name: "invite", typed: &typed };
    form.answer(async {
        let admin = admin(Action::PersonInvite, TargetType::Person, "").await?;
        let portal = context::portal();
        // All input is parsed before anyone is invited, so that a refused form changes nothing.
        let role = portal_role(&role)?;
        let membership = match &*team {
            "" => None,
            slug => {
                let team_role: TeamRole = team_role.parse().map_err(|_| Problem::ChooseRole.of("team_role"))?;
                let team = portal.team_for_admin(&admin, slug).await.map_err(|error| match error {
                    Error::NotFound => Problem::TeamGone.of("team"),
                    error => error,
                })?;
                Some((team.id, team_role))
            }
        };
        let input = PersonInput { email: email.clone(), name: name.clone(), role };
        let (person, secret) = portal.invite(&admin, &input).await?;
        show_once(person.id, &secret)?;
        if let Some((team, role)) = membership {
            portal.set_member(&admin, team, person.id, role).await?;
        }
        Ok(Done::Invited.on(&person_page(&person.id.to_string())))
    })
    .await
}

/// `POST /api/fn/invite_again`: a new one-time link, with which the person can choose a password.
#[server(prefix = "/api/fn", endpoint = "invite_again", input = PostUrl)]
pub async fn invite_again(#[server(default)] person: String) -> Result<(), ApiError> {
    let page = person_page(&person);
    let form = Form { page: page.clone(), name: "link", typed: &[] };
    form.answer(async {
        let admin = admin(Action::PersonInvite, TargetType::Person, &person).await?;
        let (person, secret) = context::portal().invite_again(&admin, person_id(&person)?).await?;
        show_once(person.id, &secret)?;
        Ok(Done::LinkMade.on(&page))
    })
    .await
}

/// `POST /api/fn/recover_person`: a one-time link that also removes the person's second factors.
#[server(prefix = "/api/fn", endpoint = "recover_person", input = PostUrl)]
pub async fn recover_person(#[server(default)] person: String) -> Result<(), ApiError> {
    let page = person_page(&person);
    let form = Form { page: page.clone(), name: "link", typed: &[] };
    form.answer(async {
        let admin = admin(Action::PersonInvite, TargetType::Person, &person).await?;
        let (person, secret) = context::portal().recover(&admin, person_id(&person)?).await?;
        show_once(person.id, &secret)?;
        Ok(Done::LinkMade.on(&page))
    })
    .await
}

/// `POST /api/fn/release_link`: another admin than the one who made it lets a link work that replaces a password.
#[server(prefix = "/api/fn", endpoint = "release_link", input = PostUrl)]
pub async fn release_link(#[server(default)] person: String) -> Result<(), ApiError> {
    let page = person_page(&person);
    let form = Form { page: page.clone(), name: "release", typed: &[] };
    form.answer(async {
        let admin = admin(Action::PersonRelease, TargetType::Person, &person).await?;
        context::portal().release_link(&admin, person_id(&person)?).await?;
        Ok(Done::LinkReleased.on(&page))
    })
    .await
}

/// `POST /api/fn/set_role`: the role in the portal, not in a team.
#[server(prefix = "/api/fn", endpoint = "set_role", input = PostUrl)]
pub async fn set_role(#[server(default)] person: String, #[server(default)] role: String) -> Result<(), ApiError> {
    let page = person_page(&person);
    let form = Form { page: page.clone(), name: "role", typed: &[("role", &role)] };
    form.answer(async {
        let admin = admin(Action::PersonRole, TargetType::Person, &person).await?;
        let (id, role) = (person_id(&person)?, portal_role(&role)?);
        context::portal().set_role(&admin, id, role).await?;
        // An admin who gives up the role may no longer see this page.
        let locked_out = actor()?.id() == id && role != PortalRole::Admin;
        Ok(if locked_out { Done::OwnRoleChanged.on("/account") } else { Done::RoleChanged.on(&page) })
    })
    .await
}

/// `POST /api/fn/disable_person`
#[server(prefix = "/api/fn", endpoint = "disable_person", input = PostUrl)]
pub async fn disable_person(#[server(default)] person: String) -> Result<(), ApiError> {
    let page = person_page(&person);
    let form = Form { page: page.clone(), name: "disable", typed: &[] };
    form.answer(async {
        let admin = admin(Action::PersonDisable, TargetType::Person, &person).await?;
        context::portal().disable(&admin, person_id(&person)?).await?;
        Ok(Done::Disabled.on(&page))
    })
    .await
}

/// `POST /api/fn/enable_person`
#[server(prefix = "/api/fn", endpoint = "enable_person", input = PostUrl)]
pub async fn enable_person(#[server(default)] person: String) -> Result<(), ApiError> {
    let page = person_page(&person);
    let form = Form { page: page.clone(), name: "enable", typed: &[] };
    form.answer(async {
        let admin = admin(Action::PersonEnable, TargetType::Person, &person).await?;
        context::portal().enable(&admin, person_id(&person)?).await?;
        Ok(Done::Enabled.on(&page))
    })
    .await
}

/// `POST /api/fn/end_sessions`: one session of a person, or without a `session` all of them.
#[server(prefix = "/api/fn", endpoint = "end_sessions", input = PostUrl)]
pub async fn end_sessions(
    #[server(default)] person: String,
    #[server(default)] session: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let page = person_page(&person);
    let typed = [("session", &*session), ("reason", &reason)];
    let form = Form { page: page.clone(), name: "sessions", typed: &typed };
    form.answer(async {
        let admin = admin(Action::SessionEnd, TargetType::Person, &person).await?;
        let reason = Reason::read(&reason).map_err(|problem| problem.of("reason"))?;
        let label = Some(&*session).filter(|session| !session.is_empty());
        let id = person_id(&person)?;
        let ended = context::portal().end_sessions_of(&admin, id, label, reason.as_ref()).await?;
        Ok(match (ended, label) {
            (0, _) => Done::SessionOver,
            (_, Some(_)) => Done::SessionRevoked,
            (_, None) => Done::SessionsEnded,
        }
        .on(&page))
    })
    .await
}

/// Keeps a link for the page that shows it, to the admin who made it.
fn show_once(person: PersonId, secret: &Secret) -> Result<(), Error> {
    let services = context::services();
    services.forms.links.keep(actor()?.id(), person, link(&services.public_url, secret));
    Ok(())
}

fn link(public_url: &str, secret: &Secret) -> SecretString {
    format!("{}/setup?secret={}", public_url.trim_end_matches('/'), secret.expose_secret()).into()
}

fn person_id(text: &str) -> Result<PersonId, Error> {
    text.parse().map_err(|_| Error::NotFound)
}

fn portal_role(word: &str) -> Result<PortalRole, Error> {
    word.parse().map_err(|_| Problem::ChooseRole.of("role"))
}

/// The page of a person, or the list if `id` is invalid.
pub(super) fn person_page(id: &str) -> String {
    id.parse::<PersonId>().map_or("/admin/people".to_owned(), |id| format!("/admin/people/{id}"))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::{link, portal_role};

    #[test]
    fn a_one_time_link_starts_with_the_public_url() {
        for address in ["https://portal.example", "https://portal.example/"] {
            assert_eq!(link(address, &"s-1".into()).expose_secret(), "https://portal.example/setup?secret=s-1");
        }
    }

    #[test]
    fn a_team_role_is_not_a_portal_role() {
        assert!(portal_role("auditor").is_ok());
        assert!(portal_role("operator").is_err());
    }
}
