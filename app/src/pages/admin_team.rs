//! `/admin/teams/{team}`: a team's settings, token and members.

mod end_forms;
mod policy;
mod token;

use leptos::prelude::*;
use portal::{Error, PersonId, TeamRole, accounts::Person, teams::Team};
use time::OffsetDateTime;

use self::token::Token;
use super::admin_teams::workspace;
use crate::{
    components::{
        AddMember, ButtonLink, DoneNotice, Frame, MEMBER_FORM, MemberForms, MembersOf, Moment, Rendered, Section,
        TeamFields, empty, page, problem_summary, production_badge, team_ids,
    },
    context,
    done::Done,
    form_memory::Refused,
    forms,
    islands::SubmitOnce,
};

#[component]
pub fn AdminTeamPage() -> impl IntoView {
    page(admin_team(context::path_part("team")))
}

async fn admin_team(slug: String) -> Result<Rendered, Error> {
    let (frame, admin) = Frame::admin().await?;
    let portal = context::portal();
    let [refused, token, test, member] = ["team", "token", "token-test", MEMBER_FORM].map(forms::refused);
    let team = portal.team_for_admin(&admin, &slug).await?;
    let people = portal.people(&admin).await?;
    let members = portal.members(&admin, team.id).await?;
    let roles: Vec<_> = members.iter().map(|member| (member.person, member.role)).collect();
    let operators = roles.iter().filter(|(_, role)| *role == TeamRole::Operator).count();
    let more = workspace_note(Done::from_url(), &team);
    let hosts = portal.workato_hosts().to_vec();
    let frame = frame.with_teams().await?.section(Section::Teams).title(team.name.clone());
    let frame = with_own_reasons(frame, &slug).await?;
    let settings = match team.retired_at {
        Some(at) => retired(&team, at),
        None => {
            let (shown, ending) = (team.clone(), end_forms::forms(&team));
            view! {
                <Token team=team.clone() refused=token test/>
                <section class="panel" aria-labelledby="about">
                    <h2 id="about">"About this team"</h2>
                    <form class="fields" method="post" action="/api/fn/update_team">
                        {problem_summary(&refused, team_ids)}
                        <input type="hidden" name="team" value=team.slug.to_string()/>
                        <TeamFields refused team=shown hosts/>
                        <SubmitOnce label="Save team" class="primary"/>
                    </form>
                </section>
                {policy::form(&team, operators)}
                {ending}
            }
            .into_any()
        }
    };
    Ok(frame.render(view! {
        <div class="head">
            <div>
                <p class="soft"><a href="/admin/teams">"Teams"</a>" / "<span class="id">{team.slug.to_string()}</span></p>
                <h1>{team.name.clone()}</h1>
            </div>
            {team.production.then(production_badge)}
            <ButtonLink href=format!("/teams/{}/connections", team.slug)>"Connections"</ButtonLink>
        </div>
        <DoneNotice more/>
        <div class="cols">
            <div>
                <Members team=team.clone() people roles refused=member/>
            </div>
            <div>
                {settings}
            </div>
        </div>
    }))
}

/// Adds what the admin's reason fields suggest.
pub(super) async fn with_own_reasons(frame: Frame, team: &str) -> Result<Frame, Error> {
    let reader = context::portal().team_if_readable(frame.actor()?, team).await?;
    Ok(match reader {
        Some(reader) => frame.with_reasons_of(&reader).await,
        None => frame,
    })
}

/// What is left of a retired team.
fn retired(team: &Team, at: OffsetDateTime) -> AnyView {
    view! {
        <section class="panel" aria-labelledby="retired">
            <h2 id="retired">"This team is retired"</h2>
            <p>"Retired on "<Moment at/>". Its token is destroyed, and nothing in it can be changed."</p>
            <p><ButtonLink href=format!("/audit?team={}", team.slug)>"Its audit log"</ButtonLink></p>
        </section>
    }
    .into_any()
}

/// The workspace that Workato has just named, if the form that was sent asked for it.
fn workspace_note(done: Option<Done>, team: &Team) -> Option<String> {
    match done? {
        Done::TeamCreated | Done::TokenSet | Done::TokenTested => {
            workspace(team).map(|workspace| format!("The token belongs to workspace {workspace}."))
        }
        _ => None,
    }
}

#[component]
fn Members(team: Team, people: Vec<Person>, roles: Vec<(PersonId, TeamRole)>, refused: Refused) -> impl IntoView {
    let role_of = |person: &Person| roles.iter().find(|(id, _)| *id == person.id).map(|(_, role)| *role);
    let others: Vec<_> = people
        .iter()
        .filter(|person| person.disabled_at.is_none() && role_of(person).is_none())
        .map(|person| (person.id.to_string(), format!("{} ({})", person.name, person.email)))
        .collect();
    let rows: Vec<_> = people
        .iter()
        .filter_map(|person| role_of(person).map(|role| (person.clone(), role)))
        .map(|(person, role)| {
            let slug = team.slug.clone();
            view! {
                <tr>
                    <th scope="row">
                        <a href=format!("/admin/people/{}", person.id)>{person.name.clone()}</a>
                        <span class="soft">" "{person.email}</span>
                        {person.disabled_at.map(|_| view! { " "<span class="badge">"disabled"</span> })}
                    </th>
                    <td>
                        <MemberForms
                            team=slug
                            person=person.id
                            role
                            page=MembersOf::Team
                            refused=refused.clone()
                            whose=format!("of {}", person.name)
                            from_where=person.name.clone()
                        />
                    </td>
                </tr>
            }
        })
        .collect();
    let list = match rows.is_empty() {
        true => empty("This team has no members yet."),
        false => view! {
            <div class="sheet">
                <table class="cards">
                    <caption>{format!("Members of {} by name", team.name)}</caption>
                    <thead>
                        <tr>
                            <th scope="col" aria-sort="ascending">"Person"</th>
                            <th scope="col">"Role"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any(),
    };
    let add = match others.is_empty() {
        true => view! { <p class="soft">"Everyone is a member. "<a href="/admin/people">"Invite a person"</a>"."</p> }
            .into_any(),
        false => {
            view! { <AddMember page=MembersOf::Team known=team.slug.to_string() others refused button="Add member"/> }
                .into_any()
        }
    };
    view! {
        <section aria-labelledby="members">
            <h2 id="members">"Members"</h2>
            {list}
            {add}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use portal::{
        TeamId,
        teams::{Policy, Team, Workspace},
    };

    use super::workspace_note;
    use crate::done::Done;

    #[test]
    fn the_workspace_is_shown_after_workato_has_just_named_it() {
        let unknown = Team {
            id: TeamId::new(),
            slug: "payments".parse().expect("a slug"),
            name: "Payments".to_owned(),
            production: true,
            policy: Policy::of_new_team(true),
            workato_url: "https://www.workato.com".to_owned(),
            reason_pattern: None,
            workspace: None,
            token: None,
            retired_at: None,
            token_is_bad: false,
        };
        let known =
            Team { workspace: Some(Workspace { id: 88_213, name: Some("Acme".to_owned()) }), ..unknown.clone() };
        let note = workspace_note(Some(Done::TokenTested), &known);
        assert_eq!(note.as_deref(), Some("The token belongs to workspace Acme (88213)."));
        assert_eq!(workspace_note(Some(Done::TeamCreated), &unknown), None);
        assert_eq!(workspace_note(Some(Done::MemberSet), &known), None);
        assert_eq!(workspace_note(None, &known), None);
    }
}
