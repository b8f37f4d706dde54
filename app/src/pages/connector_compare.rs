//! `/teams/{team}/connectors/{id}/compare?from=7&to=8`: the code of two released versions, as the portal first saw it.

use leptos::prelude::*;
use portal::Error;
use workato::{ConnectorId, ConnectorVersion};

use crate::{
    components::{Frame, Rendered, Section, code_changes, connector_name, page},
    context,
};

/// How many lines of a difference the page shows.
const MOST_SHOWN: usize = 5_000;

#[component]
pub fn ConnectorComparePage() -> impl IntoView {
    page(compare(context::path_part("team"), context::path_part("id")))
}

async fn compare(team: String, id: String) -> Result<Rendered, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let id: ConnectorId = id.parse().map_err(|_| Error::NotFound)?;
    let query = context::query();
    let version = |name| query.get(name).parse::<ConnectorVersion>().map_err(|_| Error::NotFound);
    let (from, to) = (version("from")?, version("to")?);
    let portal = context::portal();
    let comparison = portal.compare_code(&reader, id, (from, to), MOST_SHOWN).await?;
    // If the connector cannot be read, its id is its name.
    let connector = match portal.connector(&reader, id).await {
        Err(error @ Error::NotFound) => return Err(error),
        found => found.ok(),
    };
    let name = connector.map_or_else(|| format!("Connector {id}"), |found| connector_name(&found.items));
    let title = format!("Versions {from} and {to} of {name}");
    let back = format!("/teams/{}/connectors/{id}#version-{to}", reader.team().slug);
    let frame = frame.section(Section::Connectors).title(title.clone());
    Ok(frame.render(view! {
        <p class="back"><a href=back>{format!("Back to {name}")}</a></p>
        <div class="head"><div><h1>{title}</h1></div></div>
        {code_changes(&comparison, None)}
    }))
}
