//! The order of calls that wait: people in turn, and background work after them, but not forever.
//! It knows tickets and callers, not times.
//!
//! Each person has a queue of their own, and these are served round robin: ten clicks of one person delay nobody else
//! by ten calls. Background work shares one queue, which is served when no person waits. While people wait all the
//! time, every [`BACKGROUND_SHARE`]th call is background work, so that it progresses.

use std::collections::VecDeque;
use std::sync::Arc;

/// While people and background work both wait, one call in this many is background work.
pub(super) const BACKGROUND_SHARE: usize = 5;

/// Whom a call is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Caller {
    /// A person waits for it. Calls with the same key share one queue.
    Person(Arc<str>),
    /// Nobody waits for it.
    Background,
}

impl Caller {
    /// `person` or `background`, whoever the person is.
    pub(in super::super) const fn kind(&self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Background => "background",
        }
    }
}

/// The tickets of the permits that are not granted yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    /// One queue for each person who waits; the first ticket of the first queue is next.
    people: VecDeque<PersonQueue>,
    background: VecDeque<u64>,
    /// Calls of people since background work was last served or began to wait.
    people_served: usize,
}

#[derive(Debug, Clone)]
struct PersonQueue {
    person: Arc<str>,
    tickets: VecDeque<u64>,
}

impl Queue {
    pub(super) fn push(&mut self, caller: &Caller, ticket: u64) {
        match caller {
            Caller::Background => self.background.push_back(ticket),
            Caller::Person(person) => match self.people.iter_mut().find(|queue| queue.person == *person) {
                Some(queue) => queue.tickets.push_back(ticket),
                None => self.people.push_back(PersonQueue { person: Arc::clone(person), tickets: [ticket].into() }),
            },
        }
    }

    /// Takes the next ticket.
    pub(super) fn pop(&mut self) -> Option<u64> {
        let is_background_next = self.people.is_empty() || self.people_served + 1 >= BACKGROUND_SHARE;
        if is_background_next && let Some(ticket) = self.background.pop_front() {
            self.people_served = 0;
            return Some(ticket);
        }
        let mut queue = self.people.pop_front()?;
        let ticket = queue.tickets.pop_front();
        if !queue.tickets.is_empty() {
            self.people.push_back(queue);
        }
        self.people_served = if self.background.is_empty() { 0 } else { self.people_served + 1 };
        ticket
    }

    pub(super) fn remove(&mut self, ticket: u64) {
        self.background.retain(|waiting| *waiting != ticket);
        for queue in &mut self.people {
            queue.tickets.retain(|waiting| *waiting != ticket);
        }
        self.people.retain(|queue| !queue.tickets.is_empty());
    }

    /// How many tickets come before this one if no others join. `None` if it does not wait.
    pub(super) fn position(&self, ticket: u64) -> Option<usize> {
        let mut rest = self.clone();
        let mut position = 0;
        while let Some(next) = rest.pop() {
            if next == ticket {
                return Some(position);
            }
            position += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(waiting: &[(&str, u64)]) -> Queue {
        let mut queue = Queue::default();
        for (who, ticket) in waiting {
            queue.push(&caller(who), *ticket);
        }
        queue
    }

    fn caller(who: &str) -> Caller {
        if who.is_empty() { Caller::Background } else { Caller::Person(who.into()) }
    }

    fn order(mut queue: Queue) -> Vec<u64> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn people_are_served_round_robin_however_often_one_of_them_clicks() {
        let clicks = [("ann", 1), ("ann", 2), ("ann", 3), ("ann", 4), ("ben", 5), ("cleo", 6), ("ben", 7)];
        assert_eq!(order(queue(&clicks)), [1, 5, 6, 2, 7, 3, 4]);
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
            assert_eq!(waiting.pop(), Some(ticket));
        }
        waiting.push(&Caller::Background, 100);
        assert_eq!(order(waiting), [5, 6, 100]);
    }

    #[test]
    fn a_removed_ticket_delays_nobody() {
        let mut waiting = queue(&[("ann", 1), ("ben", 2), ("", 3), ("ben", 4)]);
        waiting.remove(1);
        waiting.remove(2);
        assert_eq!((waiting.position(4), waiting.position(3), waiting.position(2)), (Some(0), Some(1), None));
        assert_eq!(order(waiting), [4, 3]);
    }
}
