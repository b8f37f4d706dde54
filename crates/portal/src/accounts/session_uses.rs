//! Which uses of sessions this process has begun to write.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use store::SessionFacts;
use time::{Duration, OffsetDateTime};

/// How often a use elsewhere is written.
const ELSEWHERE_EVERY: Duration = Duration::hours(1);
/// Beyond this many sessions, those that were not used for a day are forgotten.
const MANY: usize = 10_000;

/// What this process has begun to write about the uses of sessions, by label, so that of many requests at once only one
/// writes.
#[derive(Debug, Default)]
pub(crate) struct SessionUses(Mutex<HashMap<String, Uses>>);

#[derive(Clone, Copy, Debug, Default)]
struct Uses {
    used_at: Option<OffsetDateTime>,
    elsewhere_at: Option<OffsetDateTime>,
}

/// What there is to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    pub used: bool,
    pub elsewhere: bool,
}

impl SessionUses {
    pub(super) fn due(&self, session: &SessionFacts, is_elsewhere: bool, every: Duration, now: OffsetDateTime) -> Due {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MANY {
            all.retain(|_, uses| uses.used_at.is_some_and(|at| now - at < Duration::DAY));
        }
        let uses = all.entry(session.label.clone()).or_default();
        // Neither the row nor this process may have the newest: a write may have failed, or the process be new.
        let used_at = uses.used_at.map_or(session.last_used_at, |at| at.max(session.last_used_at));
        let elsewhere_at = uses.elsewhere_at.max(session.elsewhere.as_ref().map(|elsewhere| elsewhere.at));
        let due = Due {
            used: now - used_at >= every,
            elsewhere: is_elsewhere && elsewhere_at.is_none_or(|at| now - at >= ELSEWHERE_EVERY),
        };
        if due.used {
            uses.used_at = Some(now);
        }
        if due.elsewhere {
            uses.elsewhere_at = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use store::{SessionFacts, SessionKey, SignIn, SignedInWith};
    use time::{Duration, OffsetDateTime, macros::datetime};

    use super::{Due, SessionUses};

    const NOW: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);

    fn session() -> SessionFacts {
        let key = SessionKey::from_hash([7; 32]);
        let sign_in = SignIn { with: SignedInWith::Password, second_factor: false, factor_at: NOW, kept: false };
        SessionFacts {
            label: key.label(),
            key,
            created_at: NOW,
            last_used_at: NOW,
            expires_at: NOW + Duration::DAY,
            sign_in,
            ip: None,
            user_agent: None,
            elsewhere: None,
        }
    }

    #[test]
    fn of_many_uses_in_a_minute_one_is_written() {
        let (uses, session) = (SessionUses::default(), session());
        let due = |after: Duration| uses.due(&session, false, Duration::MINUTE, NOW + after);
        assert!(!due(Duration::seconds(59)).used);
        assert_eq!((0..100).filter(|_| due(Duration::seconds(60)).used).count(), 1);
        assert!(!due(Duration::seconds(119)).used);
        assert!(due(Duration::seconds(120)).used);
    }

    #[test]
    fn a_use_elsewhere_is_written_at_once_and_then_every_hour() {
        let (uses, session) = (SessionUses::default(), session());
        let due = |after: Duration| uses.due(&session, true, Duration::HOUR, NOW + after);
        assert_eq!(due(Duration::ZERO), Due { used: false, elsewhere: true });
        assert_eq!((0..60).filter(|minute| due(Duration::minutes(*minute)).elsewhere).count(), 0);
        assert!(due(Duration::minutes(60)).elsewhere);
    }
}
