//! What changes in the code of a connector when another version is shared, as far as the portal has seen it.

use leptos::prelude::*;
use portal::{
    Error, ReadFailure, TeamReader,
    code::{Comparison, VersionCode},
};
use workato::{Connector, ConnectorVersion};

use crate::{
    components::code_changes,
    context,
    wording::{code, impact},
};

/// How many lines of a difference the connector's page shows.
const MOST_SHOWN: usize = 200;

/// What is known of the code of a connector's versions.
pub struct CodeChanges {
    seen: Vec<VersionCode>,
    /// From the shared version to those whose forms are open at first.
    compared: Vec<Comparison>,
    /// Why the portal could not read code lately.
    failure: Option<ReadFailure>,
}

impl CodeChanges {
    /// Compares the shared version with the latest one, and with the one whose form was refused.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn read(
        reader: &TeamReader,
        connector: &Connector,
        refused: Option<ConnectorVersion>,
    ) -> Result<Self, Error> {
        let portal = context::portal();
        let mut changes = Self {
            seen: portal.seen_code(reader, connector.id).await?,
            compared: Vec::new(),
            failure: portal.code_failure(reader),
        };
        let Some(shared) = connector.shared_version() else { return Ok(changes) };
        for version in [connector.latest_version(), refused].into_iter().flatten() {
            if version != shared && changes.compared.iter().all(|known| known.to != version) {
                let compared = portal.compare_code(reader, connector.id, (shared, version), MOST_SHOWN).await?;
                changes.compared.push(compared);
            }
        }
        Ok(changes)
    }

    /// What changes with this version, for a reader of its form.
    pub fn of(&self, reader: &TeamReader, connector: &Connector, version: ConnectorVersion) -> Option<AnyView> {
        let shared = connector.shared_version().filter(|shared| *shared != version)?;
        let page =
            format!("/teams/{}/connectors/{}/compare?from={shared}&to={version}", reader.team().slug, connector.id);
        if let Some(comparison) = self.compared.iter().find(|known| known.to == version) {
            let failure = comparison.compared.is_none().then_some(self.failure.as_ref()).flatten();
            let failure = failure.map(|failure| view! { <p class="xs t2">{impact::failure(failure)}</p> });
            return Some(view! { {code_changes(comparison, Some(&page))}{failure} }.into_any());
        }
        let is_seen = |version| self.seen.iter().any(|seen| seen.version == version);
        if is_seen(shared) && is_seen(version) {
            let label = format!("Compare the code of {shared} and {version}");
            return Some(view! { <p class="sm"><a href=page>{label}</a></p> }.into_any());
        }
        let of = |version| self.seen.iter().find(|seen| seen.version == version).cloned();
        let known =
            Comparison { from: shared, to: version, from_code: of(shared), to_code: of(version), compared: None };
        Some(view! { <p class="sm t2">{code::unseen(&known)}</p> }.into_any())
    }
}
