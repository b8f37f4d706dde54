//! When checkpoints are signed. Signing never stands in the way of a change: a failure is logged, shown, and tried
//! again.

use std::time::Duration;

use evidence::{checkpoint::Checkpoint, key::SigningKey};
use store::{
    Action, Draft, EntryActor, Store, StoreError, Target, TargetType, Write, append, checkpoints::StoredCheckpoint,
    tree::Tree,
};

use super::{seal::Seal, sign_error::SignError};

/// A checkpoint is signed at every multiple of this size.
const EVERY_ENTRIES: i64 = 100;
/// How many checkpoints are signed in one transaction.
const BATCH: i64 = 200;

/// Which checkpoints are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::audit) enum Due {
    /// The ones at each hundred.
    Hundreds,
    /// The ones at each hundred, and one of the log as it is.
    News,
}

impl Due {
    /// The sizes to sign at, if the newest checkpoint has size `from` and the log has `head` entries.
    fn sizes(self, from: i64, head: i64) -> impl Iterator<Item = i64> {
        let first = (from / EVERY_ENTRIES + 1) * EVERY_ENTRIES;
        let news = self == Self::News && head > from && head % EVERY_ENTRIES != 0;
        (first..=head).step_by(EVERY_ENTRIES as usize).chain(news.then_some(head))
    }
}

/// Signs the log as it was at `size`, in the caller's transaction. The log must name the key already.
pub(crate) async fn sign_at(
    tx: &mut Write,
    tree: &mut Tree,
    key: &SigningKey,
    size: i64,
) -> Result<Checkpoint, SignError> {
    let root = tree.root(tx, size).await?;
    let checkpoint = Checkpoint::sign(key, size, root)?;
    let at = store::instant_now(tx).await?;
    store::checkpoints::insert(tx, size, &checkpoint.note, at).await?;
    Ok(checkpoint)
}

/// Records that a key begins to sign, unless the log names it already, and returns that entry's sequence. Everything
/// the key signs covers this entry, so that whoever verifies the log meets the key before its first checkpoint.
pub(crate) async fn introduce(tx: &mut Write, key: &SigningKey) -> Result<Option<i64>, StoreError> {
    let verifier = key.verifier().to_string();
    if store::checkpoints::keys(tx).await?.contains(&verifier) {
        return Ok(None);
    }
    let entry = append(tx, key_set(&verifier)).await?;
    store::checkpoints::insert_key(tx, &verifier, entry.at).await?;
    Ok(Some(entry.sequence))
}

/// The entry that names a key.
pub(super) fn key_set(verifier: &str) -> Draft {
    Draft::recorded(EntryActor::system(), Action::AuditKeySet)
        .target(Target::new(TargetType::AuditLog, "signing_key", None))
        .parameter("verifier_key", verifier)
}

