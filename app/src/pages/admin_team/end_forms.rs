//! The forms that end something of a team: withdrawing its token, and retiring it.

use leptos::prelude::*;
use portal::teams::Team;

use crate::{
    components::{CollapsedForm, NameConfirmation, ReasonField, Tone, by_id, problem_summary, remark},
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
            "This destroys the portal's copy of the token. The team, its people and its log stay. Until you set another token, the portal can't read or change anything in the team's Workato. The token itself still works, so delete it in Workato too.",
        );
        CollapsedForm { id: "withdraw", title: "Withdraw the token", open: !withdraw.is_empty(), form }.render()
    });
    let form = form(
        team,
        &retire,
        "/api/fn/retire_team",
        "retire",
        "Retire this team",
        "This destroys the portal's copy of the token. Nothing in the team can be changed afterwards. Its history stays in the audit log. This can't be undone.",
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
            {problem_summary(refused, by_id([("confirm", confirm.to_owned()), ("reason", format!("{id}-reason"))]))}
            {remark(Tone::Bad, view! { <p>{what}</p> })}
            <input type="hidden" name="team" value=team.slug.to_string()/>
            {confirmation.render(refused, confirm)}
            {reason.render()}
            <SubmitOnce label=label class="danger"/>
        </form>
    }
    .into_any()
}
