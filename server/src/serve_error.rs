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
    #[error("PORTAL_PUBLIC_URL cannot be used: {0}")]
    PublicUrl(String),
    /// An error of the operating system.
    #[error("serving: {0}")]
    Io(#[from] io::Error),
}
