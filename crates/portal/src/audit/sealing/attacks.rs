//! Somebody who can write the database changes history, with all the care that the database allows. Verifying and the
//! start each have to notice, and until an admin acknowledges it, nothing is changed or signed.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use evidence::{
    canonical,
    checkpoint::Checkpoint,
    key::SigningKey,
    tree::{GrowingTree, leaf_hash},
    verify::OutsideCheckpoints,
};
use store::{Action, Draft, Entry, EntryActor, StoreError, append};

use super::{
    destination::Destination,
    history::History,
    mark::{Mark, MarkFile},
    signing::{Due, sign_due},
};
use crate::{
    Portal, Settings,
    alarms::{Alarm, AlarmCode, Holder},
    audit::{StoredLog, VerifyError, Witnesses, test_log::TestLog},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attack {
    /// Another actor, every hash recomputed, and no checkpoint left.
    RewrittenAndUnsigned,
    /// The same, with the checkpoints left as they were.
    Rewritten,
    /// The same, with the keys' table and the keys' entry gone, as if the log had never been signed.
    RewrittenAsNew,
    NewestCheckpointDeleted,
    OneCheckpointDeleted,
    /// The newest replaced by a copy of the first, so that the number stays the same.
    NewestCheckpointReplaced,
    CheckpointInvented,
    /// The last entries and their checkpoints deleted.
    CutOff,
    OlderDatabase,
    /// The older database with the high-water mark of that time.
    OlderDatabaseAndMark,
    DeliveryForged,
    MarkDeleted,
    MarkOfAnotherLog,
    MarkFilledWithNothing,
    /// [`Self::RewrittenAsNew`], with the mark deleted as well.
    RewrittenAsNewWithoutMark,
    /// A trigger that would remove what the portal writes.
    TriggerAdded,
    /// An entry in somebody's name at the end of the log, with every hash as it should be.
    EntryAppended,
    /// The database and the mark are gone, as before the first start. The key is still there.
    AllGone,
}

const ATTACKS: [(Attack, AlarmCode); 18] = [
    (Attack::RewrittenAndUnsigned, AlarmCode::HistoryContradicted),
    (Attack::Rewritten, AlarmCode::HistoryContradicted),
    (Attack::RewrittenAsNew, AlarmCode::HistoryContradicted),
    (Attack::NewestCheckpointDeleted, AlarmCode::CheckpointsMissing),
    (Attack::OneCheckpointDeleted, AlarmCode::CheckpointsMissing),
    (Attack::NewestCheckpointReplaced, AlarmCode::CheckpointsMissing),
    (Attack::CheckpointInvented, AlarmCode::HistoryContradicted),
    (Attack::CutOff, AlarmCode::HistoryContradicted),
    (Attack::OlderDatabase, AlarmCode::HistoryContradicted),
    (Attack::OlderDatabaseAndMark, AlarmCode::HistoryContradicted),
    (Attack::DeliveryForged, AlarmCode::HistoryContradicted),
    (Attack::MarkDeleted, AlarmCode::MarkMissing),
    (Attack::MarkOfAnotherLog, AlarmCode::MarkInvalid),
    (Attack::MarkFilledWithNothing, AlarmCode::MarkInvalid),
    (Attack::RewrittenAsNewWithoutMark, AlarmCode::MarkMissing),
    (Attack::TriggerAdded, AlarmCode::SchemaChanged),
    (Attack::EntryAppended, AlarmCode::EntryForged),
    (Attack::AllGone, AlarmCode::MarkMissing),
];

/// A data folder that belongs to nobody's process, and what is outside of it.
struct Scene {
    log: TestLog,
    data_dir: PathBuf,
    witness: PathBuf,
    /// The database and the mark as they once were.
    older: PathBuf,
}

fn copy_data(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in ["signing.key", "signing.mark"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

impl Scene {
    /// A log of 251 entries whose checkpoints, the last of all entries, are in a folder.
    async fn new() -> Self {
        let log = TestLog::on_file(150).await;
        let (data_dir, witness, older) =
            (log.elsewhere().join("served"), log.elsewhere().join("witness"), log.elsewhere().join("older"));
        fs::create_dir(&witness).unwrap();
        let seal = log.seal();
        sign_due(&log.store, &seal, Due::News).await.unwrap();
        copy_data(&log.data_dir(), &older);
        log.store.copy_to(&older.join(store::DATABASE)).await.unwrap();
        log.grow_by(100).await;
        sign_due(&log.store, &seal, Due::News).await.unwrap();
        copy_data(&log.data_dir(), &data_dir);
        log.store.copy_to(&data_dir.join(store::DATABASE)).await.unwrap();
        let scene = Self { log, data_dir, witness, older };
        let portal = scene.start().await;
        assert!(!portal.alarms().history_is_in_doubt(), "{:?}", portal.alarms().list());
        for delivery in portal.deliveries() {
            delivery.deliver().await.unwrap();
        }
        portal.close().await;
        assert_eq!(fs::read_dir(&scene.witness).unwrap().count(), 1);
        scene.verify().await.unwrap();
        scene
    }

    fn settings(&self) -> Settings {
        let mut settings = Settings::new(self.data_dir.clone(), self.log.elsewhere().join("key"));
        settings.checkpoints_to = vec![Destination::Folder(self.witness.clone())];
        settings
    }

    async fn start(&self) -> Arc<Portal> {
        Portal::open(self.settings()).await.unwrap()
    }

    async fn stored(&self) -> (StoredLog, Witnesses) {
        let log = StoredLog::open_read_only(&self.data_dir, None).await.unwrap();
        let witnesses = log.witnesses(&self.settings().checkpoints_to, None).await.unwrap();
        (log, witnesses)
    }

    async fn verify(&self) -> Result<(), VerifyError> {
        let (log, witnesses) = self.stored().await;
        log.verify_with(OutsideCheckpoints::default(), &witnesses).await.map(drop)
    }

    async fn acknowledge(&self) -> Vec<Alarm> {
        let log = StoredLog::open(&self.data_dir, None).await.unwrap();
        let (_, witnesses) = self.stored().await;
        log.acknowledge("root", "Found in a drill", &witnesses).await.unwrap()
    }

    /// What an acknowledgement says of the witness.
    async fn held(&self) -> Vec<(String, String)> {
        let (_, witnesses) = self.stored().await;
        let store = store::Store::open_read_only(&self.data_dir).await.unwrap();
        let mut conn = store.snapshot().await.unwrap();
        let mut history = History::of(&mut conn, Some(self.log.seal().verifier())).await.unwrap();
        let held = history.contradicting_digests(&witnesses.held).await.unwrap();
        assert!(!held.is_empty());
        held
    }

    fn mark(&self) -> PathBuf {
        self.data_dir.join("signing.mark")
    }

    async fn sql(&self, statements: &str) {
        let mut attacker =
            store::testing::Attacker::open(&self.data_dir.join(store::DATABASE)).await.expect("a connection");
        attacker.drop_triggers().await.unwrap();
        attacker.execute(&format!("PRAGMA foreign_keys = OFF; {statements}")).await.unwrap();
        attacker.close().await.unwrap();
    }

    async fn suffer(&self, attack: Attack) {
        match attack {
            Attack::Rewritten => self.rewrite(|entries| change_an_actor(entries)).await,
            Attack::RewrittenAndUnsigned => {
                self.rewrite(|entries| change_an_actor(entries)).await;
                self.sql("DELETE FROM checkpoint; DELETE FROM checkpoint_destination").await;
            }
            Attack::RewrittenAsNewWithoutMark => {
                Box::pin(self.suffer(Attack::RewrittenAsNew)).await;
                fs::remove_file(self.mark()).unwrap();
            }
            Attack::TriggerAdded => {
                self.sql(
                    "CREATE TRIGGER t AFTER UPDATE ON operation WHEN NEW.actor_email = 'op@example.com' BEGIN
                       DELETE FROM operation WHERE id = NEW.id;
                     END",
                )
                .await;
            }
            Attack::EntryAppended => {
                let store = store::Store::open(&self.data_dir).await.unwrap();
                let mut tx = store.write().await.unwrap();
                append(&mut tx, Draft::recorded(EntryActor::named("Olga"), Action::ConnectorShare)).await.unwrap();
                tx.commit().await.unwrap();
                store.close().await;
            }
            Attack::AllGone => {
                for file in [self.data_dir.join(store::DATABASE), self.mark()] {
                    fs::remove_file(file).unwrap();
                }
                // As `verify` needs one.
                store::Store::open(&self.data_dir).await.unwrap().close().await;
            }
            Attack::RewrittenAsNew => {
                self.rewrite(|entries| {
                    for entry in entries.iter_mut().filter(|entry| entry.action == Action::AuditKeySet) {
                        (entry.action, entry.parameters) = (Action::SessionStart, serde_json::Map::new());
                    }
                })
                .await;
                self.sql("DELETE FROM checkpoint; DELETE FROM signing_key; DELETE FROM checkpoint_destination").await;
            }
            Attack::NewestCheckpointDeleted => self.sql("DELETE FROM checkpoint WHERE size > 200").await,
            Attack::OneCheckpointDeleted => self.sql("DELETE FROM checkpoint WHERE number = 2").await,
            Attack::NewestCheckpointReplaced => {
                self.sql(
                    "UPDATE checkpoint SET (size, note) = (SELECT size, note FROM checkpoint WHERE number = 1)
                      WHERE number = (SELECT max(number) FROM checkpoint)",
                )
                .await;
            }
            Attack::CheckpointInvented => {
                let key: SigningKey = SigningKey::generate("partner-portal/other").unwrap().parse().unwrap();
                let note = Checkpoint::sign(&key, 240, leaf_hash(b"any")).unwrap().note;
                self.sql(&format!(
                    "UPDATE checkpoint SET note = '{note}' WHERE size = (SELECT max(size) FROM checkpoint)"
                ))
                .await;
            }
            Attack::CutOff => {
                self.sql("DELETE FROM checkpoint WHERE size > 240; DELETE FROM checkpoint_destination").await;
                self.rewrite(|entries| entries.truncate(240)).await;
            }
            Attack::OlderDatabase => {
                fs::copy(self.older.join(store::DATABASE), self.data_dir.join(store::DATABASE)).unwrap();
            }
            Attack::OlderDatabaseAndMark => {
                fs::copy(self.older.join(store::DATABASE), self.data_dir.join(store::DATABASE)).unwrap();
                fs::copy(self.older.join("signing.mark"), self.mark()).unwrap();
            }
            Attack::DeliveryForged => self.sql("UPDATE checkpoint_destination SET size = 1000000").await,
            Attack::MarkDeleted => fs::remove_file(self.mark()).unwrap(),
            Attack::MarkOfAnotherLog => {
                let key: SigningKey = SigningKey::generate("partner-portal/other").unwrap().parse().unwrap();
                MarkFile::new(&self.data_dir, None, None).write(&Mark::zero(), &key).unwrap();
            }
            Attack::MarkFilledWithNothing => fs::write(self.mark(), [0; 200]).unwrap(),
        }
    }

    /// Rewrites the whole log, hashes and lists included, from its entries after `change`.
    async fn rewrite(&self, change: impl FnOnce(&mut Vec<Entry>)) {
        self.sql("SELECT 1").await;
        let store = store::Store::open(&self.data_dir).await.unwrap();
        let stored = store::entries::after(&mut store.read().await.unwrap(), 0, 1_000).await.unwrap();
        let mut entries =
            stored.into_iter().map(|it| store::entries::read(&it.body.unwrap().bytes).unwrap()).collect::<Vec<_>>();
        change(&mut entries);
        let mut tx = store.write().await.unwrap();
        tx.execute("PRAGMA defer_foreign_keys = ON").await.unwrap();
        tx.execute("DELETE FROM operation; DELETE FROM entry_body; DELETE FROM entry").await.unwrap();
        let mut tree = GrowingTree::default();
        for entry in &entries {
            let subtrees = tree.push(leaf_hash(&canonical::to_bytes(entry).unwrap())).concat();
            tx.put_entry(entry, &subtrees).await.unwrap();
        }
        tx.commit().await.unwrap();
        store.close().await;
    }
}

fn change_an_actor(entries: &mut [Entry]) {
    let actor = &mut entries[4].actor.name;
    *actor = format!("Not {actor}");
}

async fn append_one(portal: &Portal, action: Action) -> Result<(), StoreError> {
    let mut tx = portal.store().write().await?;
    append(&mut tx, Draft::recorded(EntryActor::system(), action)).await?;
    tx.commit().await
}

async fn checkpoints(portal: &Portal) -> i64 {
    store::checkpoints::count(&mut portal.store().read().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn each_is_found_by_verifying_and_by_the_start_and_blocks_changes_until_it_is_acknowledged() {
    for (attack, code) in ATTACKS {
        let scene = Scene::new().await;
        scene.suffer(attack).await;
        let found = scene.verify().await;
        assert!(found.is_err(), "{attack:?} is not found by verifying");

        let portal = scene.start().await;
        let alarms: Vec<_> = portal.alarms().list().into_iter().map(|(alarm, _)| alarm).collect();
        assert!(alarms.iter().any(|alarm| alarm.code() == code), "{attack:?}: {alarms:?}");
        let before = checkpoints(&portal).await;
        let refused = append_one(&portal, Action::TeamCreate).await;
        assert!(matches!(refused, Err(StoreError::HistoryInDoubt)), "{attack:?}: {refused:?}");
        append_one(&portal, Action::SessionStart).await.unwrap();
        portal.sign_due().await.unwrap();
        portal.sign_and_deliver_news().await;
        assert_eq!(checkpoints(&portal).await, before, "{attack:?}");
        assert_eq!(fs::read_dir(&scene.witness).unwrap().count(), 1, "{attack:?}");

        // While the portal serves.
        let acknowledged = scene.acknowledge().await;
        assert!(acknowledged.iter().any(|alarm| alarm.code() == code), "{attack:?}: {acknowledged:?}");
        portal.sign_due().await.unwrap();
        assert!(portal.alarms().list().is_empty(), "{attack:?}: {:?}", portal.alarms().list());
        append_one(&portal, Action::TeamCreate).await.unwrap();
        portal.close().await;
        scene.verify().await.unwrap_or_else(|error| panic!("{attack:?}: {error}"));
        let again = scene.start().await;
        assert!(again.alarms().list().is_empty(), "{attack:?}: {:?}", again.alarms().list());
        for delivery in again.deliveries() {
            delivery.deliver().await.unwrap();
        }
        assert!(fs::read_dir(&scene.witness).unwrap().count() > 1, "{attack:?}: the witness gets the log as it is");
        again.close().await;
        assert!(scene.acknowledge().await.is_empty(), "{attack:?}");
    }
}

#[tokio::test]
async fn a_new_contradiction_after_an_acknowledgement_is_a_new_alarm() {
    let scene = Scene::new().await;
    for attack in [Attack::OlderDatabaseAndMark, Attack::Rewritten, Attack::MarkDeleted, Attack::MarkDeleted] {
        scene.suffer(attack).await;
        assert!(scene.verify().await.is_err(), "{attack:?}");
        let portal = scene.start().await;
        assert!(portal.alarms().history_is_in_doubt(), "{attack:?}");
        portal.close().await;
        assert!(!scene.acknowledge().await.is_empty(), "{attack:?}");
        scene.verify().await.unwrap_or_else(|error| panic!("{attack:?}: {error}"));
    }
}

#[tokio::test]
async fn an_acknowledgement_cannot_be_written_into_the_database() {
    let scene = Scene::new().await;
    scene.suffer(Attack::OlderDatabaseAndMark).await;
    // As the command line would, with a key of the attacker's own.
    let store = store::Store::open(&scene.data_dir).await.unwrap();
    let key: SigningKey = SigningKey::generate("partner-portal/other").unwrap().parse().unwrap();
    let portal = scene.start().await;
    let alarms = portal.alarms().list().into_iter().map(|(alarm, _)| alarm).collect();
    portal.close().await;
    // Named in the log and in the table, as the portal's own keys are.
    let verifier = key.verifier().to_string();
    let mut tx = store.write().await.unwrap();
    let named = append(&mut tx, super::signing::key_set(&verifier)).await.unwrap();
    store::checkpoints::insert_key(&mut tx, &verifier, named.at).await.unwrap();
    tx.commit().await.unwrap();
    let said = super::acknowledgement::Acknowledgement {
        alarms,
        last_number: 100,
        held: scene.held().await,
        ..Default::default()
    };
    let mut draft = Draft::recorded(EntryActor::command_line("root"), Action::AuditAcknowledge);
    draft.parameters = said.parameters(&key).unwrap();
    let mut tx = store.write().await.unwrap();
    append(&mut tx, draft).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    assert!(scene.verify().await.is_err());
    assert!(scene.start().await.alarms().history_is_in_doubt());
}

/// What nobody can tell without somebody outside: the whole folder as it was, mark and all.
#[tokio::test]
async fn without_a_witness_an_older_copy_of_the_whole_folder_passes_and_with_one_it_does_not() {
    let mut scene = Scene::new().await;
    scene.suffer(Attack::OlderDatabaseAndMark).await;
    let found = scene.start().await.alarms().list();
    let holders: Vec<_> = found
        .iter()
        .filter_map(|(alarm, _)| match alarm {
            Alarm::HistoryContradicted { holder, .. } => Some(holder.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(holders, [Holder::Destination(scene.witness.display().to_string())]);
    scene.witness = scene.log.elsewhere().join("nothing there");
    fs::create_dir(&scene.witness).unwrap();
    assert!(scene.start().await.alarms().list().is_empty());
    scene.verify().await.unwrap();
}

#[tokio::test]
async fn entries_since_the_last_checkpoint_are_covered_by_the_mark() {
    let scene = Scene::new().await;
    let portal = scene.start().await;
    append_one(&portal, Action::TeamCreate).await.unwrap();
    portal.sign_due().await.unwrap();
    // No checkpoint is due so soon, but the mark knows of the entry.
    portal.store().close().await;
    scene
        .sql(
            "DELETE FROM operation WHERE last_sequence = (SELECT max(sequence) FROM entry);
             DELETE FROM entry_body WHERE sequence = (SELECT max(sequence) FROM entry);
             DELETE FROM entry WHERE sequence = (SELECT max(sequence) FROM entry)",
        )
        .await;
    assert!(matches!(scene.verify().await, Err(VerifyError::History(_))));
    assert!(scene.start().await.alarms().history_is_in_doubt());
}

#[tokio::test]
async fn a_crash_between_the_first_checkpoint_and_its_mark_is_no_alarm() {
    let log = TestLog::on_file(10).await;
    sign_due(&log.store, &log.seal(), Due::News).await.unwrap();
    // What is there before the first commit.
    MarkFile::new(&log.data_dir(), None, None).write(&Mark::zero(), &log.seal().key).unwrap();
    log.portal.sign_due().await.unwrap();
    assert!(log.portal.alarms().list().is_empty(), "{:?}", log.portal.alarms().list());
    StoredLog::open_read_only(&log.data_dir(), None)
        .await
        .unwrap()
        .verify(OutsideCheckpoints::default())
        .await
        .unwrap();
}

/// Leaves a row out of an index, whose statement stays the same.
const HIDDEN_FROM_INDEX: &str = "DROP INDEX operation_by_team;
    CREATE INDEX operation_by_team ON operation (team_id, sequence) WHERE sequence <> 9;
    PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET sql = 'CREATE INDEX operation_by_team   ON operation (team_id, sequence)'
     WHERE name = 'operation_by_team';
    PRAGMA writable_schema = RESET";

#[tokio::test]
async fn an_index_that_lacks_a_row_is_found_and_filled_again() {
    let scene = Scene::new().await;
    let portal = scene.start().await;
    portal.check_index().await.unwrap();
    assert!(portal.alarms().list().is_empty());
    scene.sql(HIDDEN_FROM_INDEX).await;
    assert!(matches!(scene.verify().await, Err(VerifyError::History(_))));
    // While it serves: the schema's version has changed.
    portal.sign_due().await.unwrap();
    assert!(portal.alarms().list().iter().any(|(alarm, _)| alarm.code() == AlarmCode::DatabaseDamaged));
    assert!(matches!(append_one(&portal, Action::TeamCreate).await, Err(StoreError::HistoryInDoubt)));
    portal.close().await;
    let again = scene.start().await;
    again.check_index().await.unwrap();
    assert!(again.alarms().list().iter().any(|(alarm, _)| alarm.code() == AlarmCode::DatabaseDamaged));
    again.close().await;
    assert!(!scene.acknowledge().await.is_empty());
    scene.verify().await.unwrap();
    let again = scene.start().await;
    again.check_index().await.unwrap();
    assert!(again.alarms().list().is_empty(), "{:?}", again.alarms().list());
}

#[tokio::test]
async fn triggers_that_are_gone_are_an_alarm_and_stop_nothing() {
    let scene = Scene::new().await;
    scene.sql("SELECT 1").await;
    assert!(matches!(scene.verify().await, Err(VerifyError::History(_))));
    let portal = scene.start().await;
    assert!(portal.alarms().list().iter().all(|(alarm, _)| alarm.code() == AlarmCode::TriggerMissing));
    assert!(portal.alarms().list().len() > 10);
    append_one(&portal, Action::TeamCreate).await.unwrap();
    portal.close().await;
    scene.acknowledge().await;
    scene.verify().await.unwrap();
}

/// Somebody who has the keys' folder but not the witness replaces the key and rewrites the log under it.
#[tokio::test]
async fn a_log_rewritten_under_a_new_key_of_its_name_contradicts_the_witness() {
    let scene = Scene::new().await;
    scene.rewrite(|entries| change_an_actor(entries)).await;
    scene.sql("DELETE FROM checkpoint; DELETE FROM signing_key; DELETE FROM checkpoint_destination").await;
    let name = scene.log.seal().verifier().name().to_owned();
    let text = SigningKey::generate(&name).unwrap();
    let key: SigningKey = text.parse().unwrap();
    fs::write(scene.data_dir.join("signing.key"), text.as_bytes()).unwrap();
    MarkFile::new(&scene.data_dir, None, None).write(&Mark::zero(), &key).unwrap();
    assert!(scene.verify().await.is_err());
    let portal = scene.start().await;
    let found = portal.alarms().list();
    assert!(found.iter().any(|(alarm, _)| alarm.code() == AlarmCode::KeyUnknown), "{found:?}");
}
