//! What one person or address can cause again and again: failed sign-ins, denied attempts, refused reads, exports. In
//! the log it is gathered by person or address, action and minute, so that nobody can fill the disk or bury an entry.
//!
//! The first few different ones of a minute are entries of their own, written at once. The others are counted in memory
//! and written as one entry when the minute is over. Sign-ins and feed requests are only counted: anybody can send them,
//! under any number of names. A crash loses what was counted since its minute began, and nothing else.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use store::{Action, Draft, EntryActor, OperationId, PersonId, TeamId, clock::Clock, instant};
use time::OffsetDateTime;

const MINUTE: Duration = Duration::from_secs(60);
/// How many different attempts of a minute are entries of their own.
const WRITTEN_AT_ONCE: usize = 3;
/// How many targets and paths the entry about the others names.
const NAMED: usize = 10;
/// How many groups are kept. Beyond that, newcomers are gathered by action alone.
const MOST_GROUPS: usize = 10_000;
/// How many of these addresses may take up, so that they leave room for people.
const MOST_ADDRESSES: usize = MOST_GROUPS / 2;
/// How many exports of one person may have entries of their own in a minute.
pub const MOST_EXPORTS: u32 = 20;
/// Whose doings are gathered together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// A person who is signed in.
    Person(PersonId),
    /// Somebody at this address who claims to be this person.
    Account(PersonId, Option<IpAddr>),
    /// Somebody unknown at this address.
    Address(Option<IpAddr>),
    /// Everybody for whom there is no room.
    Others,
}

impl Who {
    /// Somebody without a session, by the account that they claim and their network.
    pub fn signed_out(account: Option<PersonId>, ip: Option<IpAddr>) -> Self {
        let network = network(ip);
        account.map_or(Self::Address(network), |account| Self::Account(account, network))
    }
}

/// What counts as one address: an IPv4 address, or an IPv6 /64, of which one person has all addresses.
pub fn network(ip: Option<IpAddr>) -> Option<IpAddr> {
    ip.map(crate::network)
}

/// What is gathered in one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    pub who: Who,
    pub action: Action,
    pub team: Option<TeamId>,
}

/// A minute of a group, from the first of it on.
#[derive(Debug)]
struct Window {
    since: Instant,
    /// What was written at once: what it was, and its entry.
    written: Vec<(String, OperationId)>,
    /// How many there were, for limits.
    count: u32,
    rest: Option<Rest>,
}

/// What is counted and not written yet.
#[derive(Clone, Debug)]
pub struct Rest {
    times: u32,
    first_at: OffsetDateTime,
    last_at: OffsetDateTime,
    /// The first of them.
    draft: Draft,
    paths: Vec<String>,
    /// The entry that the others repeat, if there is one.
    repeats: Option<OperationId>,
}

/// What to do about one.
#[derive(Debug)]
pub enum Gathered {
    /// Write this entry now.
    Write(Box<Draft>),
    /// It is counted. If an equal one was written, this is its entry.
    Counted(Option<OperationId>),
}

#[derive(Debug, Default)]
struct Kept {
    windows: HashMap<Group, Window>,
    /// What is due, and was not written yet.
    due: HashMap<Group, Rest>,
}

/// Everything that is gathered.
#[derive(Debug, Default)]
pub struct Gatherer {
    kept: Mutex<Kept>,
    clock: Clock,
}

