//! Parses the bodies of Workato's answers, in each of the shapes they are known to have.
//! A list with an unreadable element is an error: without that element the list would look complete and be wrong.

mod error;
mod list;

use serde::Deserialize;
use serde_json::Value;

use crate::{ActivityEvent, Connection, Connector, ConnectorId, Customer, Folder, Tag, Workspace};

pub use error::ReplyError;
use error::of_parser;
use list::{Place, element_error};

/// Parses a list of connections: an array, or `{"result": […]}`.
///
/// # Errors
/// [`ReplyError`] if the body is not JSON, is not such a list, or has an element that cannot be parsed.
pub fn connections(body: &[u8]) -> Result<Vec<Connection>, ReplyError> {
    list::parse(body, Place::BareOrResult, "a list of connections")
}

/// Parses a list of custom connectors: `{"result": […]}`, or an array.
///
/// # Errors
/// See [`connections`].
pub fn connectors(body: &[u8]) -> Result<Vec<Connector>, ReplyError> {
    list::parse(body, Place::BareOrResult, "a list of connectors")
}

/// Parses the answer to a read of the connector `id`: a list (of one, as documented) or an object, in `result` or not.
/// `None` if the answer does not contain this connector.
///
/// # Errors
/// [`ReplyError`] if the body is not JSON, has another shape, or has a connector that cannot be parsed.
pub fn connector(body: &[u8], id: ConnectorId) -> Result<Option<Connector>, ReplyError> {
    const EXPECTED: &str = "a connector";
    let mut value: Value = serde_json::from_slice(body).map_err(|error| of_parser(&error, EXPECTED))?;
    if let Some(result) = value.get_mut("result") {
        value = result.take();
    }
    let elements = match value {
        Value::Array(elements) => elements,
        object @ Value::Object(_) => vec![object],
        _ => return Err(ReplyError::WrongShape { expected: EXPECTED }),
    };
    for (index, element) in elements.iter().enumerate() {
        let connector = Connector::deserialize(element)
            .map_err(|error| element_error(index, element.get("id").cloned(), &error))?;
        if connector.id == id {
            return Ok(Some(connector));
        }
    }
    Ok(None)
}

/// Parses a connector's current source code: `{"data": {"code": "…"}}`.
///
/// # Errors
/// [`ReplyError`] if the body is not JSON or has another shape.
pub fn connector_code(body: &[u8]) -> Result<String, ReplyError> {
    #[derive(Deserialize)]
    struct Reply {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        code: String,
    }
    let reply: Reply = serde_json::from_slice(body).map_err(|error| of_parser(&error, "a connector's code"))?;
    Ok(reply.data.code)
}

/// Parses a page of folders: an array, or `{"result": […]}`.
///
/// # Errors
/// See [`connections`].
pub fn folders(body: &[u8]) -> Result<Vec<Folder>, ReplyError> {
    list::parse(body, Place::BareOrResult, "a list of folders")
}

/// Parses a page of tags: `{"data": {"tags": […]}}`.
///
/// # Errors
/// See [`connections`].
pub fn tags(body: &[u8]) -> Result<Vec<Tag>, ReplyError> {
    list::parse(body, Place::Fields(&["data", "tags"]), "a list of tags")
}

/// Parses a page of embedded customers: `{"result": […]}`, or an array.
///
/// # Errors
/// See [`connections`].
pub fn customers(body: &[u8]) -> Result<Vec<Customer>, ReplyError> {
    list::parse(body, Place::BareOrResult, "a list of customers")
}

/// Parses a page of the activity log: `{"data": […]}`.
///
/// # Errors
/// See [`connections`].
pub fn activity(body: &[u8]) -> Result<Vec<ActivityEvent>, ReplyError> {
    list::parse(body, Place::Fields(&["data"]), "a list of events")
}

/// Parses the description of a workspace: an object.
///
/// # Errors
/// [`ReplyError`] if the body is not JSON or not an object, or if a field has the wrong type.
pub fn workspace(body: &[u8]) -> Result<Workspace, ReplyError> {
    const EXPECTED: &str = "a workspace";
    // Deserialized directly, a list of the fields' values would count as a workspace, too.
    let value: Value = serde_json::from_slice(body).map_err(|error| of_parser(&error, EXPECTED))?;
    if !value.is_object() {
        return Err(ReplyError::WrongShape { expected: EXPECTED });
    }
    Workspace::deserialize(value).map_err(|error| of_parser(&error, EXPECTED))
}
