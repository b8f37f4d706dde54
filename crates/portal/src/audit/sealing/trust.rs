//! What a verified log rests on: the portal's own key alone, or also what others hold.

use super::destination::label;
use store::{Read, StoreError};
use time::OffsetDateTime;

/// What the log's signatures rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// The destinations of checkpoints that have taken at least one, and when each last did.
    pub witnesses: Vec<(String, OffsetDateTime)>,
    /// Whether any destination is configured.
    pub is_delivered: bool,
}

impl Trust {
    /// When a witness last took a checkpoint.
    #[must_use]
    pub fn last_at(&self) -> Option<OffsetDateTime> {
        self.witnesses.iter().map(|(_, at)| *at).max()
    }
}

/// What these destinations have taken.
pub(in crate::audit) async fn trust(conn: &mut Read, destinations: &[String]) -> Result<Trust, StoreError> {
    let mut witnesses = Vec::new();
    for name in destinations {
        let handed = store::checkpoints::handed(conn, name).await?;
        witnesses.extend(handed.and_then(|handed| Some((label(name), handed.last_at?))));
    }
    Ok(Trust { witnesses, is_delivered: !destinations.is_empty() })
}
