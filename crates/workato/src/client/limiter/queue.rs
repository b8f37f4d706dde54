//! Who is next: the people who wait in turn, and background work after them, but not for ever.
//! It knows tickets and callers; when the next turn comes is not its business.
//!
//! Each person has a line, and the lines are served one ticket each, round and round: ten clicks of one person put
//! nobody else back by ten turns. Background work has one line for itself and is served when no person waits. Where
//! people never stop waiting, every [`BACKGROUND_TURN`]th turn is its own, so that it gets on at least that fast.

use std::collections::VecDeque;
use std::sync::Arc;

/// While people and background work both wait, one turn in so many is for background work.
pub(super) const BACKGROUND_TURN: usize = 5;

/// For whom a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Caller {
    /// Somebody waits for it. Calls of one key share one line.
    Person(Arc<str>),
    /// Nobody does.
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

/// The tickets whose turn has not come.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    /// A line for each person who waits; the first line's first ticket is the next one.
    people: VecDeque<Line>,
    background: VecDeque<u64>,
    /// How many turns people have had while background work waited.
    passed_over: usize,
}

#[derive(Debug, Clone)]
struct Line {
    person: Arc<str>,
    tickets: VecDeque<u64>,
}

impl Queue {
    pub(super) fn push(&mut self, caller: &Caller, ticket: u64) {
        match caller {
            Caller::Background => self.background.push_back(ticket),
            Caller::Person(person) => match self.people.iter_mut().find(|line| line.person == *person) {
                Some(line) => line.tickets.push_back(ticket),
                None => self.people.push_back(Line { person: Arc::clone(person), tickets: [ticket].into() }),
            },
        }
    }

    /// Takes the ticket whose turn is next.
    pub(super) fn pop(&mut self) -> Option<u64> {
        let is_due = self.people.is_empty() || self.passed_over + 1 >= BACKGROUND_TURN;
        if is_due && let Some(ticket) = self.background.pop_front() {
            self.passed_over = 0;
            return Some(ticket);
        }
        let mut line = self.people.pop_front()?;
        let ticket = line.tickets.pop_front();
        if !line.tickets.is_empty() {
            self.people.push_back(line);
        }
        self.passed_over = if self.background.is_empty() { 0 } else { self.passed_over + 1 };
        ticket
    }

    pub(super) fn remove(&mut self, ticket: u64) {
        self.background.retain(|waiting| *waiting != ticket);
        for line in &mut self.people {
            line.tickets.retain(|waiting| *waiting != ticket);
        }
        self.people.retain(|line| !line.tickets.is_empty());
    }

    /// How many turns come before this ticket's, if nobody else comes. `None` when it does not wait.
    pub(super) fn turns_before(&self, ticket: u64) -> Option<usize> {
        let mut rest = self.clone();
        let mut turns = 0;
        while let Some(next) = rest.pop() {
            if next == ticket {
                return Some(turns);
            }
            turns += 1;
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
    fn people_are_served_in_turn_however_often_one_of_them_clicked() {
        let clicks = [("ann", 1), ("ann", 2), ("ann", 3), ("ann", 4), ("ben", 5), ("cleo", 6), ("ben", 7)];
        assert_eq!(order(queue(&clicks)), [1, 5, 6, 2, 7, 3, 4]);
    }

    #[test]
    fn background_work_waits_for_people_but_every_fifth_turn_is_its_own() {
        let mut waiting = vec![("", 100), ("", 101), ("", 102)];
        waiting.extend((1..=10).map(|ticket| ("ann", ticket)));
        assert_eq!(order(queue(&waiting)), [1, 2, 3, 4, 100, 5, 6, 7, 8, 101, 9, 10, 102]);
    }

    #[test]
    fn turns_that_people_have_had_while_nothing_else_waited_do_not_count_for_background_work() {
        let mut waiting = queue(&[("ann", 1), ("ann", 2), ("ann", 3), ("ann", 4), ("ann", 5), ("ann", 6)]);
        for ticket in 1..=4 {
            assert_eq!(waiting.pop(), Some(ticket));
        }
        waiting.push(&Caller::Background, 100);
        assert_eq!(order(waiting), [5, 6, 100]);
    }

    #[test]
    fn who_leaves_the_queue_holds_up_nobody() {
        let mut waiting = queue(&[("ann", 1), ("ben", 2), ("", 3), ("ben", 4)]);
        waiting.remove(1);
        waiting.remove(2);
        assert_eq!(
            (waiting.turns_before(4), waiting.turns_before(3), waiting.turns_before(2)),
            (Some(0), Some(1), None)
        );
        assert_eq!(order(waiting), [4, 3]);
    }
}
