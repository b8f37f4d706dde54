//! When checkpoints are made, and that they get outside: a log that only vouches for itself proves nothing.
//! Neither ever stands in the way of a change: what fails here is logged, shown and tried again.

use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};

use time::OffsetDateTime;

use super::{
    Action, Checkpoint, Draft, EntryActor, Target, TargetType, append,
    checkpoint::CheckpointError,
    destination::{Destination, Messenger},
    instant_text,
    signing_key::SigningKey,
};
use crate::{
    Portal,
    store::{
        self, Store, StoreError, WriteTx,
        checkpoints::{Handed, StoredCheckpoint},
        tree::Tree,
    },
};

/// A checkpoint is made at every size that this divides.
const EVERY_ENTRIES: i64 = 100;
/// How often is looked whether one is due.
const LOOKED_EVERY: Duration = Duration::from_secs(5);
/// Checkpoints that are signed in one transaction, or handed over in one go.
const BATCH: i64 = 200;
/// How long a destination that took nothing is left alone at first, and at most.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));
/// How long shutting down waits for destinations.
const FAREWELL: Duration = Duration::from_secs(3);

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The log cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The checkpoint itself.
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The log was changed since the last checkpoint, in what that covers.
    #[error("the log is not what was signed when it had {size} entries: `partner-portal audit verify` tells where")]
    Disagrees {
        /// The newest checkpoint's size.
        size: i64,
    },
}

/// Which checkpoints are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// Those at each hundred.
    Hundreds,
    /// Those, and one of the log as it is.
    News,
}

impl Due {
    /// The sizes to sign at, when the newest checkpoint is of size `from` and the log has `head` entries.
    fn sizes(self, from: i64, head: i64) -> impl Iterator<Item = i64> {
        let first = (from / EVERY_ENTRIES + 1) * EVERY_ENTRIES;
        let news = self == Self::News && head > from && head % EVERY_ENTRIES != 0;
        (first..=head).step_by(EVERY_ENTRIES as usize).chain(news.then_some(head))
    }
}

/// Signs the log as it was at `size`, in the caller's transaction. The key has to be known to the log.
pub(crate) async fn sign_at(
    tx: &mut WriteTx,
    tree: &mut Tree,
    key: &SigningKey,
    size: i64,
) -> Result<Checkpoint, SignError> {
    let root = tree.root(tx, size).await?;
    let checkpoint = Checkpoint::sign(key, size, root)?;
    store::checkpoints::insert(tx, size, &checkpoint.note, OffsetDateTime::now_utc()).await?;
    Ok(checkpoint)
}

/// Writes down that a key begins to sign, unless the log knows it; gives the entry's place then. What the key signs
/// covers that entry, so that who checks a checkpoint has been told of its key before.
pub(crate) async fn introduce(tx: &mut WriteTx, key: &SigningKey) -> Result<Option<i64>, StoreError> {
    let verifier = key.verifier().to_string();
    if store::checkpoints::keys(tx).await?.contains(&verifier) {
        return Ok(None);
    }
    let draft = Draft::recorded(EntryActor::system(), Action::AuditKeySet)
        .target(Target::new(TargetType::AuditLog, "signing_key", Some("the audit log")))
        .parameter("verifier_key", &verifier);
    let entry = append(tx, draft).await?;
    store::checkpoints::insert_key(tx, &verifier, entry.at).await?;
    Ok(Some(entry.sequence))
}

/// Refuses to go on where the log is no longer what the newest checkpoint says.
pub(crate) async fn agree(
    tx: &mut WriteTx,
    tree: &mut Tree,
    newest: Option<&StoredCheckpoint>,
    head: i64,
) -> Result<(), SignError> {
    let Some(newest) = newest else { return Ok(()) };
    let signed = Checkpoint::read_unchecked(&newest.note)?;
    if signed.size == newest.size && newest.size <= head && tree.root(tx, newest.size).await? == signed.root {
        Ok(())
    } else {
        Err(SignError::Disagrees { size: newest.size })
    }
}

/// Signs at each hundred that the log has reached since the newest checkpoint.
pub(crate) async fn sign_hundreds(store: &Store, key: &SigningKey) -> Result<(), SignError> {
    sign_due(store, key, Due::Hundreds).await
}

