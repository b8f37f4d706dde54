//! Failed sign-ins, gathered: one entry per account, or per address where the account is unknown, and minute.
//! So guessing cannot fill the disk, and a mistyped password never stands in the log as an e-mail.

use crate::actor::signed_out;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use store::StoreError;

use crate::{
    Origin, PersonId, Portal,
    audit::{Action, Draft, EntryActor, Outcome, Target},
};
use store::Person;

const MINUTE: Duration = Duration::from_secs(60);
/// Failed attempts per account and address, or per address alone, and minute before the next is refused unread.
const MOST: u32 = 20;
/// How many are remembered at once; beyond it, strangers are counted together.
const REMEMBERED: usize = 10_000;

/// Whose failures are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    Account(PersonId, Option<IpAddr>),
    Address(Option<IpAddr>),
}

#[derive(Debug)]
struct Gathered {
    since: Instant,
    count: u32,
    actor: EntryActor,
    target: Option<Target>,
}

/// Failed sign-ins of the last minute.
#[derive(Debug, Default)]
pub(crate) struct RefusedSignIns(Mutex<HashMap<Who, Gathered>>);

impl RefusedSignIns {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Who, Gathered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this account from this address, or this address alone, has failed too often in its minute.
    pub fn are_too_many(&self, account: Option<PersonId>, ip: Option<IpAddr>) -> bool {
        let who = account.map_or(Who::Address(ip), |id| Who::Account(id, ip));
        self.lock().get(&who).is_some_and(|gathered| gathered.since.elapsed() < MINUTE && gathered.count >= MOST)
    }

    pub fn note(&self, person: Option<&Person>, origin: &Origin) {
        let mut all = self.lock();
        let mut who = person.map_or(Who::Address(origin.ip), |person| Who::Account(person.id, origin.ip));
        if person.is_none() && all.len() >= REMEMBERED && !all.contains_key(&who) {
            who = Who::Address(None);
        }
        all.entry(who)
            .or_insert_with(|| Gathered {
                since: Instant::now(),
                count: 0,
                actor: signed_out(origin),
                target: person.map(Person::target),
            })
            .count += 1;
    }

    /// Takes out what its minute is over for; everything when `all`.
    fn take(&self, everything: bool) -> Vec<Draft> {
        let mut all = self.lock();
        let over: Vec<Who> = all
            .iter()
            .filter(|(_, gathered)| everything || gathered.since.elapsed() >= MINUTE)
            .map(|(who, _)| *who)
            .collect();
        over.into_iter()
            .filter_map(|who| all.remove(&who))
            .map(|gathered| {
                let mut draft =
                    Draft::recorded(gathered.actor, Action::SessionRefuse).parameter("count", gathered.count);
                draft.outcome = Some(Outcome::Rejected);
                draft.targets.extend(gathered.target);
                draft
            })
            .collect()
    }
}

impl Portal {
    /// Appends the failed sign-ins whose minute is over, or all of them.
    pub(crate) async fn append_refused_sign_ins(&self, everything: bool) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        for draft in self.refused.take(everything) {
            if let Err(error) = self.record(draft).await {
                outcome = Err(error);
            }
        }
        outcome
    }
}
