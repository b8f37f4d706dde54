//! Reviewing a job as one: each of its operations that can be reviewed gets its own entry, as if it had been opened.

use std::sync::Arc;

use store::{ReviewStanding, StoreError, batches};

use crate::{Error, OperationId, Portal, Result, audit::Reviewer};

/// How many operations are read at once.
const AT_ONCE: i64 = 200;

impl Portal {
    /// Marks a job and its operations reviewed, as far as this person can review them. It runs to its end, whether or not
    /// anybody waits. Returns how many could not be reviewed: they have not ended, are flagged, or are not this person's to
    /// review.
    ///
    /// # Errors
    /// `Invalid` if the job itself cannot be reviewed, `LogUnavailable` if a review cannot be recorded.
    pub async fn review_job(self: &Arc<Self>, reviewer: &Reviewer, job: OperationId) -> Result<usize> {
        self.review(reviewer, job).await?;
        let (portal, reviewer) = (Arc::clone(self), reviewer.clone());
        let reviewing = self.running.spawn(async move {
            let (mut left, mut after) = (0, 0);
            loop {
                let found = {
                    let mut conn = portal.store.read().await?;
                    batches::operations(&mut conn, job, after, AT_ONCE).await?
                };
                let Some(last) = found.last() else { return Ok::<_, Error>(left) };
                after = last.sequence;
                for operation in found {
                    if operation.review.as_ref().is_some_and(|review| review.standing == ReviewStanding::Reviewed) {
                        continue;
                    }
                    match portal.review(&reviewer, operation.id).await {
                        Ok(()) => {}
                        Err(Error::Invalid(_) | Error::Store(StoreError::Changed(_))) => left += 1,
                        Err(error) => return Err(error),
                    }
                }
            }
        });
        reviewing.await.map_err(|error| Error::Internal(format!("reviewing the job {job}: {error}")))?
    }
}
