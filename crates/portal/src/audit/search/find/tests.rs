//! What a search finds, for whom, and on which page.

use rstest::rstest;
use time::OffsetDateTime;

use super::Count;
use crate::{
    Actor, Error, OperationId, PortalRole, Problem, TeamRole,
    audit::{
        Action, AuditFilter, AuditQuery, Cursor, FilterInput, Outcome, TargetType,
        test_log::{Done, TestLog, somebody, write},
    },
};
use store::Team;

/// A log of two teams, and who reads it.
struct TwoTeams {
    log: TestLog,
    payments: Team,
    lending: Team,
    olga: Actor,
    aude: Actor,
    /// An operator of the other team.
    stanko: Actor,
}

impl TwoTeams {
    async fn new() -> Self {
        let log = TestLog::empty().await;
        let (payments, lending) = (log.team("payments").await, log.team("lending").await);
        Self {
            olga: somebody("Olga Operator", PortalRole::Member, &[(&payments, TeamRole::Operator)]),
            aude: somebody("Aude Auditor", PortalRole::Auditor, &[]),
            stanko: somebody("Stanko Müller", PortalRole::Member, &[(&lending, TeamRole::Operator)]),
            log,
            payments,
            lending,
        }
    }

    fn share(&self) -> Done<'_> {
        Done {
            actor: &self.olga,
            team: Some(&self.payments),
            action: Action::ConnectorShare,
            target: (TargetType::Connector, "3066", "Acme Connector"),
            reason: "Customers wait for the fix",
            outcome: Some(Outcome::Succeeded),
            said: "",
        }
    }

    fn delete(&self) -> Done<'_> {
        Done {
            actor: &self.olga,
            team: Some(&self.payments),
            action: Action::ConnectionDelete,
            target: (TargetType::Connection, "36", "Stripe – refunds"),
            reason: "The customer has left",
            outcome: Some(Outcome::Rejected),
            said: "You can't delete a connection used by active recipes",
        }
    }

    fn suppress_elsewhere(&self) -> Done<'_> {
        Done {
            actor: &self.stanko,
            team: Some(&self.lending),
            action: Action::ConnectorSuppress,
            target: (TargetType::Connector, "3066", "Loan desk"),
            reason: "It loses invoices",
            outcome: Some(Outcome::Unknown),
            said: "Server error",
        }
    }

    /// The ids that a search finds, newest first.
    async fn find(&self, who: &Actor, search: &str) -> Vec<OperationId> {
        let filter = AuditFilter { query: self.read(search), cursor: Cursor::Newest };
        let page = self.log.portal.audit_page(who, &filter).await.expect(search);
        assert_eq!(page.behind, 0);
        page.operations.iter().map(|operation| operation.id).collect()
    }

    fn read(&self, search: &str) -> AuditQuery {
        AuditQuery::read(search, OffsetDateTime::now_utc()).expect(search)
    }
}

