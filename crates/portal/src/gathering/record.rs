//! Writing what is gathered to the log.

use std::sync::Arc;

use store::{Draft, OperationId, StoreError, append};

use super::gatherer::{Gathered, Group};
use crate::Portal;

/// How many entries one transaction appends.
const BATCH: usize = 200;

impl Portal {
    /// Records what somebody can cause again and again. Returns the entry that stands for it, if there is one already.
    /// What cannot be written now is written later.
    pub(crate) async fn record_gathered(&self, group: Group, draft: Draft) -> Option<OperationId> {
        let draft = match self.gatherer.gather(group, draft) {
            Gathered::Counted(written) => return written,
            Gathered::Write(draft) => *draft,
        };
        let (store, gatherer, operation) = (self.store.clone(), Arc::clone(&self.gatherer), draft.operation_id);
        // A task of its own: a client that hangs up must not prevent the entry.
        let writing = self.running.spawn(async move {
            let write = async {
                let mut tx = store.write().await?;
                append(&mut tx, draft.clone()).await?;
                tx.commit().await
            };
            match write.await {
                Ok(()) => true,
                Err(error) => {
                    tracing::error!(%error, "cannot record an attempt in the audit log; it is counted and recorded later");
                    gatherer.not_written(group, draft);
                    false
                }
            }
        });
        matches!(writing.await, Ok(true)).then_some(operation)
    }

    /// Appends everything that was counted in memory, even if its minute is not over.
    ///
    /// # Errors
    /// If the log cannot be written. Everything is kept for the next call.
    pub async fn append_all_gathered(&self) -> Result<(), StoreError> {
        self.append_counted(true).await
    }

    /// Appends what was gathered and whose minute is over, or everything.
    ///
    /// # Errors
    /// If the log cannot be written. What was not written is kept for the next call.
    pub(crate) async fn append_counted(&self, everything: bool) -> Result<(), StoreError> {
        let mut left = self.gatherer.take(everything);
        while !left.is_empty() {
            let batch = left.split_off(left.len().saturating_sub(BATCH));
            let write = async {
                let (mut tx, mut refused) = (self.store.write().await?, Vec::new());
                for (group, rest) in &batch {
                    match append(&mut tx, rest.entry()).await {
                        Ok(_) => {}
                        // Others may be written although the log is in doubt.
                        Err(StoreError::HistoryInDoubt) => refused.push((*group, rest.clone())),
                        Err(error) => return Err(error),
                    }
                }
                tx.commit().await?;
                Ok(refused)
            };
            match write.await {
                Ok(refused) => refused.into_iter().for_each(|(group, rest)| self.gatherer.restore(group, rest)),
                Err(error) => {
                    for (group, rest) in left.into_iter().chain(batch) {
                        self.gatherer.restore(group, rest);
                    }
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use store::Outcome;

    use crate::{
        Attempt, Error, PortalRole, TeamRole,
        audit::{
            Action, AuditFilter, AuditQuery, Cursor, OperationSummary, Target, TargetType,
            test_log::{TestLog, somebody},
        },
    };

    async fn denied(log: &TestLog) -> Vec<OperationSummary> {
        let auditor = somebody("Reader", PortalRole::Auditor, &[]);
        let query = AuditQuery::read("outcome:denied", time::OffsetDateTime::now_utc()).expect("a search");
        let filter = AuditFilter { query, cursor: Cursor::Newest };
        let mut found = log.portal.audit_page(&auditor, &filter).await.expect("a page").operations;
        found.reverse();
        found
    }

    fn times(operation: &OperationSummary) -> Option<u64> {
        operation.first.as_ref().expect("an entry").parameters.get("times")?.as_u64()
    }

    #[tokio::test]
    async fn a_flood_of_denied_attempts_is_a_few_entries_that_count_all_of_them() {
        let log = TestLog::empty().await;
        let team = log.team("payments").await;
        let vera = somebody("Vera Viewer", PortalRole::Member, &[(&team, TeamRole::Viewer)]);
        let attempt =
            |id: usize| Attempt::new(Action::ConnectionDelete, Some(Target::new(TargetType::Connection, id, None)));
        let mut named = Vec::new();
        for number in 0..500 {
            let refused = log.portal.team_operator(&vera, "payments", attempt(number)).await;
            let Err(Error::Forbidden { operation }) = refused else { panic!("{refused:?}") };
            named.push(operation);
        }
        let refused = log.portal.team_operator(&vera, "payments", attempt(1)).await;
        assert!(matches!(refused, Err(Error::Forbidden { operation }) if operation == named[1] && named[1].is_some()));
        assert_eq!(named.iter().flatten().count(), 3, "a page names an entry only if there is one");
        assert_eq!(denied(&log).await.len(), 3);
        log.portal.append_counted(true).await.expect("the log");
        let found = denied(&log).await;
        assert_eq!(found.len(), 4);
        assert_eq!(found.iter().map(times).collect::<Vec<_>>(), [None, None, None, Some(498)]);
        assert!(found.iter().all(|operation| operation.outcome == Some(Outcome::Denied)));
    }

    #[tokio::test]
    async fn what_cannot_be_written_is_written_once_the_log_takes_entries_again() {
        let log = TestLog::empty().await;
        let team = log.team("payments").await;
        let stranger = somebody("Sam Stranger", PortalRole::Member, &[]);
        log.refuse_entries(true).await;
        for _ in 0..5 {
            let refused = log.portal.team(&stranger, "payments").await;
            assert!(matches!(refused, Err(Error::Forbidden { operation: None })), "{refused:?}");
        }
        let refused = log.portal.sign_in("nobody@example.com", "wrong".into(), &crate::Origin::default()).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        log.portal.append_counted(true).await.expect_err("the log is full");
        log.refuse_entries(false).await;
        log.portal.append_counted(true).await.expect("the log");
        let found = denied(&log).await;
        let [read] = &found[..] else { panic!("{found:?}") };
        assert_eq!((read.action, times(read), read.team_id), (Action::TeamRead, Some(5), Some(team.id)));
        let entries = store::entries::after(&mut log.store.read().await.unwrap(), 0, 100).await.unwrap();
        let last: Vec<_> =
            entries.iter().map(|stored| store::entries::read(&stored.body.as_ref().unwrap().bytes).unwrap()).collect();
        let refused = last.iter().find(|entry| entry.action == Action::SessionRefuse).expect("the failed sign-in");
        assert_eq!(refused.parameters["count"], 1);
    }
}
