//! What counts as needing attention, and whose attention it needs.

use std::{sync::Arc, time::Duration as StdDuration};

use serde_json::{Value, json};
use store::Team;
use time::{OffsetDateTime, macros::datetime};
use workato::List;

use super::{
    Home, SetupStep,
    copies::{OfTeam, seen_in},
};
use crate::{
    Actor, Error, OperationId, PortalRole, TeamRole,
    audit::{
        Action, Draft, EntryActor, Outcome, Stage, Target, TargetType, append,
        test_log::{Done, TestLog, somebody},
    },
    upstream::Snapshot,
};

const NOW: OffsetDateTime = datetime!(2026-11-27 09:00 UTC);

fn copy<T: serde::de::DeserializeOwned>(rows: &[Value]) -> Arc<Snapshot<List<T>>> {
    let items = rows.iter().map(|row| serde_json::from_value(row.clone()).expect("a row")).collect();
    let items = List { items, left_out: 0, repeated: 0 };
    Arc::new(Snapshot { items, began_at: NOW, read_at: NOW, waited: StdDuration::ZERO })
}

struct House {
    log: TestLog,
    payments: Team,
    lending: Team,
    olga: Actor,
    vito: Actor,
    stanko: Actor,
    aude: Actor,
    adam: Actor,
}

impl House {
    async fn new() -> Self {
        let log = TestLog::empty().await;
        let (payments, lending) = (log.team("payments").await, log.team("lending").await);
        Self {
            olga: somebody("Olga Operator", PortalRole::Member, &[(&payments, TeamRole::Operator)]),
            vito: somebody("Vito Viewer", PortalRole::Member, &[(&payments, TeamRole::Viewer)]),
            stanko: somebody("Stanko Stranger", PortalRole::Member, &[(&lending, TeamRole::Operator)]),
            aude: somebody("Aude Auditor", PortalRole::Auditor, &[]),
            adam: somebody("Adam Admin", PortalRole::Admin, &[]),
            log,
            payments,
            lending,
        }
    }

    async fn done(&self, team: &Team, outcome: Option<Outcome>) -> OperationId {
        let done = Done {
            actor: &self.olga,
            team: Some(team),
            action: Action::ConnectorShare,
            target: (TargetType::Connector, "3066", "Acme Connector"),
            reason: "",
            outcome,
            said: "",
        };
        self.log.done(&done).await
    }

    async fn observed(&self, team: &Team) -> OperationId {
        let mut draft =
            Draft::new(OperationId::new(), Stage::Observed, EntryActor::outside(), Action::ConnectionDelete)
                .team(Some(team.entry_team()))
                .target(Target::new(TargetType::Connection, "36", Some("Stripe")));
        draft.outcome = Some(Outcome::Succeeded);
        let mut tx = self.log.store.write().await.expect("the writer");
        let entry = append(&mut tx, draft).await.expect("an entry");
        tx.commit().await.expect("a commit");
        entry.operation_id
    }

    async fn flag(&self, operation: OperationId) {
        let reviewer = self.log.portal.reviewer(&self.aude, Action::OperationFlag, None).await.expect("a reviewer");
        self.log.portal.flag(&reviewer, operation, OperationId::new(), "Why?").await.expect("a flag");
    }

    async fn home(&self, who: &Actor) -> Home {
        self.log.portal.home(who, None).await.expect("a home")
    }

    /// How many operations of unknown outcome, flags and changes outside the portal this person sees.
    async fn counts(&self, who: &Actor) -> [usize; 3] {
        let home = self.home(who).await;
        [home.unknown.count, home.flags.count, home.outside.count]
    }
}