#[rstest]
#[case::a_name("acme", "share")]
#[case::the_beginning_of_a_word("refun", "delete")]
#[case::a_reason("customers wait", "share")]
#[case::words_in_another_order("wait customers", "share")]
#[case::words_in_this_order("\"wait customers\"", "")]
#[case::quoted("\"customers wait\"", "share")]
#[case::workatos_words("\"active recipes\"", "delete")]
#[case::without_accents("muller", "suppress")]
#[case::the_words_of_a_page_are_not_searched("\"tried to delete connection\"", "")]
#[case::excluded("-acme action:connector", "suppress")]
#[case::excluded_words("action:connector,connection -\"active recipes\"", "share suppress")]
#[case::an_id("36", "delete")]
#[case::actor("actor:olga action:connector,connection", "share delete")]
#[case::by_e_mail("actor:stanko@example.com", "suppress")]
#[case::by_both_names("actor:\"Stanko Müller\"", "suppress")]
#[case::somebody_who_is_only_named("actor:acme", "")]
#[case::not_this_actor("-actor:olga action:connector", "suppress")]
#[case::team("team:lending -action:team", "suppress")]
#[case::one_of_two_teams("team:lending,payments -action:team", "share delete suppress")]
#[case::not_this_team("-team:payments action:connector", "suppress")]
#[case::both_teams_at_once("team:lending team:payments", "")]
#[case::action("action:connection.delete", "delete")]
#[case::outcome("outcome:rejected", "delete")]
#[case::one_of_two_outcomes("outcome:rejected,unknown", "delete suppress")]
#[case::not_this_outcome("action:connector,connection -outcome:succeeded", "delete suppress")]
#[case::target("target:acme", "share")]
#[case::exact_target("target:connector:3066", "share suppress")]
#[case::exact_target_of_another_kind("target:connection:3066", "")]
#[case::the_beginning_of_an_exact_target("target:connector:30", "")]
#[case::after("after:24h action:connection", "delete")]
#[case::before("before:24h", "")]
#[case::between("after:2000-01-01 before:2001-01-01", "")]
#[case::reviewed("reviewed:yes", "")]
#[case::not_reviewed("reviewed:no action:connector", "share suppress")]
#[case::nothing("nowhere", "")]
#[case::an_operator_of_the_index("acme OR refunds", "")]
#[case::a_column_of_the_index("\"facets : all\"", "")]
#[tokio::test]
async fn a_search_finds_what_it_names(#[case] search: &str, #[case] expected: &str) {
    let it = TwoTeams::new().await;
    let mut named = Vec::new();
    for (name, done) in [("share", it.share()), ("delete", it.delete()), ("suppress", it.suppress_elsewhere())] {
        named.push((name, it.log.done(&done).await));
    }
    let found = it.find(&it.aude, search).await;
    let name = |id: &OperationId| named.iter().find(|(_, of)| of == id).map_or("another", |(name, _)| name);
    let mut names: Vec<&str> = found.iter().map(name).collect();
    names.reverse();
    assert_eq!(names.join(" "), expected);
}

#[tokio::test]
async fn a_search_sees_what_was_committed_before_it() {
    let it = TwoTeams::new().await;
    for number in 1..=5 {
        let id = it.log.done(&it.share()).await;
        assert_eq!(it.find(&it.aude, "acme").await.len(), number);
        assert_eq!(it.find(&it.aude, "acme").await[0], id);
    }
    let open = it.log.done(&Done { outcome: None, ..it.delete() }).await;
    assert_eq!(it.find(&it.aude, "outcome:none").await, [open]);
}

#[tokio::test]
async fn an_operation_is_found_by_its_newest_outcome_and_no_longer_by_the_one_before() {
    let it = TwoTeams::new().await;
    let id = it.log.done(&Done { outcome: None, ..it.delete() }).await;
    assert_eq!(it.find(&it.aude, "outcome:none").await, [id]);
    it.log.end(&it.olga, id, Outcome::Failed).await;
    assert!(it.find(&it.aude, "outcome:none").await.is_empty());
    assert_eq!(it.find(&it.aude, "outcome:failed").await, [id]);
}

#[tokio::test]
async fn an_operations_id_is_a_search_and_opens_nothing_to_others() {
    let it = TwoTeams::new().await;
    let id = it.log.done(&it.share()).await;
    it.log.done(&it.share()).await;
    assert_eq!(it.find(&it.aude, &id.to_string()).await, [id]);
    assert!(it.find(&it.stanko, &id.to_string()).await.is_empty());
    assert!(it.find(&it.aude, &format!("{id} outcome:failed")).await.is_empty());
    assert!(it.find(&it.aude, &OperationId::new().to_string()).await.is_empty());
}

#[tokio::test]
async fn a_member_finds_and_counts_only_what_the_team_did_whatever_is_asked() {
    let it = TwoTeams::new().await;
    let own = it.log.done(&it.suppress_elsewhere()).await;
    for _ in 0..3 {
        it.log.done(&it.share()).await;
        it.log.done(&it.delete()).await;
    }
    for search in [
        "",
        "-nowhere",
        "olga",
        "acme",
        "-acme",
        "actor:olga",
        "action:connector",
        "outcome:succeeded,rejected,unknown",
        "after:24h",
        "target:connector:3066",
        "reviewed:no",
        "team:lending",
    ] {
        let found = it.find(&it.stanko, search).await;
        let created = it.find(&it.stanko, "action:team.create").await;
        assert!(found.iter().all(|id| *id == own || created.contains(id)), "{search}: {found:?}");
        let count = it.log.portal.count_operations(&it.stanko, &it.read(search)).await.expect("a count");
        assert_eq!(count, Count::Exactly(found.len()), "{search}");
    }
    for search in ["team:payments", "-team:payments", "team:lending,payments", "team:nowhere"] {
        for who in [&it.stanko, &somebody("Nadia", PortalRole::Member, &[])] {
            let filter = AuditFilter { query: it.read(search), cursor: Cursor::Newest };
            match it.log.portal.audit_page(who, &filter).await {
                Err(Error::Invalid(problems)) => {
                    assert_eq!(problems.of("q"), Some(&Problem::NoTeam), "{search}");
                }
                other => panic!("{search}: {other:?}"),
            }
        }
    }
}

