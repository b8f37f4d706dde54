//! Why the portal cannot be served.

use std::io;

use portal::StartError;

/// Why the portal cannot be served. Each is one line for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The portal does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The public URL is invalid.
    #[error("PORTAL_PUBLIC_URL {url:?} cannot be used: {why}")]
    PublicUrl {
        /// What was given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// An error of the operating system.
    #[error("serving: {0}")]
    Io(#[from] io::Error),
}
