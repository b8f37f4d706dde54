//! Workato's limits, counted in the database for all instances of the portal.

use std::time::Duration;

use store::{
    Store, StoreError, Team,
    call_windows::{self, Window},
};
use workato::{Class, Counting, Limit, NotCounted, SharedLimits};

/// The limits of one workspace.
#[derive(Debug)]
pub(super) struct InDatabase {
    store: Store,
    workspace: String,
}

impl InDatabase {
    /// The limits of the team's workspace. Until it is known which one that is, the team counts as one of its own.
    pub fn new(store: &Store, team: &Team) -> Self {
        let workspace = match &team.workspace {
            Some(workspace) => format!("{} {}", team.workato_url, workspace.id),
            None => format!("{} {}", team.workato_url, team.id),
        };
        Self { store: store.clone(), workspace }
    }

    async fn count(&self, class: Class, limit: Limit, for_a_person: bool) -> Result<Duration, StoreError> {
        let window =
            Window { workspace: &self.workspace, class: class.as_str(), calls: limit.calls, length: limit.window };
        let mut tx = self.store.write().await?;
        let wait = call_windows::take(&mut tx, window, for_a_person).await?;
        tx.commit().await?;
        Ok(wait)
    }
}

impl SharedLimits for InDatabase {
    fn take(&self, class: Class, limit: Limit, for_a_person: bool) -> Counting<'_> {
        Box::pin(async move {
            self.count(class, limit, for_a_person).await.map_err(|error| {
                tracing::warn!(class = class.as_str(), %error, "a call to Workato cannot be counted and is not sent");
                NotCounted
            })
        })
    }
}
