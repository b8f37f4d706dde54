//! What somebody is about to do, named before it is known whether he or she may: a refusal is written down with it.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::audit::{Action, Target};

/// An attempt at something that is written down.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub(crate) action: Action,
    pub(crate) target: Option<Target>,
    pub(crate) parameters: Map<String, Value>,
}

impl Attempt {
    /// An attempt at this, on what is known of its target.
    #[must_use]
    pub fn new(action: Action, target: Option<Target>) -> Self {
        Self { action, target, parameters: Map::new() }
    }

    /// With this parameter, where it is one.
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
