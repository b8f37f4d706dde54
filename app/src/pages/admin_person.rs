//! `/admin/people/{person}`: a person's role, memberships, one-time link, and whether the account is disabled.

use leptos::prelude::*;
use portal::{
    Error, PersonId, TeamRole,
    accounts::{Person, WaitingLink},
    teams::Team,
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    admin_people::{State, portal_roles},
    admin_person_sessions::person_sessions,
};
use crate::{
    components::{
        AddMember, DoneNotice, Frame, MEMBER_FORM, MemberForms, MembersOf, Moment, Rendered, Section, SelectField,
        Tone, by_name, empty, lone_problem, page, problem_summary, production_badge, remark,
    },
    context,
    form_memory::Refused,
    forms,
    islands::{CopyButton, SubmitOnce},
};

#[component]
pub fn AdminPersonPage() -> impl IntoView {
    page(admin_person(context::path_part("person")))
}

async fn admin_person(id: String) -> Result<Rendered, Error> {
    let (frame, admin) = Frame::admin().await?;
    let portal = context::portal();
    let [role, disable, link, release, member, ending] =
        ["role", "disable", "link", "release", MEMBER_FORM, "sessions"].map(forms::refused);
    let id: PersonId = id.parse().map_err(|_| Error::NotFound)?;
    let person = portal.person(&admin, id).await?;
    let teams = portal.teams(frame.actor()?).await?;
    let roles: Vec<_> = portal
        .memberships(&admin)
        .await?
        .into_iter()
        .filter(|(of, ..)| *of == id)
        .map(|(_, team, role)| (team, role))
        .collect();
    let (mine, others): (Vec<_>, Vec<_>) = teams
        .into_iter()
        .map(|team| {
            let role = roles.iter().find(|(id, _)| *id == team.id).map(|(_, role)| *role);
            (team, role)
        })
        .partition(|(_, role)| role.is_some());
    let maker = frame.actor()?.id();
    let sessions = portal.sessions_of(&admin, id).await?;
    let waiting = portal.waiting_link(&admin, id).await?;
    let waiting = waiting.map(|waiting| waiting_link(waiting, &person, maker, &release));
    let frame = frame.with_teams().await?.section(Section::People).title(person.name.clone());
    // After everything that can fail, because a link that is taken can be shown only now.
    let new_link = context::services().forms.links.take(maker, id);
    Ok(frame.render(view! {
        <div class="head">
            <div>
                <p class="soft"><a href="/admin/people">"People"</a></p>
                <h1>{person.name.clone()}</h1>
                <p class="soft">{person.email.clone()}</p>
            </div>
            <State person=person.clone()/>
        </div>
        <DoneNotice more=None/>
        {new_link.map(|link| view! { <NewLink link name=person.name.clone() waits=waiting.is_some()/> })}
        {waiting}
        <div class="cols">
            <Memberships
                person=person.clone()
                mine=mine.into_iter().filter_map(|(team, role)| Some((team, role?))).collect()
                others=others.into_iter().map(|(team, _)| team).collect()
                refused=member
            />
            <div>
                <RoleForm person=person.clone() refused=role/>
                <SigningIn person=person.clone() disable link/>
            </div>
        </div>
        {person_sessions(&person, sessions, &ending)}
    }))
}

#[component]
fn NewLink(link: SecretString, name: String, waits: bool) -> impl IntoView {
    let link = link.expose_secret().to_owned();
    let waits = waits.then(|| view! { <p>"It works after another admin has released it."</p> });
    view! {
        <section class="callout info" aria-labelledby="new-link">
            <h2 id="new-link">"One-time link"</h2>
            <p>
                "Send this link only to "{name}", because anyone who opens it can choose the password. It works once, within seven days. "
                <strong>"Copy it now. It won't be shown again."</strong>
            </p>
            {waits}
            <div class="field">
                <label for="link">"Link"</label>
                <input id="link" class="id" type="text" readonly value=link.clone()/>
            </div>
            <CopyButton text=link label="Copy link"/>
        </section>
    }
}

/// The link that waits for a second admin, with the button that releases it for everybody but its maker.
fn waiting_link(waiting: WaitingLink, person: &Person, viewer: PersonId, refused: &Refused) -> AnyView {
    let release = if waiting.made_by == Some(viewer) {
        view! { <p>"You created it, so another admin has to release it. If there is no other admin, run this on the portal's machine: "<code>"partner-portal user release-link"</code></p> }
            .into_any()
    } else {
        view! {
            <p>{format!("Ask {} in person whether they want a new password before you release it.", person.name)}</p>
            <form method="post" action="/api/fn/release_link">
                <input type="hidden" name="person" value=person.id.to_string()/>
                <SubmitOnce label="Release link" class="primary"/>
            </form>
        }
        .into_any()
    };
    let what = match waiting.recovers {
        true => format!("It resets the password of {} and removes the second factors.", person.name),
        false => format!("It resets the password of {}.", person.name),
    };
    let problem = lone_problem(refused.problem("release"));
    view! {
        <section class="callout warn" aria-labelledby="waiting-link">
            <h2 id="waiting-link">"A one-time link needs a second admin"</h2>
            <p>{waiting.made_by_name}" created it on "<Moment at=waiting.at/>". "{what}</p>
            {release}
            {problem}
        </section>
    }
    .into_any()
}