#[rstest]
#[case::everything("", PortalRole::Auditor)]
#[case::of_their_teams("", PortalRole::Member)]
#[case::one_team("team:payments", PortalRole::Auditor)]
#[case::words("acme", PortalRole::Auditor)]
#[case::words_of_their_teams("customers", PortalRole::Member)]
#[case::excluded("-action:connection", PortalRole::Member)]
#[case::moments("after:24h", PortalRole::Auditor)]
#[tokio::test]
async fn every_match_is_on_exactly_one_page_in_both_directions(#[case] search: &str, #[case] role: PortalRole) {
    let it = TwoTeams::new().await;
    let teams = [(&it.payments, TeamRole::Viewer), (&it.lending, TeamRole::Viewer)];
    let who = somebody("Vito Viewer", role, &teams);
    let mut tx = it.log.portal.store.write().await.expect("the writer");
    for number in 0..130 {
        let done = if number % 3 == 0 { it.suppress_elsewhere() } else { it.share() };
        write(&mut tx, &done).await;
    }
    tx.commit().await.expect("a commit");

    let page = async |cursor| {
        let filter = AuditFilter { query: it.read(search), cursor };
        it.log.portal.audit_page(&who, &filter).await.expect("a page")
    };
    let (mut down, mut cursor, mut last) = (Vec::new(), Cursor::Newest, None);
    loop {
        let here = page(cursor).await;
        assert!(here.operations.len() <= 50 && here.operations.is_sorted_by(|a, b| a.sequence > b.sequence));
        down.extend(here.operations.iter().map(|operation| operation.sequence));
        match here.older {
            Some(older) => cursor = Cursor::Older(older),
            None => {
                last = here.newer.or(last);
                break;
            }
        }
    }
    assert!(down.is_sorted_by(|a, b| a > b));
    let count = it.log.portal.count_operations(&who, &it.read(search)).await.expect("a count");
    assert_eq!(count, Count::Exactly(down.len()));

    let mut up = Vec::new();
    let mut newer = last.filter(|_| down.len() > 50);
    while let Some(from) = newer {
        let here = page(Cursor::Newer(from)).await;
        up.splice(0..0, here.operations.iter().map(|operation| operation.sequence));
        newer = here.newer;
    }
    assert!(!up.is_empty() || down.len() <= 50);
    assert_eq!(up, down[..up.len()]);
    assert!(down.len() - up.len() <= 50);
}

#[tokio::test]
async fn nobody_counts_further_than_a_thousand() {
    let it = TwoTeams::new().await;
    let mut tx = it.log.portal.store.write().await.expect("the writer");
    for _ in 0..1_001 {
        write(&mut tx, &Done { outcome: Some(Outcome::Denied), ..it.share() }).await;
    }
    tx.commit().await.expect("a commit");
    let count = async |search: &str| it.log.portal.count_operations(&it.aude, &it.read(search)).await.expect("a count");
    assert_eq!(count("outcome:denied").await, Count::More);
    assert_eq!(count("").await, Count::More);
    assert_eq!(count("action:team.create").await, Count::Exactly(2));
}

