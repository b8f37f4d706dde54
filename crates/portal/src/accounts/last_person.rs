//! Marks that say whose session a browser had last. A mark gives no access. It lets the portal keep a form that is sent
//! after its session ended, for that person and nobody else.

use std::str::FromStr;

use time::{Duration, OffsetDateTime};

use crate::{Actor, PersonId, Portal, vault::Vault};

/// How long after the session was last seen a form is kept: a person may come back to an open tab the next morning.
pub const MARK_LENGTH: Duration = Duration::hours(24);

/// Whose session a browser had last, and when the portal saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastPerson {
    /// The person.
    pub person: PersonId,
    /// When a request came from the session, to the second.
    pub seen_at: OffsetDateTime,
}

impl Portal {
    /// The mark for a browser from which this person has just sent a request.
    #[must_use]
    pub fn mark_of(&self, actor: &Actor) -> String {
        mark(&self.vault, actor.id(), self.now())
    }

    /// What a mark says, unless it is too old or the portal did not make it.
    #[must_use]
    pub fn last_person(&self, mark: &str) -> Option<LastPerson> {
        read(&self.vault, mark, self.now())
    }
}

fn mark(vault: &Vault, person: PersonId, seen_at: OffsetDateTime) -> String {
    let seen_at = seen_at.unix_timestamp();
    format!("{person}.{seen_at}.{}", hash(vault, &person.to_string(), &seen_at.to_string()))
}

fn read(vault: &Vault, mark: &str, now: OffsetDateTime) -> Option<LastPerson> {
    let mut parts = mark.splitn(3, '.');
    let (person, seen_at, hashed) = (parts.next()?, parts.next()?, parts.next()?);
    // The comparison may take longer the more of the hash is right: a mark gives no access.
    if hash(vault, person, seen_at) != hashed {
        return None;
    }
    let seen_at = OffsetDateTime::from_unix_timestamp(seen_at.parse().ok()?).ok()?;
    let last = LastPerson { person: PersonId::from_str(person).ok()?, seen_at };
    (now - seen_at < MARK_LENGTH).then_some(last)
}

fn hash(vault: &Vault, person: &str, seen_at: &str) -> String {
    hex::encode(vault.keyed_hash("last person of a browser", [person.as_bytes(), seen_at.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::{LastPerson, MARK_LENGTH, mark, read};
    use crate::{PersonId, vault::Vault};

    #[test]
    fn a_mark_names_its_person_until_it_is_too_old() {
        let (vault, person, seen_at) = (Vault::for_test(), PersonId::new(), datetime!(2026-11-22 12:00 UTC));
        let made = mark(&vault, person, seen_at);
        let valid = Some(LastPerson { person, seen_at });
        assert_eq!(read(&vault, &made, seen_at), valid);
        assert_eq!(read(&vault, &made, seen_at + MARK_LENGTH - Duration::seconds(1)), valid);
        assert_eq!(read(&vault, &made, seen_at + MARK_LENGTH), None);
    }

    #[test]
    fn nobody_else_can_make_a_mark() {
        let (vault, person, seen_at) = (Vault::for_test(), PersonId::new(), datetime!(2026-11-22 12:00 UTC));
        let made = mark(&vault, person, seen_at);
        let of_another = made.replace(&person.to_string(), &PersonId::new().to_string());
        let later = made.replace(&seen_at.unix_timestamp().to_string(), "1795000000");
        for forged in [of_another, later, mark(&Vault::for_test(), person, seen_at), made.replace('.', "")] {
            assert_eq!(read(&vault, &forged, seen_at), None, "{forged}");
        }
        for forged in ["", "..", "...", &format!("{person}.0."), &format!("{made}0")] {
            assert_eq!(read(&vault, forged, seen_at), None, "{forged}");
        }
    }
}
