//! Delivering checkpoints to those who keep them: a log that only vouches for itself proves nothing. A destination that
//! takes none delays neither signing nor other destinations' checkpoints, and gets all it missed later. What it has taken
//! is read back from it where it can be: the database's word for it could be forged.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use evidence::checkpoint::Checkpoint;
use store::{
    Store, StoreError,
    checkpoints::{Handed, StoredCheckpoint},
};
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::{
    destination::{Destination, Messenger, label},
    guard::HistoryGuard,
    history::{Held, History, known_keys},
    read_back::read_back,
};
use crate::audit::instant_text;

/// How many checkpoints are delivered to one destination in one go.
const BATCH: i64 = 200;
/// How long a destination that failed is left alone, at first and at most.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));
/// How often a destination is read back, or, if it cannot be, gets the newest checkpoint once more.
const ASKED_EVERY: Duration = Duration::from_secs(60);
const REPEATED_EVERY: Duration = Duration::from_secs(3_600);
/// How long after it was signed a checkpoint should be delivered.
const SOON: time::Duration = time::Duration::minutes(2);

/// What is wrong with destinations, as the serving portal has recorded it.
///
/// # Errors
/// If the database cannot be read.
pub(in crate::audit) async fn failing_destinations(store: &Store) -> Result<Vec<String>, StoreError> {
    let mut conn = store.read().await?;
    let newest = store::checkpoints::newest(&mut conn).await?;
    let mut troubles = Vec::new();
    for name in store::checkpoints::destinations(&mut conn).await? {
        let handed = store::checkpoints::handed(&mut conn, &name).await?;
        troubles.extend(handed.and_then(|handed| trouble_with(&name, &handed, newest.as_ref(), store.now())));
    }
    Ok(troubles)
}

/// Says that a destination fails or is behind.
pub(super) fn trouble_with(
    name: &str,
    handed: &Handed,
    newest: Option<&StoredCheckpoint>,
    now: OffsetDateTime,
) -> Option<String> {
    let name = label(name);
    if let Some(since) = handed.failing_since {
        let (since, failure) = (instant_text(since), handed.failure.as_deref().unwrap_or("unknown"));
        return Some(format!("{name} has taken no checkpoint since {since}: {failure}"));
    }
    let newest = newest.filter(|newest| newest.size > handed.size && now - newest.at > SOON)?;
    Some(format!("{name} is behind: it holds the log up to entry {} of {}", handed.size, newest.size))
}

/// Delivers checkpoints to one destination.
pub struct Delivery {
    guard: Arc<HistoryGuard>,
    messenger: Arc<Messenger>,
    label: String,
    place: Mutex<Place>,
}

impl Delivery {
    pub(super) fn new(guard: Arc<HistoryGuard>, destination: Destination, messenger: Arc<Messenger>) -> Self {
        Self { guard, messenger, label: label(&destination.to_string()), place: Mutex::new(Place::new(destination)) }
    }

    /// The destination, without an address's path.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.label
    }

    /// Reads back what the destination holds, and delivers the next checkpoints. Does nothing while a destination that
    /// took none is left alone, and delivers nothing while the log contradicts what was signed.
    ///
    /// # Errors
    /// If the database cannot be read or written. A destination that takes no checkpoint is not an error:
    /// [`crate::Portal::checkpoint_troubles`] names it.
    pub async fn deliver(&self) -> Result<(), StoreError> {
        let mut place = self.place.lock().await;
        if Instant::now() < place.next_try {
            return Ok(());
        }
        place.deliver_next(&self.guard, &self.messenger).await
    }

    /// Reads back what the destination holds, unless that was done a short while ago.
    pub async fn read_back(&self) {
        if let Err(why) = self.place.lock().await.read_back(&self.guard, &self.messenger).await {
            tracing::warn!(destination = self.label, why, "a destination cannot be read");
        }
    }
}

/// A destination, and when it is to be tried next.
struct Place {
    destination: Destination,
    next_try: Instant,
    patience: Duration,
    /// When it was last read back.
    asked: Option<Instant>,
    /// When this process last knew that it holds the newest checkpoint.
    confirmed: Option<Instant>,
}

impl Place {
    fn new(destination: Destination) -> Self {
        Self { destination, next_try: Instant::now(), patience: PATIENCE.0, asked: None, confirmed: None }
    }

