//! Parses the body of a create or update, and applies it to a connection.
//! Credentials are checked once; they are neither stored nor written to the ledger.

use serde_json::{Map, Value, json};

use crate::{
    answers::Refusal,
    pacific_time::PacificTime,
    population::providers,
    query::id_in_body,
    world::{World, connection::Connection},
};

/// The fields that were sent. `None` means that a field was not sent.
pub struct Draft {
    pub name: Option<String>,
    pub provider: Option<String>,
    pub parent_id: Option<Option<u64>>,
    pub folder_id: Option<u64>,
    pub external_id: Option<Option<String>>,
    pub shell_connection: bool,
    credentials: Credentials,
}

/// The credentials that were sent.
enum Credentials {
    None,
    Input { usable: bool },
    OauthTokenPair,
}

impl Draft {
    /// Parses a body. Refuses a field of the wrong type with 400 and one with an invalid value with 422.
    pub fn read(body: &Map<String, Value>) -> Result<Self, Refusal> {
        Ok(Self {
            name: sent(body, "name").map(|name| text(name, "name")).transpose()?,
            provider: sent(body, "provider").map(|key| text(key, "provider")).transpose()?,
            parent_id: sent(body, "parent_id").map(|id| nullable(id, id_in_body)).transpose()?,
            folder_id: sent(body, "folder_id").map(id_in_body).transpose()?,
            external_id: sent(body, "external_id").map(|id| nullable(id, external_id)).transpose()?,
            shell_connection: match sent(body, "shell_connection") {
                None | Some(Value::Null) => false,
                Some(value) => value.as_bool().ok_or(Refusal::BadRequest)?,
            },
            credentials: Credentials::read(body)?,
        })
    }

    /// Applies the fields that were sent to a connection of this workspace.
    pub fn apply(&self, connection: &mut Connection, world: &World, now: PacificTime) -> Result<(), Refusal> {
        if let Some(folder_id) = self.folder_id {
            if !world.has_folder(folder_id) {
                return Err(invalid("folder_id", "is invalid"));
            }
            connection.folder_id = folder_id;
        }
        if let Some(parent_id) = self.parent_id {
            check_parent(parent_id, connection, world)?;
            connection.parent_id = parent_id;
        }
        if let Some(name) = &self.name {
            connection.name = Some(name.clone());
        }
        if let Some(external_id) = &self.external_id {
            connection.external_id.clone_from(external_id);
        }
        self.authenticate(connection, now);
        Ok(())
    }

    /// The parameters for the ledger. Of credentials, only their kind.
    pub fn parameters(&self) -> Value {
        let mut parameters = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                parameters.insert(name.to_owned(), value);
            }
        };
        put("name", self.name.clone().map(Value::from));
        put("provider", self.provider.clone().map(Value::from));
        put("parent_id", self.parent_id.map(|id| json!(id)));
        put("folder_id", self.folder_id.map(Value::from));
        put("external_id", self.external_id.clone().map(|id| json!(id)));
        put("shell_connection", self.shell_connection.then_some(Value::Bool(true)));
        put(
            "credentials",
            match self.credentials {
                Credentials::None => None,
                Credentials::Input { .. } => Some("input".into()),
                Credentials::OauthTokenPair => Some("oauth_token_pair".into()),
            },
        );
        Value::Object(parameters)
    }

    /// Tests the credentials, if any were sent.
    fn authenticate(&self, connection: &mut Connection, now: PacificTime) {
        let by_authorization_code = connection.provider.as_deref().is_some_and(providers::uses_authorization_code);
        match self.credentials {
            Credentials::None => {}
            _ if self.shell_connection => {
                connection.authorization_status = None;
                connection.authorization_error = None;
                connection.authorized_at = None;
            }
            // Parameters alone do not authorize these: nobody presses "Allow" here.
            Credentials::Input { .. } if by_authorization_code => {}
            Credentials::Input { usable: false } => {
                connection.authorization_status = Some("failed".to_owned());
                connection.authorization_error = Some("401 Unauthorized: the credentials were not accepted".to_owned());
            }
            Credentials::Input { usable: true } | Credentials::OauthTokenPair => {
                connection.authorization_status = Some("success".to_owned());
                connection.authorization_error = None;
                connection.authorized_at = Some(now);
                connection.connection_lost_at = None;
                connection.connection_lost_reason = None;
            }
        }
    }
}

impl Credentials {
    fn read(body: &Map<String, Value>) -> Result<Self, Refusal> {
        if let Some(pair) = sent(body, "oauth_token_pair").filter(|pair| !pair.is_null()) {
            let pair = pair.as_object().ok_or(Refusal::BadRequest)?;
            let has = |name| pair.get(name).and_then(Value::as_str).is_some_and(|token| !token.is_empty());
            return if has("access_token") && has("refresh_token") {
                Ok(Self::OauthTokenPair)
            } else {
                Err(invalid("oauth_token_pair", "must contain access_token and refresh_token"))
            };
        }
        match sent(body, "input") {
            None | Some(Value::Null) => Ok(Self::None),
            Some(Value::Object(input)) if input.is_empty() => Ok(Self::None),
            Some(Value::Object(input)) => Ok(Self::Input { usable: !input.values().any(is_marked_invalid) }),
            Some(_) => Err(Refusal::BadRequest),
        }
    }
}

/// A client's test can send the value `invalid` to have its credentials refused.
fn is_marked_invalid(value: &Value) -> bool {
    match value {
        Value::String(text) => text == "invalid",
        Value::Object(fields) => fields.values().any(is_marked_invalid),
        Value::Array(items) => items.iter().any(is_marked_invalid),
        _ => false,
    }
}

fn check_parent(parent_id: Option<u64>, connection: &Connection, world: &World) -> Result<(), Refusal> {
    let Some(parent_id) = parent_id else { return Ok(()) };
    let parent = world
        .connections
        .get(parent_id)
        .filter(|parent| parent.id != connection.id)
        .ok_or_else(|| invalid("parent_id", "is invalid"))?;
    if parent.provider == connection.provider {
        Ok(())
    } else {
        Err(invalid("parent_id", "must be a connection of the same provider"))
    }
}

fn sent<'a>(body: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    body.get(field)
}

fn text(value: &Value, field: &'static str) -> Result<String, Refusal> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Ok(text.clone()),
        Value::String(_) | Value::Null => Err(invalid(field, "can't be blank")),
        _ => Err(Refusal::BadRequest),
    }
}

/// An external id: text, or a number as text.
fn external_id(value: &Value) -> Result<String, Refusal> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(Refusal::BadRequest),
    }
}

fn nullable<T>(value: &Value, read: impl Fn(&Value) -> Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    if value.is_null() { Ok(None) } else { read(value).map(Some) }
}

fn invalid(field: &'static str, message: &str) -> Refusal {
    Refusal::Invalid { field, message: message.to_owned() }
}