async fn sign_due(store: &Store, key: &SigningKey, due: Due) -> Result<(), SignError> {
    loop {
        let mut tx = store.write().await?;
        let introduced = introduce(&mut tx, key).await?;
        let head = store::tree::head(&mut tx).await?.sequence;
        let newest = store::checkpoints::newest(&mut tx).await?;
        let mut tree = Tree::default();
        agree(&mut tx, &mut tree, newest.as_ref(), head).await?;
        let from = newest.map_or(0, |newest| newest.size).max(introduced.map_or(0, |sequence| sequence - 1));
        let mut signed = 0;
        for size in due.sizes(from, head).take(BATCH as usize) {
            sign_at(&mut tx, &mut tree, key, size).await?;
            signed += 1;
        }
        if signed == 0 {
            // Not committed: a key that signs nothing is not introduced.
            return Ok(());
        }
        tx.commit().await.map_err(StoreError::Unwritable)?;
        if signed < BATCH {
            return Ok(());
        }
    }
}

impl Portal {
    /// Makes checkpoints as they become due and hands them out, for as long as it is polled.
    pub(crate) async fn keep_checkpoints(&self) {
        let mut every = tokio::time::interval(LOOKED_EVERY.min(self.settings.checkpoint_every));
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut outside = self.outside();
        loop {
            every.tick().await;
            self.sign_if_due(self.settings.checkpoint_every).await;
            outside.hand_out(&self.store).await;
        }
    }

    /// Signs what is new, whenever the last time was, and hands it out if that is quickly done.
    pub(crate) async fn sign_news(&self) {
        self.sign_if_due(Duration::ZERO).await;
        let mut outside = self.outside();
        if tokio::time::timeout(FAREWELL, outside.hand_out(&self.store)).await.is_err() {
            tracing::warn!(
                "not every place outside has taken the last checkpoints; they get them after the next start"
            );
        }
    }

    async fn sign_if_due(&self, every: Duration) {
        let signed = async {
            if let Some(due) = due(&self.store, every).await? {
                sign_due(&self.store, &self.signing_key, due).await?;
            }
            Ok::<_, SignError>(())
        };
        let trouble = signed.await.err().map(|error| error.to_string());
        let mut known = self.signing_trouble.lock().unwrap_or_else(PoisonError::into_inner);
        // Said once, and not again every few seconds.
        if let Some(trouble) = trouble.as_ref().filter(|trouble| known.as_ref() != Some(trouble)) {
            tracing::error!("no checkpoint can be signed: {trouble}");
        }
        *known = trouble;
    }

    fn outside(&self) -> Outside {
        let places = self.settings.checkpoints_to.iter().cloned().map(Place::new).collect();
        Outside { places, messenger: Messenger::new(self.settings.checkpoints_token.clone()) }
    }

    /// What is wrong with checkpoints, in plain words: that none can be signed, or which place takes none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn checkpoint_troubles(&self) -> Result<Vec<String>, StoreError> {
        let signing = self.signing_trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut troubles: Vec<_> =
            signing.map(|why| format!("no checkpoint can be signed: {why}")).into_iter().collect();
        let mut conn = self.store.read().await?;
        for place in &self.settings.checkpoints_to {
            let name = place.to_string();
            let handed = store::checkpoints::handed(&mut conn, &name).await?;
            troubles.extend(handed.and_then(|handed| trouble_with(&name, &handed)));
        }
        Ok(troubles)
    }
}

/// Which places outside take no checkpoints, in plain words, as the portal that serves has written it down.
///
/// # Errors
/// When the database cannot be read.
pub async fn places_that_take_nothing(store: &Store) -> Result<Vec<String>, StoreError> {
    let mut conn = store.read().await?;
    let mut troubles = Vec::new();
    for name in store::checkpoints::destinations(&mut conn).await? {
        let handed = store::checkpoints::handed(&mut conn, &name).await?;
        troubles.extend(handed.and_then(|handed| trouble_with(&name, &handed)));
    }
    Ok(troubles)
}

fn trouble_with(name: &str, handed: &Handed) -> Option<String> {
    let since = instant_text(handed.failing_since?);
    Some(format!("{name} has taken no checkpoint since {since}: {}", handed.failure.as_deref().unwrap_or("unknown")))
}