impl Gatherer {
    pub fn new(clock: Clock) -> Self {
        Self { kept: Mutex::default(), clock }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gathers one, whose first few are to be written at once.
    pub fn gather(&self, group: Group, draft: Draft) -> Gathered {
        let mut kept = self.lock();
        let group = kept.group(group);
        let what = what(&draft);
        let window = kept.window(group);
        window.count = window.count.saturating_add(1);
        if let Some((_, written)) = window.written.iter().find(|(written, _)| *written == what) {
            let written = *written;
            window.count_in_rest(group, draft, self.clock.now());
            return Gathered::Counted(Some(written));
        }
        if window.written.len() < WRITTEN_AT_ONCE && group.who != Who::Others {
            window.written.push((what, draft.operation_id));
            return Gathered::Write(Box::new(draft));
        }
        window.count_in_rest(group, draft, self.clock.now());
        Gathered::Counted(None)
    }

    /// Gathers one that could not be written at once.
    pub fn not_written(&self, group: Group, draft: Draft) {
        let mut kept = self.lock();
        let group = kept.group(group);
        let window = kept.window(group);
        window.written.retain(|(_, written)| *written != draft.operation_id);
        window.count_in_rest(group, draft, self.clock.now());
    }

    /// Gathers one of which none is written at once.
    pub fn count(&self, group: Group, draft: Draft) {
        let mut kept = self.lock();
        let group = kept.group(group);
        let window = kept.window(group);
        window.count = window.count.saturating_add(1);
        window.count_in_rest(group, draft, self.clock.now());
    }

    /// Gathers one if an equal one was written within the minute. Otherwise it has to be written, and then named to
    /// [`Gatherer::wrote`]: nothing else stands for it yet.
    pub fn repeats(&self, group: Group, draft: &Draft) -> bool {
        let (mut kept, what) = (self.lock(), what(draft));
        let window = kept.window(group);
        let is_repeated = window.written.iter().any(|(written, _)| *written == what);
        if is_repeated {
            window.count_in_rest(group, draft.clone(), self.clock.now());
        }
        is_repeated
    }

    /// How many of the group there were in the current minute.
    pub fn in_this_minute(&self, group: Group) -> u32 {
        let kept = self.lock();
        kept.windows.get(&group).filter(|window| window.since.elapsed() < MINUTE).map_or(0, |window| window.count)
    }

    /// Notes that this entry is written.
    pub fn wrote(&self, group: Group, draft: &Draft) {
        let mut kept = self.lock();
        let window = kept.window(group);
        window.count = window.count.saturating_add(1);
        window.written.push((what(draft), draft.operation_id));
    }

    /// Takes what is due: all whose minute is over, or `everything`.
    pub fn take(&self, everything: bool) -> Vec<(Group, Rest)> {
        let mut kept = self.lock();
        let over: Vec<Group> = kept
            .windows
            .iter()
            .filter(|(_, window)| everything || window.since.elapsed() >= MINUTE)
            .map(|(group, _)| *group)
            .collect();
        for group in over {
            kept.close(group);
        }
        kept.due.drain().collect()
    }

    /// Keeps what was taken and could not be written.
    pub fn restore(&self, group: Group, rest: Rest) {
        self.lock().add_due(group, rest);
    }
}

impl Kept {
    /// The group that has room.
    fn group(&self, group: Group) -> Group {
        let most = if matches!(group.who, Who::Address(_) | Who::Account(..)) { MOST_ADDRESSES } else { MOST_GROUPS };
        let is_full = self.windows.len().max(self.due.len()) >= most;
        if is_full && !self.windows.contains_key(&group) {
            return Group { who: Who::Others, action: group.action, team: None };
        }
        group
    }

    /// The current window of a group. One whose minute is over is closed first.
    fn window(&mut self, group: Group) -> &mut Window {
        if self.windows.get(&group).is_some_and(|window| window.since.elapsed() >= MINUTE) {
            self.close(group);
        }
        self.windows.entry(group).or_insert_with(|| Window {
            since: Instant::now(),
            written: Vec::new(),
            count: 0,
            rest: None,
        })
    }

    fn close(&mut self, group: Group) {
        if let Some(rest) = self.windows.remove(&group).and_then(|window| window.rest) {
            self.add_due(group, rest);
        }
    }

