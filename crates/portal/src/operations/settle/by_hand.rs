//! Settling by a person, who looks into Workato and records what they found.

use serde_json::json;

use crate::{
    Actor, Error, FieldProblems, OperationId, Portal, Problem, Reason, Result, TeamOperator,
    accounts::influence::{Party, cannot_judge},
    audit::{Draft, OperationSummary, Outcome, Stage, State, append},
};
use store::StoreError;

store::words! {
    /// What a person found in Workato.
    pub enum Finding {
        /// The change was made.
        Done => "done",
        /// The change was not made.
        NotDone => "not_done",
    }
}

/// The most waiting operations that a page shows.
const MOST_SHOWN: i64 = 50;

impl Portal {
    /// The operations that wait for a person, oldest first, in the teams that the actor may read.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn waiting(&self, actor: &Actor) -> Result<Vec<OperationSummary>> {
        let visible = actor.readable_teams();
        let read = async {
            let mut conn = self.store.read().await?;
            Ok(store::operations::waiting(&mut conn, visible.as_deref(), MOST_SHOWN).await?)
        };
        Ok(self.kept_long.get(&self.store, ("waiting", visible.clone()), read).await?.to_vec())
    }

    /// Records what a person found out about an operation that waits for one, and how.
    ///
    /// # Errors
    /// `Invalid` without a note or a finding, or if its actor could have been the operator, `NotFound` for an operation
    /// of another team, `Conflict` if the operation does not wait for a person, `LogUnavailable` if the log cannot be written.
    pub async fn settle_by_hand(
        &self,
        operator: &TeamOperator,
        operation: OperationId,
        finding: Option<Finding>,
        note: &str,
    ) -> Result<()> {
        let mut problems = FieldProblems::default();
        let note = Reason::read(note).unwrap_or_else(|problem| {
            problems.add("note", problem);
            None
        });
        if problems.is_empty() && note.is_none() {
            problems.add("note", Problem::FindingNoteMissing);
        }
        if finding.is_none() {
            problems.add("finding", Problem::FindingMissing);
        }
        let (Some(note), Some(finding)) = (note, finding) else { return Err(Error::Invalid(problems)) };
        let settle = async {
            let mut tx = self.store.write().await?;
            let found = store::operations::find(&mut tx, operation).await?;
            let Some(found) = found.filter(|found| found.team_id == Some(operator.team().id)) else {
                return Ok(Err(Error::NotFound));
            };
            // Checked under the write lock: somebody else may have settled it since the form was rendered.
            let (State::Waiting, Some(newest)) = (found.state, &found.last) else {
                return Ok(Err(Error::Conflict { operation }));
            };
            let acting = store::requests::acting_entry(&mut tx, &found).await?;
            let approver = acting.as_ref().and_then(|entry| entry.approved_by.as_ref());
            let actors = [Some(&newest.actor), found.first.as_ref().map(|first| &first.actor), approver];
            let mut parties = actors.into_iter().flatten().filter_map(|actor| Party::of(actor.id, &actor.name));
            let not_judged = cannot_judge(&mut tx, operator.actor().id(), self.now()).await?;
            if parties.any(|party| not_judged.contains(&party)) {
                return Ok(Err(Problem::NotIndependent.of("finding")));
            }
            let mut draft = Draft::follows(newest, Stage::Settled, operator.actor().entry_actor());
            draft.outcome = Some(match finding {
                Finding::Done => Outcome::Succeeded,
                Finding::NotDone => Outcome::Failed,
            });
            draft.reason = Some(note.as_str().to_owned());
            draft.evidence = Some(json!({ "found_by": "person" }));
            append(&mut tx, draft).await?;
            tx.commit().await?;
            Ok::<_, StoreError>(Ok(()))
        };
        settle.await.map_err(Error::LogUnavailable)?
    }
}
