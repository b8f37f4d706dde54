//! Custom connectors: their versions, which are released, and which one embedded customers receive.
//! Not the calls, which are in `api::connectors`.

use serde::Serialize;

use crate::pacific_time::PacificTime;

/// A custom connector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connector {
    /// Workato's id.
    pub id: u64,
    /// The internal name; connections of this connector have it as their `provider`.
    pub name: String,
    /// The title that people see.
    pub title: String,
    /// Every version, oldest first, released or not.
    pub versions: Vec<Version>,
    /// What embedded customers receive.
    pub shared: Option<Shared>,
    /// The current source code.
    pub code: String,
}

/// A version of a connector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Its number.
    pub version: u64,
    /// What its author wrote about it.
    pub note: Option<String>,
    /// When it was saved.
    pub created_at: PacificTime,
    /// When it was released; `None` for a draft.
    pub released_at: Option<PacificTime>,
}

/// The shared version of a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shared {
    /// Its number.
    pub version: u64,
    /// Since when it is the shared one.
    pub at: PacificTime,
}

/// Whether a share was the connector's first or replaced one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareStatus {
    /// The connector was not shared before.
    Created,
    /// It was, at this or another version.
    Updated,
}

impl Connector {
    /// Released versions, newest first.
    pub fn released(&self) -> impl Iterator<Item = &Version> {
        self.versions.iter().rev().filter(|version| version.released_at.is_some())
    }

    /// Whether this number is a released version.
    pub fn has_released(&self, version: u64) -> bool {
        self.released().any(|released| released.version == version)
    }

    /// What sharing would be answered with.
    pub fn share_status(&self) -> ShareStatus {
        if self.shared.is_some() { ShareStatus::Updated } else { ShareStatus::Created }
    }
}

impl ShareStatus {
    /// Workato's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
        }
    }
}
