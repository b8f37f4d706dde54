//! Where the log stands: how long it is, how far it is signed, and who else holds what was signed.

use time::OffsetDateTime;

use crate::{Portal, Result, audit::Trust};

/// Where the log stands.
#[derive(Clone, Debug)]
pub struct LogHead {
    /// How many entries it has.
    pub entries: i64,
    /// The newest checkpoint: how many entries it covers, and when it was signed.
    pub checkpoint: Option<(i64, OffsetDateTime)>,
    /// Who else holds checkpoints.
    pub trust: Trust,
    /// Whether it contradicts what was signed, so that nothing can be changed.
    pub is_in_doubt: bool,
}

impl Portal {
    /// Where the log stands.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn log_head(&self) -> Result<LogHead> {
        let read = async {
            let trust = self.trust().await?;
            let mut conn = self.store.read().await?;
            let entries = store::tree::size(&mut conn).await?;
            let checkpoint = store::checkpoints::newest(&mut conn).await?.map(|newest| (newest.size, newest.at));
            Ok(LogHead { entries, checkpoint, trust, is_in_doubt: false })
        };
        let head = self.kept.get(&self.store, "head of the log", read).await?;
        Ok(LogHead { is_in_doubt: self.alarms.history_is_in_doubt(), ..LogHead::clone(&head) })
    }
}
