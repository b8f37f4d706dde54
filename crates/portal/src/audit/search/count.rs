//! A count of operations that stops at a limit.

/// A count that stops at a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// This many.
    Exactly(usize),
    /// More than [`Count::MOST`].
    More,
}

impl Count {
    /// The limit. Counting further would make every page slower as the log grows.
    pub const MOST: usize = 1_000;

    pub(super) fn of(found: usize) -> Self {
        if found > Self::MOST { Self::More } else { Self::Exactly(found) }
    }
}
