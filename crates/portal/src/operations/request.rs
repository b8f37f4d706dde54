//! A change as a form requests it.

use secrecy::SecretString;
use serde_json::{Map, Value, json};
use workato::Credentials;

use super::Change;
use crate::OperationId;

/// A change as a form requests it.
#[derive(Debug)]
pub struct Request {
    /// Made when the form was rendered. Sending the same form again leads to the first operation.
    pub operation: OperationId,
    /// The change.
    pub change: Change,
    /// Why.
    pub reason: String,
    /// The target's name as the person typed it, for destructive changes.
    pub typed_name: String,
    /// The name that the form showed: the target's, or that of the customer whom a recipe is shared with. It counts
    /// only if neither Workato nor the last copy of its answers has the target's name.
    pub drawn_name: String,
    /// The credentials to set. The log has only their names.
    pub credentials: Option<Credentials>,
    /// The code to send. The log has only its SHA-256.
    pub code: Option<SecretString>,
    /// Whether it can wait for a second person, if it needs one.
    pub urgency: Urgency,
    /// The operation that asked for several at once, if this is one of them.
    pub batch: Option<OperationId>,
}

/// Whether a change can wait for a second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// It can.
    Usual,
    /// It is made at once. Everybody responsible is notified, and a second person reviews it afterwards.
    BreakGlass,
}

impl Request {
    /// A change that needs neither a typed name nor credentials.
    #[must_use]
    pub fn new(operation: OperationId, change: Change, reason: &str) -> Self {
        Self {
            operation,
            change,
            reason: reason.to_owned(),
            typed_name: String::new(),
            drawn_name: String::new(),
            credentials: None,
            code: None,
            urgency: Urgency::Usual,
            batch: None,
        }
    }

    /// The parameters for the log, with the names of the credentials.
    pub(super) fn parameters(&self) -> Map<String, Value> {
        let mut parameters = self.change.parameters();
        if let Some(credentials) = &self.credentials {
            parameters.insert(credentials.kind().to_owned(), json!(credentials.names()));
        }
        parameters
    }
}