/// Refuses if the log is not what the newest checkpoint signed.
pub(crate) async fn agree(
    tx: &mut Write,
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

/// Signs at each hundred entries since the newest checkpoint.
pub(crate) async fn sign_hundreds(store: &Store, seal: &Seal) -> Result<(), SignError> {
    sign_due(store, seal, Due::Hundreds).await
}

/// Signs what is due, and then raises the high-water mark.
pub(in crate::audit) async fn sign_due(store: &Store, seal: &Seal, due: Due) -> Result<(), SignError> {
    sign_all(store, seal, due).await?;
    seal.raise_mark(store).await
}

/// Makes ready to sign: refuses if the log contradicts what was signed, and names the key if it is new. Returns the
/// newest checkpoint, the sequence of the entry that names the key, and the tree.
pub(crate) async fn begin_to_sign(
    tx: &mut Write,
    seal: &Seal,
) -> Result<(Option<StoredCheckpoint>, Option<i64>, Tree), SignError> {
    let head = store::tree::size(tx).await?;
    let newest = store::checkpoints::newest(tx).await?;
    let mut tree = Tree::default();
    match (agree(tx, &mut tree, newest.as_ref(), head).await, seal.check(tx).await) {
        // What disagrees was acknowledged.
        (Ok(()) | Err(SignError::Disagrees { .. }), Ok(())) => {}
        (Err(error), _) | (Ok(()), Err(error)) => return Err(error),
    }
    let introduced = introduce(tx, &seal.key).await?;
    Ok((store::checkpoints::newest_up_to(tx, head).await?, introduced, tree))
}

async fn sign_all(store: &Store, seal: &Seal, due: Due) -> Result<(), SignError> {
    let key = &seal.key;
    loop {
        let mut tx = store.write().await?;
        // If the clock was set back, the entry that says so comes before what is signed now.
        store::instant_now(&mut tx).await?;
        let (newest, introduced, mut tree) = begin_to_sign(&mut tx, seal).await?;
        let head = store::tree::head(&mut tx).await?.sequence;
        let from = newest.map_or(0, |newest| newest.size).max(introduced.map_or(0, |sequence| sequence - 1));
        let sizes: Vec<i64> = due.sizes(from, head).take(BATCH as usize).collect();
        if let Some(last) = sizes.last() {
            // Not to the log's end: what is caught up with in many transactions is checked once.
            seal.check_entries(&mut tx, *last).await?;
        }
        let mut signed = 0;
        for size in sizes {
            sign_at(&mut tx, &mut tree, key, size).await?;
            signed += 1;
        }
        if signed == 0 {
            // Not committed: a key that signs nothing is not recorded.
            return Ok(());
        }
        tx.commit().await?;
        if signed < BATCH {
            return Ok(());
        }
    }
}

/// Whether anything is due, without the write lock.
pub(super) async fn due(store: &Store, every: Duration) -> Result<Option<Due>, StoreError> {
    let mut conn = store.read().await?;
    let head = store::tree::size(&mut conn).await?;
    let newest = store::checkpoints::newest_up_to(&mut conn, head).await?;
    let (from, is_old) = match newest {
        // After a clock was set back, the newest checkpoint may lie in the future.
        Some(newest) => (newest.size, (store.now() - newest.at).abs() >= every),
        None => (0, true),
    };
    let due = if is_old { Due::News } else { Due::Hundreds };
    Ok(due.sizes(from, head).next().map(|_| due))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Due, Seal, SignError, sign_due};
    use crate::{
        Reason,
        alarms::Alarm,
        audit::{
            Checkpoint, VerifierKey,
            sealing::{acknowledge::acknowledge, key_file},
            test_log::TestLog,
            verify,
        },
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

    /// The sizes of the checkpoints that were made; each with a signature that holds.
    async fn signed(log: &TestLog, keys: &[VerifierKey]) -> Vec<i64> {
        let made = store::checkpoints::larger_than(&mut log.store.read().await.unwrap(), 0, 1_000).await.unwrap();
        made.iter().map(|made| Checkpoint::read(&made.note, keys).unwrap().size).collect()
    }

    #[tokio::test]
    async fn what_is_signed_is_the_root_and_the_key_is_an_entry_before() {
        let mut log = TestLog::of(120).await;
        let seal = log.seal();
        let keys = [seal.verifier().clone()];
        sign_due(&log.store, &seal, Due::Hundreds).await.unwrap();
        assert!(signed(&log, &keys).await.is_empty());
        sign_due(&log.store, &seal, Due::News).await.unwrap();
        assert_eq!(signed(&log, &keys).await, [121]);
        log.grow_by(209).await;
        sign_due(&log.store, &seal, Due::Hundreds).await.unwrap();
        assert_eq!(signed(&log, &keys).await, [121, 200, 300]);
        sign_due(&log.store, &seal, Due::News).await.unwrap();
        assert_eq!(signed(&log, &keys).await, [121, 200, 300, 330]);
        let newest = store::checkpoints::newest(&mut log.store.read().await.unwrap()).await.unwrap().unwrap();
        let verified = verify(&log.store).await.unwrap();
        let newest = Checkpoint::read(&newest.note, &keys).unwrap();
        assert_eq!((newest.size, newest.root), (verified.entries, verified.root));

        let next = key_file::from_file(&{
            let file = log.data_dir().join("next.key");
            store::private_file::create(
                &file,
                evidence::key::SigningKey::generate("audit.example.com/portal").unwrap().as_bytes(),
            )
            .unwrap();
            file
        });
        let next = Seal { key: Arc::new(next.unwrap()), ..seal };
        // The mark was signed with the key before. Anybody could have replaced both.
        let refused = sign_due(&log.store, &next, Due::News).await;
        assert!(matches!(refused, Err(SignError::HistoryInDoubt(_))), "{refused:?}");
        let reason = Reason::read("A new key").unwrap().unwrap();
        let acknowledged = acknowledge(&log.store, &next, "root", &reason, &[]).await.unwrap();
        assert!(matches!(acknowledged[..], [Alarm::MarkInvalid { .. }]), "{acknowledged:?}");
        // A portal that starts with the new key appends with it.
        log.store = log.store.clone().with_entry_key(next.entry_key());
        log.grow_by(1).await;
        sign_due(&log.store, &next, Due::News).await.unwrap();
        // The new key and the acknowledgement are an entry each.
        assert_eq!(signed(&log, &[keys[0].clone(), next.verifier().clone()]).await, [121, 200, 300, 330, 332, 333]);
        assert_eq!(verify(&log.store).await.unwrap().checkpoints, 6);
    }

    #[tokio::test]
    async fn more_is_caught_up_with_than_one_transaction_takes() {
        let log = TestLog::of(1).await;
        let seal = log.seal();
        sign_due(&log.store, &seal, Due::News).await.unwrap();
        log.grow_by(super::BATCH as usize * 100 + 148).await;
        sign_due(&log.store, &seal, Due::News).await.unwrap();
        let sizes = signed(&log, &[seal.verifier().clone()]).await;
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
            let seal = log.seal();
            sign_due(&log.store, &seal, Due::News).await.unwrap();
            log.attacker().await.execute(tampering).await.unwrap();
            let refused = sign_due(&log.store, &seal, Due::News).await;
            assert!(matches!(refused, Err(SignError::Disagrees { size: 11 })), "{refused:?}: {tampering}");
            assert_eq!(signed(&log, &[seal.verifier().clone()]).await, [11]);
        }
    }
}
