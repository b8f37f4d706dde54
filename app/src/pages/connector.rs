//! `/teams/{team}/connectors/{id}`: the released versions of one connector, and the forms that share and suppress it.
//! After the connector is deleted, the page shows what the audit log has.

mod code;
mod shared;
mod stop_sharing;
mod versions;

use futures::future::join;
use leptos::prelude::*;
use portal::{
    Error, TeamReader,
    audit::TargetType,
    impact::{CustomersRecipes, Known, OwnRecipes, Wanted},
    teams::Guarded,
    upstream::Shown,
};
use workato::{Connector, ConnectorId};

use self::code::CodeChanges;
use super::target::TargetLog;
use crate::{
    components::{
        ButtonLink, Frame, Freshness, Glyph, Icon, Offers, Rendered, Section, connector_name, customers_section, glyph,
        icon, large_monogram, page, stale_notice, unsent_notice,
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
    let frame = frame.section(Section::Connectors).document().with_own_reasons().await;
    let forms = [SHARE_VERSION, SUPPRESS_CONNECTOR];
    let log = TargetLog::read(&reader, TargetType::Connector, id, &forms).await?;
    let portal = context::portal();
    let wanted = if reader.may_operate() { Wanted::Fresh } else { Wanted::Some };
    let found = join(log.find(portal.connector(&reader, id)), portal.customers_in_use(&reader, wanted)).await;
    let (found, customers) = (found.0?, found.1);
    match found {
        Ok(found) => {
            let name = connector_name(&found.items);
            let own = portal.recipes_in_use(&reader, Wanted::Held).await;
            let refused = forms::refused(SHARE_VERSION).typed("version").and_then(|version| version.parse().ok());
            let code = CodeChanges::read(&reader, &found.items, refused).await?;
            let known = (&customers, &own, &code);
            Ok(frame.title(name.clone()).render(content(&reader, &found, &name, known, log)))
        }
        Err(why) => Ok(frame.title(log.name()).render(log.page(why))),
    }
}

fn content(
    reader: &TeamReader,
    found: &Shown<Connector>,
    name: &str,
    (customers, own, code): (&Known<CustomersRecipes>, &Known<OwnRecipes>, &CodeChanges),
    mut log: TargetLog,
) -> AnyView {
    let connector = &found.items;
    let by = shared::shared_by(connector, &log.history);
    let refused = forms::refused(SHARE_VERSION);
    let badge = (connector.is_behind() && connector.shared_version().is_some())
        .then(|| view! { <span class="badge info">{glyph(Glyph::Lag)}"Update available"</span> });
    let code_page = format!("/teams/{}/connectors/{}/code", reader.team().slug, connector.id);
    let promote_page = format!("/teams/{}/connectors/{}/promote", reader.team().slug, connector.id);
    let stop =
        (reader.may_operate() && (connector.shared_version().is_some() || !connector.is_share_known())).then(|| {
            let needs_approval = log.guarded.contains(&Guarded::Suppress);
            stop_sharing::form(reader.team(), connector, customers, name, needs_approval)
        });
    let unsent = stop.is_none().then(|| forms::refused(SUPPRESS_CONNECTOR).unsent()).flatten();
    let notice = log.notice();
    let offers = if reader.may_operate() { Offers::Changes } else { Offers::Nothing };
    view! {
        <div class="head">
            <div class="head-main">
                {log.breadcrumb()}
                <div class="title">{large_monogram(name, name)}<h1>{name.to_owned()}</h1>{badge}</div>
            </div>
            <div class="head-acts">
                <Freshness
                    read_at=found.read_at
                    waited=found.waited
                    team=reader.team().slug.to_string()
                />
                <ButtonLink href=code_page>{icon(Icon::Code)}"Code"</ButtonLink>
                <ButtonLink href=promote_page>{icon(Icon::Up)}"Promote"</ButtonLink>
            </div>
        </div>
        {notice}
        {stale_notice(found.stale.as_ref(), found.read_at, offers)}
        {unsent.map(unsent_notice)}
        <div class="cols">
            <div>
                {versions::versions(reader, connector, (customers, code), by.as_ref(), &refused, &log.guarded)}
                {customers_section(customers, connector, reader.team())}
                {log.operations()}
                {stop}
            </div>
            <div>{shared::panel(connector, own, by.as_ref())}</div>
        </div>
    }
    .into_any()
}
