//! The forms of memberships: one person's role in one team, given, changed and ended. They stand on the team's page
//! and on the person's, and lead back to where they stand.

use leptos::prelude::*;
use portal::{PersonId, TeamRole, TeamSlug};

use super::{Options, SelectField, choice::Choice};
use crate::{form_memory::Refused, islands::SubmitOnce, wording::people};

/// The name of the form that adds a membership.
pub const FORM: &str = "member";

/// On whose page a form of memberships stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembersOf {
    Team,
    Person,
}

impl MembersOf {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Person => "person",
        }
    }
}

/// The roles in a team, as a choice offers them.
pub fn team_roles() -> Vec<Choice> {
    TeamRole::ALL.iter().map(|role| (role.to_string(), people::team_role(*role).to_owned())).collect()
}

/// Changes or ends one membership. The row names the other half of it; `whose` and `from_where` do so for people who
/// hear one control at a time: "of Ada", "Ada"; "in Payments", "from Payments".
#[component]
pub fn MemberForms(
    team: TeamSlug,
    person: PersonId,
    role: TeamRole,
    page: MembersOf,
    whose: String,
    from_where: String,
) -> impl IntoView {
    let hidden = move || {
        view! {
            <input type="hidden" name="team" value=team.to_string()/>
            <input type="hidden" name="person" value=person.to_string()/>
            <input type="hidden" name="page" value=page.word()/>
        }
    };
    let roles = TeamRole::ALL.iter().map(|role| (role.to_string(), role.to_string())).collect();
    view! {
        <div class="row">
            <form class="row" method="post" action="/api/fn/set_member">
                {hidden()}
                <select name="role" aria-label=format!("Role {whose}")>
                    <Options options=roles chosen=role.to_string()/>
                </select>
                <button class="button" type="submit" aria-label=format!("Change role {whose}")>"Change role"</button>
            </form>
            <form method="post" action="/api/fn/remove_member">
                {hidden()}
                <button class="button" type="submit" aria-label=format!("Remove {from_where}")>"Remove"</button>
            </form>
        </div>
    }
}

/// Adds a membership. `known` is the half of it that the page is about, as a hidden field; the other is chosen among
/// `others`.
#[component]
pub fn AddMember(
    page: MembersOf,
    known: String,
    others: Vec<Choice>,
    refused: Refused,
    #[prop(into)] button: String,
) -> impl IntoView {
    let (other, label) = match page {
        MembersOf::Team => (MembersOf::Person, "Person"),
        MembersOf::Person => (MembersOf::Team, "Team"),
    };
    view! {
        <form class="filters" method="post" action="/api/fn/set_member">
            <input type="hidden" name=page.word() value=known/>
            <input type="hidden" name="page" value=page.word()/>
            <SelectField
                label=label
                name=other.word()
                id=format!("member-{}", other.word())
                options=others
                chosen=refused.value(other.word(), "")
                problem=refused.problem(other.word())
            />
            <SelectField
                label="Role in the team"
                name="role"
                id="member-role"
                options=team_roles()
                chosen=refused.value("role", TeamRole::Viewer.as_str())
                problem=refused.problem("role")
            />
            <SubmitOnce label=button class=""/>
        </form>
    }
}
