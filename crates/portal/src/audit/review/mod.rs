//! Reviewing operations: an auditor marks one reviewed or flags it with a note, an operator of its team answers the
//! flag. Each of these is an entry.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    Actor, Attempt, Error, OperationId, PersonId, Portal, Problem, Reason, Result, ReviewObstacle, ReviewProblem,
    accounts::influence::{Party, cannot_judge, could_be, passwords_set},
    audit::{Action, Draft, EntryTeam, Logged, OperationSummary, State, Target, TargetType, append, instant_text},
};
use store::{Read, ReviewStanding, StoreError, operations::IdUse};

/// The right to review what others did. See [`Portal::reviewer`].
#[derive(Clone, Debug)]
pub struct Reviewer {
    actor: Actor,
}

/// The right to answer a flag on one operation. See [`Portal::answerer`].
#[derive(Clone, Debug)]
pub struct Answerer {
    actor: Actor,
    operation: OperationId,
}

impl Actor {
    /// Whether the person may review what others did: for pages, which only hide.
    #[must_use]
    pub fn reviews(&self) -> bool {
        self.role().reads_every_team()
    }

    /// Whether the person may answer a flag on this operation: an operator of its team may, or an admin if it belongs
    /// to no team. For pages, which only hide.
    #[must_use]
    pub fn answers(&self, operation: &OperationSummary) -> bool {
        match operation.team_id {
            Some(team) => self.operates(team),
            None => self.admin().is_ok(),
        }
    }
}

/// Why this person cannot mark an operation reviewed; `None` if they can. Whether they may review at all is
/// [`Actor::reviews`].
#[must_use]
pub fn review_obstacle(operation: &OperationSummary, person: PersonId) -> Option<ReviewObstacle> {
    let settler = operation.last.as_ref().and_then(|entry| entry.actor.id);
    let flag = operation.review.as_ref().filter(|review| review.standing != ReviewStanding::Reviewed);
    let answerer = flag
        .filter(|review| review.standing == ReviewStanding::Answered)
        .and_then(|review| review.said.as_ref()?.actor.id);
    let changed_nothing = operation.is_unapproved() && operation.state == State::Closed;
    if !operation.action.is_reviewable() || changed_nothing {
        Some(ReviewObstacle::NothingToReview)
    } else if operation.actor_id == Some(person) || settler == Some(person) {
        Some(ReviewObstacle::OwnOperation)
    } else if flag.is_some_and(|review| review.standing == ReviewStanding::Flagged) {
        Some(ReviewObstacle::FlagWaits)
    } else if answerer == Some(person) {
        Some(ReviewObstacle::OwnAnswer)
    } else if operation.state != State::Closed {
        Some(ReviewObstacle::NotEnded)
    } else {
        None
    }
}

impl Portal {
    /// The right to review what others did. A refusal is recorded with what was attempted.
    ///
    /// # Errors
    /// `Forbidden` for everybody but auditors and admins.
    pub async fn reviewer(&self, actor: &Actor, attempted: Action, target: Option<Target>) -> Result<Reviewer> {
        if actor.reviews() {
            return Ok(Reviewer { actor: actor.clone() });
        }
        let id = target.as_ref().and_then(|target| target.id.parse().ok());
        let operation = match id {
            Some(id) => store::operations::find(&mut self.store.read().await?, id).await?,
            None => None,
        };
        let team = match operation {
            Some(operation) => team_of(&mut self.store.read().await?, &operation).await?,
            None => None,
        };
        Err(self.deny(actor, team, Attempt::new(attempted, target)).await)
    }

    /// The right to answer a flag on this operation. A refusal is recorded.
    ///
    /// # Errors
    /// `NotFound` without such an operation, `Forbidden` for everybody but operators of its team.
    pub async fn answerer(&self, actor: &Actor, operation: OperationId) -> Result<Answerer> {
        let found = store::operations::find(&mut self.store.read().await?, operation).await?;
        let found = found.ok_or(Error::NotFound)?;
        if actor.answers(&found) {
            return Ok(Answerer { actor: actor.clone(), operation });
        }
        let target = Target::new(TargetType::Operation, operation, None);
        let team = team_of(&mut self.store.read().await?, &found).await?;
        Err(self.deny(actor, team, Attempt::new(Action::OperationAnswer, Some(target))).await)
    }

