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
    /// Plain http would leave this machine.
    #[error(
        "{what}, and the portal speaks plain http: passwords would cross the network as they are typed. Listen on 127.0.0.1 \
         behind a proxy that speaks TLS, with an https:// PORTAL_PUBLIC_URL, or accept this with PORTAL_INSECURE_HTTP=yes"
    )]
    PlainHttp {
        /// The setting that does it.
        what: String,
    },
    /// An error of the operating system.
    #[error("serving: {0}")]
    Io(#[from] io::Error),
}
