//! Retention: if it is configured, bodies older than so many days are removed. Entries and hashes stay, so the tree
//! still verifies, and each run that removed something is an entry.

use evidence::key::{SigningKey, VerifierKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::Portal;
use crate::audit::{
    Action, Draft, EntryActor, Indexer, Target, TargetType, append, instant_text,
    sealing::statement::{self, Kind},
};
use store::{Store, StoreError};

/// How many bodies one run removes: few enough that no change waits long.
const BATCH: i64 = 2_000;

impl Portal {
    /// Removes contents that are older than the configured days, if there is such a setting.
    ///
    /// # Errors
    /// If the log cannot be read or written.
    pub async fn expire_due(&self) -> Result<(), StoreError> {
        let Some(days) = self.settings.retention_days.filter(|_| !self.alarms.history_is_in_doubt()) else {
            return Ok(());
        };
        let key = &self.guard.seal.key;
        let removed = expire(&self.store, &self.indexer, key, i64::from(days), self.now()).await?;
        if removed > 0 {
            tracing::info!(removed, days, "the contents of old entries were removed");
        }
        Ok(())
    }
}

/// What a run's entry says. The log's key signs it, since nobody else may remove contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::audit) struct Removal {
    /// For how many days contents are kept.
    pub days: i64,
    /// The first sequence of which contents were removed.
    pub from: i64,
    /// The last.
    pub up_to: i64,
    /// Their number.
    pub removed: i64,
    /// A digest of the operations that they belong to.
    pub operations_sha256: String,
}

impl Removal {
    /// As an entry's parameters, with the signed statement.
    fn parameters(&self, key: &SigningKey) -> Result<Map<String, Value>, StoreError> {
        let parameters = serde_json::to_value(self);
        match parameters.map_err(|error| StoreError::damaged("removal", error))? {
            Value::Object(mut parameters) => {
                parameters.insert("statement".to_owned(), statement::sign(Kind::Removal, self, key)?.into());
                Ok(parameters)
            }
            _ => Err(StoreError::damaged("removal", "it is not an object")),
        }
    }

    /// Reads it from an entry's parameters, if this key signed it.
    pub fn read(parameters: &Map<String, Value>, key: &VerifierKey) -> Option<Self> {
        let mut parameters = parameters.clone();
        let statement = parameters.remove("statement")?;
        let said: Self = serde_json::from_value(Value::Object(parameters)).ok()?;
        statement::is_signed(statement.as_str()?, Kind::Removal, &said, std::slice::from_ref(key)).then_some(said)
    }
}