#[tokio::test]
async fn moments_are_those_of_the_operations_even_where_a_clock_was_put_back() {
    let it = TwoTeams::new().await;
    let ids = [it.log.done(&it.share()).await, it.log.done(&it.share()).await, it.log.done(&it.share()).await];
    // The second began a year after the third, as its clock had it.
    it.log
        .sql(
            "UPDATE operation SET at = 1000000 * unixepoch('2020-01-01') WHERE target_type = 'connector';
             UPDATE operation SET at = 1000000 * unixepoch('2021-01-01')
              WHERE sequence = (SELECT max(sequence) FROM operation WHERE sequence < (SELECT max(sequence) FROM operation))",
        )
        .await;
    assert_eq!(it.find(&it.aude, "acme after:2020-06-01").await, [ids[1]]);
    assert_eq!(it.find(&it.aude, "acme before:2020-06-01").await, [ids[2], ids[0]]);
    assert_eq!(it.find(&it.aude, "acme after:2020-01-01 before:2021-01-01").await, [ids[2], ids[0]]);
    assert_eq!(it.find(&it.aude, "acme after:2021-01-01 before:2021-01-02").await, [ids[1]]);
}

#[tokio::test]
async fn an_index_of_another_version_is_filled_anew() {
    let it = TwoTeams::new().await;
    let id = it.log.done(&it.share()).await;
    assert_eq!(it.find(&it.aude, "acme").await, [id]);
    it.log.index_sql("UPDATE state SET version = version + 1; UPDATE facet SET word = 'other:' || word").await;
    assert_eq!(it.find(&it.aude, "acme outcome:succeeded").await, [id]);
}

#[tokio::test]
async fn an_index_that_cannot_be_written_finds_what_it_holds_and_says_what_it_lacks() {
    let it = TwoTeams::new().await;
    let id = it.log.done(&it.share()).await;
    assert_eq!(it.find(&it.aude, "acme").await, [id]);
    it.log.index_sql("CREATE TRIGGER full BEFORE UPDATE ON state BEGIN SELECT RAISE(ABORT, 'full'); END").await;
    let newest = it.log.done(&it.share()).await;
    let page = async |search: &str| {
        let filter = AuditFilter { query: it.read(search), cursor: Cursor::Newest };
        let page = it.log.portal.audit_page(&it.aude, &filter).await.expect("a page");
        (page.operations.iter().map(|operation| operation.id).collect::<Vec<_>>(), page.behind)
    };
    assert_eq!(page("acme").await, (vec![id], 2));
    // What needs no index lacks nothing.
    assert_eq!(page("team:payments").await.0[0], newest);
    assert_eq!(page("team:payments").await.1, 0);
    let older = it.log.portal.operation(&it.aude, id).await.expect("an operation").summary;
    let related = it.log.portal.related(&it.aude, &older).await.expect("what is related");
    assert_eq!((related.by_actor.operations.len(), related.behind), (0, 2), "nobody is told that there is nothing");
    it.log.index_sql("DROP TRIGGER full").await;
    assert_eq!(page("acme").await, (vec![newest, id], 0));
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_hides_no_other() {
    let it = TwoTeams::new().await;
    it.log.done(&it.share()).await;
    let id = it.log.done(&it.delete()).await;
    it.log
        .sql(
            "DROP TRIGGER entry_body_is_never_changed;
             UPDATE entry_body SET body = CAST('{' AS BLOB) WHERE operation_id IN
                 (SELECT id FROM operation WHERE target_id = '3066')",
        )
        .await;
    assert_eq!(it.find(&it.aude, "refunds").await, [id]);
    assert_eq!(it.find(&it.aude, "action:connection,connector").await.len(), 2);
}

#[tokio::test]
async fn fields_and_box_that_name_the_same_find_the_same() {
    let it = TwoTeams::new().await;
    for done in [it.share(), it.delete(), it.suppress_elsewhere()] {
        it.log.done(&done).await;
    }
    let input = FilterInput {
        team: "payments".to_owned(),
        actor: "operator olga".to_owned(),
        outcome: "rejected".to_owned(),
        target: "refunds".to_owned(),
        ..FilterInput::default()
    };
    let filter = input.read(OffsetDateTime::now_utc()).expect("a filter");
    let by_fields = it.log.portal.audit_page(&it.aude, &filter).await.expect("a page").operations;
    let by_box = it.find(&it.aude, "team:payments actor:olga actor:operator outcome:rejected target:refunds").await;
    assert_eq!(by_fields.iter().map(|operation| operation.id).collect::<Vec<_>>(), by_box);
    assert_eq!(by_box.len(), 1);
}
