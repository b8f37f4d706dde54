//! Limits on guessing: one ledger of attempts for every secret that can be guessed.
//!
//! Code that checks a secret begins an [`Attempt`] first and gives it back if the secret was right:
//!
//! ```ignore
//! let guess = Guess::signed_out(GuessedSecret::Password, Account::email(&self.vault, email), person, origin);
//! let attempt = self.attempt(guess)?;        // counted; `TooManyAttempts` if there is no room
//! let matches = check(…).await?;             // an attempt that is dropped stays counted
//! if matches { attempt.give_back() }
//! ```
//!
//! An attempt counts from its beginning, so that many at once cannot get past a limit. One that ends in an error, or
//! whose client hangs up, stays counted, unless the caller knows that nothing was checked and gives it back.
//!
//! Each secret has four limits, and an attempt needs room in all of them: what is claimed at this network, what is
//! claimed anywhere, the network, and everybody together. What is claimed is an e-mail, a person or a token, known or
//! not: the answer must not tell. A network is an IPv4 address or an IPv6 /64. A limit slows down and never locks: each
//! allows some attempts at once, and then one at a time. A device on which the person has signed in before
//! has a limit of its own and needs no room in the others, so that nobody can keep people out by guessing.

mod claim;
mod ledger;

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use store::{Action, Draft, EntryActor, Origin, Outcome, Person, PersonId, Stage, Target, TargetType};
use uuid::Uuid;

pub use self::claim::GuessedSecret;
use self::ledger::{Key, Rate};
pub(crate) use self::{claim::Account, ledger::Ledger};
use crate::{
    Actor, Error, OperationId, Portal, Result,
    actor::signed_out,
    gathering::{Group, Who, network},
    vault::Vault,
};

/// How many attempts each limit of a secret allows.
struct Limits {
    claim_here: Rate,
    claim: Rate,
    network: Rate,
    all: Rate,
}

/// How many attempts each limit of this secret allows.
fn limits(secret: GuessedSecret) -> Limits {
    let per_minute = |attempts: u32| Duration::from_secs(60) / attempts;
    let (claim_here, claim) = match secret {
        // With its clock skew, three of a million codes are right at any time. 576 guesses a day by somebody who has the
        // password succeed once in a year and a half.
        GuessedSecret::SecondFactor => {
            (Rate::new(10, Duration::from_secs(300)), Rate::new(30, Duration::from_secs(150)))
        }
        _ => (Rate::new(20, per_minute(1)), Rate::new(60, per_minute(3))),
    };
    Limits { claim_here, claim, network: Rate::new(60, per_minute(30)), all: Rate::new(1_000, per_minute(600)) }
}

/// An attempt that is about to be made.
#[derive(Clone, Debug)]
pub(crate) struct Guess {
    secret: GuessedSecret,
    account: Account,
    network: Option<IpAddr>,
    /// The device, if its person is the one who is claimed.
    device: Option<Uuid>,
    /// For the entry about attempts that were refused.
    actor: EntryActor,
    person: Option<Target>,
    who: Who,
}

/// The device, if this person has signed in on it.
fn known_device(origin: &Origin, person: PersonId) -> Option<Uuid> {
    origin.devices.iter().find(|(known, _)| *known == person).map(|(_, device)| *device)
}

impl Guess {
    /// By somebody without a session, who claims to be `person` if the portal knows one.
    pub fn signed_out(secret: GuessedSecret, account: Account, person: Option<&Person>, origin: &Origin) -> Self {
        Self {
            secret,
            account,
            network: network(origin.ip),
            device: person.and_then(|person| known_device(origin, person.id)),
            actor: signed_out(origin),
            person: person.map(Person::target),
            who: Who::signed_out(person.map(|person| person.id), origin.ip),
        }
    }

    /// By somebody with a session, at a secret of the session's person. No device is exempt: the session may be stolen.
    pub fn signed_in(secret: GuessedSecret, vault: &Vault, actor: &Actor) -> Self {
        Self {
            secret,
            account: Account::person(vault, actor.id()),
            network: network(actor.origin().ip),
            device: None,
            actor: actor.entry_actor(),
            person: Some(Target::new(TargetType::Person, actor.id(), Some(actor.name()))),
            who: Who::Person(actor.id()),
        }
    }

    fn keys(&self) -> Vec<(Key, Rate)> {
        let (secret, account, limits) = (self.secret, self.account, limits(self.secret));
        match self.device {
            Some(device) => vec![(Key::Device(secret, account, device), limits.claim_here)],
            None => vec![
                (Key::ClaimHere(secret, account, self.network), limits.claim_here),
                (Key::Claim(secret, account), limits.claim),
                (Key::Network(secret, self.network), limits.network),
                (Key::All(secret), limits.all),
            ],
        }
    }
}

/// An attempt that is counted. It stays counted unless it is given back.
#[derive(Debug)]
#[must_use = "an attempt stays counted unless it is given back"]
pub(crate) struct Attempt {
    ledger: Arc<Ledger>,
    keys: Vec<(Key, Rate)>,
}

impl Attempt {
    /// The secret was right, or was not checked at all.
    pub fn give_back(self) {
        self.ledger.give_back(&self.keys);
    }
}

impl Portal {
    /// Counts an attempt. One that is refused is gathered for the log.
    ///
    /// # Errors
    /// `TooManyAttempts` if there is no room for it.
    pub(crate) fn attempt(&self, guess: Guess) -> Result<Attempt> {
        let keys = guess.keys();
        let Err(refused) = self.attempts.take(&keys, Instant::now()) else {
            return Ok(Attempt { ledger: Arc::clone(&self.attempts), keys });
        };
        metrics::counter!(
            "portal_attempts_refused_total", "secret" => guess.secret.name(), "limit" => refused.limit
        )
        .increment(1);
        let draft = Draft::new(OperationId::new(), Stage::Denied, guess.actor, Action::AttemptRefuse);
        let mut draft = draft.parameter("secret", guess.secret.name());
        draft.outcome = Some(Outcome::Denied);
        draft.targets.extend(guess.person);
        self.gatherer.count(Group { who: guess.who, action: Action::AttemptRefuse, team: None }, draft);
        Err(Error::TooManyAttempts { seconds: whole_minutes(refused.wait) })
    }
}

/// The time to wait, in seconds: whole minutes, which say little about what others do.
fn whole_minutes(wait: Duration) -> u64 {
    wait.as_secs() / 60 * 60 + 60
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::whole_minutes;

    #[test]
    fn the_time_to_wait_is_in_whole_minutes() {
        for (wait, stated) in [(0, 60), (1, 60), (59, 60), (60, 120), (149, 180)] {
            assert_eq!(whole_minutes(Duration::from_secs(wait)), stated);
        }
    }
}
