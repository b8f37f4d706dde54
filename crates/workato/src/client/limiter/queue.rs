//! The order of calls that wait: changes first, then reads, people in turn, and background work after them, but not
//! forever. It knows tickets and callers, not times.
//!
//! Each person has a queue of their own for changes and another for reads, and these are served round robin: ten clicks
//! of one person delay nobody else by ten calls. No read is served while a change waits. Background work shares one
//! queue, which is served when no person waits. While people wait all the time, every [`BACKGROUND_SHARE`]th call is
//! background work, so that it progresses.

use std::collections::VecDeque;
use std::sync::Arc;

/// While people and background work both wait, one call in this many is background work.
pub(super) const BACKGROUND_SHARE: usize = 5;

/// What a person waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Purpose {
    /// A change, or the read of the state before it.
    Change,
    /// Something to show.
    Read,
    /// A newer answer than one that can be shown already.
    Refresh,
}

/// Whom a call is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Caller {
    /// A person waits for it. Calls with the same key share one queue.
    Person(Arc<str>, Purpose),
    /// Nobody waits for it.
    Background,
}

impl Caller {
    /// `person` or `background`, whoever the person is.
    pub(in super::super) const fn kind(&self) -> &'static str {
        match self {
            Self::Person(..) => "person",
            Self::Background => "background",
        }
    }

    /// The same caller, if it is a person, with another purpose.
    pub(in super::super) fn with(&self, purpose: Purpose) -> Self {
        match self {
            Self::Person(person, _) => Self::Person(Arc::clone(person), purpose),
            Self::Background => Self::Background,
        }
    }

    /// Its purpose. Background work reads; if it changes anything, its permit says so.
    pub(super) const fn purpose(&self) -> Purpose {
        match self {
            Self::Person(_, purpose) => *purpose,
            Self::Background => Purpose::Read,
        }
    }
}

/// A ticket and what it is for.
pub(super) type Waiting = (u64, Purpose);

/// The tickets of the permits that are not granted yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    changes: People,
    reads: People,
    background: VecDeque<Waiting>,
    /// Calls of people since background work was last served or began to wait.
    people_served: usize,
}

/// One queue for each person who waits; the first ticket of the first queue is next.
#[derive(Debug, Clone, Default)]
struct People(VecDeque<PersonQueue>);

#[derive(Debug, Clone)]
struct PersonQueue {
    person: Arc<str>,
    tickets: VecDeque<Waiting>,
}

impl People {
    fn push(&mut self, person: &Arc<str>, waiting: Waiting) {
        match self.0.iter_mut().find(|queue| queue.person == *person) {
            Some(queue) => queue.tickets.push_back(waiting),
            None => self.0.push_back(PersonQueue { person: Arc::clone(person), tickets: [waiting].into() }),
        }
    }

    /// Takes the first allowed ticket. Its person comes last then.
    fn pop(&mut self, is_allowed: &impl Fn(Purpose) -> bool) -> Option<Waiting> {
        let first_of = |queue: &PersonQueue| queue.tickets.iter().position(|(_, purpose)| is_allowed(*purpose));
        let (at, ticket) = self.0.iter().enumerate().find_map(|(at, queue)| Some((at, first_of(queue)?)))?;
        let mut queue = self.0.remove(at)?;
        let waiting = queue.tickets.remove(ticket);
        if !queue.tickets.is_empty() {
            self.0.push_back(queue);
        }
        waiting
    }

    fn remove(&mut self, ticket: u64) {
        for queue in &mut self.0 {
            queue.tickets.retain(|(waiting, _)| *waiting != ticket);
        }
        self.0.retain(|queue| !queue.tickets.is_empty());
    }

    fn has(&self, ticket: u64) -> bool {
        self.0.iter().any(|queue| queue.tickets.iter().any(|(waiting, _)| *waiting == ticket))
    }

    fn has_any(&self, is_allowed: &impl Fn(Purpose) -> bool) -> bool {
        self.0.iter().any(|queue| queue.tickets.iter().any(|(_, purpose)| is_allowed(*purpose)))
    }
}

impl Queue {
    pub(super) fn push(&mut self, caller: &Caller, ticket: u64) {
        let waiting = (ticket, caller.purpose());
        match caller {
            Caller::Background => self.background.push_back(waiting),
            Caller::Person(person, Purpose::Change) => self.changes.push(person, waiting),
            Caller::Person(person, Purpose::Read | Purpose::Refresh) => self.reads.push(person, waiting),
        }
    }