    fn add_due(&mut self, group: Group, rest: Rest) {
        match self.due.get_mut(&group) {
            Some(due) => due.merge(rest),
            None => drop(self.due.insert(group, rest)),
        }
    }
}

impl Window {
    fn count_in_rest(&mut self, group: Group, draft: Draft, now: OffsetDateTime) {
        let path = draft.parameters.get("path").and_then(|path| path.as_str()).map(str::to_owned);
        let one = Rest {
            times: 1,
            first_at: now,
            last_at: now,
            draft,
            paths: path.into_iter().collect(),
            repeats: self.written.first().map(|(_, written)| *written),
        };
        match &mut self.rest {
            Some(rest) => rest.merge(one),
            None => self.rest = Some(one),
        }
        if let (Who::Others, Some(rest)) = (group.who, &mut self.rest) {
            rest.draft.actor = EntryActor::named(EntryActor::SEVERAL);
            rest.draft.team = None;
        }
    }
}

impl Rest {
    fn merge(&mut self, other: Self) {
        self.times = self.times.saturating_add(other.times);
        self.first_at = self.first_at.min(other.first_at);
        self.last_at = self.last_at.max(other.last_at);
        self.repeats = self.repeats.or(other.repeats);
        // The entry says which secret was guessed only if it was the same each time.
        if self.draft.parameters.get("secret") != other.draft.parameters.get("secret") {
            self.draft.parameters.remove("secret");
        }
        for target in other.draft.targets {
            if self.draft.targets.len() < NAMED && !self.draft.targets.contains(&target) {
                self.draft.targets.push(target);
            }
        }
        for path in other.paths {
            if self.paths.len() < NAMED && !self.paths.contains(&path) {
                self.paths.push(path);
            }
        }
    }

