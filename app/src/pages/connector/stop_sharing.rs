//! The form that suppresses a connector. Only operators see it. `portal` checks the right when the form is sent.

use leptos::prelude::*;
use portal::{connectors, teams::Team};
use workato::Connector;

use crate::{
    components::{NameConfirmation, ReasonField},
    forms::{self, names::SUPPRESS_CONNECTOR},
    islands::SubmitOnce,
};

/// The form, with the input of a refused one.
pub fn form(team: &Team, connector: &Connector, called: &str) -> AnyView {
    let refused = forms::refused(SUPPRESS_CONNECTOR);
    let confirmation = NameConfirmation::new(connectors::name(connector), connector.id);
    let now = match connector.shared_version() {
        Some(version) => format!("They get version {version} of "),
        None => "They may get a version of ".to_owned(),
    };
    let in_production = team.production.then(|| view! { <p><strong>"This is a production team."</strong></p> });
    let reason = ReasonField { refused: &refused, team, destructive: true, id: "reason".to_owned(), initial: "" };
    view! {
        // The portal shows problems beside the fields.
        <form
            id="stop-sharing"
            class="panel danger"
            method="post"
            action="/api/fn/suppress_connector"
            aria-labelledby="stop-sharing-title"
            novalidate
        >
            <h2 id="stop-sharing-title">"Stop sharing"</h2>
            {refused.alert()}
            <div class="callout">
                <p><strong>"Recipes of every embedded customer that uses it will break."</strong></p>
                <p>{now}<strong>{called.to_owned()}</strong>" now, and would get none. The connector itself stays in this workspace."</p>
                {in_production}
            </div>
            <input type="hidden" name="team" value=team.slug.to_string()/>
            <input type="hidden" name="connector" value=connector.id.to_string()/>
            <input type="hidden" name="operation" value=refused.operation().to_string()/>
            {confirmation.render(&refused, "confirm")}
            {reason.render()}
            <SubmitOnce label=format!("Suppress {called}") class="danger"/>
        </form>
    }
    .into_any()
}