    /// Takes the next ticket of those whose purpose is allowed.
    pub(super) fn pop(&mut self, is_allowed: impl Fn(Purpose) -> bool) -> Option<Waiting> {
        let waits = self.changes.has_any(&is_allowed) || self.reads.has_any(&is_allowed);
        let is_background_next = !waits || self.people_served + 1 >= BACKGROUND_SHARE;
        if is_background_next
            && self.background.front().is_some_and(|(_, purpose)| is_allowed(*purpose))
            && let Some(waiting) = self.background.pop_front()
        {
            self.people_served = 0;
            return Some(waiting);
        }
        let waiting = self.changes.pop(&is_allowed).or_else(|| self.reads.pop(&is_allowed))?;
        self.people_served = if self.background.is_empty() { 0 } else { self.people_served + 1 };
        Some(waiting)
    }

    pub(super) fn remove(&mut self, ticket: u64) {
        self.background.retain(|(waiting, _)| *waiting != ticket);
        self.changes.remove(ticket);
        self.reads.remove(ticket);
    }

    /// Whether this ticket waits.
    pub(super) fn has(&self, ticket: u64) -> bool {
        self.changes.has(ticket)
            || self.reads.has(ticket)
            || self.background.iter().any(|(waiting, _)| *waiting == ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(waiting: &[(&str, u64)]) -> Queue {
        let mut queue = Queue::default();
        for (who, ticket) in waiting {
            queue.push(&caller(who, Purpose::Read), *ticket);
        }
        queue
    }

    fn caller(who: &str, purpose: Purpose) -> Caller {
        if who.is_empty() { Caller::Background } else { Caller::Person(who.into(), purpose) }
    }

    fn order(mut queue: Queue) -> Vec<u64> {
        std::iter::from_fn(|| queue.pop(|_| true)).map(|(ticket, _)| ticket).collect()
    }

    #[test]
    fn people_are_served_round_robin_however_often_one_of_them_clicks() {
        let clicks = [("ann", 1), ("ann", 2), ("ann", 3), ("ann", 4), ("ben", 5), ("cleo", 6), ("ben", 7)];
        assert_eq!(order(queue(&clicks)), [1, 5, 6, 2, 7, 3, 4]);
    }

    #[test]
    fn changes_come_before_reads_and_people_take_turns_in_both() {
        let mut waiting = queue(&[("ann", 1), ("ann", 2), ("ben", 3)]);
        for (who, ticket) in [("ann", 10), ("ann", 11), ("cleo", 12)] {
            waiting.push(&caller(who, Purpose::Change), ticket);
        }
        assert_eq!(order(waiting), [10, 12, 11, 1, 3, 2]);
    }

    #[test]
    fn what_is_not_allowed_now_does_not_hold_up_the_others() {
        let mut waiting = queue(&[]);
        waiting.push(&caller("ann", Purpose::Refresh), 1);
        waiting.push(&caller("ann", Purpose::Read), 2);
        waiting.push(&caller("ben", Purpose::Refresh), 3);
        assert_eq!(waiting.pop(|purpose| purpose == Purpose::Read), Some((2, Purpose::Read)));
        assert_eq!(waiting.pop(|purpose| purpose == Purpose::Read), None);
        assert!(waiting.has(1) && waiting.has(3) && !waiting.has(2));
        assert_eq!(order(waiting), [3, 1], "the one who was served comes last");
    }

    #[test]
    fn background_work_waits_for_people_but_gets_every_fifth_call() {
        let mut waiting = vec![("", 100), ("", 101), ("", 102)];
        waiting.extend((1..=10).map(|ticket| ("ann", ticket)));
        assert_eq!(order(queue(&waiting)), [1, 2, 3, 4, 100, 5, 6, 7, 8, 101, 9, 10, 102]);
    }

    #[test]
    fn calls_of_people_count_only_while_background_work_waits() {
        let mut waiting = queue(&[("ann", 1), ("ann", 2), ("ann", 3), ("ann", 4), ("ann", 5), ("ann", 6)]);
        for ticket in 1..=4 {
            assert_eq!(waiting.pop(|_| true), Some((ticket, Purpose::Read)));
        }
        waiting.push(&Caller::Background, 100);
        assert_eq!(order(waiting), [5, 6, 100]);
    }

    #[test]
    fn a_removed_ticket_delays_nobody() {
        let mut waiting = queue(&[("ann", 1), ("ben", 2), ("", 3), ("ben", 4)]);
        waiting.remove(1);
        waiting.remove(2);
        assert!(waiting.has(4) && waiting.has(3) && !waiting.has(2));
        assert_eq!(order(waiting), [4, 3]);
    }
}