#[test]
fn a_connection_needs_attention_if_workato_lost_it_or_its_application_fails() {
    let connections = [
        json!({ "id": 1, "authorization_status": "success", "updated_at": "2026-11-01T00:00:00Z" }),
        json!({ "id": 2, "authorization_status": "failed", "updated_at": "2026-11-02T00:00:00Z" }),
        json!({ "id": 3, "authorization_status": "failed", "connection_lost_at": "2026-11-20T00:00:00Z",
                "updated_at": "2026-11-26T00:00:00Z" }),
        json!({ "id": 4, "authorization_status": "exception" }),
        json!({ "id": 5, "authorization_status": null }),
        json!({ "id": 6, "authorization_status": "pending_reauthorization" }),
    ];
    let of_team = OfTeam {
        team: team("payments"),
        is_being_read: true,
        connections: Some((copy(&connections), true)),
        connectors: None,
    };
    let (copies, read) = seen_in(&[of_team]);
    let broken = read.broken(|_| true);
    let ids: Vec<i64> = broken.listed.iter().map(|it| it.connection.id.get()).collect();
    assert_eq!(ids, [3, 2, 4], "the one that was lost last comes first");
    assert_eq!((broken.count, broken.oldest), (3, Some(datetime!(2026-11-02 00:00 UTC))));
    let health = &copies.health[0];
    assert_eq!((health.broken, health.all, health.read_at, health.is_being_read), (3, 6, Some(NOW), false));
    assert_eq!(read.broken(|_| false).count, 0, "nothing of other teams is counted");
}

#[test]
fn a_connector_needs_attention_if_customers_do_not_have_its_newest_release() {
    let released = |version: i64, at: &str| json!({ "version": version, "released_at": at });
    let versions =
        [released(7, "2026-10-01T00:00:00Z"), released(8, "2026-11-21T00:00:00Z"), released(9, "2026-11-25T00:00:00Z")];
    let connector = |id: i64, shared: Option<i64>| json!({ "id": id, "title": "Acme", "oem_shared_version": shared, "released_versions": versions });
    let connectors = [connector(1, Some(7)), connector(2, Some(9)), connector(3, None)];
    let of_team =
        OfTeam { team: team("payments"), is_being_read: true, connections: None, connectors: Some(copy(&connectors)) };
    let (copies, read) = seen_in(&[of_team]);
    let behind = read.behind(|_| true);
    assert_eq!(behind.count, 1, "one that is shared with nobody is not behind");
    assert_eq!(behind.listed[0].connector.id.get(), 1);
    assert_eq!(behind.oldest, Some(datetime!(2026-11-21 00:00 UTC)), "since the first release that customers lack");
    assert_eq!(copies.health[0].read_at, None, "its connections were not read");
    assert!(copies.health[0].is_being_read);
}

fn team(slug: &str) -> Team {
    Team {
        policy: store::Policy::of_new_team(false),
        id: crate::TeamId::new(),
        slug: slug.parse().expect("a slug"),
        name: slug.to_owned(),
        production: false,
        workato_url: "https://www.workato.com".to_owned(),
        reason_pattern: None,
        workspace: None,
        token: None,
        retired_at: None,
        token_is_bad: false,
    }
}

#[tokio::test]
async fn each_person_sees_what_waits_in_the_teams_that_they_may_read() {
    let house = House::new().await;
    let House { payments, lending, .. } = &house;
    house.done(payments, Some(Outcome::Unknown)).await;
    house.done(payments, None).await;
    house.done(payments, Some(Outcome::Succeeded)).await;
    house.done(payments, Some(Outcome::Rejected)).await;
    let waits = house.done(lending, Some(Outcome::Unknown)).await;
    house.log.wait_for_a_person(waits).await;
    house.observed(payments).await;
    for (who, expected) in [
        (&house.olga, [2, 0, 1]),
        (&house.vito, [2, 0, 1]),
        (&house.stanko, [1, 0, 0]),
        (&house.aude, [3, 0, 1]),
        (&house.adam, [3, 0, 1]),
    ] {
        assert_eq!(house.counts(who).await, expected, "{}", who.name());
    }
    let home = house.home(&house.olga).await;
    assert_eq!(
        home.teams.iter().map(|(team, count)| (team.slug.as_str(), *count)).collect::<Vec<_>>(),
        [("payments", 3)]
    );
    assert_eq!(home.total(), 3);
    assert!(home.oldest().is_some());
}