/// Looks, without holding up any writer, whether anything is to be signed.
async fn due(store: &Store, every: Duration) -> Result<Option<Due>, StoreError> {
    let mut conn = store.read().await?;
    let head = store::tree::size(&mut conn).await?;
    let newest = store::checkpoints::newest(&mut conn).await?;
    let (from, is_old) = match newest {
        Some(newest) => (newest.size, OffsetDateTime::now_utc() - newest.at >= every),
        None => (0, true),
    };
    let due = if is_old { Due::News } else { Due::Hundreds };
    Ok(due.sizes(from, head).next().map(|_| due))
}

/// The places outside, and when each is to be tried next.
struct Outside {
    places: Vec<Place>,
    messenger: Messenger,
}

struct Place {
    destination: Destination,
    next_try: Instant,
    patience: Duration,
}

impl Place {
    fn new(destination: Destination) -> Self {
        Self { destination, next_try: Instant::now(), patience: PATIENCE.0 }
    }

    /// Hands over what this place was not handed yet, in order; stops at the first that it does not take.
    async fn hand_next(&mut self, store: &Store, messenger: &Messenger) -> Result<(), StoreError> {
        let name = self.destination.to_string();
        let mut conn = store.read().await?;
        let before = store::checkpoints::handed(&mut conn, &name).await?;
        let mut handed = match &before {
            Some(handed) => handed.clone(),
            // A new place begins with the newest, which covers all before it.
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
                    tracing::warn!(place = name, why, "a checkpoint was not taken");
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
            tx.commit().await.map_err(StoreError::Unwritable)?;
        }
        Ok(())
    }
}