    /// Marks an operation reviewed. If it is reviewed already, nothing is recorded.
    ///
    /// # Errors
    /// `Invalid` if this person cannot review it, `NotFound` without such an operation, `LogUnavailable` if it cannot
    /// be recorded.
    pub async fn review(&self, reviewer: &Reviewer, operation: OperationId) -> Result<()> {
        let saying = Saying { entry: OperationId::new(), action: Action::OperationReview, words: None };
        self.say(&reviewer.actor, operation, saying, |found, dependence| {
            if let Some(obstacle) = review_obstacle(found, reviewer.actor.id()).or(dependence) {
                return Err(problem("review", ReviewProblem::NotReviewable { obstacle }));
            }
            let is_reviewed = found.review.as_ref().is_some_and(|it| it.standing == ReviewStanding::Reviewed);
            Ok(if is_reviewed { ToDo::Nothing } else { ToDo::Write })
        })
        .await
    }

    /// Flags an operation, with a note of what needs an answer. `entry` is the id in the form: the same form sent twice
    /// is one flag.
    ///
    /// # Errors
    /// `Invalid` without a note, `NotFound` without such an operation, `Conflict` if the id was used for something
    /// else, `LogUnavailable` if it cannot be recorded.
    pub async fn flag(
        &self,
        reviewer: &Reviewer,
        operation: OperationId,
        entry: OperationId,
        note: &str,
    ) -> Result<()> {
        let words = Some(read(note, "note", ReviewProblem::FlagNoteMissing)?);
        let saying = Saying { entry, action: Action::OperationFlag, words };
        self.say(&reviewer.actor, operation, saying, |found, _| match found.action.is_reviewable() {
            true => Ok(ToDo::Write),
            false => Err(problem("note", ReviewProblem::NothingToFlag)),
        })
        .await
    }

    /// Answers the flag on an operation. `entry` as in [`Portal::flag`].
    ///
    /// # Errors
    /// `Invalid` without an answer or without a flag, `Conflict` if the id was used for something else,
    /// `LogUnavailable` if it cannot be recorded.
    pub async fn answer_flag(&self, answerer: &Answerer, entry: OperationId, answer: &str) -> Result<()> {
        let words = Some(read(answer, "answer", ReviewProblem::FlagAnswerMissing)?);
        let saying = Saying { entry, action: Action::OperationAnswer, words };
        self.say(&answerer.actor, answerer.operation, saying, |found, _| {
            match found.review.as_ref().map(|review| review.standing) {
                Some(ReviewStanding::Flagged) => Ok(ToDo::Write),
                _ => Err(problem("answer", ReviewProblem::NoFlagWaits)),
            }
        })
        .await
    }

    /// Why this person cannot mark the operation reviewed, as [`review_obstacle`] and by who could have been whom.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn review_obstacle(&self, actor: &Actor, operation: &OperationSummary) -> Result<Option<ReviewObstacle>> {
        match review_obstacle(operation, actor.id()) {
            Some(obstacle) => Ok(Some(obstacle)),
            None => Ok(dependence(&mut self.store.read().await?, operation, actor.id()).await?),
        }
    }

    /// The reviews, flags and answers of an operation, oldest first.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn reviews(&self, logged: &Logged) -> Result<Vec<OperationSummary>> {
        let mut said =
            store::operations::reviews_of(&mut self.store.read().await?, &logged.summary, MOST_SHOWN).await?;
        said.reverse();
        Ok(said)
    }

    /// Records what somebody says of an operation, if its present state allows it.
    async fn say(
        &self,
        actor: &Actor,
        operation: OperationId,
        saying: Saying,
        check: impl FnOnce(&OperationSummary, Option<ReviewObstacle>) -> Result<ToDo>,
    ) -> Result<()> {
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        // A form that is sent twice may fail the check the second time, because of the first.
        let binding = saying.binding(actor, operation);
        match store::operations::id_use(&mut tx, saying.entry, &binding).await? {
            IdUse::New => {}
            IdUse::Same => return Ok(()),
            IdUse::Conflict => return Err(Error::Conflict { operation: saying.entry }),
        }
        let found = store::operations::find(&mut tx, operation).await?.ok_or(Error::NotFound)?;
        if let Some(bad) = found.changed {
            return Err(StoreError::Changed(bad).into());
        }
        let dependence = dependence(&mut tx, &found, actor.id()).await?;
        if check(&found, dependence)? == ToDo::Nothing {
            return Ok(());
        }
        let mut draft = Draft::recorded(actor.entry_actor(), saying.action)
            .team(team_of(&mut tx, &found).await?)
            .target(Target::new(TargetType::Operation, operation, None))
            .reason(saying.words.map(|words| words.as_str().to_owned()));
        draft.operation_id = saying.entry;
        let set = passwords_set(&mut tx, actor.id(), self.now()).await?;
        if let Some(last) = set.last() {
            let mut by: Vec<&str> = set.iter().map(|set| set.name.as_str()).collect();
            by.dedup();
            draft = draft.parameter("password_set_by", &by).parameter("password_set_at", instant_text(last.at));
        }
        let write = async {
            append(&mut tx, draft).await?;
            store::operations::bind(&mut tx, saying.entry, &binding).await?;
            tx.commit().await
        };
        write.await.map_err(Error::LogUnavailable)
    }
}

