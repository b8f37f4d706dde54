//! The parts of what `check` looks at.

use clap::ValueEnum;

/// A part of what is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The settings
    Configuration,
    /// The modes and owners of files
    Files,
    /// The master key, and the key that signs checkpoints
    Keys,
    /// The database
    Database,
    /// Free disk space
    Disk,
    /// The clock
    Clock,
    /// Whether the portal is served and ready
    Portal,
    /// The places that checkpoints are sent to
    Checkpoints,
    /// Each team's Workato, and what its token may read
    Workato,
}

impl Part {
    /// Its name, as `--only` takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Files => "files",
            Self::Keys => "keys",
            Self::Database => "database",
            Self::Disk => "disk",
            Self::Clock => "clock",
            Self::Portal => "portal",
            Self::Checkpoints => "checkpoints",
            Self::Workato => "workato",
        }
    }
}