    /// The entry about them.
    pub fn entry(&self) -> Draft {
        let instant = |at| instant::text(at).unwrap_or_else(|error| error.to_string());
        // `count` says of an export how much was exported.
        let times = if self.draft.action == Action::SessionRefuse { "count" } else { "times" };
        let mut draft = Draft { operation_id: OperationId::new(), ..self.draft.clone() }
            .parameter(times, self.times)
            .parameter("first_at", instant(self.first_at))
            .parameter("last_at", instant(self.last_at));
        if let Some(repeats) = self.repeats {
            draft = draft.parameter("repeats", repeats);
        }
        if self.paths.len() > 1 {
            draft.parameters.remove("path");
            draft = draft.parameter("paths", &self.paths);
        }
        draft
    }
}

/// What tells attempts of a group apart.
fn what(draft: &Draft) -> String {
    let targets = draft.targets.iter().map(|target| target.id.as_str()).collect::<Vec<_>>();
    serde_json::json!([targets, draft.parameters]).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use store::{Action, Draft, EntryActor, OperationId, PersonId, Stage, Target, TargetType};

    use super::{Gathered, Gatherer, Group, MINUTE, MOST_ADDRESSES, MOST_GROUPS, Who};

    fn group(who: Who) -> Group {
        Group { who, action: Action::ConnectionDelete, team: None }
    }

    fn attempt_on(target: usize) -> Draft {
        Draft::new(OperationId::new(), Stage::Denied, EntryActor::named("Vera"), Action::ConnectionDelete)
            .target(Target::new(TargetType::Connection, target, None))
    }

    fn gather(gatherer: &Gatherer, group: Group, draft: Draft) -> bool {
        matches!(gatherer.gather(group, draft), Gathered::Write(_))
    }

    /// As if every minute had begun a minute earlier.
    fn wait_a_minute(gatherer: &Gatherer) {
        for window in gatherer.lock().windows.values_mut() {
            window.since = Instant::now().checked_sub(MINUTE).expect("a clock that began a minute ago");
        }
    }

    #[test]
    fn of_thousands_of_attempts_three_are_written_at_once_and_the_others_in_one_entry() {
        let (gatherer, vera) = (Gatherer::default(), group(Who::Person(PersonId::new())));
        let written = (0..9_800).filter(|target| gather(&gatherer, vera, attempt_on(*target))).count();
        assert_eq!(written, 3);
        assert!(gatherer.take(false).is_empty(), "the minute is not over");
        wait_a_minute(&gatherer);
        let due = gatherer.take(false);
        let [(_, rest)] = &due[..] else { panic!("{due:?}") };
        let entry = rest.entry();
        assert_eq!((entry.parameters["times"].clone(), entry.targets.len()), (9_797.into(), 10));
        assert!(entry.parameters.contains_key("repeats"));
        assert!(entry.parameters["first_at"].as_str() <= entry.parameters["last_at"].as_str());
        assert!(gatherer.take(true).is_empty() && gatherer.lock().windows.is_empty());
    }

    #[test]
    fn an_equal_attempt_is_counted_and_names_the_entry_of_the_first() {
        let (gatherer, vera) = (Gatherer::default(), group(Who::Person(PersonId::new())));
        let first = attempt_on(7);
        assert!(gather(&gatherer, vera, first.clone()));
        let Gathered::Counted(named) = gatherer.gather(vera, attempt_on(7)) else { panic!("it is written twice") };
        assert_eq!(named, Some(first.operation_id));
        assert!(gather(&gatherer, vera, attempt_on(8)));
        assert!(gather(&gatherer, group(Who::Person(PersonId::new())), attempt_on(7)), "somebody else's");
        // Nothing is lost if the minute is over before anybody takes what is due.
        wait_a_minute(&gatherer);
        assert!(gather(&gatherer, vera, attempt_on(7)));
        assert_eq!(gatherer.take(false)[0].1.times, 1);
    }

    #[test]
    fn what_cannot_be_written_is_kept_and_counted_together() {
        let (gatherer, vera) = (Gatherer::default(), group(Who::Person(PersonId::new())));
        let first = attempt_on(7);
        assert!(gather(&gatherer, vera, first.clone()));
        gatherer.not_written(vera, first);
        for round in 1..=3 {
            let due = gatherer.take(true);
            assert_eq!((due.len(), due[0].1.times), (1, round));
            for (group, rest) in due {
                gatherer.restore(group, rest);
            }
            gatherer.count(vera, attempt_on(8));
        }
    }

    #[test]
    fn however_many_take_part_what_is_kept_is_bounded_and_nothing_is_uncounted() {
        let gatherer = Gatherer::default();
        for number in 0..3 * MOST_GROUPS {
            let address = std::net::Ipv4Addr::from(u32::try_from(number).expect("a number"));
            gatherer.count(group(Who::signed_out(None, Some(address.into()))), attempt_on(1));
        }
        assert_eq!(gatherer.lock().windows.len(), MOST_ADDRESSES + 1);
        assert!(gather(&gatherer, group(Who::Person(PersonId::new())), attempt_on(1)), "people have room of their own");
        for _ in 0..3 * MOST_GROUPS {
            gather(&gatherer, group(Who::Person(PersonId::new())), attempt_on(1));
        }
        let due = gatherer.take(true);
        assert!(due.len() <= MOST_GROUPS + 1, "{}", due.len());
        let others = due.iter().find(|(group, _)| group.who == Who::Others).expect("others");
        assert_eq!(others.1.entry().actor.name, "several people");
    }

    #[test]
    fn an_export_repeats_only_one_that_is_written() {
        let (gatherer, vera) = (Gatherer::default(), group(Who::Person(PersonId::new())));
        let export = attempt_on(1);
        assert!(!gatherer.repeats(vera, &export) && !gatherer.repeats(vera, &export));
        gatherer.wrote(vera, &export);
        assert!(gatherer.repeats(vera, &attempt_on(1)));
        assert!(!gatherer.repeats(vera, &attempt_on(2)));
        assert_eq!(gatherer.take(true)[0].1.times, 1);
    }

    #[test]
    fn all_addresses_of_an_ipv6_network_are_one() {
        let who = |text: &str| Who::signed_out(None, Some(text.parse().expect("an address")));
        assert_eq!(who("2001:db8:1:2::1"), who("2001:db8:1:2:ffff::1"));
        assert_ne!(who("2001:db8:1:2::1"), who("2001:db8:1:3::1"));
        assert_ne!(who("203.0.113.7"), who("203.0.113.8"));
        assert_eq!(MINUTE, Duration::from_secs(60));
    }
}
