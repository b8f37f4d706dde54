//! The form that deletes a connection. Only operators see it. `portal` checks the right when the form is sent.

use leptos::prelude::*;
use portal::{
    impact::{Known, OwnRecipes},
    teams::Team,
};
use workato::Connection;

use crate::{
    components::{
        Danger, Icon, NameConfirmation, ReasonField, SubmitChange, Tone, by_id, connection_impact, connection_name,
        problem_summary, recipes_using, remark,
    },
    forms::{self, names::DELETE_CONNECTION},
    wording::impact,
};

/// The form, with the input of a refused one.
pub fn form(team: &Team, connection: &Connection, recipes: &Known<OwnRecipes>, needs_approval: bool) -> Danger {
    let refused = forms::refused(DELETE_CONNECTION);
    let called = connection_name(connection);
    let application = connection.application.as_deref().map_or_else(String::new, |name| format!("{name}, "));
    let what = format!(" ({application}id {}) from the Workato workspace of {}.", connection.id, team.name);
    let in_production = team.production.then(|| view! { <p><strong>"This is a production team."</strong></p> });
    let reason =
        ReasonField { refused: &refused, team, destructive: true, id: "delete-reason".to_owned(), initial: "" };
    let confirmation = NameConfirmation::new(connection.name.as_deref(), connection.id);
    let used = impact::used_by(recipes_using(recipes, connection.id));
    let label = format!("Delete {called}{used}");
    let submit = SubmitChange { label, class: "danger solid", team, needs_approval, refused: &refused };
    let form = view! {
        <form class="form" method="post" action="/api/fn/delete_connection" aria-labelledby="delete-title" novalidate>
            {problem_summary(&refused, by_id([("confirm", "delete-confirm".to_owned()), ("reason", "delete-reason".to_owned())]))}
            {remark(Tone::Bad, view! {
                <p>"This deletes "<strong>{called.clone()}</strong>{what}</p>
                <p>"Recipes that use it stop until they are given another connection. This can’t be undone."</p>
                {in_production}
            })}
            {connection_impact(recipes, connection.id, team)}
            <p class="soft">"Workato refuses as long as an active recipe or audit log streaming uses it."</p>
            <input type="hidden" name="team" value=team.slug.to_string()/>
            <input type="hidden" name="connection" value=connection.id.to_string()/>
            <input type="hidden" name="operation" value=refused.operation().to_string()/>
            {confirmation.render(&refused, "delete-confirm")}
            {reason.render()}
            {submit.render()}
        </form>
    }
    .into_any();
    Danger {
        id: "delete",
        title: "Delete this connection",
        what: "Deletes it from Workato. This can’t be undone.".to_owned(),
        icon: Icon::Trash,
        verb: "Delete…",
        open: !refused.is_empty(),
        form,
    }
}
