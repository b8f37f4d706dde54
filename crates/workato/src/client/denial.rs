//! What a 401 or 403 means. Workato answers 401 both for a token that it does not know and for a privilege that a role
//! lacks, and only the token's other calls can tell which it is.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::queue_full::wait_in_seconds;
use crate::{Call, Denial};

/// How long a success shows that the token is valid.
const VALID_FOR: Duration = Duration::from_secs(600);

/// When each call last succeeded with this token.
#[derive(Debug, Default)]
pub(super) struct RecentSuccesses(Mutex<HashMap<Call, Instant>>);

impl RecentSuccesses {
    pub(super) fn record(&self, call: Call) {
        self.lock().insert(call, Instant::now());
    }

    /// What it means that Workato denied this call.
    pub(super) fn explain_denial(&self, call: Call) -> Denial {
        let mut successes = self.lock();
        // A role may have lost the privilege for a call that succeeded before, but a revoked token looks the same. So
        // no earlier success shows that the token is still valid.
        if successes.contains_key(&call) && !call.is_about_one_customer() {
            successes.clear();
        }
        let newest = successes.iter().max_by_key(|(_, at)| **at);
        match newest.map(|(answered, at)| (*answered, at.elapsed())) {
            Some((answered, before)) if before <= VALID_FOR => {
                Denial::Privilege { answered, seconds_before: wait_in_seconds(before) }
            }
            _ => Denial::TokenOrPrivilege,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Call, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    const VALID_TOKEN: Denial = Denial::Privilege { answered: Call::Connections, seconds_before: 3 };

    #[tokio::test(start_paused = true)]
    async fn a_denied_call_is_a_missing_privilege_if_another_call_succeeds() {
        let successes = RecentSuccesses::default();
        assert_eq!(successes.explain_denial(Call::Tags), Denial::TokenOrPrivilege);
        successes.record(Call::Connections);
        advance(Duration::from_secs(3)).await;
        assert_eq!(successes.explain_denial(Call::Tags), VALID_TOKEN);
        assert_eq!(successes.explain_denial(Call::Folders), VALID_TOKEN);
        assert!(
            successes
                .explain_denial(Call::Tags)
                .to_string()
                .starts_with("The token works (GET /api/connections succeeded ")
        );
    }

    #[tokio::test(start_paused = true)]
    async fn one_customer_who_denies_a_call_says_nothing_about_the_token() {
        let successes = RecentSuccesses::default();
        successes.record(Call::CustomerRecipes);
        let denial = Denial::Privilege { answered: Call::CustomerRecipes, seconds_before: 0 };
        assert_eq!(successes.explain_denial(Call::CustomerRecipes), denial);
        assert_eq!(successes.explain_denial(Call::Tags), denial);
    }

    #[tokio::test(start_paused = true)]
    async fn an_old_success_shows_nothing() {
        let successes = RecentSuccesses::default();
        successes.record(Call::Connections);
        advance(VALID_FOR + Duration::from_secs(1)).await;
        assert_eq!(successes.explain_denial(Call::Tags), Denial::TokenOrPrivilege);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_is_denied_a_call_that_succeeded_may_have_been_revoked() {
        let successes = RecentSuccesses::default();
        successes.record(Call::Connections);
        successes.record(Call::Connectors);
        assert_eq!(successes.explain_denial(Call::Connections), Denial::TokenOrPrivilege);
        assert_eq!(successes.explain_denial(Call::Connectors), Denial::TokenOrPrivilege);
        assert_eq!(successes.explain_denial(Call::Tags), Denial::TokenOrPrivilege);
        successes.record(Call::Folders);
        assert!(matches!(successes.explain_denial(Call::Tags), Denial::Privilege { answered: Call::Folders, .. }));
    }
}
