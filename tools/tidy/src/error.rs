//! Why a check could not be made at all. What a check found is a `Finding`.

use std::{fmt, io, path::PathBuf};

/// Why the workspace could not be checked.
#[derive(Debug)]
pub enum Error {
    /// A file or folder could not be read.
    Unreadable(PathBuf, io::Error),
    /// A manifest is not TOML, or lacks something that is needed.
    Manifest(PathBuf, String),
    /// A source file is not Rust.
    Syntax(PathBuf, usize, String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(f, "cannot read {}: {error}", path.display()),
            Self::Manifest(path, problem) => write!(f, "{}: {problem}", path.display()),
            Self::Syntax(path, line, problem) => write!(f, "{}:{line}: {problem}", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable(_, error) => Some(error),
            Self::Manifest(..) | Self::Syntax(..) => None,
        }
    }
}
