//! What somebody attempts, described before their right is checked, so that a refusal can be recorded.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::audit::{Action, Target};

/// An attempted action.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub(crate) action: Action,
    pub(crate) target: Option<Target>,
    pub(crate) parameters: Map<String, Value>,
}

impl Attempt {
    /// An attempted action, with as much of its target as is known.
    #[must_use]
    pub fn new(action: Action, target: Option<Target>) -> Self {
        Self { action, target, parameters: Map::new() }
    }

    /// With this parameter, unless it is `None`.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<impl Serialize>) -> Self {
        if let Some(value) = value.and_then(|value| serde_json::to_value(value).ok()) {
            self.parameters.insert(name.to_owned(), value);
        }
        self
    }
}

impl From<(Action, Option<Target>)> for Attempt {
    fn from((action, target): (Action, Option<Target>)) -> Self {
        Self::new(action, target)
    }
}
