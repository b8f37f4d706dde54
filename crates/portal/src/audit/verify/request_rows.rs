//! Requests in the list of operations: a verification finds every change of what they decide about.

use store::{Action, Draft, EntryActor, Outcome, PersonId, Stage, append};
use time::OffsetDateTime;

use super::{OutsideCheckpoints, test_rows::Installation, verify_all};
use crate::{
    OperationId,
    audit::{Target, TargetType},
};

/// A request at each stage: one that waits, one that was declined, and one that was approved and carried out.
async fn requests(installation: &Installation) -> [OperationId; 3] {
    let ids = [OperationId::new(), OperationId::new(), OperationId::new()];
    let [_, declined, approved] = ids;
    let now = OffsetDateTime::now_utc();
    let mut tx = installation.store().write().await.expect("the writer");
    for id in ids {
        let mut draft = Draft::new(id, Stage::Requested, EntryActor::named("Olga"), Action::ConnectorSuppress)
            .team(installation.team.entry_team())
            .target(Target::new(TargetType::Connector, 3066, Some("Acme")));
        draft.deadline = Some(now + time::Duration::DAY);
        let request = append(&mut tx, draft).await.expect("a request");
        let approver = EntryActor::named("Ada");
        if id == declined {
            append(&mut tx, Draft::follows(&request, Stage::Declined, approver.clone())).await.expect("an entry");
        }
        if id == approved {
            append(&mut tx, Draft::follows(&request, Stage::Approved, approver.clone())).await.expect("an entry");
            let mut intent = Draft::follows(&request, Stage::Intent, request.actor.clone());
            intent.approved_by = Some(approver);
            intent.deadline = Some(now + time::Duration::MINUTE);
            append(&mut tx, intent).await.expect("an intent");
            let mut outcome = Draft::follows(&request, Stage::Outcome, request.actor.clone());
            outcome.outcome = Some(Outcome::Succeeded);
            append(&mut tx, outcome).await.expect("an outcome");
        }
    }
    tx.commit().await.expect("it is written");
    ids
}

#[tokio::test]
async fn whatever_is_changed_in_the_row_of_a_request_is_found() {
    let installation = Installation::new().await;
    let [waits, declined, approved] = requests(&installation).await;
    installation.drop_triggers().await;
    let mut view = installation.store().snapshot().await.expect("a view");
    verify_all(&mut view, OutsideCheckpoints::default(), None).await.expect("it is whole");
    drop(view);
    let mut changes = Vec::new();
    for (id, others) in [
        (waits, vec!["state = 'closed'", "state = 'open'", "acted_in = sequence", "acted_in = last_sequence + 1"]),
        (declined, vec!["state = 'requested'", "acted_in = last_sequence", "outcome = 'succeeded'"]),
        (approved, vec!["state = 'requested'", "acted_in = NULL", "acted_in = sequence", "acted_in = last_sequence"]),
    ] {
        for change in others.into_iter().chain(["deadline = deadline + 1", "deadline = NULL", "break_glass = 1"]) {
            changes.push(format!("UPDATE operation SET {change} WHERE id = '{id}'"));
        }
    }
    for change in changes {
        let mut tx = installation.store().write().await.expect("the writer");
        tx.execute("PRAGMA defer_foreign_keys = ON").await.expect("a pragma");
        assert_eq!(tx.execute(&change).await.expect("a change"), 1, "{change}");
        assert!(verify_all(&mut tx, OutsideCheckpoints::default(), None).await.is_err(), "nothing finds: {change}");
    }
    // The row as it is read is compared with its entries as well.
    for (id, change) in [(declined, "state = 'requested'"), (approved, "state = 'requested', acted_in = NULL")] {
        let mut tx = installation.store().write().await.expect("the writer");
        tx.execute("PRAGMA defer_foreign_keys = ON").await.expect("a pragma");
        tx.execute(&format!("UPDATE operation SET {change} WHERE id = '{id}'")).await.expect("a change");
        let found = store::operations::find(&mut tx, id).await.expect("the log").expect("an operation");
        assert!(found.changed.is_some(), "{change}");
    }
}

/// What is appended after the approval of a request, and whether a verification takes it.
#[tokio::test]
async fn an_approval_is_followed_by_its_own_intent_and_an_intent_follows_its_own_approval() {
    let approver = || EntryActor::named("Ada");
    for (approves, intends, is_whole) in [
        (Some("Ada"), Some("Ada"), true),
        (Some("Ada"), Some("Ben"), false),
        (None, Some("Ada"), false),
        (Some("Ada"), None, false),
    ] {
        let installation = Installation::new().await;
        let mut tx = installation.store().write().await.expect("the writer");
        let target = Target::new(TargetType::Connector, 3066, Some("Acme"));
        let draft =
            Draft::new(OperationId::new(), Stage::Requested, EntryActor::named("Olga"), Action::ConnectorSuppress);
        let request = append(&mut tx, draft.target(target.clone())).await.expect("a request");
        if approves.is_some() {
            append(&mut tx, Draft::follows(&request, Stage::Approved, approver())).await.expect("an entry");
        }
        if let Some(by) = intends {
            let mut intent = Draft::follows(&request, Stage::Intent, request.actor.clone());
            intent.approved_by = Some(EntryActor::named(by));
            append(&mut tx, intent).await.expect("an intent");
        } else {
            let other = Draft::recorded(approver(), Action::TeamWatch).target(target);
            append(&mut tx, other).await.expect("another entry");
        }
        tx.commit().await.expect("it is written");
        let mut view = installation.store().snapshot().await.expect("a view");
        let found = verify_all(&mut view, OutsideCheckpoints::default(), None).await;
        assert_eq!(found.is_ok(), is_whole, "{approves:?} {intends:?}: {found:?}");
    }
}

