//! How often Workato is asked for one person's pages. Somebody who opens pages without pause gets older answers, so that
//! one person does not use up the team's limit.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::PersonId;

/// How many reads a person may have at once, of those for which there is an older answer.
const BURST: u32 = 10;
/// How soon one more is possible.
const EACH: Duration = Duration::from_millis(333);

/// The reads of each person of a team: when all that were counted will be made up for.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<HashMap<PersonId, Instant>>);

impl Pace {
    /// Counts a read, if the person may have one now. Work in the background is not counted.
    pub fn admits(&self, person: Option<PersonId>) -> bool {
        let (Some(person), now) = (person, Instant::now()) else { return true };
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        people.retain(|_, even_at| *even_at > now);
        let even_at = people.get(&person).copied().unwrap_or(now);
        let admits = even_at + EACH <= now + EACH * BURST;
        if admits {
            people.insert(person, even_at + EACH);
        }
        admits
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::{BURST, Pace};
    use crate::PersonId;

    #[tokio::test(start_paused = true)]
    async fn one_person_gets_a_few_reads_a_second_and_takes_none_from_others() {
        let (pace, ann, ben) = (Pace::default(), Some(PersonId::new()), Some(PersonId::new()));
        let admitted = |person| (0..50).filter(|_| pace.admits(person)).count();
        let burst = BURST as usize;
        assert_eq!((admitted(ann), admitted(ben), admitted(None)), (burst, burst, 50));
        assert_eq!(admitted(ann), 0);
        advance(Duration::from_secs(1)).await;
        assert_eq!(admitted(ann), 3);
        advance(Duration::from_secs(60)).await;
        assert_eq!(admitted(ann), burst);
    }

    #[tokio::test(start_paused = true)]
    async fn somebody_who_never_pauses_is_admitted_three_times_a_second() {
        let (pace, ann) = (Pace::default(), Some(PersonId::new()));
        let mut admitted = 0;
        for _ in 0..600 {
            admitted += usize::from(pace.admits(ann));
            advance(Duration::from_millis(50)).await;
        }
        assert!((90..=101).contains(&admitted), "{admitted} in 30 s");
    }
}