#[component]
fn Memberships(person: Person, mine: Vec<(Team, TeamRole)>, others: Vec<Team>, refused: Refused) -> impl IntoView {
    let rows: Vec<_> = mine
        .into_iter()
        .map(|(team, role)| {
            view! {
                <tr>
                    <th scope="row">
                        <a href=format!("/admin/teams/{}", team.slug)>{team.name.clone()}</a>
                        " "{team.production.then(production_badge)}
                    </th>
                    <td>
                        <MemberForms
                            team=team.slug
                            person=person.id
                            role
                            page=MembersOf::Person
                            refused=refused.clone()
                            whose=format!("in {}", team.name)
                            from_where=format!("from {}", team.name)
                        />
                    </td>
                </tr>
            }
        })
        .collect();
    let list = match rows.is_empty() {
        true => empty(format!("{} isn't in a team yet.", person.name)),
        false => view! {
            <div class="sheet">
                <table class="cards">
                    <caption>{format!("Teams of {} by name", person.name)}</caption>
                    <thead>
                        <tr>
                            <th scope="col" aria-sort="ascending">"Team"</th>
                            <th scope="col">"Role"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any(),
    };
    let others: Vec<_> = others.into_iter().map(|team| (team.slug.to_string(), team.name)).collect();
    let add = (!others.is_empty()).then(|| {
        view! { <AddMember page=MembersOf::Person known=person.id.to_string() others refused button="Add to team"/> }
    });
    view! {
        <section aria-labelledby="memberships">
            <h2 id="memberships">"Teams"</h2>
            {list}
            {add}
        </section>
    }
}

#[component]
fn RoleForm(person: Person, refused: Refused) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="role-heading">
            <h2 id="role-heading">"Role in the portal"</h2>
            <form class="fields" method="post" action="/api/fn/set_role">
                {problem_summary(&refused, by_name(["role"]))}
                <input type="hidden" name="person" value=person.id.to_string()/>
                <SelectField
                    label="Role"
                    name="role"
                    options=portal_roles()
                    chosen=refused.value("role", person.role.as_str())
                    problem=refused.problem("role")
                />
                <SubmitOnce label="Save role" class=""/>
            </form>
        </section>
    }
}

#[component]
fn SigningIn(person: Person, disable: Refused, link: Refused) -> impl IntoView {
    let id = person.id.to_string();
    let forms = match person.disabled_at {
        Some(at) => view! {
            <p>"Disabled since "<Moment at/>"."</p>
            <form method="post" action="/api/fn/enable_person">
                <input type="hidden" name="person" value=id/>
                <SubmitOnce label=format!("Enable {}", person.name) class=""/>
            </form>
        }
        .into_any(),
        None => {
            let at_provider = person.subject.is_some();
            let what = match person.joined {
                _ if at_provider => {
                    "The person signs in with the identity provider and has no password here. If groups decide about roles, they are set again at each sign-in."
                }
                true => {
                    "A new one-time link lets the person choose a new password after another admin has released it. The current password works until then."
                }
                false => "This person hasn't chosen a password yet. A new one-time link replaces the earlier one.",
            };
            view! {
                <p class="soft">{what}</p>
                {(!at_provider).then(|| view! {
                    <form method="post" action="/api/fn/invite_again">
                        <input type="hidden" name="person" value=id.clone()/>
                        <SubmitOnce label="New one-time link" class=""/>
                    </form>
                })}
                {(person.joined && !at_provider && !person.factors.is_empty()).then(|| view! {
                    <p class="soft">"If the person has lost all second factors and recovery codes, a recovery link also removes the second factors."</p>
                    <form method="post" action="/api/fn/recover_person">
                        <input type="hidden" name="person" value=id.clone()/>
                        <SubmitOnce label="New recovery link" class=""/>
                    </form>
                })}
                {remark(Tone::Bad, view! {
                    <strong>"Disabling ends all sessions at once."</strong>
                    <span>"The person can't sign in or use one-time links. Memberships stay."</span>
                })}
                {lone_problem(disable.problem("disabled"))}
                <form method="post" action="/api/fn/disable_person">
                    <input type="hidden" name="person" value=id/>
                    <SubmitOnce label=format!("Disable {}", person.name) class="danger"/>
                </form>
            }
            .into_any()
        }
    };
    view! {
        <section class="panel" aria-labelledby="signing-in">
            <h2 id="signing-in">"Signing in"</h2>
            {lone_problem(link.problem("link"))}
            {forms}
        </section>
    }
}
