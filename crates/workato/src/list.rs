//! A list as Workato returned it.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    ops::Deref,
};

/// The rows of a list. Dereferences to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many elements are not in `items`, because they have no readable id.
    pub left_out: usize,
    /// How many elements are not in `items`, because an element before them has the same id.
    pub repeated: usize,
}

impl<T> List<T> {
    /// Leaves out elements whose id an element before them has: an id means one thing. `doubt` makes what the two differ in
    /// unreadable in the first.
    pub(crate) fn without_repeated<K: Eq + Hash>(mut self, id: impl Fn(&T) -> K, doubt: impl Fn(&mut T, &T)) -> Self {
        let mut places = HashMap::with_capacity(self.items.len());
        let mut kept: Vec<T> = Vec::with_capacity(self.items.len());
        for item in self.items {
            match places.entry(id(&item)) {
                Entry::Vacant(place) => {
                    place.insert(kept.len());
                    kept.push(item);
                }
                Entry::Occupied(place) => {
                    doubt(&mut kept[*place.get()], &item);
                    self.repeated += 1;
                }
            }
        }
        Self { items: kept, ..self }
    }
}

/// Forgets the fields in which two rows with one id differ, and returns their names.
macro_rules! differing {
    ($one:ident, $other:ident, $($field:ident),+ $(,)?) => {{
        let mut differing = Vec::new();
        $(
            if $one.$field != $other.$field {
                $one.$field = Default::default();
                differing.push(stringify!($field));
            }
        )+
        differing
    }};
}
pub(crate) use differing;

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { items: Vec::new(), left_out: 0, repeated: 0 }
    }
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, left_out: 0, repeated: 0 }
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}
