//! The forms that end something of a team: withdrawing its token, and retiring it.

use leptos::prelude::*;
use portal::teams::Team;

use crate::{
    components::{CollapsedForm, NameConfirmation, ReasonField},
    form_memory::Refused,
    forms::{
        self,
        names::{RETIRE_TEAM, WITHDRAW_TOKEN},
    },
    islands::SubmitOnce,
};

/// The forms, with the input of a refused one.
pub fn forms(team: &Team) -> AnyView {
    let (withdraw, retire) = (forms::refused(WITHDRAW_TOKEN), forms::refused(RETIRE_TEAM));
    let has_token = team.token.is_some() || team.token_is_bad;
    let withdraw_form = has_token.then(|| {
        let form = form(
            team,
            &withdraw,
            "/api/fn/withdraw_token",
            "withdraw",
            "Withdraw the token",
            "The token is destroyed here. The team, its people and its log stay. Nothing can be read or changed in its \
             Workato until you set another token. The token still works at Workato: delete it there as well.",
        );
        CollapsedForm { id: "withdraw", title: "Withdraw the token", open: !withdraw.is_empty(), form }.render()
    });
    let form = form(
        team,
        &retire,
        "/api/fn/retire_team",
        "retire",
        "Retire this team",
        "The token is destroyed, and nothing of the team can be changed any more. The audit log keeps its past. It \
         cannot be taken back.",
    );
    let retire_form =
        CollapsedForm { id: "retire", title: "Retire this team", open: !retire.is_empty(), form }.render();
    view! {
        {withdraw_form}
        {retire_form}
    }
    .into_any()
}

fn form(
    team: &Team,
    refused: &Refused,
    action: &'static str,
    id: &'static str,
    label: &'static str,
    what: &'static str,
) -> AnyView {
    let confirm = if id == "retire" { "retire-confirm" } else { "withdraw-confirm" };
    let reason = ReasonField { refused, team, destructive: true, id: format!("{id}-reason"), initial: "" };
    let confirmation = NameConfirmation::new(Some(&team.name), &team.slug);
    view! {
        <form method="post" action=action aria-labelledby=format!("{id}-title") novalidate>
            {refused.alert()}
            <div class="callout"><p>{what}</p></div>
            <input type="hidden" name="team" value=team.slug.to_string()/>
            {confirmation.render(refused, confirm)}
            {reason.render()}
            <SubmitOnce label=label class="danger"/>
        </form>
    }
    .into_any()
}
