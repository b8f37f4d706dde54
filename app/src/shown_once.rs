//! One-time links between their making and the page that shows them: in memory alone, never in a URL or in the log.
//! Shown to the admin who made them, once; whoever loses one makes another.

use std::time::Duration;

use moka::sync::Cache;
use portal::PersonId;
use secrecy::SecretString;

/// Links that nobody has seen yet, by who made them and for whom.
#[derive(Clone, Debug)]
pub struct ShownOnce(Cache<(PersonId, PersonId), SecretString>);

impl Default for ShownOnce {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(1_000).time_to_live(Duration::from_secs(900)).build())
    }
}

impl ShownOnce {
    /// Keeps the link that `maker` made for `person`; an earlier one is good no more and forgotten.
    pub fn keep(&self, maker: PersonId, person: PersonId, link: SecretString) {
        self.0.insert((maker, person), link);
    }

    /// The link that `maker` made for `person`. Once.
    pub fn take(&self, maker: PersonId, person: PersonId) -> Option<SecretString> {
        self.0.remove(&(maker, person))
    }
}

#[cfg(test)]
mod tests {
    use portal::PersonId;
    use secrecy::ExposeSecret;

    use super::ShownOnce;

    #[test]
    fn a_link_is_shown_once_and_to_nobody_but_its_maker() {
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
