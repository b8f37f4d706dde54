//! The credentials of a connection. They are sent to Workato once: they cannot be displayed, serialized or compared,
//! and they mask their own values in Workato's messages.

use std::{collections::BTreeSet, fmt};

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

/// Replaces a credential in Workato's messages.
const MASK: &str = "•••";

/// Shortest value that is masked, in characters. Shorter ones are rarely secrets: masking `on` would garble a message.
const SHORTEST_MASKED: usize = 4;

/// Connection parameters, or a pair of OAuth tokens (Workato API reference, Create a connection).
pub struct Credentials {
    /// The field of the request body: `input` or `oauth_token_pair`.
    field: &'static str,
    /// Its value, as JSON.
    json: SecretString,
    names: Vec<String>,
    values: Vec<SecretString>,
}

/// Why a text is not valid credentials. No error quotes the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Not JSON.
    #[error("it is not complete JSON (line {line}, column {column})")]
    NotJson {
        /// Line of the syntax error, from 1.
        line: usize,
        /// Column of the syntax error, from 1.
        column: usize,
    },
    /// JSON, but not an object.
    #[error("it is no JSON object of parameters and their values")]
    NotAnObject,
    /// No parameters, or one of the two tokens is empty.
    #[error("it is empty")]
    Empty,
}

impl Credentials {
    /// Connection parameters. Their names depend on the connector: `host_name`, `apitoken`.
    ///
    /// # Errors
    /// [`CredentialsError::Empty`] if there are no parameters.
    pub fn input(fields: Map<String, Value>) -> Result<Self, CredentialsError> {
        if fields.is_empty() {
            return Err(CredentialsError::Empty);
        }
        let (mut names, mut values) = (Vec::new(), Vec::new());
        let fields = Value::Object(fields);
        collect("", &fields, &mut names, &mut values);
        Ok(Self { field: "input", json: fields.to_string().into(), names, values })
    }

    /// Connection parameters from a JSON object.
    ///
    /// # Errors
    /// [`CredentialsError::NotJson`], [`NotAnObject`](CredentialsError::NotAnObject), or
    /// [`Empty`](CredentialsError::Empty) if the object has no parameters.
    pub fn input_from_json(text: &str) -> Result<Self, CredentialsError> {
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Self::input(fields),
            Ok(_) => Err(CredentialsError::NotAnObject),
            Err(error) => Err(CredentialsError::NotJson { line: error.line(), column: error.column() }),
        }
    }

    /// The tokens of an authorization granted elsewhere, for providers that use OAuth's authorization code grant
    /// (Workato API reference, Create a connection).
    ///
    /// # Errors
    /// [`CredentialsError::Empty`] if one of the tokens is empty.
    pub fn oauth_token_pair(access_token: &str, refresh_token: &str) -> Result<Self, CredentialsError> {
        if access_token.is_empty() || refresh_token.is_empty() {
            return Err(CredentialsError::Empty);
        }
        let pair = json!({ "access_token": access_token, "refresh_token": refresh_token });
        let (mut names, mut values) = (Vec::new(), Vec::new());
        collect("", &pair, &mut names, &mut values);
        Ok(Self { field: "oauth_token_pair", json: pair.to_string().into(), names, values })
    }

    /// The field of the request body: `input` or `oauth_token_pair`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.field
    }

    /// The names of the values, with dots for nesting: `advanced_settings.scopes`. Never a value.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The values as JSON, to be hashed under a key: so that the same credentials are recognised and never kept.
    #[must_use]
    pub const fn json(&self) -> &SecretString {
        &self.json
    }

    /// Adds them to the body of a request.
    pub(super) fn put_into(&self, body: &mut Map<String, Value>) {
        let value = serde_json::from_str(self.json.expose_secret()).unwrap_or_default();
        body.insert(self.field.to_owned(), value);
    }

    /// The text on one line, with all values masked. A value can come back as it was sent, escaped as in JSON or in a
    /// URL, in one inside the other, or without its line breaks.
    pub(super) fn masked(&self, text: &str) -> String {
        let mut text = in_one_line(text);
        for value in &self.values {
            for form in escaped_forms(value.expose_secret()) {
                text = text.replace(&form, MASK);
            }
        }
        text
    }
}

