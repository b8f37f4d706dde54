//! Alarms: signs that somebody changed the data behind the portal's back. They are kept in memory, shown by `/readyz`,
//! the metrics and the audit log's page, and found again at every start. What they say to people is in `app`.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use metrics::gauge;
use serde::{Deserialize, Serialize};
use store::Store;
pub use store::schema::SchemaFault;
use time::OffsetDateTime;

use crate::page_reads::note_change;

/// How many alarms with the same code are kept. One is enough to act on, and memory is not to be filled.
const MOST_OF_A_CODE: usize = 100;

store::words! {
    /// The kind of an alarm, as `/readyz` and the metrics name it.
    pub enum AlarmCode {
        /// See [`Alarm::HistoryContradicted`].
        HistoryContradicted => "history_contradicted",
        /// See [`Alarm::CheckpointsMissing`].
        CheckpointsMissing => "checkpoints_missing",
        /// See [`Alarm::MarkMissing`].
        MarkMissing => "mark_missing",
        /// See [`Alarm::MarkInvalid`].
        MarkInvalid => "mark_invalid",
        /// See [`Alarm::EntryForged`].
        EntryForged => "entry_forged",
        /// See [`Alarm::SchemaChanged`].
        SchemaChanged => "schema_changed",
        /// See [`Alarm::DatabaseDamaged`].
        DatabaseDamaged => "database_damaged",
        /// See [`Alarm::TriggerMissing`].
        TriggerMissing => "trigger_missing",
        /// See [`Alarm::KeyUnknown`].
        KeyUnknown => "key_unknown",
        /// See [`Alarm::RowForged`].
        RowForged => "row_forged",
        /// See [`Alarm::RowOutdated`].
        RowOutdated => "row_outdated",
        /// See [`Alarm::RowsMissing`].
        RowsMissing => "rows_missing",
        /// See [`Alarm::IndexDiffers`].
        IndexDiffers => "index_differs",
    }
}

/// How serious an alarm is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The log contradicts what was signed or what is held elsewhere. The portal shows everything, but changes and signs
    /// nothing until an admin has acknowledged it on the command line.
    History,
    /// Something was changed, and the portal no longer relies on it. Nothing else is affected.
    Local,
}

/// Something that should not be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "alarm", rename_all = "snake_case")]
pub enum Alarm {
    /// The log is not the one that somebody holds a signed statement of: it is shorter, or its entries are others.
    HistoryContradicted {
        /// Who holds the statement.
        holder: Holder,
        /// How many entries the log had.
        size: i64,
        /// The root over them, in base64.
        root: String,
    },
    /// There are fewer checkpoints than were signed, or only older ones.
    CheckpointsMissing {
        /// How many were signed.
        signed: i64,
        /// How many there are.
        found: i64,
    },
    /// The log was signed, but the file with its high-water mark is missing.
    MarkMissing,
    /// The file with the high-water mark cannot be read, or is not one of this log.
    MarkInvalid {
        /// Why, in one line.
        why: String,
    },
    /// An entry that no checkpoint covers yet was not appended by the portal: its HMAC is wrong or missing.
    EntryForged {
        /// The first such entry.
        sequence: i64,
    },
    /// Something in the database's schema is not what this version of the portal makes: what is written or found may be
    /// changed by it.
    SchemaChanged {
        /// How it differs.
        fault: SchemaFault,
        /// What, such as `trigger`.
        kind: String,
        /// Its name.
        name: String,
    },
    /// The database contradicts itself: an index lacks rows, or the file is damaged.
    DatabaseDamaged {
        /// What SQLite found, in its words.
        why: String,
    },
    /// A trigger that refuses changes of the log is gone. The log can be changed more easily, and whether it was is found
    /// by other means.
    TriggerMissing {
        /// Its name.
        name: String,
    },
    /// A destination holds a checkpoint with this log's name that contradicts the log and that no key of the log signed:
    /// either the key was replaced and the log rewritten under the new one, or somebody else writes to the destination.
    KeyUnknown {
        /// The destination, as the setting spells it.
        place: String,
        /// How many entries the checkpoint is of.
        size: i64,
        /// The root over them, in base64.
        root: String,
    },
    /// A row that grants something does not have the portal's seal: something else wrote it. It grants nothing.
    RowForged {
        /// The table.
        table: String,
        /// The row's key, as far as it is no secret.
        row: String,
    },
    /// A row that the portal wrote, but that a later entry has changed or ended: somebody put it back. It grants nothing.
    RowOutdated {
        /// The table.
        table: String,
        /// The row's key, as far as it is no secret.
        row: String,
    },
    /// Rows that belong to a row were removed or put back. What the team's Workato had before is unknown now.
    RowsMissing {
        /// The table.
        table: String,
        /// The row's key, as far as it is no secret.
        row: String,
    },
    /// The search index is not what the log says.
    IndexDiffers {
        /// How many entries it claims to hold.
        indexed: i64,
        /// How many entries it should hold.
        entries: i64,
    },
}

