//! `GET /api/connections`, with every filter that the API reference gives it; never paginated.
//! A customer's connection list takes the same filters.

use axum::{Extension, http::StatusCode};
use time::OffsetDateTime;

use crate::{
    admission::Caller,
    answers::{Answer, Refusal, json_bytes},
    query::{Query, updated_after},
    world::connection::{Connection, Connections},
};

/// All connections that the filters keep, by id.
pub async fn list(Extension(caller): Extension<Caller>, query: Query) -> Answer {
    let filter = Filter::read(&query)?;
    let json = rows(&caller.workspace.world().connections, &filter)?;
    Ok(json_bytes(StatusCode::OK, json))
}

/// The JSON array of a list.
pub fn rows(connections: &Connections, filter: &Filter) -> Result<Vec<u8>, Refusal> {
    connections.to_json(filter.include_tags, |connection| filter.keeps(connection)).map_err(|error| {
        tracing::error!(%error, "a connection could not be written as JSON");
        Refusal::Internal { what: "a connection could not be written as JSON" }
    })
}

/// The filters of one list call.
pub struct Filter {
    folder_id: Option<Wanted>,
    parent_id: Option<Wanted>,
    external_id: Option<String>,
    provider: Option<String>,
    include_runtime_connections: bool,
    updated_after: Option<OffsetDateTime>,
    include_tags: bool,
}

/// An id asked for. What is not a number is no connection's, so that nothing matches it.
struct Wanted(Option<u64>);

impl Filter {
    /// Reads the filters; 400 for an `updated_after` that does not follow its pattern.
    pub fn read(query: &Query) -> Result<Self, Refusal> {
        let wanted = |name| query.get(name).map(|text| Wanted(text.parse().ok()));
        Ok(Self {
            folder_id: wanted("folder_id"),
            parent_id: wanted("parent_id"),
            external_id: query.get("external_id").map(str::to_owned),
            provider: query.get("provider").map(str::to_owned),
            include_runtime_connections: query.get("include_runtime_connections") == Some("true"),
            updated_after: query.get("updated_after").map(updated_after).transpose()?,
            include_tags: query.all("includes[]").any(|field| field == "tags"),
        })
    }

    fn keeps(&self, connection: &Connection) -> bool {
        (self.include_runtime_connections || !connection.runtime_user)
            && self.folder_id.as_ref().is_none_or(|Wanted(id)| *id == Some(connection.folder_id))
            && self.parent_id.as_ref().is_none_or(|Wanted(id)| id.is_some() && *id == connection.parent_id)
            && self.external_id.as_ref().is_none_or(|id| connection.external_id.as_ref() == Some(id))
            && self.provider.as_ref().is_none_or(|key| connection.provider.as_ref() == Some(key))
            && self.updated_after.is_none_or(|after| connection.updated_at.instant() > after)
    }
}
