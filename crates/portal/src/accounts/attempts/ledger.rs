//! The counts: a token bucket for each account, network and device, in bounded memory.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use uuid::Uuid;

use super::claim::{Account, GuessedSecret};

/// How many buckets are kept. The limits on everybody together leave at most about 15,000 that are not full.
const MOST_BUCKETS: usize = 50_000;
/// How often full buckets are dropped while too many are kept.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// What is claimed, on a device of its person.
    Device(GuessedSecret, Account, Uuid),
    /// What is claimed, in one network.
    ClaimHere(GuessedSecret, Account, Option<IpAddr>),
    /// What is claimed, anywhere.
    Claim(GuessedSecret, Account),
    Network(GuessedSecret, Option<IpAddr>),
    All(GuessedSecret),
    /// Everything beyond [`MOST_BUCKETS`].
    Others(GuessedSecret),
}

impl Key {
    /// The limit's name in metrics.
    const fn limit(self) -> &'static str {
        match self {
            Self::Device(..) => "device",
            Self::ClaimHere(..) | Self::Claim(..) => "account",
            Self::Network(..) => "network",
            Self::All(_) | Self::Others(_) => "all",
        }
    }

    const fn secret(self) -> GuessedSecret {
        match self {
            Self::Device(secret, ..)
            | Self::ClaimHere(secret, ..)
            | Self::Claim(secret, _)
            | Self::Network(secret, _)
            | Self::All(secret)
            | Self::Others(secret) => secret,
        }
    }
}

/// How many attempts a bucket allows at once, and how long it takes until it allows another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    at_once: u32,
    every: Duration,
}

impl Rate {
    pub const fn new(at_once: u32, every: Duration) -> Self {
        Self { at_once, every }
    }
}

/// An attempt that has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    /// The limit that it exceeds.
    pub limit: &'static str,
    /// How long until there is room in it.
    pub wait: Duration,
}

/// Every bucket.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Buckets>);

/// Each bucket as the instant at which it is full again. A bucket that is full need not be kept.
#[derive(Debug, Default)]
struct Buckets {
    full_at: HashMap<Key, Instant>,
    swept: Option<Instant>,
}

impl Ledger {
    fn lock(&self) -> MutexGuard<'_, Buckets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an attempt in all of these buckets, or in none: one that is refused takes nothing from others.
    ///
    /// # Errors
    /// The first bucket that has no room.
    pub(super) fn take(&self, keys: &[(Key, Rate)], now: Instant) -> Result<(), Refused> {
        let mut buckets = self.lock();
        let mut taken = Vec::with_capacity(keys.len());
        for (key, rate) in keys {
            let key = buckets.room_for(*key, now);
            let full_at = buckets.full_at.get(&key).copied().unwrap_or(now).max(now) + rate.every;
            let wait = (full_at - now).saturating_sub(rate.every * rate.at_once);
            if !wait.is_zero() {
                return Err(Refused { limit: key.limit(), wait });
            }
            taken.push((key, full_at));
        }
        buckets.full_at.extend(taken);
        Ok(())
    }

    /// Takes an attempt back.
    pub(super) fn give_back(&self, keys: &[(Key, Rate)]) {
        let mut buckets = self.lock();
        for (key, rate) in keys {
            if let Some(full_at) = buckets.full_at.get_mut(key)
                && let Some(earlier) = full_at.checked_sub(rate.every)
            {
                *full_at = earlier;
            }
        }
    }
}

impl Buckets {
    /// The key itself, or the one that newcomers share while too many are kept.
    fn room_for(&mut self, key: Key, now: Instant) -> Key {
        if self.full_at.len() < MOST_BUCKETS || self.full_at.contains_key(&key) {
            return key;
        }
        if self.swept.is_none_or(|swept| now.saturating_duration_since(swept) >= SWEEP_EVERY) {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.swept = Some(now);
        }
        if self.full_at.len() < MOST_BUCKETS { key } else { Key::Others(key.secret()) }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::{IpAddr, Ipv4Addr},
        time::{Duration, Instant},
    };

    use super::{Key, Ledger, MOST_BUCKETS, Rate, Refused};
    use crate::accounts::GuessedSecret::{FeedToken, Password};

    const RATE: Rate = Rate::new(20, Duration::from_secs(60));

    fn network(number: usize) -> Key {
        let number = u32::try_from(number).expect("a number");
        Key::Network(Password, Some(IpAddr::V4(Ipv4Addr::from(number))))
    }

    fn taken(ledger: &Ledger, key: Key, attempts: usize, now: Instant) -> usize {
        (0..attempts).filter(|_| ledger.take(&[(key, RATE)], now).is_ok()).count()
    }

    #[test]
    fn a_bucket_allows_some_attempts_at_once_and_then_one_at_a_time() {
        let (ledger, now) = (Ledger::default(), Instant::now());
        assert_eq!(taken(&ledger, network(1), 120, now), 20);
        let refused = ledger.take(&[(network(1), RATE)], now);
        assert_eq!(refused, Err(Refused { limit: "network", wait: Duration::from_secs(60) }));
        for minute in 1..100 {
            assert_eq!(taken(&ledger, network(1), 120, now + Duration::from_secs(60) * minute), 1, "minute {minute}");
        }
        assert_eq!(taken(&ledger, network(1), 120, now + Duration::from_secs(100 * 60 + 86_400)), 20);
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let (ledger, now) = (Ledger::default(), Instant::now());
        for _ in 0..1_000 {
            ledger.take(&[(network(1), RATE)], now).expect("room");
            ledger.give_back(&[(network(1), RATE)]);
        }
        assert_eq!(taken(&ledger, network(1), 19, now), 19);
        ledger.take(&[(network(1), RATE)], now).expect("room for one");
        ledger.give_back(&[(network(1), RATE)]);
        assert_eq!(taken(&ledger, network(1), 5, now), 1);
    }

    #[test]
    fn giving_back_never_makes_room_for_more_than_a_full_bucket() {
        let (ledger, now) = (Ledger::default(), Instant::now());
        for _ in 0..50 {
            ledger.take(&[(network(1), RATE)], now).expect("room");
            ledger.give_back(&[(network(1), RATE)]);
            ledger.give_back(&[(network(1), RATE)]);
        }
        assert_eq!(taken(&ledger, network(1), 120, now), 20);
    }

    #[test]
    fn an_attempt_that_is_refused_by_one_bucket_takes_nothing_from_the_others() {
        let (ledger, now) = (Ledger::default(), Instant::now());
        let strict = Rate::new(1, Duration::from_secs(60));
        for _ in 0..100 {
            let _ = ledger.take(&[(network(1), RATE), (Key::All(Password), strict)], now);
        }
        assert_eq!(taken(&ledger, network(1), 120, now), 19);
        assert_eq!(taken(&ledger, Key::All(FeedToken), 120, now), 20);
    }

    #[test]
    fn however_many_take_part_the_buckets_are_bounded_and_newcomers_limited() {
        let (ledger, now) = (Ledger::default(), Instant::now());
        let served: usize = (0..2 * MOST_BUCKETS).map(|number| taken(&ledger, network(number), 1, now)).sum();
        assert_eq!(served, MOST_BUCKETS + 20);
        assert!(ledger.lock().full_at.len() <= MOST_BUCKETS + 1);
        // Full buckets make room.
        assert_eq!(taken(&ledger, network(3 * MOST_BUCKETS), 30, now + Duration::from_secs(1_200)), 20);
        assert!(ledger.lock().full_at.len() < 5);
    }
}
