//! A bounded store of forms: each owner, and all owners together, have a number of bytes. The oldest form makes room for
//! a new one.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
    time::{Duration, Instant},
};

use portal::PersonId;
use uuid::Uuid;

/// What one form costs at least, in bytes: its share of the maps.
const LEAST: usize = 1_024;

/// Whose form it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    Person(PersonId),
    /// Somebody who is not signed in, by network.
    Stranger(Option<IpAddr>),
}

impl Owner {
    /// A stranger at this address. One network of IPv6 has more addresses than there are strangers.
    pub fn stranger(address: Option<IpAddr>) -> Self {
        Self::Stranger(address.map(portal::network))
    }

    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(person),
            Self::Stranger(_) => None,
        }
    }
}

/// How much is kept, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub bytes_per_owner: usize,
    pub bytes_in_all: usize,
    pub kept_for: Duration,
}

/// The forms, oldest first.
#[derive(Debug)]
pub struct Shelf<T> {
    bounds: Bounds,
    forms: BTreeMap<u64, Form<T>>,
    numbers: HashMap<Uuid, u64>,
    owners: HashMap<Owner, Owned>,
    bytes: usize,
    next: u64,
}

#[derive(Debug)]
struct Form<T> {
    id: Uuid,
    owner: Owner,
    bytes: usize,
    kept_at: Instant,
    value: T,
}

#[derive(Debug, Default)]
struct Owned {
    bytes: usize,
    forms: BTreeSet<u64>,
}

impl<T: Clone> Shelf<T> {
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, forms: BTreeMap::new(), numbers: HashMap::new(), owners: HashMap::new(), bytes: 0, next: 0 }
    }

    /// Keeps a form of this many bytes. One that is larger than its owner's whole share is not kept.
    pub fn keep(&mut self, owner: Owner, bytes: usize, value: T, now: Instant) -> Uuid {
        let id = Uuid::new_v4();
        let bytes = bytes.max(LEAST);
        self.drop_expired(now);
        if bytes > self.bounds.bytes_per_owner {
            return id;
        }
        while let Some(oldest) = self.over_its_share(owner, bytes) {
            self.remove(oldest);
        }
        while self.bytes + bytes > self.bounds.bytes_in_all
            && let Some(oldest) = self.forms.keys().next().copied()
        {
            self.remove(oldest);
        }
        let number = self.next;
        self.next += 1;
        self.bytes += bytes;
        self.numbers.insert(id, number);
        let owned = self.owners.entry(owner).or_default();
        owned.bytes += bytes;
        owned.forms.insert(number);
        self.forms.insert(number, Form { id, owner, bytes, kept_at: now, value });
        id
    }

    /// The form with this id, if it was kept for `person`, or for somebody who was not signed in.
    pub fn get(&self, person: Option<PersonId>, id: Uuid, now: Instant) -> Option<T> {
        let form = self.forms.get(self.numbers.get(&id)?)?;
        let is_kept = form.owner.person() == person && now.duration_since(form.kept_at) < self.bounds.kept_for;
        is_kept.then(|| form.value.clone())
    }

    /// Whether there is a form with this id, kept for anybody.
    pub fn has(&self, id: Uuid, now: Instant) -> bool {
        let form = self.numbers.get(&id).and_then(|number| self.forms.get(number));
        form.is_some_and(|form| now.duration_since(form.kept_at) < self.bounds.kept_for)
    }

    /// How many bytes are kept.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The owner's oldest form, if this many bytes more are more than the owner's share.
    fn over_its_share(&self, owner: Owner, bytes: usize) -> Option<u64> {
        let owned = self.owners.get(&owner)?;
        (owned.bytes + bytes > self.bounds.bytes_per_owner).then(|| owned.forms.first().copied()).flatten()
    }

    fn drop_expired(&mut self, now: Instant) {
        while let Some((number, form)) = self.forms.first_key_value()
            && now.duration_since(form.kept_at) >= self.bounds.kept_for
        {
            let number = *number;
            self.remove(number);
        }
    }

    fn remove(&mut self, number: u64) {
        let Some(form) = self.forms.remove(&number) else { return };
        self.numbers.remove(&form.id);
        self.bytes -= form.bytes;
        if let Some(owned) = self.owners.get_mut(&form.owner) {
            owned.bytes -= form.bytes;
            owned.forms.remove(&number);
            if owned.forms.is_empty() {
                self.owners.remove(&form.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use portal::PersonId;

    use super::{Bounds, LEAST, Owner, Shelf};

    const HOUR: Duration = Duration::from_secs(3_600);

    fn shelf(per_owner: usize, in_all: usize) -> Shelf<&'static str> {
        Shelf::new(Bounds { bytes_per_owner: per_owner * LEAST, bytes_in_all: in_all * LEAST, kept_for: HOUR })
    }

    #[test]
    fn a_form_is_kept_for_its_owner_alone_and_for_an_hour() {
        let (mut shelf, now) = (shelf(4, 4), Instant::now());
        let (owner, other) = (PersonId::new(), PersonId::new());
        let id = shelf.keep(Owner::Person(owner), 1, "typed", now);
        assert_eq!(shelf.get(Some(owner), id, now), Some("typed"));
        assert_eq!(shelf.get(Some(other), id, now), None);
        assert_eq!(shelf.get(None, id, now), None);
        assert!(shelf.has(id, now));
        assert_eq!(shelf.get(Some(owner), id, now + HOUR), None);
        shelf.keep(Owner::Person(other), 1, "later", now + HOUR);
        assert_eq!(shelf.forms.len(), 1, "what has expired takes no room");
    }

    #[test]
    fn one_owner_cannot_push_out_the_forms_of_another() {
        let (mut shelf, now) = (shelf(4, 100), Instant::now());
        let [flooded, flooding] = [PersonId::new(), PersonId::new()];
        let kept = shelf.keep(Owner::Person(flooded), 1, "typed", now);
        let mut last = kept;
        for _ in 0..10_000 {
            last = shelf.keep(Owner::Person(flooding), 2 * LEAST, "flood", now);
        }
        assert_eq!(shelf.get(Some(flooded), kept, now), Some("typed"));
        assert_eq!(shelf.get(Some(flooding), last, now), Some("flood"));
        assert_eq!((shelf.forms.len(), shelf.bytes), (3, 5 * LEAST));
        let too_large = shelf.keep(Owner::Person(flooding), 5 * LEAST, "flood", now);
        assert!(!shelf.has(too_large, now));
    }

    #[test]
    fn all_owners_together_have_a_bound() {
        let (mut shelf, now) = (shelf(4, 10), Instant::now());
        for _ in 0..10_000 {
            shelf.keep(Owner::Person(PersonId::new()), 3 * LEAST, "typed", now);
        }
        assert_eq!((shelf.forms.len(), shelf.numbers.len(), shelf.owners.len(), shelf.bytes), (3, 3, 3, 9 * LEAST));
    }

    #[test]
    fn the_addresses_of_one_network_are_one_stranger() {
        let stranger = |address: &str| Owner::stranger(Some(address.parse().expect("an address")));
        assert_eq!(stranger("2001:db8::1"), stranger("2001:db8::ffff:2"));
        assert_ne!(stranger("2001:db8::1"), stranger("2001:db8:0:1::1"));
        assert_eq!(stranger("::ffff:203.0.113.7"), stranger("203.0.113.7"));
        assert_ne!(stranger("203.0.113.7"), stranger("203.0.113.8"));
    }
}
