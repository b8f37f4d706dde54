//! What was read of each team, and whose turn it is to read it again. One read of each kind at a time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use time::{Duration, OffsetDateTime};

use super::{customers::CustomersRecipes, own::OwnRecipes};
use crate::{ReadFailure, TeamId};

/// How long after a failed read none is tried for a page or a form.
const AFTER_FAILURE: Duration = Duration::seconds(60);

/// What was read of every team.
#[derive(Debug, Default)]
pub(crate) struct ImpactCache(Mutex<HashMap<TeamId, Arc<TeamImpact>>>);

/// What was read of one team under one token.
#[derive(Debug)]
pub(super) struct TeamImpact {
    epoch: u64,
    pub own: Part<OwnRecipes>,
    pub customers: Part<CustomersRecipes>,
}

impl ImpactCache {
    /// What was read of a team. `epoch` differs for each token: what one token showed is not shown for another.
    pub(super) fn of(&self, team: TeamId, epoch: u64) -> Arc<TeamImpact> {
        let mut teams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = teams.get(&team).filter(|known| known.epoch == epoch);
        let known = known.map_or_else(
            || Arc::new(TeamImpact { epoch, own: Part::default(), customers: Part::default() }),
            Arc::clone,
        );
        teams.insert(team, Arc::clone(&known));
        known
    }
}

/// One kind of read.
#[derive(Debug)]
pub(super) struct Part<T> {
    held: Mutex<Held<T>>,
    /// The reader holds it, so that one read of a kind runs at a time.
    pub turn: tokio::sync::Mutex<()>,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self { held: Mutex::new(Held { read: None, failure: None }), turn: tokio::sync::Mutex::default() }
    }
}

#[derive(Debug)]
pub(super) struct Held<T> {
    /// The last good read.
    pub read: Option<Arc<T>>,
    /// Why the last try failed, if it did, and when.
    pub failure: Option<(Option<ReadFailure>, OffsetDateTime)>,
}

impl<T> Part<T> {
    pub fn held(&self) -> MutexGuard<'_, Held<T>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Held<T> {
    /// Whether to read again: if there is nothing, or nothing that began within `most_age`. Not right after a failure.
    pub fn is_due(
        &self,
        now: OffsetDateTime,
        most_age: Option<Duration>,
        began_at: impl Fn(&T) -> OffsetDateTime,
    ) -> bool {
        if self.failure.as_ref().is_some_and(|(_, at)| now - *at < AFTER_FAILURE) {
            return false;
        }
        match &self.read {
            None => true,
            Some(read) => most_age.is_some_and(|most| now - began_at(read) > most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_is_due_when_there_is_none_or_an_old_one_and_not_right_after_a_failure() {
        let now = OffsetDateTime::now_utc();
        let five = Some(Duration::minutes(5));
        let held = |age: Option<i64>, failed: Option<i64>| Held {
            read: age.map(|minutes| Arc::new(now - Duration::minutes(minutes))),
            failure: failed.map(|seconds| (None, now - Duration::seconds(seconds))),
        };
        let due = |held: Held<OffsetDateTime>, age| held.is_due(now, age, |began| *began);
        assert!(due(held(None, None), five) && due(held(None, None), None));
        assert!(due(held(Some(6), None), five) && !due(held(Some(6), None), None));
        assert!(!due(held(Some(4), None), five));
        assert!(!due(held(None, Some(20)), five) && due(held(None, Some(90)), five));
    }

    #[test]
    fn what_one_token_showed_is_not_held_for_another() {
        let (cache, team) = (ImpactCache::default(), TeamId::new());
        let first = cache.of(team, 1);
        assert!(Arc::ptr_eq(&first, &cache.of(team, 1)));
        assert!(!Arc::ptr_eq(&first, &cache.of(team, 2)));
    }
}