/// Why a person cannot judge an operation, although they have no part in it: somebody who has a part in it could have
/// been the reviewer, or the reviewer could have been its actor.
async fn dependence(
    conn: &mut Read,
    operation: &OperationSummary,
    person: PersonId,
) -> Result<Option<ReviewObstacle>, StoreError> {
    let answer = operation.review.as_ref().and_then(|review| review.said.as_ref());
    let answer = answer.filter(|entry| entry.action == Action::OperationAnswer);
    let others = operation.last.iter().chain(answer).map(|entry| Party::of(entry.actor.id, &entry.actor.name));
    let actor = Party::of(operation.actor_id, &operation.actor_name);
    let acting = store::requests::acting_entry(conn, operation).await?;
    let approver = acting.and_then(|entry| entry.approved_by);
    let approver = approver.and_then(|approver| Party::of(approver.id, &approver.name));
    if approver == Some(Party::Person(person)) {
        return Ok(Some(ReviewObstacle::OwnOperation));
    }
    let parties: Vec<Party> = others.chain([actor, approver]).flatten().collect();
    let not_judged = cannot_judge(conn, person, conn.now()).await?;
    if parties.iter().any(|party| not_judged.contains(party)) {
        return Ok(Some(ReviewObstacle::ReviewerNotIndependent));
    }
    if let Some(Party::Person(actor)) = actor
        && could_be(conn, actor, operation.at).await?.contains(&Party::Person(person))
    {
        return Ok(Some(ReviewObstacle::ActorNotIndependent));
    }
    Ok(None)
}

/// The operation's team, as it is now.
async fn team_of(conn: &mut Read, operation: &OperationSummary) -> Result<Option<EntryTeam>> {
    let Some(team) = operation.team_id else { return Ok(None) };
    Ok(store::teams::by_id(conn, team).await?.map(|team| team.entry_team()))
}

/// A review, a flag or an answer before it is recorded.
struct Saying {
    /// The id of its entry.
    entry: OperationId,
    action: Action,
    words: Option<Reason>,
}

impl Saying {
    /// What the entry's id is bound to, so that a form that is sent twice is recognised.
    fn binding(&self, actor: &Actor, operation: OperationId) -> String {
        let bound = json!([actor.id(), operation, self.action, self.words.as_ref().map(Reason::as_str)]);
        hex::encode(Sha256::digest(bound.to_string()))
    }
}

/// Whether there is anything to record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ToDo {
    Write,
    /// It is in that state already.
    Nothing,
}

/// The most reviews, flags and answers that are shown of one operation.
const MOST_SHOWN: i64 = 200;

fn read(text: &str, field: &'static str, missing: ReviewProblem) -> Result<Reason> {
    match Reason::read(text) {
        Ok(Some(reason)) => Ok(reason),
        Ok(None) => Err(problem(field, missing)),
        Err(invalid) => Err(problem(field, invalid)),
    }
}

fn problem(field: &'static str, problem: impl Into<Problem>) -> Error {
    problem.into().of(field)
}

#[cfg(test)]
mod tests;