#[tokio::test]
async fn nobody_approves_their_own_request() {
    for (approver, is_whole) in [("another", true), ("the same", false)] {
        let olga = EntryActor { id: Some(PersonId::new()), ..EntryActor::named("Olga") };
        let ada = EntryActor { id: Some(PersonId::new()), ..EntryActor::named("Ada") };
        let by = if is_whole { ada } else { olga.clone() };
        let installation = Installation::new().await;
        let mut tx = installation.store().write().await.expect("the writer");
        let draft = Draft::new(OperationId::new(), Stage::Requested, olga, Action::ConnectorSuppress)
            .target(Target::new(TargetType::Connector, 3066, Some("Acme")));
        let request = append(&mut tx, draft).await.expect("a request");
        append(&mut tx, Draft::follows(&request, Stage::Approved, by.clone())).await.expect("an approval");
        let mut intent = Draft::follows(&request, Stage::Intent, request.actor.clone());
        intent.approved_by = Some(by);
        append(&mut tx, intent).await.expect("an intent");
        tx.commit().await.expect("it is written");
        let mut view = installation.store().snapshot().await.expect("a view");
        let found = verify_all(&mut view, OutsideCheckpoints::default(), None).await;
        assert_eq!(found.is_ok(), is_whole, "{approver}: {found:?}");
    }
}

/// How a job that needs a second person is started.
#[derive(Clone, Copy, Debug)]
enum Start {
    /// Nobody has approved it.
    Requested,
    Approved,
    AtOnce,
    /// It needs nobody.
    Unguarded,
}

/// What the intent of a job's item says.
#[derive(Clone, Copy, Debug)]
enum Says {
    Nothing,
    ApprovedBy(&'static str),
    AtOnce,
}

#[tokio::test]
async fn an_item_says_of_its_approval_what_its_job_says() {
    let approver = "Ada";
    for (start, says, is_whole) in [
        (Start::Requested, Says::Nothing, false),
        (Start::Requested, Says::ApprovedBy(approver), false),
        (Start::Requested, Says::AtOnce, false),
        (Start::Approved, Says::Nothing, false),
        (Start::Approved, Says::ApprovedBy(approver), true),
        (Start::Approved, Says::ApprovedBy("Ben"), false),
        (Start::Approved, Says::AtOnce, false),
        (Start::AtOnce, Says::Nothing, false),
        (Start::AtOnce, Says::ApprovedBy(approver), false),
        (Start::AtOnce, Says::AtOnce, true),
        (Start::Unguarded, Says::Nothing, true),
        (Start::Unguarded, Says::ApprovedBy(approver), false),
        (Start::Unguarded, Says::AtOnce, false),
    ] {
        let installation = Installation::new().await;
        let mut tx = installation.store().write().await.expect("the writer");
        let job = start_job(&mut tx, start).await;
        let mut intent =
            Draft::new(OperationId::new(), Stage::Intent, EntryActor::named("Olga"), Action::ConnectionDelete)
                .target(Target::new(TargetType::Connection, 1, Some("Old")));
        intent.batch = Some(job);
        intent.deadline = Some(OffsetDateTime::now_utc());
        match says {
            Says::Nothing => {}
            Says::ApprovedBy(by) => {
                intent.approved_by = Some(EntryActor::named(by));
                intent.approved_in = Some(job);
            }
            Says::AtOnce => intent.break_glass = true,
        }
        append(&mut tx, intent).await.expect("an intent");
        tx.commit().await.expect("it is written");
        let mut view = installation.store().snapshot().await.expect("a view");
        let found = verify_all(&mut view, OutsideCheckpoints::default(), None).await;
        assert_eq!(found.is_ok(), is_whole, "{start:?}, {says:?}: {found:?}");
    }
}

/// The entries that start a job, without its row: here, the entries are compared with each other.
async fn start_job(tx: &mut store::Write, start: Start) -> OperationId {
    let id = OperationId::new();
    let target = Target::new(TargetType::Job, id, None);
    let actor = EntryActor::named("Olga");
    if let Start::AtOnce | Start::Unguarded = start {
        let mut draft = Draft::recorded(actor, Action::JobCreate).target(target);
        draft.operation_id = id;
        draft.break_glass = matches!(start, Start::AtOnce);
        append(tx, draft).await.expect("a job");
        return id;
    }
    let request = Draft::new(id, Stage::Requested, actor, Action::JobCreate).target(target);
    let request = append(tx, request).await.expect("a request");
    if let Start::Approved = start {
        append(tx, Draft::follows(&request, Stage::Approved, EntryActor::named("Ada"))).await.expect("an approval");
        let mut intent = Draft::follows(&request, Stage::Intent, request.actor.clone());
        intent.approved_by = Some(EntryActor::named("Ada"));
        intent.deadline = Some(OffsetDateTime::now_utc());
        append(tx, intent).await.expect("an intent");
    }
    id
}
