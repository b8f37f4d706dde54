//! Why a run ended: a sentence, since only a person reads it.

/// What went wrong.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Error>;
