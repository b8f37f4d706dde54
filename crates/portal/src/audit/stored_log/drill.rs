//! Backups and how they are restored.

use std::{fs, os::unix::fs::PermissionsExt};

use evidence::verify::OutsideCheckpoints;

use super::{StoredLog, restore};
use crate::{
    alarms::Alarm,
    audit::{VerifyError, test_log::TestLog},
};

async fn stored(log: &TestLog) -> StoredLog {
    StoredLog::open(&log.data_dir(), None).await.unwrap()
}

#[tokio::test]
async fn a_backup_made_while_the_portal_serves_is_restored_whole() {
    let log = TestLog::on_file(30).await;
    let backup = log.elsewhere().join("backup.db");
    stored(&log).await.back_up(&backup).await.unwrap();
    assert_eq!(backup.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let again = stored(&log).await.back_up(&backup).await;
    assert!(again.unwrap_err().to_string().contains("exists"));

    // Where the key and the mark were kept, and nothing was written since.
    let place = log.elsewhere().join("restored");
    fs::create_dir(&place).unwrap();
    for name in ["signing.key", "signing.mark"] {
        fs::copy(log.data_dir().join(name), place.join(name)).unwrap();
    }
    let restored = restore(&backup, &place, None, None).await.unwrap();
    assert_eq!((restored.verified.entries, restored.verified.checkpoints), (31, 1));
    assert!(restored.alarms.is_empty(), "{:?}", restored.alarms);
    StoredLog::open_read_only(&place, None).await.unwrap().verify(OutsideCheckpoints::default()).await.unwrap();
    assert!(restore(&backup, &place, None, None).await.is_err_and(|error| error.to_string().contains("exists")));
    let names = || {
        let mut names: Vec<_> = fs::read_dir(&place).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(), ["portal.db", "signing.key", "signing.mark"]);
}

#[tokio::test]
async fn a_backup_older_than_the_mark_and_one_without_a_mark_are_alarms_to_acknowledge() {
    let log = TestLog::on_file(30).await;
    let backup = log.elsewhere().join("backup.db");
    stored(&log).await.back_up(&backup).await.unwrap();
    log.grow_by(3).await;
    log.portal.sign_due().await.unwrap();
    let mark = log.data_dir().join("signing.mark");
    let restored = restore(&backup, &log.elsewhere().join("one"), None, Some(&mark)).await.unwrap();
    assert!(matches!(&restored.alarms[..], [Alarm::HistoryContradicted { size: 34, .. }]), "{:?}", restored.alarms);
    let place = log.elsewhere().join("two");
    let restored = restore(&backup, &place, None, None).await.unwrap();
    assert_eq!(restored.alarms, [Alarm::MarkMissing]);
    let there = StoredLog::open(&place, None).await.unwrap();
    assert_eq!(there.acknowledge("root", "Restored the backup", &super::Witnesses::default()).await.unwrap().len(), 1);
    there.verify(OutsideCheckpoints::default()).await.unwrap();
}

#[tokio::test]
async fn a_changed_backup_is_not_restored() {
    let log = TestLog::on_file(30).await;
    let backup = log.elsewhere().join("backup.db");
    stored(&log).await.back_up(&backup).await.unwrap();
    let mut attacker = store::testing::Attacker::open(&backup).await.unwrap();
    attacker.drop_triggers().await.unwrap();
    let change = "UPDATE entry_body SET body = CAST(replace(CAST(body AS TEXT), 'Ada', 'Eve') AS BLOB)";
    attacker.execute(change).await.unwrap();
    attacker.close().await.unwrap();
    let place = log.elsewhere().join("restored");
    let refused = restore(&backup, &place, None, None).await;
    assert!(matches!(refused, Err(VerifyError::Bad(_))));
    assert_eq!(fs::read_dir(&place).unwrap().count(), 0);
    assert!(restore(&log.elsewhere().join("none.db"), &place, None, None).await.is_err());
}

#[tokio::test]
async fn a_copy_of_the_file_alone_lacks_entries_and_the_mark_says_so() {
    let log = TestLog::on_file(30).await;
    log.portal.sign_due().await.unwrap();
    stored(&log).await.back_up(&log.elsewhere().join("any.db")).await.unwrap();
    log.store.write_back().await.unwrap();
    log.grow_by(3).await;
    log.portal.sign_due().await.unwrap();
    // The entries are in the write-ahead log still.
    let place = log.elsewhere().join("copied");
    fs::create_dir(&place).unwrap();
    for name in ["portal.db", "signing.key", "signing.mark"] {
        fs::copy(log.data_dir().join(name), place.join(name)).unwrap();
    }
    let copy = StoredLog::open_read_only(&place, None).await.unwrap();
    let found = copy.verify(OutsideCheckpoints::default()).await;
    assert!(matches!(found, Err(VerifyError::History(_))), "{found:?}");
}
