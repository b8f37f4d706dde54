//! Challenges for passkeys, each of which works once, and the portal's address to which passkeys belong.
//!
//! Challenges for people whom the portal knows are kept in memory. Those of the sign-in page, which anybody can open any
//! number of times, are sealed and given to the browser; only that one was used is kept.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use store::clock::Clock;
use time::OffsetDateTime;
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, PasskeyAuthentication, PasskeyRegistration, Webauthn, WebauthnBuilder,
};

use crate::{FactorProblem, PersonId, Result};

/// How long a challenge can be answered.
const CHALLENGE_FOR: Duration = Duration::from_secs(300);

/// What a browser needs to ask for a passkey.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// What the answer has to name.
    pub id: String,
    /// The options of `navigator.credentials`, as JSON.
    pub options: String,
}

/// A challenge that waits for its answer.
#[derive(Clone)]
pub(super) enum Waiting {
    New(PersonId, Arc<PasskeyRegistration>),
    Known(PersonId, Arc<PasskeyAuthentication>),
}

/// A challenge of the sign-in page.
#[derive(Serialize, Deserialize)]
pub(super) struct Stranger {
    pub id: Uuid,
    pub at: i64,
    pub state: DiscoverableAuthentication,
}

/// Passkeys at the portal's address.
pub(crate) struct Passkeys {
    /// `None` if browsers have no passkeys at this address.
    webauthn: Option<Webauthn>,
    waiting: Cache<Uuid, Waiting>,
    /// Challenges of the sign-in page that were answered.
    used: Cache<Uuid, ()>,
    /// Which challenges were answered before is not known.
    since: OffsetDateTime,
    clock: Clock,
}

impl Passkeys {
    pub fn at(public_url: Option<&str>, clock: Clock) -> Self {
        // Browsers have passkeys under https and on localhost, at a name and not at an address.
        let is_secure = |url: &Url| url.scheme() == "https" || url.domain() == Some("localhost");
        let url = public_url.and_then(|url| Url::parse(url).ok()).filter(is_secure);
        let webauthn = url.and_then(|url| {
            let builder = WebauthnBuilder::new(url.domain()?, &url).ok()?;
            builder.rp_name("Partner Portal").timeout(CHALLENGE_FOR).build().ok()
        });
        Self { webauthn, waiting: cache(), used: cache(), since: clock.now(), clock }
    }

    /// Notes that a challenge of the sign-in page was answered. Returns whether it is the first answer.
    pub(super) fn is_first_answer(&self, challenge: Uuid) -> bool {
        self.used.entry(challenge).or_insert(()).is_fresh()
    }

    /// Whether a challenge that was made then can be answered.
    pub(super) fn is_valid(&self, made_at: i64) -> bool {
        let age = self.clock.now().unix_timestamp() - made_at;
        made_at >= self.since.unix_timestamp() && u64::try_from(age).is_ok_and(|age| age < CHALLENGE_FOR.as_secs())
    }

    /// Whether browsers have passkeys at the portal's address.
    pub const fn work(&self) -> bool {
        self.webauthn.is_some()
    }

    pub(super) fn webauthn(&self) -> Result<&Webauthn> {
        self.webauthn.as_ref().ok_or_else(|| FactorProblem::NoPasskeysHere.of("passkey"))
    }

    pub(super) fn keep(&self, waiting: Waiting) -> String {
        let id = Uuid::new_v4();
        self.waiting.insert(id, waiting);
        id.to_string()
    }

    /// Takes a challenge, so that it works once.
    pub(super) fn take(&self, id: &str) -> Option<Waiting> {
        self.waiting.remove(&Uuid::try_parse(id).ok()?)
    }
}

fn cache<V: Clone + Send + Sync + 'static>() -> Cache<Uuid, V> {
    Cache::builder().max_capacity(10_000).time_to_live(CHALLENGE_FOR).build()
}
