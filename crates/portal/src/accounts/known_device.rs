//! Devices on which somebody has signed in before. A device's mark gives no access: it lets its person try a password
//! while others are slowed down for guessing it. See `attempts`.

use std::str::FromStr;

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{Actor, PersonId, Portal, vault::Vault};

/// How long a device stays known after its person last signed in on it or used it.
pub const DEVICE_KNOWN_FOR: Duration = Duration::days(180);
/// How many people of one device are known: colleagues may share it.
const MOST_PEOPLE: usize = 4;
/// Between the marks of several people.
const SEPARATOR: char = '~';

/// What a device's mark says about one person.
#[derive(Clone, Copy, Debug)]
struct Mark {
    person: PersonId,
    device: Uuid,
    seen_at: OffsetDateTime,
}

/// The people who have signed in on a device, from its marks.
#[derive(Clone, Debug, Default)]
pub struct KnownDevices(Vec<Mark>);

impl KnownDevices {
    /// Everybody, each with the device's id, for [`Origin::devices`](crate::Origin::devices).
    #[must_use]
    pub fn ids(&self) -> Vec<(PersonId, Uuid)> {
        self.0.iter().map(|mark| (mark.person, mark.device)).collect()
    }

    fn of(&self, person: PersonId) -> Option<Uuid> {
        self.0.iter().find(|mark| mark.person == person).map(|mark| mark.device)
    }

    /// When the portal last saw this person on the device.
    #[must_use]
    pub fn seen_at(&self, person: PersonId) -> Option<OffsetDateTime> {
        self.0.iter().find(|mark| mark.person == person).map(|mark| mark.seen_at)
    }
}

impl Portal {
    /// What a device's marks say. Marks that are too old, or that the portal did not make, say nothing.
    #[must_use]
    pub fn known_devices(&self, marks: &str) -> KnownDevices {
        read(&self.vault, marks, self.now())
    }

    /// The marks of a device that this person is using now, in addition to the people whom it knew.
    #[must_use]
    pub fn device_marks(&self, known: &KnownDevices, actor: &Actor) -> String {
        write(&self.vault, known, actor.id(), self.now())
    }
}

fn read(vault: &Vault, marks: &str, now: OffsetDateTime) -> KnownDevices {
    KnownDevices(marks.split(SEPARATOR).take(MOST_PEOPLE).filter_map(|mark| read_one(vault, mark, now)).collect())
}

fn read_one(vault: &Vault, mark: &str, now: OffsetDateTime) -> Option<Mark> {
    let mut parts = mark.splitn(4, '.');
    let (person, device, seen_at, hashed) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    // The comparison may take longer the more of the hash is right: a mark gives no access.
    if hash(vault, person, device, seen_at) != hashed {
        return None;
    }
    let seen_at = OffsetDateTime::from_unix_timestamp(seen_at.parse().ok()?).ok()?;
    let mark = Mark { person: PersonId::from_str(person).ok()?, device: Uuid::try_parse(device).ok()?, seen_at };
    (now - seen_at < DEVICE_KNOWN_FOR).then_some(mark)
}

fn write(vault: &Vault, known: &KnownDevices, person: PersonId, now: OffsetDateTime) -> String {
    let device = known.of(person).unwrap_or_else(Uuid::new_v4);
    let mine = Mark { person, device, seen_at: now };
    // The newest first, so that the one who has not used the device for the longest time is dropped.
    let others = known.0.iter().filter(|mark| mark.person != person);
    let marks = std::iter::once(&mine).chain(others).take(MOST_PEOPLE).map(|mark| {
        let (person, device) = (mark.person.to_string(), mark.device.to_string());
        let seen_at = mark.seen_at.unix_timestamp().to_string();
        let hash = hash(vault, &person, &device, &seen_at);
        format!("{person}.{device}.{seen_at}.{hash}")
    });
    marks.collect::<Vec<_>>().join(&SEPARATOR.to_string())
}

fn hash(vault: &Vault, person: &str, device: &str, seen_at: &str) -> String {
    let parts = [person.as_bytes(), device.as_bytes(), seen_at.as_bytes()];
    hex::encode(vault.keyed_hash("known device", parts))
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::{DEVICE_KNOWN_FOR, KnownDevices, MOST_PEOPLE, read, write};
    use crate::{PersonId, vault::Vault};

    #[test]
    fn a_device_is_known_to_its_person_until_the_mark_is_too_old() {
        let (vault, person, now) = (Vault::for_test(), PersonId::new(), datetime!(2026-11-22 12:00 UTC));
        let marks = write(&vault, &KnownDevices::default(), person, now);
        let device = read(&vault, &marks, now).of(person);
        assert!(device.is_some());
        assert_eq!(read(&vault, &marks, now).of(PersonId::new()), None);
        assert_eq!(read(&vault, &marks, now + DEVICE_KNOWN_FOR - Duration::seconds(1)).of(person), device);
        assert_eq!(read(&vault, &marks, now + DEVICE_KNOWN_FOR).of(person), None);
        // A renewed mark is of the same device.
        let later = now + Duration::days(100);
        let renewed = write(&vault, &read(&vault, &marks, later), person, later);
        assert_eq!(read(&vault, &renewed, later + Duration::days(100)).of(person), device);
    }

    #[test]
    fn a_device_knows_the_last_few_people_who_used_it() {
        let (vault, now) = (Vault::for_test(), datetime!(2026-11-22 12:00 UTC));
        let people: Vec<PersonId> = (0..=MOST_PEOPLE).map(|_| PersonId::new()).collect();
        let marks =
            people.iter().fold(String::new(), |marks, person| write(&vault, &read(&vault, &marks, now), *person, now));
        let known = read(&vault, &marks, now);
        assert_eq!(known.of(people[0]), None);
        assert!(people[1..].iter().all(|person| known.of(*person).is_some()));
        assert!(marks.len() < 1_000, "{} bytes", marks.len());
    }

    #[test]
    fn nobody_else_can_make_a_mark() {
        let (vault, person, now) = (Vault::for_test(), PersonId::new(), datetime!(2026-11-22 12:00 UTC));
        let mark = write(&vault, &KnownDevices::default(), person, now);
        let victim = PersonId::new();
        let of_another = mark.replace(&person.to_string(), &victim.to_string());
        let later = mark.replace(&now.unix_timestamp().to_string(), "1795000000");
        let elsewhere = write(&Vault::for_test(), &KnownDevices::default(), person, now);
        for forged in [of_another, later, elsewhere, mark.replace('.', ""), format!("{mark}0"), format!("{person}...")]
        {
            let known = read(&vault, &forged, now);
            assert!(known.of(person).is_none() && known.of(victim).is_none(), "{forged}");
        }
        for forged in ["", "~", "~~~", "...", "....."] {
            assert!(read(&vault, forged, now).0.is_empty(), "{forged}");
        }
    }
}
