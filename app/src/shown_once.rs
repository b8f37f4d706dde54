//! Secrets that are shown once, to the person who created them. They are kept in memory only, never in a URL or the
//! log.

use std::{hash::Hash, time::Duration};

use moka::sync::Cache;
use portal::PersonId;
use secrecy::SecretString;

/// Secrets that were not shown yet, by creator and subject.
#[derive(Clone, Debug)]
pub struct ShownOnce<K: Hash + Eq + Send + Sync + 'static>(Cache<(PersonId, K), SecretString>);

impl<K: Hash + Eq + Send + Sync + 'static> Default for ShownOnce<K> {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(1_000).time_to_live(Duration::from_secs(900)).build())
    }
}

impl<K: Hash + Eq + Send + Sync + 'static> ShownOnce<K> {
    /// Keeps the secret that `maker` created for `what`, in place of an earlier one.
    pub fn keep(&self, maker: PersonId, what: K, secret: SecretString) {
        self.0.insert((maker, what), secret);
    }

    /// Takes the secret that `maker` created for `what`. The second call returns `None`.
    pub fn take(&self, maker: PersonId, what: K) -> Option<SecretString> {
        self.0.remove(&(maker, what))
    }
}

#[cfg(test)]
mod tests {
    use portal::PersonId;
    use secrecy::ExposeSecret;

    use super::ShownOnce;

    #[test]
    fn a_link_is_shown_once_and_only_to_its_creator() {
        let links = ShownOnce::default();
        let (maker, other, person) = (PersonId::new(), PersonId::new(), PersonId::new());
        links.keep(maker, person, "the first".into());
        links.keep(maker, person, "the second".into());
        assert!(links.take(other, person).is_none());
        assert!(links.take(maker, other).is_none());
        assert_eq!(links.take(maker, person).expect("kept").expose_secret(), "the second");
        assert!(links.take(maker, person).is_none());
    }
}
