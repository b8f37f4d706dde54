//! Names with characters that a database may not take.

use crate::{
    Action, Draft, EntryActor, OperationId, Outcome, Stage, Store, Target, TargetType, append, operations, retention,
};

const NAME: &str = "a\0b \u{fdd0}0 \u{10ffff} \u{202e} 'Ω' \\ \"";

#[tokio::test]
async fn a_name_is_read_as_it_was_written_whatever_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let mut tx = store.write().await.unwrap();
    let id = OperationId::new();
    let intent = Draft::new(id, Stage::Intent, EntryActor::system(), Action::ConnectionDelete).target(Target::new(
        TargetType::Connection,
        NAME,
        Some(NAME),
    ));
    let intent = append(&mut tx, intent).await.unwrap();
    let mut outcome = Draft::follows(&intent, Stage::Outcome, EntryActor::system());
    outcome.outcome = Some(Outcome::Succeeded);
    append(&mut tx, outcome).await.unwrap();
    tx.commit().await.unwrap();

    let mut conn = store.read().await.unwrap();
    let found = operations::find(&mut conn, id).await.unwrap().unwrap();
    assert!(found.changed.is_none(), "{:?}", found.changed);
    assert_eq!(found.target.unwrap().name.as_deref(), Some(NAME));
    let on_target = operations::on_target(&mut conn, None, (TargetType::Connection, NAME), 10).await.unwrap();
    assert_eq!(on_target.len(), 1);
    let rows = operations::rows_between(&mut conn, 0, 10).await.unwrap();
    assert_eq!((rows[0].target_name.as_deref(), rows[0].target_id.as_deref()), (Some(NAME), Some(NAME)));
    retention::digest_of_bodies(&mut conn, &[1]).await.unwrap();
}
