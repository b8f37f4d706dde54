//! The forms that add, change and remove memberships. They are on the team's and the person's page, and redirect back
//! to it.

use leptos::prelude::*;
use portal::{PersonId, TeamRole, TeamSlug};

use super::{Options, SelectField, SubmitButton, by_id, choice::Choice, problem_summary};
use crate::{form_memory::Refused, islands::SubmitOnce, wording::people};

/// The name of the form that adds a membership.
pub const FORM: &str = "member";

/// The page that has the form.
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

/// The roles in a team as choices.
pub fn team_roles() -> Vec<Choice> {
    TeamRole::ALL.iter().map(|role| (role.to_string(), people::team_role(*role).to_owned())).collect()
}

/// The forms that change or remove one membership. The row names the other half of it. `whose` and `from_where` repeat
/// it in the accessible names: "of Ada" and "Ada", or "in Payments" and "from Payments".
#[component]
pub fn MemberForms(
    team: TeamSlug,
    person: PersonId,
    role: TeamRole,
    page: MembersOf,
    /// The form that is shown again. It may be of another membership.
    refused: Refused,
    whose: String,
    from_where: String,
) -> impl IntoView {
    let is_this = refused.typed("team") == Some(team.as_str()) && refused.typed("person") == Some(&*person.to_string());
    let chosen = if is_this { refused.value("role", role.as_str()) } else { role.to_string() };
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
                <select class="in" name="role" aria-label=format!("Role {whose}")>
                    <Options options=roles chosen=chosen/>
                </select>
                <SubmitButton label=format!("Change role {whose}")>"Change role"</SubmitButton>
            </form>
            <form method="post" action="/api/fn/remove_member">
                {hidden()}
                <SubmitButton label=format!("Remove {from_where}")>"Remove"</SubmitButton>
            </form>
        </div>
    }
}

/// The form that adds a membership. `known` is the half that the page is about. The other half is chosen from `others`.
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
    let ids = [(other.word(), format!("member-{}", other.word())), ("role", "member-role".to_owned())];
    let summary = problem_summary(&refused, by_id(ids));
    view! {
        {summary}
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
