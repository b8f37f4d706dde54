//! Parses the bodies of Workato's answers, in each of the shapes they are known to have.
//! One odd value costs its field and no more. A list says how many of its elements have no readable id.

mod error;
mod list;
mod repair;

use crate::row::row;
use crate::{
    ActivityEvent, ApiClient, Connection, Connector, ConnectorId, Customer, Folder, List, Recipe, Tag, Workspace,
};

pub use error::ReplyError;
use list::Place;

/// Parses a list of connections: an array, or `{"result": […]}`.
///
/// # Errors
/// [`ReplyError`] if the body is not JSON or is not such a list.
pub fn connections(body: &[u8]) -> Result<List<Connection>, ReplyError> {
    let list: List<Connection> = list::parse(body, Place::BareOrResult, "a list of connections")?;
    Ok(list.without_repeated(|one| one.id, Connection::doubt))
}

/// Parses a list of custom connectors: `{"result": […]}`, or an array.
///
/// # Errors
/// See [`connections`].
pub fn connectors(body: &[u8]) -> Result<List<Connector>, ReplyError> {
    let list: List<Connector> = list::parse(body, Place::BareOrResult, "a list of connectors")?;
    Ok(list.without_repeated(|one| one.id, Connector::doubt))
}

/// Parses the answer to a read of the connector `id`: a list (of one, as documented) or an object, in `result` or not.
/// `None` if the answer does not contain this connector.
///
/// # Errors
/// [`ReplyError`] if the body is not JSON, has another shape, or has a connector without a readable id instead.
pub fn connector(body: &[u8], id: ConnectorId) -> Result<Option<Connector>, ReplyError> {
    const EXPECTED: &str = "a connector";
    let object = |fields| list::parse_one(body, Place::Fields(fields), EXPECTED);
    let connector = match list::parse::<Connector>(body, Place::BareOrResult, EXPECTED) {
        Ok(list) => {
            let List { items, left_out, .. } = list.without_repeated(|one| one.id, Connector::doubt);
            let found = items.into_iter().find(|connector| connector.id == id);
            return if found.is_none() && left_out > 0 {
                Err(ReplyError::IdsUnreadable { count: left_out })
            } else {
                Ok(found)
            };
        }
        Err(ReplyError::WrongShape { .. }) => match object(&["result"]) {
            Err(ReplyError::WrongShape { .. }) => object(&[])?,
            found => found?,
        },
        Err(error) => return Err(error),
    };
    let connector: Connector = connector.ok_or(ReplyError::IdsUnreadable { count: 1 })?;
    Ok(Some(connector).filter(|connector| connector.id == id))
}

/// Parses a connector's current source code: `{"data": {"code": "…"}}`.
///
/// # Errors
/// [`ReplyError`] if the body is not JSON or has another shape.
pub fn connector_code(body: &[u8]) -> Result<String, ReplyError> {
    const EXPECTED: &str = "a connector's code";
    let code = list::parse_one(body, Place::Fields(&["data"]), EXPECTED)?;
    code.map(|Code(code)| code).ok_or(ReplyError::WrongShape { expected: EXPECTED })
}

struct Code(String);

row! {
    CodeFields => Code {
        code: String,
    } by |fields| fields.code.value.map(Self)
}

/// Parses a list of API clients: an array, or `{"result": […]}`.
///
/// # Errors
/// See [`connections`].
pub fn api_clients(body: &[u8]) -> Result<List<ApiClient>, ReplyError> {
    list::parse(body, Place::BareOrResult, "a list of API clients")
}

/// Parses a page of folders: an array, or `{"result": […]}`.
///
/// # Errors
/// See [`connections`].
pub fn folders(body: &[u8]) -> Result<List<Folder>, ReplyError> {
    list::parse(body, Place::BareOrResult, "a list of folders")
}

/// Parses a page of tags: `{"data": {"tags": […]}}`.
///
/// # Errors
/// See [`connections`].
pub fn tags(body: &[u8]) -> Result<List<Tag>, ReplyError> {
    list::parse(body, Place::Fields(&["data", "tags"]), "a list of tags")
}

/// Parses a page of embedded customers: `{"result": […]}`, or an array.
///
/// # Errors
/// See [`connections`].
pub fn customers(body: &[u8]) -> Result<List<Customer>, ReplyError> {
    list::parse(body, Place::BareOrResult, "a list of customers")
}

/// Parses a page of recipes: `{"items": […]}`.
///
/// # Errors
/// See [`connections`].
pub fn recipes(body: &[u8]) -> Result<List<Recipe>, ReplyError> {
    list::parse(body, Place::Fields(&["items"]), "a list of recipes")
}

/// Parses a page of an embedded customer's recipes: `{"result": […]}`, or an array.
///
/// # Errors
/// See [`connections`].
pub fn customer_recipes(body: &[u8]) -> Result<List<Recipe>, ReplyError> {
    list::parse(body, Place::BareOrResult, "a list of recipes")
}

/// Parses a page of the activity log: `{"data": […]}`.
///
/// # Errors
/// See [`connections`].
pub fn activity(body: &[u8]) -> Result<List<ActivityEvent>, ReplyError> {
    list::parse(body, Place::Fields(&["data"]), "a list of events")
}

/// Parses the description of a workspace: an object.
///
/// # Errors
/// [`ReplyError`] if the body is not JSON or not an object.
pub fn workspace(body: &[u8]) -> Result<Workspace, ReplyError> {
    const EXPECTED: &str = "a workspace";
    list::parse_one(body, Place::Fields(&[]), EXPECTED)?.ok_or(ReplyError::WrongShape { expected: EXPECTED })
}

/// Parses a body of any shape. `None` if it is not JSON even with its defects mended.
#[cfg(feature = "client")]
pub(crate) fn json(body: &[u8]) -> Option<serde_json::Value> {
    serde_json::from_slice(body).or_else(|_| serde_json::from_slice(&repair::repaired(body))).ok()
}
