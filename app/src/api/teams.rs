//! Setting up teams, their tokens and members. For admins.

#![expect(clippy::too_many_arguments, reason = "a server function has an argument for each field of its form")]

use leptos::prelude::*;
use portal::{
    Error, FieldProblems, PersonId, Problem, ReadFailure, TeamRole, TeamSlug,
    audit::{Action, TargetType},
    teams::{PolicyInput, TeamInput},
};
use secrecy::SecretString;
use server_fn::codec::PostUrl;

use super::{admin, people::person_page};
use crate::{
    answer::{ApiError, Form, actor},
    components::{MEMBER_FORM, MembersOf},
    context,
    done::Done,
    forms::names::TEAM_POLICY,
};

/// `POST /api/fn/create_team`
#[server(prefix = "/api/fn", endpoint = "create_team", input = PostUrl)]
pub async fn create_team(
    #[server(default)] name: String,
    #[server(default)] slug: String,
    #[server(default)] workato_url: String,
    #[server(default)] production: String,
    #[server(default)] reason_pattern: String,
    #[server(default)] reason_hint: String,
    #[server(default)] token: String,
) -> Result<(), ApiError> {
    let input = team_input(&name, &slug, &workato_url, &production, &reason_pattern, &reason_hint);
    let typed = typed(&input, &production);
    let form = Form { page: "/admin/teams/new".to_owned(), name: "team", typed: &typed };
    form.answer(async {
        let admin = admin(Action::TeamCreate, TargetType::Team, &slug).await?;
        if token.trim().is_empty() {
            let team = context::portal().create_team(&admin, &input).await?;
            return Ok(Done::TeamCreated.on(&team_page(team.slug.as_str())));
        }
        let team = context::portal().create_team_with_token(&admin, &input, SecretString::from(token)).await?;
        let done = if team.workspace.is_some() { Done::TeamCreated } else { Done::TokenSetUntested };
        Ok(done.on(&team_page(team.slug.as_str())))
    })
    .await
}

/// `POST /api/fn/update_team`: `team` is the current slug.
#[server(prefix = "/api/fn", endpoint = "update_team", input = PostUrl)]
pub async fn update_team(
    #[server(default)] team: String,
    #[server(default)] name: String,
    #[server(default)] slug: String,
    #[server(default)] workato_url: String,
    #[server(default)] production: String,
    #[server(default)] reason_pattern: String,
    #[server(default)] reason_hint: String,
) -> Result<(), ApiError> {
    let input = team_input(&name, &slug, &workato_url, &production, &reason_pattern, &reason_hint);
    let typed = typed(&input, &production);
    let form = Form { page: team_page(&team), name: "team", typed: &typed };
    form.answer(async {
        let admin = admin(Action::TeamUpdate, TargetType::Team, &team).await?;
        let portal = context::portal();
        let team = portal.team_for_admin(&admin, &team).await?;
        let team = portal.update_team(&admin, team.id, &input).await?;
        Ok(Done::TeamSaved.on(&team_page(team.slug.as_str())))
    })
    .await
}

/// `POST /api/fn/set_policy`: which of a team's changes need a second person.
#[server(prefix = "/api/fn", endpoint = "set_policy", input = PostUrl)]
pub async fn set_policy(
    #[server(default)] team: String,
    #[server(default)] share: String,
    #[server(default)] roll_back: String,
    #[server(default)] suppress: String,
    #[server(default)] disconnect: String,
    #[server(default)] delete: String,
    #[server(default)] items: String,
    #[server(default)] break_glass: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let boxes = [
        ("share", &*share),
        ("roll_back", &roll_back),
        ("suppress", &suppress),
        ("disconnect", &disconnect),
        ("delete", &delete),
    ];
    let typed = boxes.into_iter().chain([("items", &*items), ("break_glass", &break_glass), ("reason", &reason)]);
    let typed: Vec<_> = typed.collect();
    let page = team_page(&team);
    let form = Form { page: format!("{page}#policy"), name: TEAM_POLICY, typed: &typed };
    form.answer(async {
        let admin = admin(Action::TeamPolicy, TargetType::Team, &team).await?;
        let guarded = boxes.into_iter().filter(|(_, ticked)| *ticked == "yes").map(|(word, _)| word.to_owned());
        let input = PolicyInput {
            guarded: guarded.collect(),
            items: items.clone(),
            break_glass: break_glass == "yes",
            reason: reason.clone(),
        };
        let portal = context::portal();
        let team = portal.team_for_admin(&admin, &team).await?;
        portal.set_policy(&admin, team.id, &input).await?;
        Ok(Done::PolicySaved.on(&page))
    })
    .await
}

/// `POST /api/fn/set_token`: sets the first token or replaces it.
#[server(prefix = "/api/fn", endpoint = "set_token", input = PostUrl)]
pub async fn set_token(#[server(default)] team: String, #[server(default)] token: String) -> Result<(), ApiError> {
    let page = team_page(&team);
    let form = Form { page: page.clone(), name: "token", typed: &[] };
    form.answer(async {
        let admin = admin(Action::TeamTokenReplace, TargetType::Team, &team).await?;
        let portal = context::portal();
        let team = portal.team_for_admin(&admin, &team).await?;
        let workspace = portal.set_token(&admin, team.id, SecretString::from(token)).await?;
        Ok(if workspace.is_some() { Done::TokenSet } else { Done::TokenSetUntested }.on(&page))
    })
    .await
}