impl Outside {
    async fn hand_out(&mut self, store: &Store) {
        for place in &mut self.places {
            if Instant::now() < place.next_try {
                continue;
            }
            if let Err(error) = place.hand_next(store, &self.messenger).await {
                tracing::error!(%error, place = %place.destination, "checkpoints could not be handed out");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Executor;

    use super::{Destination, Due, Messenger, Place, SignError, sign_due};
    use crate::{
        audit::{Checkpoint, SigningKey, VerifierKey, fixture::TestLog, notes_in, verify},
        store::{self, checkpoints::Handed},
    };

    #[test]
    fn a_checkpoint_is_due_at_every_hundred_and_of_news_at_the_end() {
        let sizes = |due: Due, from, head| due.sizes(from, head).collect::<Vec<i64>>();
        let nothing: [i64; 0] = [];
        assert_eq!(sizes(Due::Hundreds, 0, 0), nothing);
        assert_eq!(sizes(Due::News, 0, 0), nothing);
        assert_eq!(sizes(Due::Hundreds, 0, 99), nothing);
        assert_eq!(sizes(Due::News, 0, 99), [99]);
        assert_eq!(sizes(Due::News, 99, 99), nothing);
        assert_eq!(sizes(Due::Hundreds, 99, 100), [100]);
        assert_eq!(sizes(Due::News, 99, 100), [100]);
        assert_eq!(sizes(Due::Hundreds, 100, 350), [200, 300]);
        assert_eq!(sizes(Due::News, 117, 350), [200, 300, 350]);
        assert_eq!(sizes(Due::News, 350, 120), nothing);
    }

    /// The sizes of the checkpoints that were made, in that order; each with a signature that holds.
    async fn signed(log: &TestLog, keys: &[VerifierKey]) -> Vec<i64> {
        let made = store::checkpoints::made_after(&mut log.store.read().await.unwrap(), 0, 1_000).await.unwrap();
        made.iter().map(|made| Checkpoint::read(&made.note, keys).unwrap().size).collect()
    }

    #[tokio::test]
    async fn what_is_signed_is_the_root_and_the_key_is_an_entry_before() {
        let log = TestLog::of(120).await;
        let key = SigningKey::in_folder(log.folder.path(), None).unwrap();
        let keys = [key.verifier().clone()];
        sign_due(&log.store, &key, Due::Hundreds).await.unwrap();
        assert!(signed(&log, &keys).await.is_empty());
        sign_due(&log.store, &key, Due::News).await.unwrap();
        assert_eq!(signed(&log, &keys).await, [121]);
        log.grow_by(209).await;
        sign_due(&log.store, &key, Due::Hundreds).await.unwrap();
        assert_eq!(signed(&log, &keys).await, [121, 200, 300]);
        sign_due(&log.store, &key, Due::News).await.unwrap();
        assert_eq!(signed(&log, &keys).await, [121, 200, 300, 330]);
        let newest = store::checkpoints::newest(&mut log.store.read().await.unwrap()).await.unwrap().unwrap();
        let verified = verify(&log.store).await.unwrap();
        let newest = Checkpoint::read(&newest.note, &keys).unwrap();
        assert_eq!((newest.size, newest.root), (verified.entries, verified.root));

        let next = SigningKey::from_file(&{
            let file = log.folder.path().join("next.key");
            std::fs::write(&file, SigningKey::new_key("audit.example.com/portal").unwrap().as_bytes()).unwrap();
            file
        });
        let next = next.unwrap();
        sign_due(&log.store, &next, Due::News).await.unwrap();
        assert_eq!(signed(&log, &[keys[0].clone(), next.verifier().clone()]).await, [121, 200, 300, 330, 331]);
        assert_eq!(verify(&log.store).await.unwrap().checkpoints, 5);
    }

    #[tokio::test]
    async fn more_is_caught_up_with_than_one_transaction_takes() {
        let log = TestLog::of(1).await;
        let key = SigningKey::in_folder(log.folder.path(), None).unwrap();
        sign_due(&log.store, &key, Due::News).await.unwrap();
        log.grow_by(super::BATCH as usize * 100 + 148).await;
        sign_due(&log.store, &key, Due::News).await.unwrap();
        let sizes = signed(&log, &[key.verifier().clone()]).await;
        assert_eq!(sizes.len() as i64, super::BATCH + 3);
        assert_eq!(sizes.last(), Some(&(super::BATCH * 100 + 150)));
    }

    #[tokio::test]
    async fn a_log_that_is_not_what_was_signed_is_not_signed_again() {
        for tampering in [
            // The root at the checkpoint is that of other entries, and the log is cut off before it.
            "DROP TRIGGER entry_is_never_changed; UPDATE entry SET subtrees = zeroblob(32) WHERE sequence = 10",
            "PRAGMA foreign_keys = OFF; DROP TRIGGER entry_is_never_deleted; DELETE FROM entry WHERE sequence = 11",
        ] {
            let log = TestLog::of(10).await;
            let key = SigningKey::in_folder(log.folder.path(), None).unwrap();
            sign_due(&log.store, &key, Due::News).await.unwrap();
            log.store.writer.acquire().await.unwrap().execute(tampering).await.unwrap();
            let refused = sign_due(&log.store, &key, Due::News).await;
            assert!(matches!(refused, Err(SignError::Disagrees { size: 11 })), "{refused:?}: {tampering}");
            assert_eq!(signed(&log, &[key.verifier().clone()]).await, [11]);
        }
    }

    #[tokio::test]
    async fn a_place_that_takes_nothing_gets_all_that_it_missed_when_it_does() {
        let log = TestLog::of(150).await;
        let key = SigningKey::in_folder(log.folder.path(), None).unwrap();
        sign_due(&log.store, &key, Due::News).await.unwrap();
        let outside = log.folder.path().join("outside");
        let mut place = Place::new(Destination::Folder(outside.clone()));
        let messenger = Messenger::new(None);
        let files =
            || std::fs::read_dir(&outside).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let handed = async || -> Handed {
            let mut conn = log.store.read().await.unwrap();
            store::checkpoints::handed(&mut conn, &outside.display().to_string()).await.unwrap().unwrap()
        };

        place.hand_next(&log.store, &messenger).await.unwrap();
        let failing = handed().await;
        assert!(failing.failing_since.is_some() && failing.failure.is_some(), "{failing:?}");
        log.grow_by(100).await;
        sign_due(&log.store, &key, Due::News).await.unwrap();
        place.hand_next(&log.store, &messenger).await.unwrap();
        assert_eq!(handed().await.failing_since, failing.failing_since);

        std::fs::create_dir(&outside).unwrap();
        place.hand_next(&log.store, &messenger).await.unwrap();
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
