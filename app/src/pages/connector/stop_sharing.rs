//! The form that suppresses a connector. Only operators see it. `portal` checks the right when the form is sent.

use leptos::prelude::*;
use portal::{
    connectors,
    impact::{CustomersRecipes, Known},
    teams::Team,
};
use workato::Connector;

use crate::{
    components::{
        Danger, Icon, NameConfirmation, ReasonField, SubmitChange, Tone, by_name, connector_impact, customers_using,
        danger_zone, problem_summary, remark,
    },
    forms::{self, names::SUPPRESS_CONNECTOR},
    wording::impact,
};

/// The form, with the input of a refused one.
pub fn form(
    team: &Team,
    connector: &Connector,
    customers: &Known<CustomersRecipes>,
    called: &str,
    needs_approval: bool,
) -> AnyView {
    let refused = forms::refused(SUPPRESS_CONNECTOR);
    let confirmation = NameConfirmation::new(connectors::name(connector), connector.id);
    let now = match connector.shared_version() {
        Some(version) => format!("They have version {version} of "),
        None => "They may have a version of ".to_owned(),
    };
    let in_production = team.production.then(|| view! { <p><strong>"This is a production team."</strong></p> });
    let reason = ReasonField { refused: &refused, team, destructive: true, id: "reason".to_owned(), initial: "" };
    let whom = impact::for_customers(customers_using(customers, connector));
    let label = format!("Suppress {called}{whom}");
    let submit = SubmitChange { label, class: "danger solid", team, needs_approval, refused: &refused };
    let form = view! {
        // The portal shows problems beside the fields.
        <form
            class="form"
            method="post"
            action="/api/fn/suppress_connector"
            aria-labelledby="suppress-title"
            novalidate
        >
            {problem_summary(&refused, by_name(["confirm", "reason"]))}
            {remark(Tone::Bad, view! {
                <p><strong>"Recipes of every customer that uses it will fail."</strong></p>
                <p>{now}<strong>{called.to_owned()}</strong>" now, and lose it. The connector stays in this workspace."</p>
                {in_production}
            })}
            {connector_impact(customers, connector)}
            <input type="hidden" name="team" value=team.slug.to_string()/>
            <input type="hidden" name="connector" value=connector.id.to_string()/>
            <input type="hidden" name="operation" value=refused.operation().to_string()/>
            {confirmation.render(&refused, "confirm")}
            {reason.render()}
            {submit.render()}
        </form>
    }
    .into_any();
    danger_zone(vec![Danger {
        id: "suppress",
        title: "Suppress this connector",
        what: "Stops sharing it. Recipes of all customers that use it fail at once.".to_owned(),
        icon: Icon::Ban,
        verb: "Suppress…",
        open: !refused.is_empty(),
        form,
    }])
}