/// All escaped forms of a value, the longest first, so that no form breaks up a longer one.
fn escaped_forms(value: &str) -> Vec<String> {
    let mut all = BTreeSet::from([value.to_owned()]);
    for _ in 0..2 {
        for form in all.clone() {
            let json = Value::from(form.as_str()).to_string();
            let encoded: String = url::form_urlencoded::byte_serialize(form.as_bytes()).collect();
            all.extend([json[1..json.len() - 1].to_owned(), encoded.replace('+', "%20"), encoded]);
        }
    }
    let mut all: Vec<String> = all.iter().map(|form| in_one_line(form)).collect();
    all.sort_by_key(|form| std::cmp::Reverse(form.len()));
    all.dedup();
    all
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("field", &self.field).field("names", &self.names).finish_non_exhaustive()
    }
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Collects the names of all values, and the values to mask, the longest first, so that none breaks up a longer one.
fn collect(path: &str, value: &Value, names: &mut Vec<String>, values: &mut Vec<SecretString>) {
    walk(path, value, names, values);
    values.sort_by_key(|value| std::cmp::Reverse(value.expose_secret().len()));
}

fn walk(path: &str, value: &Value, names: &mut Vec<String>, values: &mut Vec<SecretString>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                walk(&below(name), value, names, values);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            // One name for the whole list, so that its length stays private.
            names.push(path.to_owned());
            let mut of_items = Vec::new();
            for item in items {
                walk(path, item, &mut of_items, values);
            }
        }
        other => {
            names.push(path.to_owned());
            let text = match other {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return,
            };
            if text.trim().chars().count() >= SHORTEST_MASKED {
                values.push(text.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Map, Value, json};

    use super::{Credentials, CredentialsError};

    fn input(fields: Value) -> Credentials {
        let Value::Object(fields) = fields else { panic!("an object") };
        Credentials::input(fields).expect("credentials")
    }

    #[test]
    fn names_are_displayed_and_values_are_not() {
        let credentials = input(json!({
            "apitoken": "s3cr3t-value", "advanced_settings": { "scopes": ["a.read", "b.write"] }, "empty": {}
        }));
        assert_eq!(credentials.names(), ["advanced_settings.scopes", "apitoken", "empty"]);
        let shown = format!("{credentials:?}");
        assert!(!shown.contains("s3cr3t") && !shown.contains("a.read"), "{shown}");
    }

    #[rstest]
    #[case::as_it_was("The token s3cr3t/value+1 is wrong", "The token ••• is wrong")]
    #[case::in_a_url("GET /x?token=s3cr3t%2Fvalue%2B1", "GET /x?token=•••")]
    #[case::twice("s3cr3t/value+1s3cr3t/value+1", "••••••")]
    #[case::a_key_in_one_line("bad key -----BEGIN KEY----- MIIE -----END KEY-----", "bad key •••")]
    #[case::a_key_as_json(r"bad key -----BEGIN KEY-----\nMIIE\n-----END KEY-----", "bad key •••")]
    #[case::json_in_a_url(
        "GET /x?body=%22-----BEGIN+KEY-----%5CnMIIE%5Cn-----END+KEY-----%22",
        "GET /x?body=%22•••%22"
    )]
    #[case::json_in_json(
        r#"{"body":"{\"key\":\"-----BEGIN KEY-----\\nMIIE\\n-----END KEY-----\"}"}"#,
        r#"{"body":"{\"key\":\"•••\"}"}"#
    )]
    #[case::a_number("PIN 424242 refused", "PIN ••• refused")]
    #[case::short_words_stay("on is not allowed", "on is not allowed")]
    fn values_are_masked_however_they_come_back(#[case] said: &str, #[case] masked: &str) {
        let credentials = input(json!({
            "token": "s3cr3t/value+1",
            "key": "-----BEGIN KEY-----\nMIIE\n-----END KEY-----",
            "pin": 424_242,
            "mode": "on",
        }));
        assert_eq!(credentials.masked(said), masked);
    }

    #[test]
    fn a_value_that_contains_another_is_masked_as_a_whole() {
        let credentials = input(json!({ "a": "secret", "b": "secret-and-more" }));
        assert_eq!(credentials.masked("secret-and-more, secret"), "•••, •••");
    }

    #[test]
    fn invalid_credentials_are_refused_without_quoting_them() {
        assert_eq!(Credentials::input(Map::new()).unwrap_err(), CredentialsError::Empty);
        assert_eq!(Credentials::input_from_json("[1]").unwrap_err(), CredentialsError::NotAnObject);
        assert_eq!(
            Credentials::input_from_json("{\n \"apitoken\": s3cr3t }").unwrap_err(),
            CredentialsError::NotJson { line: 2, column: 14 }
        );
        assert_eq!(Credentials::oauth_token_pair("a", "").unwrap_err(), CredentialsError::Empty);
    }
}
