//! `GET /api/connections` with all documented filters and without pages.
//! The list of a customer's connections has the same filters.

use axum::{Extension, http::StatusCode};
use time::OffsetDateTime;

use crate::{
    admission::Caller,
    answers::{Answer, Refusal, json_bytes},
    query::{Query, updated_after},
    world::connection::{Connection, Connections},
};

/// The connections that match, in the order of their ids.
pub async fn list(Extension(caller): Extension<Caller>, query: Query) -> Answer {
    let filter = Filter::read(&query)?;
    let json = rows(&caller.workspace.world().connections, &filter)?;
    Ok(json_bytes(StatusCode::OK, json))
}

/// The matching connections as a JSON array.
pub fn rows(connections: &Connections, filter: &Filter) -> Result<Vec<u8>, Refusal> {
    connections.to_json(filter.include_tags, |connection| filter.matches(connection)).map_err(|error| {
        tracing::error!(%error, "could not serialize a connection");
        Refusal::Internal { what: "could not serialize a connection" }
    })
}

/// The filters of a list.
pub struct Filter {
    folder_id: Option<IdFilter>,
    parent_id: Option<IdFilter>,
    external_id: Option<String>,
    provider: Option<String>,
    include_runtime_connections: bool,
    updated_after: Option<OffsetDateTime>,
    include_tags: bool,
}

/// A filter by id. A value that is not a number matches nothing.
struct IdFilter(Option<u64>);

impl Filter {
    /// Parses the filters. Refuses an `updated_after` in any other format with 400.
    pub fn read(query: &Query) -> Result<Self, Refusal> {
        let id_filter = |name| query.get(name).map(|text| IdFilter(text.parse().ok()));
        Ok(Self {
            folder_id: id_filter("folder_id"),
            parent_id: id_filter("parent_id"),
            external_id: query.get("external_id").map(str::to_owned),
            provider: query.get("provider").map(str::to_owned),
            include_runtime_connections: query.get("include_runtime_connections") == Some("true"),
            updated_after: query.get("updated_after").map(updated_after).transpose()?,
            include_tags: query.all("includes[]").any(|field| field == "tags"),
        })
    }

    fn matches(&self, connection: &Connection) -> bool {
        (self.include_runtime_connections || !connection.runtime_user)
            && self.folder_id.as_ref().is_none_or(|IdFilter(id)| *id == Some(connection.folder_id))
            && self.parent_id.as_ref().is_none_or(|IdFilter(id)| id.is_some() && *id == connection.parent_id)
            && self.external_id.as_ref().is_none_or(|id| connection.external_id.as_ref() == Some(id))
            && self.provider.as_ref().is_none_or(|key| connection.provider.as_ref() == Some(key))
            && self.updated_after.is_none_or(|after| connection.updated_at.instant() > after)
    }
}
