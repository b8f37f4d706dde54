//! Delivering checkpoints to those who keep them: a log that only vouches for itself proves nothing. A destination that
//! takes none delays neither signing nor other destinations' checkpoints, and gets all it missed later.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use evidence::checkpoint::Checkpoint;
use store::{Store, StoreError, checkpoints::Handed};
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::destination::{Destination, Messenger};
use crate::audit::instant_text;

/// How many checkpoints are delivered to one destination in one go.
const BATCH: i64 = 200;
/// How long a destination that failed is left alone, at first and at most.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));

/// Which destinations take no checkpoints, as the serving portal has recorded it.
///
/// # Errors
/// If the database cannot be read.
pub(in crate::audit) async fn failing_destinations(store: &Store) -> Result<Vec<String>, StoreError> {
    let mut conn = store.read().await?;
    let mut troubles = Vec::new();
    for name in store::checkpoints::destinations(&mut conn).await? {
        let handed = store::checkpoints::handed(&mut conn, &name).await?;
        troubles.extend(handed.and_then(|handed| trouble_with(&name, &handed)));
    }
    Ok(troubles)
}

pub(super) fn trouble_with(name: &str, handed: &Handed) -> Option<String> {
    let since = instant_text(handed.failing_since?);
    Some(format!("{name} has taken no checkpoint since {since}: {}", handed.failure.as_deref().unwrap_or("unknown")))
}

/// Delivers checkpoints to one destination.
pub struct Delivery {
    store: Store,
    messenger: Arc<Messenger>,
    name: String,
    place: Mutex<Place>,
}

impl Delivery {
    pub(super) fn new(store: Store, destination: Destination, messenger: Arc<Messenger>) -> Self {
        Self { store, messenger, name: destination.to_string(), place: Mutex::new(Place::new(destination)) }
    }

    /// The destination, as the setting spells it.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.name
    }

    /// Delivers the next checkpoints. Does nothing while a destination that took none is left alone.
    ///
    /// # Errors
    /// If the database cannot be read or written. A destination that takes no checkpoint is not an error:
    /// [`crate::Portal::checkpoint_troubles`] names it.
    pub async fn deliver(&self) -> Result<(), StoreError> {
        let mut place = self.place.lock().await;
        if Instant::now() < place.next_try {
            return Ok(());
        }
        place.deliver_next(&self.store, &self.messenger).await
    }
}

/// A destination, and when it is to be tried next.
struct Place {
    destination: Destination,
    next_try: Instant,
    patience: Duration,
}

impl Place {
    fn new(destination: Destination) -> Self {
        Self { destination, next_try: Instant::now(), patience: PATIENCE.0 }
    }

    /// Delivers what this destination has not taken yet, in order, up to the first that it does not take.
    async fn deliver_next(&mut self, store: &Store, messenger: &Messenger) -> Result<(), StoreError> {
        let name = self.destination.to_string();
        let mut conn = store.read().await?;
        let before = store::checkpoints::handed(&mut conn, &name).await?;
        let mut handed = match &before {
            Some(handed) => handed.clone(),
            // A new destination begins with the newest, which covers all before it.
            None => {
                let last = store::checkpoints::last_number(&mut conn).await?;
                Handed { last_number: (last - 1).max(0), ..Handed::default() }
            }
        };
        let next = store::checkpoints::made_after(&mut conn, handed.last_number, BATCH).await?;
        drop(conn);
        for stored in next {
            let now = OffsetDateTime::now_utc();
            let taken = match Checkpoint::read_unchecked(&stored.note) {
                Ok(checkpoint) => messenger.hand(&self.destination, &checkpoint).await.map_err(|why| why.to_string()),
                Err(why) => Err(why.to_string()),
            };
            match taken {
                Ok(()) => handed = Handed { last_number: stored.number, last_at: Some(now), ..Handed::default() },
                Err(why) => {
                    tracing::warn!(destination = name, why, "a destination did not take a checkpoint");
                    handed.failing_since.get_or_insert(now);
                    handed.failure = Some(why);
                    break;
                }
            }
        }
        if handed.failure.is_some() {
            self.next_try = Instant::now() + self.patience;
            self.patience = (self.patience * 2).min(PATIENCE.1);
        } else {
            self.patience = PATIENCE.0;
        }
        if before.as_ref() != Some(&handed) {
            let mut tx = store.write().await?;
            store::checkpoints::set_handed(&mut tx, &name, &handed).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use evidence::checkpoint::{Checkpoint, notes_in};
    use store::checkpoints::Handed;

    use super::{Destination, Messenger, Place};
    use crate::audit::{
        sealing::{
            key_file,
            signing::{Due, sign_due},
        },
        test_log::TestLog,
    };

    #[tokio::test]
    async fn a_destination_gets_all_that_it_missed_once_it_works_again() {
        let log = TestLog::of(150).await;
        let key = key_file::in_folder(&log.data_dir(), None).unwrap();
        sign_due(&log.store, &key, Due::News).await.unwrap();
        let outside = log.data_dir().join("outside");
        let mut place = Place::new(Destination::Folder(outside.clone()));
        let messenger = Messenger::new(None);
        let files =
            || std::fs::read_dir(&outside).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let handed = async || -> Handed {
            let mut conn = log.store.read().await.unwrap();
            store::checkpoints::handed(&mut conn, &outside.display().to_string()).await.unwrap().unwrap()
        };

        place.deliver_next(&log.store, &messenger).await.unwrap();
        let failing = handed().await;
        assert!(failing.failing_since.is_some() && failing.failure.is_some(), "{failing:?}");
        log.grow_by(100).await;
        sign_due(&log.store, &key, Due::News).await.unwrap();
        place.deliver_next(&log.store, &messenger).await.unwrap();
        assert_eq!(handed().await.failing_since, failing.failing_since);

        std::fs::create_dir(&outside).unwrap();
        place.deliver_next(&log.store, &messenger).await.unwrap();
        // The newest of when it was first heard of, and all since.
        let mut sizes: Vec<_> = files()
            .flat_map(|file| notes_in(&file))
            .map(|note| Checkpoint::read(&note, &[key.verifier().clone()]).unwrap().size)
            .collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [151, 200, 251]);
        let now = handed().await;
        assert!(now.failure.is_none() && now.failing_since.is_none() && now.last_number == 3, "{now:?}");
    }
}