/// Who holds a signed statement about the log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "at", content = "place", rename_all = "snake_case")]
pub enum Holder {
    /// The file with the high-water mark, beside the signing key.
    Mark,
    /// The database's own table of checkpoints.
    Database,
    /// A destination of checkpoints, as the setting spells it.
    Destination(String),
}

impl Alarm {
    /// Its kind.
    #[must_use]
    pub const fn code(&self) -> AlarmCode {
        match self {
            Self::HistoryContradicted { .. } => AlarmCode::HistoryContradicted,
            Self::CheckpointsMissing { .. } => AlarmCode::CheckpointsMissing,
            Self::MarkMissing => AlarmCode::MarkMissing,
            Self::MarkInvalid { .. } => AlarmCode::MarkInvalid,
            Self::EntryForged { .. } => AlarmCode::EntryForged,
            Self::SchemaChanged { .. } => AlarmCode::SchemaChanged,
            Self::DatabaseDamaged { .. } => AlarmCode::DatabaseDamaged,
            Self::TriggerMissing { .. } => AlarmCode::TriggerMissing,
            Self::KeyUnknown { .. } => AlarmCode::KeyUnknown,
            Self::RowForged { .. } => AlarmCode::RowForged,
            Self::RowOutdated { .. } => AlarmCode::RowOutdated,
            Self::RowsMissing { .. } => AlarmCode::RowsMissing,
            Self::IndexDiffers { .. } => AlarmCode::IndexDiffers,
        }
    }
}

impl AlarmCode {
    /// How serious alarms of this kind are.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::HistoryContradicted
            | Self::CheckpointsMissing
            | Self::MarkMissing
            | Self::MarkInvalid
            | Self::EntryForged
            | Self::SchemaChanged
            | Self::DatabaseDamaged => Severity::History,
            Self::TriggerMissing
            | Self::KeyUnknown
            | Self::RowForged
            | Self::RowOutdated
            | Self::RowsMissing
            | Self::IndexDiffers => Severity::Local,
        }
    }
}

/// The alarms that are raised, and since when.
pub struct Alarms {
    /// Refuses changes while an alarm about history is raised.
    store: Store,
    raised: Mutex<BTreeMap<Alarm, OffsetDateTime>>,
}

impl Alarms {
    pub(crate) fn new(store: Store) -> Self {
        let alarms = Self { store, raised: Mutex::default() };
        alarms.publish(&alarms.lock());
        alarms
    }

    /// Raises an alarm and logs it, unless it is raised already.
    pub fn raise(&self, alarm: Alarm) {
        let mut raised = self.lock();
        add(&mut raised, alarm, self.store.now());
        self.publish(&raised);
    }

    /// Takes an alarm back, because its cause is gone.
    pub fn clear(&self, alarm: &Alarm) {
        let mut raised = self.lock();
        raised.remove(alarm);
        self.publish(&raised);
    }

    /// Makes `found` the only alarms with these codes: for checks that look at everything again.
    pub fn replace(&self, codes: &[AlarmCode], found: impl IntoIterator<Item = Alarm>) {
        let found: Vec<Alarm> = found.into_iter().collect();
        let mut raised = self.lock();
        raised.retain(|alarm, _| !codes.contains(&alarm.code()) || found.contains(alarm));
        for alarm in found {
            add(&mut raised, alarm, self.store.now());
        }
        self.publish(&raised);
    }

