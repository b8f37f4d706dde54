//! The filter of connections by their status.

use workato::{AuthorizationStatus, Connection};

store::words! {
    /// The status that shown connections have.
    pub enum StatusFilter {
        /// Authorized.
        Success => "success",
        /// Broken in either of the two ways below.
        Broken => "broken",
        /// Broken: Workato could not authorize it, or the authorization was lost.
        Failed => "failed",
        /// Broken: the application answered with an error.
        Exception => "exception",
        /// Never authorized.
        None => "none",
    }
}

impl StatusFilter {
    /// Whether it is the status of this connection.
    #[must_use]
    pub fn is_of(self, connection: &Connection) -> bool {
        let status = connection.authorization_status.as_ref();
        match self {
            Self::Success => status == Some(&AuthorizationStatus::Success),
            Self::Broken => matches!(status, Some(AuthorizationStatus::Failed | AuthorizationStatus::Exception)),
            Self::Failed => status == Some(&AuthorizationStatus::Failed),
            Self::Exception => status == Some(&AuthorizationStatus::Exception),
            Self::None => status.is_none() && !connection.unreadable.has("authorization_status"),
        }
    }
}
