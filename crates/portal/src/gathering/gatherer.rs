//! Failed sign-ins, gathered in memory into one entry per minute and account, or address if the account is unknown. So
//! nobody can fill the disk by guessing, and a password typed into the e-mail field never gets into the log.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use store::Person;

use crate::{
    Origin, PersonId,
    actor::signed_out,
    audit::{Action, Draft, EntryActor, Outcome, Target},
};

const MINUTE: Duration = Duration::from_secs(60);
/// How many attempts may fail in a minute, per account and address, or per address if the account is unknown. Further
/// attempts are refused without checking the password.
const MOST: u32 = 20;
/// How many accounts and addresses are remembered. Beyond that, unknown accounts are counted together.
const REMEMBERED: usize = 10_000;

/// Whose failed attempts are counted together.
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

    /// Whether too many attempts failed in the current minute.
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

    /// Removes the counts whose minute is over, or all of them, and returns their entries.
    pub(super) fn take(&self, everything: bool) -> Vec<Draft> {
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
