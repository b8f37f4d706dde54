//! What a search finds, for whom, and on which page.

use rstest::rstest;
use time::OffsetDateTime;

use super::Count;
use crate::audit::search::from_log::all_matching;
use crate::{
    Actor, Error, OperationId, PortalRole, Problem, TeamRole,
    audit::{
        Action, AuditFilter, AuditQuery, Cursor, Draft, EntryActor, FilterInput, Outcome, Stage, Target, TargetType,
        append,
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
        let asked = self.log.portal.asked(who, &filter.query).await.expect(search);
        let mut conn = self.log.store.read().await.expect("a connection");
        let without_index = all_matching(&mut conn, &asked).await.expect(search);
        let listed: Vec<i64> = page.operations.iter().map(|operation| operation.sequence).collect();
        let newest: Vec<i64> = without_index.iter().rev().take(50).copied().collect();
        assert_eq!(listed, newest, "the index and the log differ about {search}");
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
#[case::sharp_s("grosse", "")]
#[case::a_term_of_the_index("\"exact : connector\"", "")]
#[case::all_columns("{actor target} : acme", "")]
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

#[rstest]
#[case::japanese("東京支店の接続を削除しました", "支店")]
#[case::japanese("東京支店の接続を削除しました", "接続")]
#[case::japanese_in_quotes("東京支店の接続を削除しました", "\"支店の接続\"")]
#[case::one_letter("東京支店の接続を削除しました", "京")]
#[case::korean("대한민국 고객", "민국")]
#[case::chinese("客户要求删除这个连接", "删除")]
#[case::thai("ลบการเชื่อมต่อของลูกค้า", "ลูกค้า")]
#[case::lao("ລຶບການເຊື່ອມຕໍ່", "ເຊື່ອມ")]
#[case::khmer("លុបការតភ្ជាប់", "ភ្ជាប់")]
#[case::burmese("ချိတ်ဆက်မှုကိုဖျက်ပါ", "ဖျက်")]
#[case::sharp_s("Umzug in die Straße 5", "strasse")]
#[case::sharp_s_in_reverse("moved to Hauptstrasse", "hauptstraße")]
#[case::a_ligature("the \u{fb01}nal step", "final")]
#[case::full_width("ＡＢＣ社", "abc")]
#[case::an_address("seen from 203.0.113.7, twice", "203.0.113.7")]
#[case::its_beginning("seen from 203.0.113.7, twice", "203.0.113.")]
#[case::with_a_port("seen from 203.0.113.7:50123", "203.0.113.7")]
#[case::a_long_address("by [2001:DB8:0:0::7]:443", "2001:db8::7")]
#[case::in_another_spelling("by 2001:db8::7", "2001:DB8:0000::0007")]
#[case::an_address_that_looks_like_a_key("by dead:beef::1", "dead:beef::1")]
#[case::one_inside_another("by ::ffff:198.51.100.4", "198.51.100.4")]
#[case::an_e_mail("as ops+eu@example.com asked", "ops+eu@example.com")]
#[tokio::test]
async fn a_reason_is_found(#[case] reason: &str, #[case] search: &str) {
    let it = TwoTeams::new().await;
    it.log.done(&it.share()).await;
    let id = it.log.done(&Done { reason, ..it.delete() }).await;
    assert_eq!(it.find(&it.aude, search).await, [id]);
}

#[rstest]
#[case("203.0.113.77", "203.0.113.7")]
#[case("2001:db8::77", "2001:db8::7")]
#[case("支 店", "支店")]
#[case("店支", "支店")]
#[tokio::test]
async fn something_similar_is_not_found(#[case] reason: &str, #[case] search: &str) {
    let it = TwoTeams::new().await;
    it.log.done(&Done { reason, ..it.delete() }).await;
    assert!(it.find(&it.aude, search).await.is_empty());
}

#[tokio::test]
async fn the_address_that_a_request_came_from_is_found() {
    let it = TwoTeams::new().await;
    it.log.grow_by(8).await;
    let found = it.find(&it.aude, "192.0.2.17").await;
    assert!(!found.is_empty());
    assert_eq!(it.find(&it.aude, "192.0.2.").await, found);
    assert_eq!(it.find(&it.aude, "actor:192.0.2.17").await, found);
    assert!(it.find(&it.aude, "192.0.2.1").await.is_empty());
}

#[tokio::test]
async fn an_operation_is_excluded_by_its_id() {
    let it = TwoTeams::new().await;
    let (one, two) = (it.log.done(&it.share()).await, it.log.done(&it.share()).await);
    assert_eq!(it.find(&it.aude, &format!("acme -{one}")).await, [two]);
    assert!(it.find(&it.aude, &format!("acme -{one} -{two}")).await.is_empty());
    assert!(!it.find(&it.aude, &format!("-{one}")).await.contains(&one));
    let count = it.log.portal.count_operations(&it.aude, &it.read(&format!("acme -{one}"))).await.expect("a count");
    assert_eq!(count, Count::Exactly(1));
}

/// Everything that ever was, or could be taken for, a token of the index's own.
fn crafted() -> String {
    let mut text = String::from("outcome:succeeded reviewed:yes connector:9999 all _1 _z facets : 1 exact : 2 ");
    for code in 0..200_u32 {
        let digits = format!("{code:x}");
        text += &format!("\u{e000}{digits} \u{e001}connector _{digits} ");
        if let Some(digit) = char::from_digit(code % 36, 36) {
            text += &format!("{digit} ");
        }
    }
    text += "\u{e001}connector 9999 connector%3a9999 address:203.0.113.9";
    text
}

#[rstest]
#[case::the_reason(0)]
#[case::workatos_words(1)]
#[case::the_targets_name(2)]
#[case::the_targets_id(3)]
#[case::the_actors_name(4)]
#[tokio::test]
async fn no_text_reaches_what_operations_are_filtered_by(#[case] source: usize) {
    let it = TwoTeams::new().await;
    it.log.done(&it.share()).await;
    let crafted = crafted();
    let rejected = Done { outcome: Some(Outcome::Rejected), ..it.share() };
    let mallory = somebody(&crafted, PortalRole::Member, &[(&it.payments, TeamRole::Operator)]);
    let done = match source {
        0 => Done { reason: &crafted, ..rejected },
        1 => Done { said: &crafted, ..rejected },
        2 => Done { target: (TargetType::Connector, "3066", &crafted), ..rejected },
        3 => Done { target: (TargetType::Connector, &crafted, "Acme"), ..rejected },
        _ => Done { actor: &mallory, ..rejected },
    };
    let id = it.log.done(&done).await;
    for finds in ["outcome:rejected", "-outcome:succeeded", "-reviewed:yes", "-team:lending", "action:connector.share"]
    {
        assert!(it.find(&it.aude, finds).await.contains(&id), "{finds}");
    }
    for does_not in [
        "outcome:succeeded",
        "-outcome:rejected",
        "reviewed:yes",
        "team:lending",
        "action:connection",
        "target:connector:9999",
        "took:over-5m",
        "batch:0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b",
    ] {
        assert!(!it.find(&it.aude, does_not).await.contains(&id), "{does_not}");
    }
}

#[tokio::test]
async fn the_operations_of_a_job_are_found_by_its_id() {
    let it = TwoTeams::new().await;
    it.log.done(&it.share()).await;
    let (batch, id) = (OperationId::new(), OperationId::new());
    let mut tx = it.log.store.write().await.expect("the writer");
    let mut draft = Draft::new(id, Stage::Intent, EntryActor::system(), Action::ConnectionDelete)
        .team(it.payments.entry_team())
        .target(Target::new(TargetType::Connection, 36, Some("Stripe")));
    draft.batch = Some(batch);
    let intent = append(&mut tx, draft).await.expect("an intent");
    let outcome =
        Draft { outcome: Some(Outcome::Failed), ..Draft::follows(&intent, Stage::Outcome, intent.actor.clone()) };
    let outcome = append(&mut tx, outcome).await.expect("an outcome");
    tx.commit().await.expect("it is written");
    assert_eq!(outcome.batch, Some(batch), "it stays in its batch");
    assert_eq!(it.find(&it.aude, &format!("batch:{batch}")).await, [id]);
    assert_eq!(it.find(&it.stanko, &format!("batch:{batch}")).await, [], "it is of another team");
    assert_eq!(it.find(&it.aude, &format!("batch:{id}")).await, []);
    assert!(!it.find(&it.aude, &format!("-batch:{batch}")).await.contains(&id));
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
            "UPDATE operation SET at = 1577836800000000 WHERE target_type = 'connector';
             UPDATE operation SET at = 1609459200000000
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
    it.log.index_sql("UPDATE state SET version = version - 1; UPDATE facet SET word = 'other:' || word").await;
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
