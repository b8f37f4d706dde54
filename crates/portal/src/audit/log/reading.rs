//! Recording who reads the log of a team that they do not belong to: one entry per session and team. The page is shown
//! even if that cannot be recorded, since the log is needed most when something is wrong.

use super::known_readers::LogOf;
use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use crate::audit::{Action, AuditQuery, Draft, Target, TargetType, append};
use crate::{Actor, Portal, page_reads::passing};
use store::StoreError;

/// How long a page waits for the entry.
const PATIENCE: Duration = Duration::from_secs(1);

impl Portal {
    /// The log that a search reads.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn log_of(&self, query: &AuditQuery) -> Result<LogOf, StoreError> {
        let Some(slug) = query.team() else { return Ok(LogOf::EveryTeam) };
        let team = store::teams::by_slug(&mut self.store.read().await?, slug).await?;
        Ok(team.map_or(LogOf::EveryTeam, |team| LogOf::Team(team.id)))
    }

    /// Records, once per session, that the actor reads a log by their right as an auditor or admin. A failure is logged
    /// and tried again with the next page.
    pub async fn note_reading(self: &Arc<Self>, actor: &Actor, whose: LogOf) {
        let belongs = matches!(whose, LogOf::Team(team) if actor.role_in(team).is_some());
        if belongs || !actor.role().reads_every_team() {
            return;
        }
        let Some(session) = actor.origin().session.clone() else { return };
        if self.readers.contains(&session, whose) {
            return;
        }
        // The next page tries again if this one could not.
        passing();
        let (portal, actor) = (Arc::clone(self), actor.clone());
        let noting = self.running.spawn(async move {
            match portal.write_reading(&actor, &session, whose).await {
                Ok(()) => portal.readers.add(session, whose),
                Err(error) => tracing::error!(%error, "reading the audit log cannot be recorded"),
            }
        });
        if timeout(PATIENCE, noting).await.is_err() {
            tracing::warn!("recording that somebody reads the audit log takes long");
        }
    }

    async fn write_reading(&self, actor: &Actor, session: &str, whose: LogOf) -> Result<(), StoreError> {
        let mut tx = self.store.write().await?;
        let team = match whose {
            LogOf::Team(team) => store::teams::by_id(&mut tx, team).await?,
            LogOf::EveryTeam => None,
        };
        let id = team.as_ref().map(|team| team.id);
        if store::log_reads::note(&mut tx, session, id, self.now()).await? {
            let draft = Draft::recorded(actor.entry_actor(), Action::AuditRead)
                .team(team.map(|team| team.entry_team()))
                .target(Target::new(TargetType::AuditLog, "entries", None));
            append(&mut tx, draft).await?;
        }
        tx.commit().await
    }
}

#[cfg(test)]
mod tests {
    use super::LogOf;
    use crate::{
        Actor, PortalRole, TeamRole,
        audit::{
            Action, AuditFilter, AuditQuery, Cursor,
            test_log::{TestLog, somebody},
        },
    };

    async fn readings(log: &TestLog) -> Vec<Option<String>> {
        let auditor = somebody("Reader", PortalRole::Auditor, &[]);
        let query = AuditQuery::read("action:audit.read", time::OffsetDateTime::now_utc()).expect("a search");
        let filter = AuditFilter { query, cursor: Cursor::Newest };
        let page = log.portal.audit_page(&auditor, &filter).await.expect("a page");
        assert!(page.operations.iter().all(|operation| operation.action == Action::AuditRead));
        page.operations.into_iter().rev().map(|operation| operation.team_name).collect()
    }

    fn in_session(actor: &Actor, session: &str) -> Actor {
        actor.clone().in_session(session)
    }

    #[tokio::test]
    async fn each_session_and_team_is_one_entry_for_whoever_does_not_belong_to_it() {
        let log = TestLog::empty().await;
        let (payments, lending) = (log.team("payments").await, log.team("lending").await);
        let aude = somebody("Aude Auditor", PortalRole::Auditor, &[(&lending, TeamRole::Viewer)]);
        let olga = somebody("Olga Operator", PortalRole::Member, &[(&payments, TeamRole::Operator)]);
        for _ in 0..2 {
            for whose in [LogOf::Team(payments.id), LogOf::Team(lending.id), LogOf::EveryTeam] {
                log.portal.note_reading(&in_session(&aude, "one"), whose).await;
                log.portal.note_reading(&in_session(&olga, "two"), whose).await;
            }
        }
        log.portal.note_reading(&in_session(&aude, "three"), LogOf::Team(payments.id)).await;
        let payments = || Some("Payments".to_owned());
        assert_eq!(readings(&log).await, [payments(), None, payments()]);
    }

    #[tokio::test]
    async fn what_cannot_be_written_hinders_nobody_and_is_written_with_the_next_page() {
        let log = TestLog::empty().await;
        let aude = in_session(&somebody("Aude Auditor", PortalRole::Auditor, &[]), "one");
        log.refuse_entries(true).await;
        log.portal.note_reading(&aude, LogOf::EveryTeam).await;
        log.refuse_entries(false).await;
        assert!(readings(&log).await.is_empty());
        log.portal.note_reading(&aude, LogOf::EveryTeam).await;
        assert_eq!(readings(&log).await, [None]);
    }
}