    async fn read_back(&mut self, guard: &HistoryGuard, messenger: &Messenger) -> Result<(), String> {
        if self.asked.is_some_and(|asked| asked.elapsed() < ASKED_EVERY) {
            return Ok(());
        }
        let keys = async { known_keys(&mut guard.store.read().await?, Some(guard.seal.verifier())).await };
        let keys = keys.await.map_err(|why: StoreError| why.to_string())?;
        let held = read_back(messenger, &self.destination, &keys).await.map_err(|why| why.to_string())?;
        self.asked = Some(Instant::now());
        if let Some(held) = held {
            guard.learn(held);
        }
        Ok(())
    }

    /// Delivers what this destination has not taken yet, smallest first, up to the first that it does not take.
    async fn deliver_next(&mut self, guard: &HistoryGuard, messenger: &Messenger) -> Result<(), StoreError> {
        let name = self.destination.to_string();
        let before = store::checkpoints::handed(&mut guard.store.read().await?, &name).await?;
        let mut handed = match &before {
            Some(handed) => handed.clone(),
            None => all_but_newest(guard).await?,
        };
        match self.read_back(guard, messenger).await {
            Ok(()) => {
                guard.check().await?;
                if guard.alarms.history_is_in_doubt() {
                    return Ok(());
                }
                let held = guard.held_by(&name);
                let due = self.due(guard, held.as_ref(), &mut handed).await?;
                self.hand_all(guard, messenger, due, held, &mut handed).await;
            }
            Err(why) => fail(&name, why, &mut handed, guard.store.now()),
        }
        if handed.failure.is_some() {
            self.next_try = Instant::now() + self.patience;
            self.patience = (self.patience * 2).min(PATIENCE.1);
        } else {
            self.patience = PATIENCE.0;
        }
        if before.as_ref() != Some(&handed) {
            let mut tx = guard.store.write().await?;
            store::checkpoints::set_handed(&mut tx, &name, &handed).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The checkpoints that the destination lacks. `handed` becomes what it is known to hold.
    async fn due(
        &self,
        guard: &HistoryGuard,
        held: Option<&Held>,
        handed: &mut Handed,
    ) -> Result<Vec<Checkpoint>, StoreError> {
        let mut conn = guard.store.snapshot().await?;
        let mut history = History::of(&mut conn, Some(guard.seal.verifier())).await?;
        let is_known = match held {
            Some(held) => match history.held_up_to(held).await? {
                Some(known) => {
                    (handed.size, handed.root) = (known.size, known.root_text());
                    true
                }
                // Nothing of this log. If it never took any, it waits for what was new when it was first tried.
                None => handed.last_at.is_none(),
            },
            None => true,
        };
        if !is_known || !history.was_delivered(handed.size, &handed.root).await? {
            let all_but_newest = history.all_but_newest().await?;
            *handed = Handed { failing_since: handed.failing_since, failure: handed.failure.take(), ..all_but_newest };
        }
        let newest = store::checkpoints::newest_up_to(history.conn, history.size).await?;
        let behind = newest.as_ref().map_or(0, |newest| newest.size - handed.size);
        metrics::gauge!("portal_checkpoint_destination_behind_entries", "destination" => label(&self.destination.to_string()))
            .set(behind as f64);
        let is_unsure = held.is_none() && self.confirmed.is_none_or(|at| at.elapsed() > REPEATED_EVERY);
        let next = match handed.size {
            _ if behind == 0 && is_unsure => newest.into_iter().collect(),
            size => store::checkpoints::larger_than(history.conn, size, BATCH).await?,
        };
        let mut due = Vec::new();
        for stored in next {
            // What is not true was put there by somebody else, and is not for others to keep.
            if history.is_true(&stored).await?
                && let Ok(checkpoint) = Checkpoint::read_unchecked(&stored.note)
            {
                due.push(checkpoint);
            }
        }
        Ok(due)
    }

    async fn hand_all(
        &mut self,
        guard: &HistoryGuard,
        messenger: &Messenger,
        due: Vec<Checkpoint>,
        mut held: Option<Held>,
        handed: &mut Handed,
    ) {
        if due.is_empty() {
            (handed.failing_since, handed.failure) = (None, None);
        }
        for checkpoint in due {
            if let Err(why) = messenger.hand(&self.destination, &checkpoint).await {
                fail(&self.destination.to_string(), why.to_string(), handed, guard.store.now());
                // It may have lost what it held.
                self.asked = None;
                break;
            }
            let (size, root) = (checkpoint.size, checkpoint.root_text());
            *handed = Handed { size, root, last_at: Some(guard.store.now()), ..Handed::default() };
            self.confirmed = Some(Instant::now());
            if let Some(held) = &mut held {
                held.checkpoints.push(checkpoint);
            }
        }
        if let Some(mut held) = held {
            held.checkpoints.sort_by(|one, other| (other.size, &other.note).cmp(&(one.size, &one.note)));
            guard.learn(held);
        }
    }
}

/// What a new destination is taken to have: it begins with the newest checkpoint, which covers all before it.
async fn all_but_newest(guard: &HistoryGuard) -> Result<Handed, StoreError> {
    let mut conn = guard.store.snapshot().await?;
    History::of(&mut conn, Some(guard.seal.verifier())).await?.all_but_newest().await
}

fn fail(name: &str, why: String, handed: &mut Handed, now: OffsetDateTime) {
    tracing::warn!(destination = label(name), why, "a destination did not take a checkpoint");
    handed.failing_since.get_or_insert(now);
    handed.failure = Some(why);
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use evidence::checkpoint::{Checkpoint, notes_in};
    use store::checkpoints::Handed;

    use super::{Destination, Messenger, Place};
    use crate::audit::{
        sealing::signing::{Due, sign_due},
        test_log::TestLog,
    };

    /// The sizes of the checkpoints in a folder, each with the log's signature.
    fn sizes(log: &TestLog, folder: &Path) -> Vec<i64> {
        let files = fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
        let keys = [log.seal().verifier().clone()];
        let mut sizes: Vec<_> =
            files.flat_map(|file| notes_in(&file)).map(|note| Checkpoint::read(&note, &keys).unwrap().size).collect();
        sizes.sort_unstable();
        sizes
    }

    async fn handed(log: &TestLog, folder: &Path) -> Handed {
        let mut conn = log.store.read().await.unwrap();
        store::checkpoints::handed(&mut conn, &folder.display().to_string()).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn a_destination_gets_all_that_it_missed_once_it_works_again() {
        let log = TestLog::of(150).await;
        let seal = log.seal();
        sign_due(&log.store, &seal, Due::News).await.unwrap();
        let outside = log.data_dir().join("outside");
        let mut place = Place::new(Destination::Folder(outside.clone()));
        let (guard, messenger) = (&log.portal.guard, Messenger::new(None));

        place.deliver_next(guard, &messenger).await.unwrap();
        let failing = handed(&log, &outside).await;
        assert!(failing.failing_since.is_some() && failing.failure.is_some(), "{failing:?}");
        log.grow_by(100).await;
        sign_due(&log.store, &seal, Due::News).await.unwrap();
        place.deliver_next(guard, &messenger).await.unwrap();
        assert_eq!(handed(&log, &outside).await.failing_since, failing.failing_since);

        fs::create_dir(&outside).unwrap();
        place.deliver_next(guard, &messenger).await.unwrap();
        // The newest of when it was first heard of, and all since.
        assert_eq!(sizes(&log, &outside), [151, 200, 251]);
        fs::rename(&outside, log.data_dir().join("away")).unwrap();
        for _ in 0..2 {
            log.grow_by(100).await;
            sign_due(&log.store, &seal, Due::News).await.unwrap();
            place.deliver_next(guard, &messenger).await.unwrap();
        }
        fs::rename(log.data_dir().join("away"), &outside).unwrap();
        place.deliver_next(guard, &messenger).await.unwrap();
        assert_eq!(sizes(&log, &outside), [151, 200, 251, 300, 351, 400, 451]);
        let now = handed(&log, &outside).await;
        assert!(now.failure.is_none() && now.failing_since.is_none() && now.size == 451, "{now:?}");
    }

    #[tokio::test]
    async fn a_forged_row_does_not_silence_a_folder() {
        let log = TestLog::of(150).await;
        let seal = log.seal();
        let outside = log.data_dir().join("outside");
        fs::create_dir(&outside).unwrap();
        let mut place = Place::new(Destination::Folder(outside.clone()));
        let (guard, messenger) = (&log.portal.guard, Messenger::new(None));
        sign_due(&log.store, &seal, Due::News).await.unwrap();
        place.deliver_next(guard, &messenger).await.unwrap();
        assert_eq!(sizes(&log, &outside), [151]);
        log.grow_by(200).await;
        sign_due(&log.store, &seal, Due::News).await.unwrap();
        // As if it had taken the newest already.
        let newest = store::checkpoints::newest(&mut log.store.read().await.unwrap()).await.unwrap().unwrap();
        let root = Checkpoint::read_unchecked(&newest.note).unwrap().root_text();
        let forged = format!("UPDATE checkpoint_destination SET size = {}, root = '{root}'", newest.size);
        log.attacker().await.execute(&forged).await.unwrap();
        place.deliver_next(guard, &messenger).await.unwrap();
        assert_eq!(sizes(&log, &outside), [151, 200, 300, 351]);
    }
}