    /// Every alarm and since when it is raised, those about history first.
    #[must_use]
    pub fn list(&self) -> Vec<(Alarm, OffsetDateTime)> {
        let mut all: Vec<_> = self.lock().iter().map(|(alarm, since)| (alarm.clone(), *since)).collect();
        all.sort_by_key(|(alarm, _)| alarm.code().severity() != Severity::History);
        all
    }

    /// Whether an alarm about history is raised, so that changes are refused.
    #[must_use]
    pub fn history_is_in_doubt(&self) -> bool {
        is_in_doubt(&self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Alarm, OffsetDateTime>> {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// While they are locked: who draws a page after this sees them.
    fn publish(&self, raised: &BTreeMap<Alarm, OffsetDateTime>) {
        note_change();
        self.store.put_history_in_doubt(is_in_doubt(raised));
        for &code in AlarmCode::ALL {
            let count = raised.keys().filter(|alarm| alarm.code() == code).count();
            gauge!("portal_alarms", "alarm" => code.as_str()).set(count as f64);
        }
    }
}

fn is_in_doubt(raised: &BTreeMap<Alarm, OffsetDateTime>) -> bool {
    raised.keys().any(|alarm| alarm.code().severity() == Severity::History)
}

fn add(raised: &mut BTreeMap<Alarm, OffsetDateTime>, alarm: Alarm, now: OffsetDateTime) {
    let code = alarm.code();
    if raised.contains_key(&alarm) || raised.keys().filter(|other| other.code() == code).count() >= MOST_OF_A_CODE {
        return;
    }
    let details = serde_json::to_string(&alarm).unwrap_or_default();
    tracing::error!(alarm = code.as_str(), details, "alarm");
    raised.insert(alarm, now);
}

#[cfg(test)]
mod tests {
    use store::{Action, Draft, EntryActor, Store, StoreError, append};

    use super::{Alarm, AlarmCode, Alarms, MOST_OF_A_CODE};

    fn forged(row: &str) -> Alarm {
        Alarm::RowForged { table: "membership".to_owned(), row: row.to_owned() }
    }

    async fn append_one(store: &Store, action: Action) -> Result<(), StoreError> {
        let mut tx = store.write().await?;
        append(&mut tx, Draft::recorded(EntryActor::system(), action)).await?;
        tx.commit().await
    }

    #[tokio::test]
    async fn while_history_is_in_doubt_only_what_reading_needs_is_appended() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let alarms = Alarms::new(store.clone());
        alarms.raise(forged("a"));
        append_one(&store, Action::TeamCreate).await.unwrap();
        alarms.raise(Alarm::MarkMissing);
        for action in [Action::TeamCreate, Action::PersonRole, Action::OperationReview, Action::AuditExpire] {
            let refused = append_one(&store, action).await;
            assert!(matches!(refused, Err(StoreError::HistoryInDoubt)), "{action}: {refused:?}");
        }
        for action in [Action::SessionStart, Action::SessionEnd, Action::AuditRead, Action::AuditExport] {
            append_one(&store, action).await.unwrap();
        }
        alarms.clear(&Alarm::MarkMissing);
        append_one(&store, Action::TeamCreate).await.unwrap();
    }

    #[tokio::test]
    async fn alarms_are_listed_once_those_about_history_first_and_are_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let alarms = Alarms::new(Store::open(folder.path()).await.unwrap());
        for row in 0..MOST_OF_A_CODE * 2 {
            alarms.raise(forged(&row.to_string()));
            alarms.raise(forged("0"));
        }
        alarms.raise(Alarm::MarkMissing);
        let listed: Vec<_> = alarms.list().into_iter().map(|(alarm, _)| alarm).collect();
        assert_eq!((listed.len(), &listed[0]), (MOST_OF_A_CODE + 1, &Alarm::MarkMissing));
        alarms.replace(&[AlarmCode::RowForged], [forged("another")]);
        assert_eq!(alarms.list().len(), 2);
        assert!(alarms.history_is_in_doubt());
        alarms.replace(&[AlarmCode::MarkMissing], []);
        assert!(!alarms.history_is_in_doubt());
    }
}
