//! A request that somebody wrote into the database, with everything right but the HMAC of its entry.

use store::{Action, Draft, EntryActor, OperationId, Stage, Store, StoreError, append};
use time::{Duration, OffsetDateTime};

use super::Decision;
use crate::{
    Error,
    alarms::Alarm,
    audit::{Target, TargetType, verify::test_rows::Installation},
};

/// Appends a request of Ada's to the log as the portal would, without the key that the portal appends with.
async fn forge(all: &Installation) -> OperationId {
    let store = Store::open(&all.data_dir()).await.expect("the database");
    let mut tx = store.write().await.expect("the writer");
    let operation = OperationId::new();
    let actor = EntryActor { id: Some(all.ada.id), ..EntryActor::named("Ada") };
    let mut draft = Draft::new(operation, Stage::Requested, actor, Action::ConnectorSuppress)
        .team(all.team.entry_team())
        .target(Target::new(TargetType::Connector, 3066, Some("Acme Connector")));
    draft.deadline = Some(OffsetDateTime::now_utc() + Duration::DAY);
    append(&mut tx, draft).await.expect("an entry");
    tx.commit().await.expect("it is written");
    store.close().await;
    operation
}

#[tokio::test]
async fn a_request_that_the_portal_did_not_write_is_neither_approved_nor_declined() {
    let all = Installation::new().await;
    let olga = all.actor("olga").await.expect("a session");
    let operation = forge(&all).await;
    let approver = all.portal.approver(&olga, operation, Decision::Approve).await.expect("she operates the team");
    for refused in [all.portal.approve(&approver, "").await, all.portal.decline(&approver, "No").await] {
        let Err(Error::Store(StoreError::Changed(bad))) = refused else { panic!("{refused:?}") };
        assert!(bad.to_string().contains("the portal did not append it"), "{bad}");
    }
    let alarms: Vec<Alarm> = all.portal.alarms().list().into_iter().map(|(alarm, _)| alarm).collect();
    assert!(alarms.iter().any(|alarm| matches!(alarm, Alarm::EntryForged { .. })), "{alarms:?}");
    let entries = store::entries::of_operation(&mut all.store().read().await.expect("a view"), operation).await;
    assert_eq!(entries.expect("the log").len(), 1, "nothing followed it");
}
