//! A bounded queue in which senders take turns, so that one who sends much delays nobody but themselves.

use std::{collections::VecDeque, mem};

/// Items of several senders, each sender's in its order.
#[derive(Debug)]
pub(super) struct FairQueue<Sender, Item> {
    /// The sender whose turn it is first. None of them is without items.
    senders: VecDeque<(Sender, VecDeque<Item>)>,
    length: usize,
    most: usize,
}

impl<Sender: PartialEq, Item> FairQueue<Sender, Item> {
    /// An empty queue for at most this many items.
    pub fn new(most: usize) -> Self {
        Self { senders: VecDeque::new(), length: 0, most }
    }

    /// Adds an item. If the queue is full, the newest item of the sender with the most makes room, or this one if the
    /// sender would have as many. Returns the item for which there is no room.
    pub fn push(&mut self, sender: Sender, item: Item) -> Option<Item> {
        let own = self.senders.iter().find(|(other, _)| *other == sender).map_or(0, |(_, items)| items.len());
        let mut removed = None;
        if self.length >= self.most {
            let largest = self.senders.iter_mut().map(|(_, items)| items).max_by_key(|items| items.len());
            match largest {
                Some(items) if items.len() > own + 1 => removed = items.pop_back(),
                _ => return Some(item),
            }
            self.length -= 1;
        }
        self.length += 1;
        match self.senders.iter_mut().find(|(other, _)| *other == sender) {
            Some((_, items)) => items.push_back(item),
            None => self.senders.push_back((sender, VecDeque::from([item]))),
        }
        removed
    }

    /// Takes the oldest item of the sender whose turn it is.
    pub fn pop(&mut self) -> Option<Item> {
        let (sender, mut items) = self.senders.pop_front()?;
        let item = items.pop_front();
        if !items.is_empty() {
            self.senders.push_back((sender, items));
        }
        self.length -= usize::from(item.is_some());
        item
    }

    /// Removes the items that are not wanted, if the queue is full.
    pub fn make_room(&mut self, is_wanted: impl Fn(&Item) -> bool) {
        if self.length < self.most {
            return;
        }
        for (sender, mut items) in mem::take(&mut self.senders) {
            items.retain(&is_wanted);
            if !items.is_empty() {
                self.senders.push_back((sender, items));
            }
        }
        self.length = self.senders.iter().map(|(_, items)| items.len()).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::FairQueue;

    fn all(mut queue: FairQueue<char, u32>) -> Vec<u32> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn senders_take_turns_and_each_ones_items_keep_their_order() {
        let mut queue = FairQueue::new(10);
        for (sender, item) in [('a', 1), ('a', 2), ('a', 3), ('b', 4), ('c', 5), ('b', 6)] {
            assert_eq!(queue.push(sender, item), None);
        }
        assert_eq!(all(queue), [1, 4, 5, 2, 6, 3]);
    }

    #[test]
    fn a_full_queue_takes_room_from_the_sender_with_the_most() {
        let mut queue = FairQueue::new(3);
        for item in 1..=3 {
            assert_eq!(queue.push('a', item), None);
        }
        assert_eq!(queue.push('a', 4), Some(4), "it has all of it already");
        assert_eq!(queue.push('b', 5), Some(3));
        assert_eq!(queue.push('b', 6), Some(6), "each would have the other's share");
        assert_eq!(queue.push('c', 7), Some(2));
        assert_eq!(queue.push('d', 8), Some(8));
        assert_eq!(queue.length, 3);
        assert_eq!(all(queue), [1, 5, 7]);
    }

    #[test]
    fn a_full_queue_drops_what_nobody_wants() {
        let mut queue = FairQueue::new(4);
        for item in 1..=3 {
            queue.push('a', item);
        }
        queue.make_room(|_| false);
        assert_eq!(queue.length, 3, "it is not full");
        queue.push('b', 4);
        queue.make_room(|item| item % 2 == 1);
        assert_eq!(queue.push('b', 5), None);
        assert_eq!(all(queue), [1, 5, 3]);
    }
}
