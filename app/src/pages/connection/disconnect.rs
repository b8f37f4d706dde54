//! The form that disconnects a connection. It offers to force this only after Workato said that active recipes use the
//! connection. Only operators see it. `portal` checks the right when the form is sent.

use leptos::prelude::*;
use portal::{
    audit::{Action, OperationSummary, Outcome},
    impact::{Known, OwnRecipes},
    teams::Team,
};
use workato::Connection;

use crate::{
    components::{
        Danger, Icon, NameConfirmation, Radio, RadioField, ReasonField, SubmitChange, Tone, by_id, connection_impact,
        connection_name, problem_summary, recipes_using, remark,
    },
    form_memory::Refused,
    forms::{self, names::DISCONNECT_CONNECTION},
    wording::impact,
};

/// The form, with the input of a refused one. `history` has the connection's operations, newest first.
pub fn form(
    team: &Team,
    connection: &Connection,
    recipes: &Known<OwnRecipes>,
    history: &[OperationSummary],
    needs_approval: bool,
) -> Danger {
    let refused = forms::refused(DISCONNECT_CONNECTION);
    let called = connection_name(connection);
    let in_production = team.production.then(|| view! { <p><strong>"This is a production team."</strong></p> });
    let reason =
        ReasonField { refused: &refused, team, destructive: true, id: "disconnect-reason".to_owned(), initial: "" };
    let in_use = is_in_use(history);
    let force = (in_use || refused.typed("force") == Some("true")).then(|| force(&refused));
    let would = if connection.authorization_status.is_none() && !connection.unreadable.has("authorization_status") {
        let words = view! {
            <p><strong>"It is disconnected already."</strong>" Disconnecting it again changes nothing in Workato."</p>
        };
        remark(Tone::Info, words)
    } else {
        let words = view! {
            <p>"This removes the sign-in of "<strong>{called.clone()}</strong>". The connection stays in the workspace, without credentials, and can be signed in to again."</p>
            {in_production}
        };
        remark(Tone::Bad, words)
    };
    let confirmation = NameConfirmation::new(connection.name.as_deref(), connection.id);
    let used = impact::used_by(recipes_using(recipes, connection.id));
    let label = format!("Disconnect {called}{used}");
    let submit = SubmitChange { label, class: "danger solid", team, needs_approval, refused: &refused };
    let form = view! {
        <form class="form" method="post" action="/api/fn/disconnect_connection" aria-labelledby="disconnect-title" novalidate>
            {problem_summary(&refused, by_id([("confirm", "disconnect-confirm".to_owned()), ("reason", "disconnect-reason".to_owned())]))}
            {would}
            {connection_impact(recipes, connection.id, team)}
            <p class="soft">"Workato refuses as long as an active recipe uses it."</p>
            {force}
            <input type="hidden" name="team" value=team.slug.to_string()/>
            <input type="hidden" name="connection" value=connection.id.to_string()/>
            <input type="hidden" name="operation" value=refused.operation().to_string()/>
            {confirmation.render(&refused, "disconnect-confirm")}
            {reason.render()}
            {submit.render()}
        </form>
    }
    .into_any();
    Danger {
        id: "disconnect",
        title: "Disconnect",
        what: "Removes the saved sign-in. The connection stays and can be signed in to again.".to_owned(),
        icon: Icon::Unplug,
        verb: "Disconnect…",
        open: in_use || !refused.is_empty(),
        form,
    }
}

fn force(refused: &Refused) -> AnyView {
    let radios = vec![
        Radio {
            value: "false",
            label: "Only if no active recipe uses it".to_owned(),
            hint: "Workato refuses again until those recipes are stopped or use another connection.".to_owned(),
        },
        Radio {
            value: "true",
            label: "Force".to_owned(),
            hint: "Active recipes that use it go on running and fail at their next step that needs it.".to_owned(),
        },
    ];
    view! {
        <p><strong>"Active recipes use it, Workato says."</strong></p>
        <RadioField legend="How" name="force" radios=radios chosen=refused.value("force", "false") problem=None/>
    }
    .into_any()
}

/// Whether Workato rejected the newest attempt to disconnect, because active recipes use the connection.
fn is_in_use(history: &[OperationSummary]) -> bool {
    let newest = history.iter().find(|operation| operation.action == Action::ConnectionDisconnect);
    newest.is_some_and(|operation| {
        let said = operation.last.as_ref().and_then(|entry| entry.workato.as_ref()?.message.as_deref());
        operation.outcome == Some(Outcome::Rejected) && said.is_some_and(names_active_recipes)
    })
}

/// Whether Workato's message says that active recipes use a connection.
pub fn names_active_recipes(said: &str) -> bool {
    let said = said.to_lowercase();
    said.contains("active recipe") || said.contains("running recipe")
}

#[cfg(test)]
mod tests {
    use portal::audit::{Action, OperationSummary, Outcome, WorkatoSaid};
    use time::macros::datetime;

    use super::is_in_use;
    use crate::fixture;

    fn disconnect(outcome: Outcome, said: &str) -> OperationSummary {
        let mut operation = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        operation.action = Action::ConnectionDisconnect;
        operation.outcome = Some(outcome);
        if let Some(last) = &mut operation.last {
            last.workato = Some(WorkatoSaid {
                http_status: Some(200),
                status: Some("rejected".to_owned()),
                message: Some(said.to_owned()),
                detail: "answered".to_owned(),
                ..WorkatoSaid::default()
            });
        }
        operation
    }

    #[test]
    fn force_is_offered_only_while_the_newest_rejection_names_active_recipes() {
        let in_use = || disconnect(Outcome::Rejected, "You can't disconnect a connection used by active recipes");
        let mut deleted = in_use();
        deleted.action = Action::ConnectionDelete;
        assert!(!is_in_use(&[]));
        assert!(is_in_use(&[in_use()]));
        assert!(is_in_use(&[deleted.clone(), in_use()]));
        assert!(!is_in_use(&[deleted]));
        assert!(!is_in_use(&[disconnect(Outcome::Succeeded, ""), in_use()]));
        assert!(!is_in_use(&[disconnect(Outcome::Rejected, "Unauthorized"), in_use()]));
        assert!(!is_in_use(&[disconnect(Outcome::Unknown, "active recipes")]));
    }
}
