//! The reasons that a person gave last, to give again.

use crate::{Portal, Result, TeamReader};

/// How many reasons are offered.
const OFFERED: usize = 5;
/// How many of the person's changes are looked at for different reasons.
const LOOKED_AT: i64 = 50;

impl Portal {
    /// The last different reasons that the person gave for changes in this team, newest first.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn own_reasons(&self, reader: &TeamReader) -> Result<Vec<String>> {
        let mut conn = self.store.read().await?;
        let (person, team) = (reader.actor().id(), reader.team().id);
        Ok(store::own_operations::reasons(&mut conn, person, team, OFFERED, LOOKED_AT).await?)
    }
}
