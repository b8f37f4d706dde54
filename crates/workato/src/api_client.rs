//! API clients of a workspace. Each has one token, which is shown only when it is made.

use serde::Serialize;

use crate::row::row;
use crate::{ApiClientId, Unreadable};

/// An API client. All fields but the id can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiClient {
    /// The id.
    pub id: ApiClientId,
    /// The name.
    pub name: Option<String>,
    /// The fields that could not be read.
    #[serde(skip)]
    pub unreadable: Unreadable,
}

row! {
    Fields => ApiClient {
        id: ApiClientId,
        name: String,
    } by |fields| {
        let unreadable = fields.unreadable();
        Some(Self { id: fields.id.value?, name: fields.name.value, unreadable })
    }
}
