//! Whether the token is known to work: Workato answers 401 for a privilege that a role lacks as for a token that it
//! does not know, and only the other calls of the same token can tell which.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::limiter::wait_in_seconds;
use crate::Call;

/// For how long an answer shows that the token works.
const SHOWS_FOR: Duration = Duration::from_secs(600);

/// Which calls this token has lately been answered.
#[derive(Debug, Default)]
pub(super) struct Standing(Mutex<HashMap<Call, Instant>>);

/// What a refusal with 401 or 403 means, as far as the other calls of the token can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// Another call was answered, so the token works and its role lacks the privilege for this one.
    Privilege {
        /// The other call.
        answered: Call,
        /// How long before.
        before: Duration,
    },
    /// Either the token is not valid, or its role lacks the privilege.
    TokenOrPrivilege,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Privilege { answered, before } => write!(
                f,
                "The token works ({answered} was answered {} s before), so its role lacks the privilege for this call; \
                 give it to the role in Workato.",
                wait_in_seconds(*before)
            ),
            Self::TokenOrPrivilege => f.write_str(
                "Either the token is not valid, or its role lacks the privilege for this call; check both in Workato.",
            ),
        }
    }
}

impl Standing {
    /// Workato has done what this call asked for.
    pub(super) fn answered(&self, call: Call) {
        self.lately().insert(call, Instant::now());
    }

    /// Workato has denied this call.
    pub(super) fn denied(&self, call: Call) -> Denial {
        let mut lately = self.lately();
        // What this token could do and no longer can, its role may have lost, but a revoked token looks the same:
        // nothing that was answered before shows that the token still works.
        if lately.contains_key(&call) {
            lately.clear();
        }
        let newest = lately.iter().max_by_key(|(_, at)| **at);
        match newest.map(|(answered, at)| (*answered, at.elapsed())) {
            Some((answered, before)) if before <= SHOWS_FOR => Denial::Privilege { answered, before },
            _ => Denial::TokenOrPrivilege,
        }
    }

    fn lately(&self) -> std::sync::MutexGuard<'_, HashMap<Call, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    const THE_TOKEN_WORKS: Denial = Denial::Privilege { answered: Call::Connections, before: Duration::from_secs(3) };

    #[tokio::test(start_paused = true)]
    async fn a_denied_call_is_a_missing_privilege_while_another_call_works() {
        let standing = Standing::default();
        assert_eq!(standing.denied(Call::Tags), Denial::TokenOrPrivilege);
        standing.answered(Call::Connections);
        advance(Duration::from_secs(3)).await;
        assert_eq!(standing.denied(Call::Tags), THE_TOKEN_WORKS);
        assert_eq!(standing.denied(Call::Folders), THE_TOKEN_WORKS);
        assert!(standing.denied(Call::Tags).to_string().starts_with("The token works (GET /api/connections was "));
    }

    #[tokio::test(start_paused = true)]
    async fn what_worked_long_ago_shows_nothing() {
        let standing = Standing::default();
        standing.answered(Call::Connections);
        advance(SHOWS_FOR + Duration::from_secs(1)).await;
        assert_eq!(standing.denied(Call::Tags), Denial::TokenOrPrivilege);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_is_denied_what_it_could_do_may_have_been_revoked() {
        let standing = Standing::default();
        standing.answered(Call::Connections);
        standing.answered(Call::Connectors);
        assert_eq!(standing.denied(Call::Connections), Denial::TokenOrPrivilege);
        assert_eq!(standing.denied(Call::Connectors), Denial::TokenOrPrivilege);
        assert_eq!(standing.denied(Call::Tags), Denial::TokenOrPrivilege);
        standing.answered(Call::Folders);
        assert!(matches!(standing.denied(Call::Tags), Denial::Privilege { answered: Call::Folders, .. }));
    }
}
