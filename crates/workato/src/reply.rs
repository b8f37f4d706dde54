//! Reads the bodies of Workato's answers, whichever of their known shapes they come in.
//! A list with one unreadable element is an error: leaving the element out would tell a person it does not exist.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{ActivityEvent, Connection, Connector, ConnectorId, Customer, Folder, Tag, Workspace};

/// Why a body could not be read. Shows at most 200 characters of the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Not JSON, or cut off.
    #[error("it is not whole JSON (line {line}, column {column})")]
    NotJson {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
    },
    /// JSON, but not of the shape that this call answers with.
    #[error("it does not hold {expected}")]
    WrongShape {
        /// What was looked for.
        expected: &'static str,
    },
    /// One element of a list cannot be read.
    #[error("element {index} of the list{} cannot be read: {why}", .id.as_ref().map(|id| format!(" (id {id})")).unwrap_or_default())]
    Element {
        /// Its place in the list, from 0.
        index: usize,
        /// Its id or handle, where it has one.
        id: Option<String>,
        /// What is wrong with it.
        why: String,
    },
}

/// The connections of a list: a bare array, or `{"result": […]}`.
///
/// # Errors
/// See [`ReplyError`].
pub fn connections(body: &[u8]) -> Result<Vec<Connection>, ReplyError> {
    list(body, "a list of connections")
}

/// The connectors of a list: `{"result": […]}`, or a bare array.
///
/// # Errors
/// See [`ReplyError`].
pub fn connectors(body: &[u8]) -> Result<Vec<Connector>, ReplyError> {
    list(body, "a list of connectors")
}

/// The connector that was asked for by id: in a list (of one, as documented), or as a bare object.
/// `None` when the answer holds no connector with this id.
///
/// # Errors
/// See [`ReplyError`].
pub fn connector(body: &[u8], id: ConnectorId) -> Result<Option<Connector>, ReplyError> {
    const EXPECTED: &str = "a connector";
    let mut value: Value = serde_json::from_slice(body).map_err(|error| not_json(&error))?;
    if let Some(result) = value.get_mut("result") {
        value = result.take();
    }
    let elements = match value {
        Value::Array(elements) => elements,
        object @ Value::Object(_) => vec![object],
        _ => return Err(ReplyError::WrongShape { expected: EXPECTED }),
    };
    let connectors: Vec<Connector> = each(elements)?;
    Ok(connectors.into_iter().find(|connector| connector.id == id))
}

/// A connector's current code: `{"data": {"code": "…"}}`.
///
/// # Errors
/// See [`ReplyError`].
pub fn connector_code(body: &[u8]) -> Result<String, ReplyError> {
    const EXPECTED: &str = "a connector's code";
    let mut value: Value = serde_json::from_slice(body).map_err(|error| not_json(&error))?;
    match value.pointer_mut("/data/code").map(Value::take) {
        Some(Value::String(code)) => Ok(code),
        _ => Err(ReplyError::WrongShape { expected: EXPECTED }),
    }
}

/// The folders of one page: a bare array, or `{"result": […]}`.
///
/// # Errors
/// See [`ReplyError`].
pub fn folders(body: &[u8]) -> Result<Vec<Folder>, ReplyError> {
    list(body, "a list of folders")
}

/// The tags of one page: `{"data": {"tags": […]}}`.
///
/// # Errors
/// See [`ReplyError`].
pub fn tags(body: &[u8]) -> Result<Vec<Tag>, ReplyError> {
    const EXPECTED: &str = "a list of tags";
    let mut value: Value = serde_json::from_slice(body).map_err(|error| not_json(&error))?;
    match value.pointer_mut("/data/tags").map(Value::take) {
        Some(Value::Array(elements)) => each(elements),
        _ => Err(ReplyError::WrongShape { expected: EXPECTED }),
    }
}

/// The customers of one page: `{"result": […]}`, or a bare array.
///
/// # Errors
/// See [`ReplyError`].
pub fn customers(body: &[u8]) -> Result<Vec<Customer>, ReplyError> {
    list(body, "a list of customers")
}

/// The events of one page: `{"data": […]}`.
///
/// # Errors
/// See [`ReplyError`].
pub fn activity(body: &[u8]) -> Result<Vec<ActivityEvent>, ReplyError> {
    const EXPECTED: &str = "a list of events";
    let mut value: Value = serde_json::from_slice(body).map_err(|error| not_json(&error))?;
    match value.get_mut("data").map(Value::take) {
        Some(Value::Array(elements)) => each(elements),
        _ => Err(ReplyError::WrongShape { expected: EXPECTED }),
    }
}

/// The workspace: a bare object.
///
/// # Errors
/// See [`ReplyError`].
pub fn workspace(body: &[u8]) -> Result<Workspace, ReplyError> {
    const EXPECTED: &str = "a workspace";
    let value: Value = serde_json::from_slice(body).map_err(|error| not_json(&error))?;
    if !value.is_object() {
        return Err(ReplyError::WrongShape { expected: EXPECTED });
    }
    Workspace::deserialize(value).map_err(|_| ReplyError::WrongShape { expected: EXPECTED })
}

/// Reads a list straight into its type, since it can hold tens of thousands of elements, and only when that fails
/// a second time, element by element, to say which one is at fault.
fn list<T: DeserializeOwned>(body: &[u8], expected: &'static str) -> Result<Vec<T>, ReplyError> {
    #[derive(Deserialize)]
    struct Envelope<T> {
        result: Vec<T>,
    }
    let is_bare = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let read = if is_bare {
        serde_json::from_slice(body)
    } else {
        serde_json::from_slice(body).map(|envelope: Envelope<T>| envelope.result)
    };
    read.or_else(|_| explain(body, expected))
}

fn explain<T: DeserializeOwned>(body: &[u8], expected: &'static str) -> Result<Vec<T>, ReplyError> {
    let value: Value = serde_json::from_slice(body).map_err(|error| not_json(&error))?;
    let elements = match value {
        Value::Array(elements) => Some(elements),
        Value::Object(mut object) => match object.remove("result") {
            Some(Value::Array(elements)) => Some(elements),
            _ => None,
        },
        _ => None,
    };
    each(elements.ok_or(ReplyError::WrongShape { expected })?)
}

fn each<T: DeserializeOwned>(elements: Vec<Value>) -> Result<Vec<T>, ReplyError> {
    elements.into_iter().enumerate().map(|(index, element)| one(index, &element)).collect()
}

fn one<T: DeserializeOwned>(index: usize, element: &Value) -> Result<T, ReplyError> {
    T::deserialize(element).map_err(|error| {
        let id = match element.get("id").or_else(|| element.get("handle")) {
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::String(text)) => Some(text.chars().filter(|c| !c.is_control()).take(40).collect()),
            _ => None,
        };
        // serde quotes the value it did not expect: bounded, so that no reply can flood a page or a log.
        let why = error.to_string().chars().filter(|c| !c.is_control()).take(200).collect();
        ReplyError::Element { index, id, why }
    })
}

fn not_json(error: &serde_json::Error) -> ReplyError {
    ReplyError::NotJson { line: error.line(), column: error.column() }
}