#[tokio::test]
async fn a_flag_needs_whoever_can_answer_it_and_its_answer_whoever_can_review_it() {
    let house = House::new().await;
    let operation = house.done(&house.payments, Some(Outcome::Succeeded)).await;
    house.flag(operation).await;
    for (who, flags) in [(&house.olga, 1), (&house.vito, 0), (&house.stanko, 0), (&house.aude, 0), (&house.adam, 0)] {
        assert_eq!(house.home(who).await.flags.count, flags, "flagged: {}", who.name());
    }
    let answerer = house.log.portal.answerer(&house.olga, operation).await.expect("the right");
    house.log.portal.answer_flag(&answerer, OperationId::new(), "Because.").await.expect("an answer");
    for (who, flags) in [(&house.olga, 0), (&house.vito, 0), (&house.stanko, 0), (&house.aude, 1), (&house.adam, 1)] {
        assert_eq!(house.home(who).await.flags.count, flags, "answered: {}", who.name());
    }
    let reviewer = house.log.portal.reviewer(&house.adam, Action::OperationReview, None).await.expect("the right");
    house.log.portal.review(&reviewer, operation).await.expect("a review");
    assert_eq!(house.home(&house.aude).await.flags.count, 0, "reviewed");
}

#[tokio::test]
async fn a_change_outside_the_portal_waits_until_it_is_reviewed() {
    let house = House::new().await;
    let operation = house.observed(&house.payments).await;
    assert_eq!(house.home(&house.aude).await.outside.count, 1);
    let reader = house.log.portal.team(&house.aude, house.payments.slug.as_str()).await.expect("the team");
    let changes = async |of| house.log.portal.outside_changes(&reader, of).await.expect("the changes").count;
    assert_eq!(changes(TargetType::Connection).await, 1);
    assert_eq!(changes(TargetType::Connector).await, 0);
    let reviewer = house.log.portal.reviewer(&house.aude, Action::OperationReview, None).await.expect("the right");
    house.log.portal.review(&reviewer, operation).await.expect("a review");
    assert_eq!(house.home(&house.aude).await.outside.count, 0);
    assert_eq!(changes(TargetType::Connection).await, 0);
}

#[tokio::test]
async fn one_team_is_shown_alone_and_others_only_to_those_who_may_read_them() {
    let house = House::new().await;
    house.done(&house.payments, Some(Outcome::Unknown)).await;
    house.done(&house.lending, Some(Outcome::Unknown)).await;
    let of = |who: &Actor, slug: &str| {
        let (portal, who, slug) = (Arc::clone(&house.log.portal), who.clone(), slug.parse().expect("a slug"));
        async move { portal.home(&who, Some(&slug)).await }
    };
    let lending = of(&house.aude, "lending").await.expect("a home");
    assert_eq!((lending.unknown.count, lending.teams.len(), lending.health.len()), (1, 2, 1));
    assert!(lending.searches.unknown.ends_with("team:lending"), "{}", lending.searches.unknown);
    assert!(matches!(of(&house.olga, "lending").await, Err(Error::NotFound)));
    assert!(matches!(of(&house.aude, "nowhere").await, Err(Error::NotFound)));
}

#[tokio::test]
async fn only_the_newest_few_are_listed_and_all_are_counted() {
    let house = House::new().await;
    let mut all = Vec::new();
    for _ in 0..8 {
        all.push(house.done(&house.payments, Some(Outcome::Unknown)).await);
    }
    let home = house.home(&house.olga).await;
    let listed: Vec<OperationId> = home.unknown.listed.iter().map(|it| it.id).collect();
    all.reverse();
    assert_eq!(listed, all[..5]);
    assert_eq!((home.unknown.count, home.unknown.has_more), (8, false));
    let today: i64 = home.days.last().map(|(_, outcomes)| outcomes.values().sum()).unwrap_or_default();
    // Her team was set up today as well.
    assert_eq!((home.days.len(), today), (14, 9));
}

#[tokio::test]
async fn admins_see_the_steps_of_setting_up_until_all_are_done() {
    let house = House::new().await;
    for who in [&house.olga, &house.aude] {
        assert_eq!(house.home(who).await.setup, None, "{}", who.name());
    }
    let setup = house.home(&house.adam).await.setup.expect("steps");
    let undone: Vec<&SetupStep> = setup.steps.iter().filter(|(_, done)| !done).map(|(step, _)| step).collect();
    let both = |teams: &[Team]| teams.iter().map(|team| team.slug.to_string()).collect::<Vec<_>>();
    assert!(matches!(undone[0], SetupStep::Tokens(teams) if both(teams) == ["lending", "payments"]), "{undone:?}");
    assert!(matches!(undone[1], SetupStep::Operators(teams) if teams.len() == 2), "{undone:?}");
    assert_eq!(undone[2..], [&SetupStep::Auditor, &SetupStep::Checkpoints]);
    assert_eq!(setup.steps[0], (SetupStep::Team, true));
}