/// `POST /api/fn/test_token`: redirects to the team's page, which shows Workato's answer.
#[server(prefix = "/api/fn", endpoint = "test_token", input = PostUrl)]
pub async fn test_token(#[server(default)] team: String) -> Result<(), ApiError> {
    let page = team_page(&team);
    let form = Form { page: page.clone(), name: "token-test", typed: &[] };
    form.answer(async {
        let portal = context::portal();
        let admin = portal.page_for_admins(&actor()?).await?;
        let team = portal.team_for_admin(&admin, &team).await?;
        match portal.test_token(&admin, team.id).await {
            Ok(_) => Ok(Done::TokenTested.on(&page)),
            Err(Error::Workato(error)) => {
                Err(Problem::Workato { failure: ReadFailure::from(&*error) }.of("token-test"))
            }
            Err(Error::NoToken) => Err(Problem::NoToken.of("token-test")),
            Err(Error::TeamRetired) => Err(Problem::TeamRetired.of("token-test")),
            Err(error) => Err(error),
        }
    })
    .await
}

/// `POST /api/fn/set_member`: adds a person to a team or changes the role. `page` says which page has the form.
#[server(prefix = "/api/fn", endpoint = "set_member", input = PostUrl)]
pub async fn set_member(
    #[server(default)] team: String,
    #[server(default)] person: String,
    #[server(default)] role: String,
    #[server(default)] page: String,
) -> Result<(), ApiError> {
    let page = member_page(&page, &team, &person);
    let typed = [("team", &*team), ("person", &person), ("role", &role)];
    let form = Form { page: page.clone(), name: MEMBER_FORM, typed: &typed };
    form.answer(async {
        let admin = admin(Action::MemberSet, TargetType::Person, &person).await?;
        let (slug, person, role) = membership(&team, &person, &role)?;
        let portal = context::portal();
        let team = portal.team_for_admin(&admin, slug.as_str()).await?;
        portal.set_member(&admin, team.id, person, role).await?;
        Ok(Done::MemberSet.on(&page))
    })
    .await
}

/// `POST /api/fn/remove_member`
#[server(prefix = "/api/fn", endpoint = "remove_member", input = PostUrl)]
pub async fn remove_member(
    #[server(default)] team: String,
    #[server(default)] person: String,
    #[server(default)] page: String,
) -> Result<(), ApiError> {
    let page = member_page(&page, &team, &person);
    let form = Form { page: page.clone(), name: MEMBER_FORM, typed: &[] };
    form.answer(async {
        let admin = admin(Action::MemberRemove, TargetType::Person, &person).await?;
        let portal = context::portal();
        let team = portal.team_for_admin(&admin, &team).await?;
        portal.remove_member(&admin, team.id, person.parse().map_err(|_| Error::NotFound)?).await?;
        Ok(Done::MemberRemoved.on(&page))
    })
    .await
}

fn team_input(name: &str, slug: &str, workato_url: &str, production: &str, pattern: &str, hint: &str) -> TeamInput {
    TeamInput {
        slug: slug.to_owned(),
        name: name.to_owned(),
        workato_url: workato_url.to_owned(),
        production: production == "yes",
        reason_pattern: pattern.to_owned(),
        reason_hint: hint.to_owned(),
    }
}

/// The fields of a team's form as they were typed.
fn typed<'a>(input: &'a TeamInput, production: &'a str) -> [(&'static str, &'a str); 6] {
    [
        ("name", &input.name),
        ("slug", &input.slug),
        ("workato_url", &input.workato_url),
        ("production", production),
        ("reason_pattern", &input.reason_pattern),
        ("reason_hint", &input.reason_hint),
    ]
}

/// Parses the form of a membership.
fn membership(team: &str, person: &str, role: &str) -> Result<(TeamSlug, PersonId, TeamRole), Error> {
    match (team.parse(), person.parse(), role.parse()) {
        (Ok(team), Ok(person), Ok(role)) => Ok((team, person, role)),
        (team, person, role) => {
            let mut problems = FieldProblems::default();
            for (field, good) in [("team", team.is_ok()), ("person", person.is_ok()), ("role", role.is_ok())] {
                if !good {
                    problems.add(field, Problem::ChooseOne);
                }
            }
            Err(Error::Invalid(problems))
        }
    }
}

/// The page of a team, or the list if `slug` is invalid.
pub(super) fn team_page(slug: &str) -> String {
    slug.parse::<TeamSlug>().map_or("/admin/teams".to_owned(), |slug| format!("/admin/teams/{slug}"))
}

/// The page that has the form of a membership.
fn member_page(page: &str, team: &str, person: &str) -> String {
    if page == MembersOf::Person.word() { person_page(person) } else { team_page(team) }
}

#[cfg(test)]
mod tests {
    use portal::{Error, PersonId, Problem};

    use super::{member_page, membership, team_page};

    #[test]
    fn a_membership_form_redirects_to_its_own_page() {
        let person = PersonId::new().to_string();
        assert_eq!(member_page("team", "payments", &person), "/admin/teams/payments");
        assert_eq!(member_page("person", "payments", &person), format!("/admin/people/{person}"));
    }

    #[test]
    fn an_invalid_page_redirects_to_the_list() {
        assert_eq!(team_page("../../login?next=x"), "/admin/teams");
        assert_eq!(member_page("person", "payments", "x\r\ny"), "/admin/people");
    }

    #[test]
    fn each_missing_part_of_a_membership_is_a_problem() {
        let Err(Error::Invalid(problems)) = membership("payments", "", "owner") else { panic!("it was accepted") };
        assert_eq!((problems.of("team"), problems.of("person")), (None, Some(&Problem::ChooseOne)));
        assert!(problems.of("role").is_some());
    }
}
