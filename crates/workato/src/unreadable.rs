//! Which fields of a row could not be read.

/// The fields of a row that Workato sent and that could not be read, by their names in Workato's API. Each of them is
/// `None` or empty in the row. What is not in here and `None` was absent or `null`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unreadable(Box<[&'static str]>);

impl Unreadable {
    /// Whether this field could not be read.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.0.contains(&field)
    }

    /// Whether every field could be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds fields.
    pub(crate) fn add(&mut self, fields: &[&'static str]) {
        let added: Vec<_> = fields.iter().copied().filter(|field| !self.has(field)).collect();
        self.0 = self.iter().chain(added).collect();
    }

    /// The fields' names.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }
}

impl FromIterator<&'static str> for Unreadable {
    fn from_iter<I: IntoIterator<Item = &'static str>>(fields: I) -> Self {
        Self(fields.into_iter().collect())
    }
}
