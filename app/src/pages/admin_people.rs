//! `/admin/people`: all people, and the form that invites someone.

use leptos::prelude::*;
use portal::{Error, PortalRole, TeamId, TeamRole, accounts::Person, teams::Team};

use crate::{
    components::{Field, Frame, Glyph, Rendered, Section, SelectField, by_name, page, problem_summary, team_roles},
    context,
    form_memory::Refused,
    forms,
    islands::SubmitOnce,
    wording::people,
};

#[component]
pub fn AdminPeoplePage() -> impl IntoView {
    page(admin_people())
}

async fn admin_people() -> Result<Rendered, Error> {
    let (frame, admin) = Frame::admin().await?;
    let portal = context::portal();
    let refused = forms::refused("invite");
    let people = portal.people(&admin).await?;
    let memberships = portal.memberships(&admin).await?;
    let teams = portal.teams(frame.actor()?).await?;
    let frame = frame.with_teams().await?.section(Section::People).title("People");
    let rows = people
        .into_iter()
        .map(|person| {
            let roles: Vec<_> =
                memberships.iter().filter(|(id, ..)| *id == person.id).map(|(_, team, role)| (*team, *role)).collect();
            let member_of = team_names(&teams, &roles);
            view! {
                <tr>
                    <th scope="row"><a href=format!("/admin/people/{}", person.id)>{person.name.clone()}</a></th>
                    <td>{person.email.clone()}</td>
                    <td>{person.role.to_string()}</td>
                    <td class="minor">{member_of}</td>
                    <td><State person/></td>
                </tr>
            }
        })
        .collect_view();
    Ok(frame.render(view! {
        <div class="head">
            <div><h1>"People"</h1></div>
        </div>
        <div class="cols">
            <div class="sheet">
                <table class="cards">
                    <caption>"People by name"</caption>
                    <thead>
                        <tr>
                            <th scope="col" aria-sort="ascending">"Name"</th>
                            <th scope="col">"Email"</th>
                            <th scope="col">"Role"</th>
                            <th scope="col" class="minor">"Teams"</th>
                            <th scope="col">"State"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <Invite refused teams/>
        </div>
    }))
}

/// A person's teams and roles: "Billing (operator), Payments (viewer)".
fn team_names(teams: &[Team], roles: &[(TeamId, TeamRole)]) -> String {
    let of =
        |team: &Team| roles.iter().find(|(id, _)| *id == team.id).map(|(_, role)| format!("{} ({role})", team.name));
    teams.iter().filter_map(of).collect::<Vec<_>>().join(", ")
}

/// The roles in the portal as choices.
pub(super) fn portal_roles() -> Vec<(String, String)> {
    PortalRole::ALL.iter().map(|role| (role.to_string(), format!("{role}: {}", people::portal_role(*role)))).collect()
}

/// The state of a person's account.
#[component]
pub(super) fn State(person: Person) -> impl IntoView {
    let (class, shape) = match (person.disabled_at, person.joined) {
        (Some(_), _) => ("bad", Glyph::Bad),
        (None, false) => ("none", Glyph::None),
        (None, true) => ("ok", Glyph::Ok),
    };
    view! {
        <span class=format!("st {class}")>
            <svg aria-hidden="true"><use href=shape.href()/></svg>
            {people::state(&person)}
        </span>
    }
}

#[component]
fn Invite(refused: Refused, teams: Vec<Team>) -> impl IntoView {
    let no_team = ("".to_owned(), "none yet".to_owned());
    let teams: Vec<_> =
        std::iter::once(no_team).chain(teams.iter().map(|team| (team.slug.to_string(), team.name.clone()))).collect();
    view! {
        <section class="panel" aria-labelledby="invite">
            <h2 id="invite">"Invite a person"</h2>
            <p class="soft">"You get a one-time link to send to the person, who uses it to choose a password."</p>
            <form class="fields" method="post" action="/api/fn/invite">
                {problem_summary(&refused, by_name(["email", "name", "role", "team", "team_role"]))}
                <Field
                    label="Email"
                    name="email"
                    kind="email"
                    value=refused.value("email", "")
                    required=true
                    autocomplete="off"
                    problem=refused.problem("email")
                />
                <Field
                    label="Name"
                    name="name"
                    value=refused.value("name", "")
                    required=true
                    autocomplete="off"
                    problem=refused.problem("name")
                />
                <SelectField
                    label="Role"
                    name="role"
                    options=portal_roles()
                    chosen=refused.value("role", PortalRole::Member.as_str())
                    problem=refused.problem("role")
                />
                <SelectField
                    label="Team"
                    name="team"
                    options=teams
                    chosen=refused.value("team", "")
                    problem=refused.problem("team")
                />
                <SelectField
                    label="Role in the team"
                    name="team_role"
                    options=team_roles()
                    chosen=refused.value("team_role", TeamRole::Viewer.as_str())
                    problem=refused.problem("team_role")
                />
                <SubmitOnce label="Invite" class="primary"/>
            </form>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use portal::{
        PersonId, PortalRole, TeamId, TeamRole,
        accounts::Person,
        teams::{Policy, Team},
    };
    use time::macros::datetime;

    use super::team_names;
    use crate::wording::people::state;

    #[test]
    fn a_disabled_person_is_disabled_whether_joined_or_not() {
        let invited = Person {
            subject: None,
            id: PersonId::new(),
            email: "ada@example.com".to_owned(),
            name: "Ada".to_owned(),
            role: PortalRole::Member,
            joined: false,
            disabled_at: None,
            factors: Vec::new(),
            created_at: datetime!(2026-11-22 12:00 UTC),
        };
        let active = Person { joined: true, ..invited.clone() };
        assert_eq!(state(&invited), "invited");
        assert_eq!(state(&active), "active");
        for person in [invited, active] {
            let disabled = Person { disabled_at: Some(person.created_at), ..person };
            assert_eq!(state(&disabled), "disabled");
        }
    }

    #[test]
    fn teams_are_listed_in_order_with_the_role_in_each() {
        let team = |name: &str| Team {
            id: TeamId::new(),
            slug: name.to_lowercase().parse().expect("a slug"),
            name: name.to_owned(),
            production: false,
            policy: Policy::of_new_team(false),
            workato_url: "https://www.workato.com".to_owned(),
            reason_pattern: None,
            workspace: None,
            token: None,
            retired_at: None,
            token_is_bad: false,
        };
        let teams = [team("Billing"), team("Legal"), team("Payments")];
        let roles = [(teams[2].id, TeamRole::Viewer), (teams[0].id, TeamRole::Operator)];
        assert_eq!(team_names(&teams, &roles), "Billing (operator), Payments (viewer)");
        assert_eq!(team_names(&teams, &[]), "");
    }
}
