//! On the page of a request to share a version: what changes in the code, as it could be seen when somebody asked.

use leptos::prelude::*;
use portal::{
    Error, TeamReader,
    code::{CodeInEntry, Comparison, VersionInEntry},
    impact::EntryImpact,
    operations::RequestForPage,
};
use workato::{ConnectorId, ConnectorVersion};

use crate::{
    components::code_changes,
    context,
    wording::code::{self, unseen_when_requested},
};

/// How many lines of a difference the page shows.
const MOST_SHOWN: usize = 1_000;

/// The section, for a share that replaces another version.
pub async fn changes(reader: &TeamReader, found: &RequestForPage) -> Result<Option<AnyView>, Error> {
    let Some((connector, from, to)) = requested(found) else { return Ok(None) };
    let team = &reader.team().slug;
    let versions = (from.version, to.version);
    let unseen: Vec<ConnectorVersion> =
        [&from, &to].into_iter().filter(|code| code.sha256.is_none()).map(|code| code.version).collect();
    let content = if unseen.is_empty() {
        let now = context::portal().compare_code(reader, connector, versions, MOST_SHOWN).await?;
        let page = format!("/teams/{team}/connectors/{connector}/compare?from={}&to={}", from.version, to.version);
        match is_as_then(&now, (&from, &to)) {
            true => code_changes(&now, Some(&page)),
            false => view! { <p class="sm t2">{code::NO_LONGER_KEPT}</p> }.into_any(),
        }
    } else {
        view! { <p class="sm t2">{unseen_when_requested(&unseen)}</p> }.into_any()
    };
    Ok(Some(
        view! {
            <section class="card" aria-labelledby="code">
                <div class="card-head"><h2 id="code">"Code"</h2></div>
                <div class="card-body">{content}</div>
            </section>
        }
        .into_any(),
    ))
}

/// The connector, the version that is replaced, and the one that is shared.
fn requested(found: &RequestForPage) -> Option<(ConnectorId, VersionInEntry, VersionInEntry)> {
    let request = found.logged.summary.first.as_ref()?;
    let impact: EntryImpact = serde_json::from_value(request.impact.clone()?).ok()?;
    let CodeInEntry { from, to } = impact.code?;
    Some((request.targets.first()?.id.parse().ok()?, from?, to))
}

/// Whether the code that is kept is the one that could be seen then.
fn is_as_then(now: &Comparison, (from, to): (&VersionInEntry, &VersionInEntry)) -> bool {
    let same = |now: &Option<portal::code::VersionCode>, then: &VersionInEntry| {
        now.as_ref().map(|code| &code.sha256) == then.sha256.as_ref()
    };
    same(&now.from_code, from) && same(&now.to_code, to)
}
