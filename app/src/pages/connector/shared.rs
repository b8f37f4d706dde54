//! What embedded customers get of a connector, since when, and who shared it.

use leptos::prelude::*;
use portal::{
    OperationId,
    audit::{Action, OperationSummary, Outcome},
    impact::{Known, OwnRecipes},
};
use time::Duration;
use workato::Connector;

use crate::{
    components::{Moment, dash, or_unreadable},
    wording::{connectors::behind, impact},
};

/// The allowed difference between Workato's clock and the portal's.
const SKEW: Duration = Duration::minutes(5);

/// Who shared the current version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedBy {
    pub actor: String,
    pub operation: OperationId,
}

/// Who shared the current version, if the portal did: the actor of the newest successful change of this connector.
/// `None` if Workato dates the share later, since it was then made outside the portal.
pub fn shared_by(connector: &Connector, history: &[OperationSummary]) -> Option<SharedBy> {
    let version = connector.shared_version()?;
    let newest = history.iter().find(|operation| operation.outcome == Some(Outcome::Succeeded))?;
    let shared_version = newest.first.as_ref()?.parameters.get("version")?.as_i64()?;
    let recorded_at = newest.last.as_ref()?.at;
    let fits = newest.action == Action::ConnectorShare
        && shared_version == version.get()
        && connector.oem_shared_at.is_none_or(|at| (newest.at - SKEW..=recorded_at + SKEW).contains(&at.get()));
    fits.then(|| SharedBy { actor: newest.actor_name.clone(), operation: newest.id })
}

pub fn panel(connector: &Connector, own: &Known<OwnRecipes>, by: Option<&SharedBy>) -> AnyView {
    let (big, beside) = match connector.shared_version() {
        Some(version) => {
            (format!("Version {version}"), behind(connector).unwrap_or_else(|| "The latest release".to_owned()))
        }
        None if !connector.is_share_known() => {
            ("Unreadable".to_owned(), "Workato sent a version that the portal can’t read".to_owned())
        }
        None if connector.latest_version().is_none() && connector.are_releases_known() => {
            ("Nothing".to_owned(), "Never released".to_owned())
        }
        None => ("Nothing".to_owned(), "Not shared".to_owned()),
    };
    let shared_at = connector.shared_version().and(connector.oem_shared_at);
    let shared_at = shared_at.map_or_else(dash, |at| view! { <Moment at=at.get()/> }.into_any());
    let by = by.map(|by| {
        let href = format!("/audit/{}", by.operation);
        view! { <dt>"By"</dt><dd><a href=href>{by.actor.clone()}</a></dd> }
    });
    let latest = connector.latest_version().map_or_else(dash, |version| format!("Version {version}").into_any());
    let latest = or_unreadable(&connector.unreadable, "latest_released_version", latest);
    let used = own.read.as_ref().zip(connector.name.as_deref()).map(|(own, name)| own.of_application(name));
    let used = used.map(|used| {
        view! { <dt>"Own recipes"</dt><dd>{impact::recipes(impact::counts(&used))}</dd> }
    });
    let technical = connector.name.clone().filter(|name| !name.trim().is_empty());
    let technical = technical.map_or_else(dash, |name| view! { <span class="id">{name}</span> }.into_any());
    view! {
        <section class="card" aria-labelledby="customers-get">
            <div class="card-head"><h2 id="customers-get">"What customers get"</h2></div>
            <div class="card-body">
                <div><p class="move">{big}</p><p class="sm t2">{beside}</p></div>
                <dl class="facts">
                    <dt>"Shared"</dt><dd>{shared_at}</dd>
                    {by}
                    <dt>"Latest"</dt><dd>{latest}</dd>
                    {used}
                    <dt>"Name"</dt><dd>{technical}</dd>
                    <dt>"ID"</dt><dd><span class="id">{connector.id.to_string()}</span></dd>
                </dl>
            </div>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use portal::audit::{Action, OperationSummary, Outcome};
    use serde_json::json;
    use time::{Duration, OffsetDateTime, macros::datetime};
    use workato::Connector;

    use super::shared_by;
    use crate::fixture;

    const AT: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

    fn connector(version: i64, shared_at: OffsetDateTime) -> Connector {
        let shared_at = workato::Timestamp::from(shared_at);
        serde_json::from_value(json!({ "id": 3066, "oem_shared_version": version, "oem_shared_at": shared_at }))
            .expect("a connector")
    }

    fn operation(action: Action, version: i64, outcome: Outcome) -> OperationSummary {
        let mut operation = fixture::share_of(version, AT);
        operation.action = action;
        operation.outcome = Some(outcome);
        operation
    }

    #[test]
    fn the_newest_successful_share_says_who_shared_it() {
        let shared = operation(Action::ConnectorShare, 4, Outcome::Succeeded);
        let refused = operation(Action::ConnectorShare, 9, Outcome::Rejected);
        let by = shared_by(&connector(4, AT), &[refused, shared.clone()]).expect("somebody");
        assert_eq!((by.actor, by.operation), (shared.actor_name, shared.id));
    }

    #[test]
    fn a_share_outside_the_portal_has_no_actor() {
        let shared = operation(Action::ConnectorShare, 4, Outcome::Succeeded);
        assert_eq!(shared_by(&connector(4, AT + Duration::hours(1)), std::slice::from_ref(&shared)), None);
        assert_eq!(shared_by(&connector(3, AT), std::slice::from_ref(&shared)), None);
        let suppressed = operation(Action::ConnectorSuppress, 4, Outcome::Succeeded);
        assert_eq!(shared_by(&connector(4, AT), &[suppressed, shared]), None);
        assert_eq!(shared_by(&connector(4, AT), &[]), None);
    }
}