/// Removes every body that is older than `days` at `now`, and its words from the index. Returns how many. A log that does
/// not name the key yet has not been signed: nothing is removed until it is.
async fn expire(
    store: &Store,
    indexer: &Indexer,
    key: &SigningKey,
    days: i64,
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    if !store::checkpoints::keys(&mut store.read().await?).await?.contains(&key.verifier().to_string()) {
        return Ok(0);
    }
    let before = instant_text(now - time::Duration::days(days));
    let up_to = store::retention::older_than(&mut store.read().await?, &before).await?;
    let mut total = 0;
    loop {
        let mut tx = store.write().await?;
        let sequences = store::retention::removable(&mut tx, up_to, BATCH).await?;
        let (Some(first), Some(last)) = (sequences.first(), sequences.last()) else { break };
        let removed = sequences.len() as i64;
        let operations_sha256 = store::retention::digest_of_bodies(&mut tx, &sequences).await?;
        let said = Removal { days, from: *first, up_to: *last, removed, operations_sha256 };
        let mut draft = Draft::recorded(EntryActor::system(), Action::AuditExpire).target(Target::new(
            TargetType::AuditLog,
            "bodies",
            None,
        ));
        draft.parameters = said.parameters(key)?;
        let told = append(&mut tx, draft).await?;
        store::retention::overwrite_what_is_removed(&mut tx, true).await?;
        let done = store::retention::remove(&mut tx, &told, days, *last, &sequences).await;
        store::retention::overwrite_what_is_removed(&mut tx, false).await?;
        done.map_err(StoreError::while_writing)?;
        tx.commit().await?;
        total += removed;
    }
    if total > 0 {
        indexer.forget_removed_words().await?;
        // Until it is written back, the write-ahead log still holds what was removed.
        store.write_back().await?;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use store::{Store, StoreError};
    use time::{Duration, OffsetDateTime};

    use crate::{
        PortalRole,
        audit::{
            Action, AuditFilter, AuditQuery, Cursor, Entry, ExportFormat, Outcome, StoredLog, TargetType, VerifyError,
            sealing::signing::{Due, sign_due},
            test_log::{Done, TestLog, somebody},
            verify, verify_bundle,
        },
    };

    async fn expire(log: &TestLog, days: i64, now: OffsetDateTime) -> Result<i64, StoreError> {
        let seal = log.seal();
        sign_due(&log.store, &seal, Due::News).await.unwrap();
        super::expire(&log.store, &log.portal.indexer, &seal.key, days, now).await
    }

    #[tokio::test]
    async fn nothing_is_removed_from_a_log_that_does_not_name_the_key_yet() {
        let log = TestLog::of(12).await;
        let removed = super::expire(&log.store, &log.portal.indexer, &log.seal().key, 0, tomorrow()).await.unwrap();
        assert_eq!(removed, 0);
    }

    #[tokio::test]
    async fn a_removal_that_the_logs_key_did_not_sign_is_found() {
        let log = TestLog::of(12).await;
        expire(&log, 0, tomorrow()).await.unwrap();
        log.grow_by(4).await;
        verify(&log.store).await.unwrap();
        let (kept, _) = kept_and_removed(&log.store).await;
        let told = kept.iter().rfind(|entry| entry.action == Action::AuditExpire).unwrap();
        let last = kept.last().unwrap();
        // As careful as somebody can be who has the database alone.
        let mut tx = log.store.write().await.unwrap();
        let operations_sha256 = store::retention::digest_of_bodies(&mut tx, &[last.sequence]).await.unwrap();
        let said = super::Removal { days: 0, from: last.sequence, up_to: last.sequence, removed: 1, operations_sha256 };
        let other: evidence::key::SigningKey =
            evidence::key::SigningKey::generate(log.seal().verifier().name()).unwrap().parse().unwrap();
        let mut draft = super::Draft::recorded(super::EntryActor::system(), Action::AuditExpire)
            .target(super::Target::new(TargetType::AuditLog, "bodies", None));
        draft.parameters = said.parameters(&other).unwrap();
        let forged = super::append(&mut tx, draft).await.unwrap();
        store::retention::remove(&mut tx, &forged, 0, last.sequence, &[last.sequence]).await.unwrap();
        tx.commit().await.unwrap();
        match verify(&log.store).await {
            Err(VerifyError::Bad(bad)) => assert_eq!(bad.sequence, forged.sequence, "{bad}"),
            found => panic!("{found:?}, after {told:?}"),
        }
    }

    fn tomorrow() -> OffsetDateTime {
        OffsetDateTime::now_utc() + Duration::days(1)
    }

    /// The places of the log whose contents are kept, and those whose are not.
    async fn kept_and_removed(store: &Store) -> (Vec<Entry>, Vec<i64>) {
        let all = store::entries::after(&mut store.read().await.unwrap(), 0, 10_000).await.unwrap();
        let (kept, removed): (Vec<_>, Vec<_>) = all.into_iter().partition(|stored| stored.body.is_some());
        let read = |body: Option<store::entries::StoredBody>| store::entries::read(&body.unwrap().bytes).unwrap();
        (kept.into_iter().map(|stored| read(stored.body)).collect(), removed.iter().map(|it| it.sequence).collect())
    }

    #[tokio::test]
    async fn old_bodies_go_and_the_log_says_so_and_still_verifies() {
        let log = TestLog::of(60).await;
        assert_eq!(expire(&log, 2, tomorrow()).await.unwrap(), 0);
        let before = verify(&log.store).await.unwrap();
        let removed = expire(&log, 0, tomorrow()).await.unwrap();
        let (kept, gone) = kept_and_removed(&log.store).await;
        assert_eq!(gone.len() as i64, removed);
        assert!(removed > 40, "{removed}");

        let told = kept.last().unwrap();
        assert_eq!((told.action, told.actor.name.as_str()), (Action::AuditExpire, "system"));
        let said = ["days", "from", "up_to", "removed"].map(|name| told.parameters[name].as_i64().unwrap());
        assert_eq!(said, [0, gone[0], *gone.last().unwrap(), removed]);

        let after = verify(&log.store).await.unwrap();
        assert_eq!(after.entries, before.entries + 1);
        // What tells of itself goes no more than what has not ended.
        let open = kept.iter().filter(|entry| entry.outcome.is_none()).count();
        assert_eq!(open, kept.len() - 2, "{kept:?}");
        assert!(open > 0);
        assert_eq!(expire(&log, 0, tomorrow()).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn more_than_one_run_takes_is_removed_in_several() {
        let log = TestLog::of(5_200).await;
        let removed = expire(&log, 0, tomorrow()).await.unwrap();
        let runs = store::retention::runs(&mut log.store.read().await.unwrap()).await.unwrap();
        assert_eq!(runs.iter().map(|run| run.removed).collect::<Vec<_>>(), [2_000, 2_000, removed - 4_000]);
        verify(&log.store).await.unwrap();
    }

    #[tokio::test]
    async fn nobody_but_a_run_that_tells_of_itself_can_remove_a_body() {
        let log = TestLog::of(12).await;
        let mut attacker = log.attacker().await;
        for statement in [
            "DELETE FROM entry_body WHERE sequence = 3",
            "INSERT INTO removed_body VALUES (3, 'x', 12); DELETE FROM entry_body WHERE sequence = 3",
            // A run has to be an entry, and reaches no further than it says.
            "INSERT INTO retention_run VALUES (99, 1, 3, 0)",
            "INSERT INTO retention_run VALUES (12, 1, 2, 0); INSERT INTO removed_body VALUES (3, 'x', 12)",
            "INSERT INTO retention_run VALUES (11, 1, 11, 0)",
            "UPDATE retention_run SET up_to = 11",
        ] {
            let done = attacker.execute(statement).await;
            assert!(done.is_err(), "{statement}");
        }
        assert!(kept_and_removed(&log.store).await.1.is_empty());
    }

    #[tokio::test]
    async fn a_body_that_was_removed_by_hand_is_found_whatever_stands_beside_it() {
        for (tampering, sequence) in [
            ("DELETE FROM entry_body WHERE sequence = 3", 3),
            (
                "INSERT INTO removed_body VALUES (3, (SELECT operation_id FROM entry_body WHERE sequence = 3), 12);
              DELETE FROM entry_body WHERE sequence = 3",
                3,
            ),
            (
                "INSERT INTO retention_run VALUES (12, 1, 11, 0);
              INSERT INTO removed_body VALUES (3, (SELECT operation_id FROM entry_body WHERE sequence = 3), 12);
              DELETE FROM entry_body WHERE sequence = 3",
                12,
            ),
        ] {
            let log = TestLog::of(12).await;
            let mut attacker = log.attacker().await;
            let unguarded = "PRAGMA foreign_keys = OFF; DROP TRIGGER entry_body_is_never_deleted;
                             DROP TRIGGER removed_body_is_within_its_run";
            attacker.execute(unguarded).await.unwrap();
            attacker.execute(tampering).await.unwrap();
            match verify(&log.store).await {
                Err(VerifyError::Bad(bad)) => assert_eq!(bad.sequence, sequence, "{bad}: {tampering}"),
                found => panic!("{found:?}: {tampering}"),
            }
        }
    }

    #[tokio::test]
    async fn one_more_body_than_the_run_tells_of_is_found() {
        let log = TestLog::of(30).await;
        expire(&log, 0, tomorrow()).await.unwrap();
        log.grow_by(1).await;
        let mut attacker = log.attacker().await;
        let tampering = "DROP TRIGGER entry_body_is_never_deleted; DROP TRIGGER removed_body_is_within_its_run;
            INSERT INTO removed_body
                 SELECT sequence, operation_id, (SELECT max(sequence) FROM retention_run) FROM entry_body
                  WHERE sequence < (SELECT max(up_to) FROM retention_run) LIMIT 1;
            DELETE FROM entry_body WHERE sequence IN (SELECT sequence FROM removed_body)";
        attacker.execute(tampering).await.unwrap();
        assert!(matches!(verify(&log.store).await, Err(VerifyError::Bad(_))));
    }

    #[tokio::test]
    async fn a_bundle_proves_entries_whose_contents_are_gone_and_says_when_they_went() {
        let log = TestLog::of(20).await;
        let removed = expire(&log, 0, tomorrow()).await.unwrap() as usize;
        let stored = StoredLog::open(&log.data_dir(), None).await.unwrap();
        let bundle = stored.export("tests", &AuditQuery::default(), ExportFormat::Bundle).await.unwrap();
        let mut written = Vec::new();
        bundle.write_to(&mut written).await.unwrap();
        let found = verify_bundle(written.as_slice(), &stored.public_key().await.unwrap()).unwrap();
        assert_eq!((found.entries, found.removed), (23, removed));
        let lines = String::from_utf8(written).unwrap();
        let one = lines.lines().find(|line| line.contains("\"removed\"")).unwrap();
        let one: serde_json::Value = serde_json::from_str(one).unwrap();
        assert_eq!((one["removed"]["days"].as_i64(), one["removed"]["entry"].as_i64()), (Some(0), Some(22)));
    }

    #[tokio::test]
    async fn what_was_removed_is_neither_found_nor_left_in_the_files_and_its_page_says_so() {
        let log = TestLog::empty().await;
        let team = log.team("payments").await;
        let auditor = somebody("Aude Auditor", PortalRole::Auditor, &[]);
        let reason = "Zweiundvierzig Rechnungen";
        let done = Done {
            actor: &auditor,
            team: Some(&team),
            action: Action::ConnectionDelete,
            target: (TargetType::Connection, "77", "Salesforce"),
            reason,
            outcome: Some(Outcome::Succeeded),
            said: "",
        };
        let operation = log.done(&done).await;
        let found = async |text: &str| {
            let query = AuditQuery::read(text, OffsetDateTime::now_utc()).unwrap();
            let page = log.portal.audit_page(&auditor, &AuditFilter { query, cursor: Cursor::Newest }).await.unwrap();
            page.operations
        };
        let on_disk = |text: &str| {
            std::fs::read_dir(log.portal.settings.data_dir.as_path()).unwrap().any(|file| {
                let bytes = std::fs::read(file.unwrap().path()).unwrap();
                bytes.windows(text.len()).any(|window| window == text.as_bytes())
            })
        };
        // In the search each word stands alone, in small letters, and perhaps without how the one before it begins too.
        let in_search = "undvierzig";
        assert_eq!(found("rechnungen").await.len(), 1);
        // What PostgreSQL has on its disk is the server's own affair.
        let is_file = !store::testing::in_place::is_postgres();
        assert!((on_disk(reason) || !is_file) && on_disk(in_search));

        expire(&log, 0, tomorrow()).await.unwrap();
        assert!(found("rechnungen").await.is_empty());
        assert!(!on_disk(reason) && !on_disk(in_search));
        let by_name = found("salesforce").await;
        assert_eq!(by_name.len(), 1);
        assert!(by_name[0].first.is_none() && by_name[0].outcome == Some(Outcome::Succeeded));
        let logged = log.portal.operation(&auditor, operation).await.unwrap();
        assert_eq!((logged.entries.len(), logged.removed.len()), (0, 2));
        let told = log.portal.operation(&auditor, logged.removed[0].told.unwrap()).await.unwrap();
        assert_eq!(told.summary.action, Action::AuditExpire);
    }
}
