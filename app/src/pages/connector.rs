//! `/teams/{team}/connectors/{id}`: the released versions of one connector, and the forms that share and suppress it.
//! After the connector is deleted, the page shows what the audit log has.

mod shared;
mod stop_sharing;
mod versions;

use leptos::prelude::*;
use portal::{Error, TeamReader, audit::TargetType, upstream::Shown};
use workato::{Connector, ConnectorId};

use super::target::TargetLog;
use crate::{
    components::{
        Frame, Freshness, Offers, Rendered, Section, UNREADABLE, connector_name, page, stale_notice, unsent_notice,
    },
    context,
    forms::{
        self,
        names::{SHARE_VERSION, SUPPRESS_CONNECTOR},
    },
};

#[component]
pub fn ConnectorPage() -> impl IntoView {
    page(connector(context::path_part("team"), context::path_part("id")))
}

async fn connector(team: String, id: String) -> Result<Rendered, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let id: ConnectorId = id.parse().map_err(|_| Error::NotFound)?;
    let frame = frame.section(Section::Connectors);
    let forms = [SHARE_VERSION, SUPPRESS_CONNECTOR];
    let log = TargetLog::read(&reader, TargetType::Connector, id, &forms).await?;
    match log.find(context::portal().connector(&reader, id)).await? {
        Ok(found) => {
            let name = connector_name(&found.items);
            Ok(frame.title(name.clone()).render(content(&reader, &found, &name, log)))
        }
        Err(why) => Ok(frame.title(log.name()).render(log.page(why))),
    }
}

fn content(reader: &TeamReader, found: &Shown<Connector>, name: &str, mut log: TargetLog) -> AnyView {
    let connector = &found.items;
    let by = shared::shared_by(connector, &log.history);
    let refused = forms::refused(SHARE_VERSION);
    let shared_chip = match connector.shared_version() {
        Some(version) => view! { <span class="badge info">{format!("shared: version {version}")}</span> },
        None if !connector.is_share_known() => {
            view! { <span class="badge">{format!("shared version: {UNREADABLE}")}</span> }
        }
        None => view! { <span class="badge">{"not shared".to_owned()}</span> },
    };
    let latest_chip = connector
        .latest_version()
        .map(|version| view! { <span class="badge">{format!("latest released: {version}")}</span> });
    let code = format!("/teams/{}/connectors/{}/code", reader.team().slug, connector.id);
    let stop = (reader.may_operate() && (connector.shared_version().is_some() || !connector.is_share_known()))
        .then(|| stop_sharing::form(reader.team(), connector, name));
    let unsent = stop.is_none().then(|| forms::refused(SUPPRESS_CONNECTOR).unsent()).flatten();
    let notice = log.notice();
    let offers = if reader.may_operate() { Offers::Changes } else { Offers::Nothing };
    view! {
        {log.breadcrumb()}
        <div class="head">
            <div>
                <h1>{name.to_owned()}</h1>
                <Freshness
                    shown=format!("Id {}", connector.id)
                    read_at=found.read_at
                    waited=found.waited
                    team=reader.team().slug.to_string()
                />
            </div>
            {shared_chip}
            {latest_chip}
            <a class="btn" href=code>"Code"</a>
        </div>
        {notice}
        {stale_notice(found.stale.as_ref(), found.read_at, offers)}
        {unsent.map(unsent_notice)}
        <div class="cols">
            <div>
                {versions::versions(reader, connector, by.as_ref(), &refused)}
                {log.operations()}
            </div>
            <div>
                {shared::panel(connector, by.as_ref())}
                {stop}
            </div>
        </div>
    }
    .into_any()
}
