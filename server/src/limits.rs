//! How many requests may be sent: token buckets per session, per person, and for people without a session per address.
//! What needs no work, such as static files and probes, is not counted.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use portal::{Actor, PersonId, PublicError};

use crate::origin::Client;

/// How many seconds' requests a bucket holds, for somebody who opens many tabs at once.
const BURST_SECONDS: u32 = 10;
/// How much more a person may send in several sessions than in one.
const SESSIONS_OF_A_PERSON: u32 = 3;
/// How much more may come from a proxy whose clients cannot be told apart than from one address.
const CLIENTS_OF_A_PROXY: u32 = 20;
/// How many buckets are kept. Beyond that, newcomers share one.
const MOST_BUCKETS: usize = 20_000;
/// How often full buckets are dropped while too many are kept.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// Whose requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Session(String),
    Person(PersonId),
    Address(IpAddr),
    /// Everybody beyond [`MOST_BUCKETS`].
    Others,
}

/// The buckets of everybody.
#[derive(Debug)]
pub struct Limits {
    /// Tokens per second of a session and of an address. 0 is no limit.
    per_second: u32,
    buckets: Mutex<Buckets>,
}

/// Each bucket as the instant at which it is full again. A bucket that is full need not be kept.
#[derive(Debug)]
struct Buckets {
    full_at: HashMap<Key, Instant>,
    swept: Instant,
}

impl Limits {
    pub fn new(per_second: u32) -> Self {
        Self { per_second, buckets: Mutex::new(Buckets { full_at: HashMap::new(), swept: Instant::now() }) }
    }

    /// Counts a request, unless the person, the session or the address has sent too many.
    ///
    /// # Errors
    /// `TooManyRequests`, with the time until the next is served.
    pub fn count(&self, actor: Option<&Actor>, client: Client) -> Result<(), PublicError> {
        let refused = match actor {
            Some(actor) => {
                let session = actor.origin().session.clone().unwrap_or_default();
                // The session first: what it may not send must not use up what other sessions of the person may.
                self.take(Key::Session(session), 1, "session")
                    .and_then(|()| self.take(Key::Person(actor.id()), SESSIONS_OF_A_PERSON, "person"))
            }
            None => {
                let share = if client.is_proxy { CLIENTS_OF_A_PROXY } else { 1 };
                self.take(Key::Address(client.network()), share, "address")
            }
        };
        refused.map_err(|wait| PublicError::TooManyRequests { seconds: wait.as_secs() + 1 })
    }

    fn take(&self, key: Key, share: u32, kind: &'static str) -> Result<(), Duration> {
        let Some(per_second) = self.per_second.checked_mul(share).filter(|rate| *rate > 0) else { return Ok(()) };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = buckets.take(key, per_second, Instant::now());
        if taken.is_err() {
            metrics::counter!("portal_requests_limited_total", "limit" => kind).increment(1);
        }
        taken
    }
}

impl Buckets {
    fn take(&mut self, key: Key, per_second: u32, now: Instant) -> Result<(), Duration> {
        let key = if self.has_room_for(&key, now) { key } else { Key::Others };
        let interval = Duration::from_secs(1) / per_second;
        let full_at = self.full_at.get(&key).copied().unwrap_or(now).max(now) + interval;
        let wait = (full_at - now).saturating_sub(interval * per_second * BURST_SECONDS);
        if !wait.is_zero() {
            return Err(wait);
        }
        self.full_at.insert(key, full_at);
        Ok(())
    }

    fn has_room_for(&mut self, key: &Key, now: Instant) -> bool {
        if self.full_at.len() < MOST_BUCKETS || self.full_at.contains_key(key) {
            return true;
        }
        if now.saturating_duration_since(self.swept) >= SWEEP_EVERY {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.swept = now;
        }
        self.full_at.len() < MOST_BUCKETS
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::{IpAddr, Ipv4Addr},
        time::{Duration, Instant},
    };

    use portal::PublicError;

    use super::{Key, Limits, MOST_BUCKETS};
    use crate::origin::Client;

    fn client(text: &str) -> Client {
        Client { address: text.parse().expect("an address"), is_proxy: false }
    }

    fn key(number: usize) -> Key {
        Key::Address(Ipv4Addr::from(u32::try_from(number).expect("a number")).into())
    }

    /// How many of `requests` are served.
    fn served(limits: &Limits, client: Client, requests: usize) -> usize {
        (0..requests).filter(|_| limits.count(None, client).is_ok()).count()
    }

    #[test]
    fn an_address_may_send_ten_seconds_worth_at_once_and_then_waits() {
        let limits = Limits::new(30);
        let served = served(&limits, client("203.0.113.7"), 1_000);
        // The bucket fills while the test runs.
        assert!((300..400).contains(&served), "{served}");
        let refused = limits.count(None, client("203.0.113.7"));
        assert_eq!(refused, Err(PublicError::TooManyRequests { seconds: 1 }));
        assert_eq!(limits.count(None, client("203.0.113.8")), Ok(()));
    }

    #[test]
    fn a_bucket_fills_again_at_its_rate() {
        let (mut buckets, begun) = (Limits::new(1).buckets.into_inner().expect("nobody panics"), Instant::now());
        let mut take = |after: Duration| buckets.take(key(1), 10, begun + after);
        assert_eq!((0..200).filter(|_| take(Duration::ZERO).is_ok()).count(), 100);
        assert_eq!(take(Duration::ZERO), Err(Duration::from_millis(100)));
        let later = Duration::from_secs(2);
        assert_eq!((0..200).filter(|_| take(later).is_ok()).count(), 20);
        let much_later = Duration::from_secs(3_600);
        assert_eq!((0..200).filter(|_| take(much_later).is_ok()).count(), 100);
    }

    #[test]
    fn all_addresses_of_an_ipv6_network_share_a_bucket() {
        let limits = Limits::new(1);
        let served: usize =
            (0..100).map(|number| served(&limits, client(&format!("2001:db8:1:2::{number:x}")), 1)).sum();
        assert!((10..15).contains(&served), "{served}");
        assert!(limits.count(None, client("2001:db8:1:3::1")).is_ok());
    }

    #[test]
    fn people_behind_a_proxy_that_does_not_name_them_share_a_larger_bucket() {
        let limits = Limits::new(1);
        let proxy = Client { address: IpAddr::from([10, 0, 0, 1]), is_proxy: true };
        let served = served(&limits, proxy, 1_000);
        assert!((200..300).contains(&served), "{served}");
    }

    #[test]
    fn however_many_addresses_there_are_the_buckets_are_bounded_and_newcomers_limited() {
        let (mut buckets, now) = (Limits::new(1).buckets.into_inner().expect("nobody panics"), Instant::now());
        let served = (0..3 * MOST_BUCKETS).filter(|number| buckets.take(key(*number), 1, now).is_ok()).count();
        assert_eq!(served, MOST_BUCKETS + 10);
        assert!(buckets.full_at.len() <= MOST_BUCKETS + 1);
        // Somebody with a bucket keeps it, and full buckets make room.
        assert!(buckets.take(key(0), 1, now).is_ok());
        assert!(buckets.take(key(3 * MOST_BUCKETS), 1, now + Duration::from_secs(60)).is_ok());
        assert!(buckets.full_at.len() < 5);
    }

    #[test]
    fn no_limit_is_no_limit() {
        assert_eq!(served(&Limits::new(0), client("203.0.113.7"), 100_000), 100_000);
    }
}
