//! Custom connectors and their versions. The calls are in `api::connectors`.

use serde::Serialize;

use crate::pacific_time::PacificTime;

/// A custom connector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connector {
    /// The id.
    pub id: u64,
    /// The technical name, which its connections have as their `provider`.
    pub name: String,
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// All versions, oldest first, released or not.
    pub versions: Vec<Version>,
    /// The version that embedded customers receive.
    pub shared: Option<Shared>,
    /// The current source code.
    pub code: String,
}

/// A version of a connector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// The number.
    pub version: u64,
    /// The release note.
    pub note: Option<String>,
    /// When it was saved.
    pub created_at: PacificTime,
    /// When it was released; `None` for a draft.
    pub released_at: Option<PacificTime>,
}

/// The shared version of a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shared {
    /// The number.
    pub version: u64,
    /// When it was shared.
    pub at: PacificTime,
}

/// Whether a share was created or updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareStatus {
    /// The connector was not shared.
    Created,
    /// The connector was shared, at this or another version.
    Updated,
}

impl Connector {
    /// The released versions, newest first.
    pub fn released(&self) -> impl Iterator<Item = &Version> {
        self.versions.iter().rev().filter(|version| version.released_at.is_some())
    }

    /// Whether this version is released.
    pub fn has_released(&self, version: u64) -> bool {
        self.released().any(|released| released.version == version)
    }

    /// The status that a share would have.
    pub fn share_status(&self) -> ShareStatus {
        if self.shared.is_some() { ShareStatus::Updated } else { ShareStatus::Created }
    }
}

impl ShareStatus {
    /// Workato's name for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
        }
    }
}
