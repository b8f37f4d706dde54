//! What the pictures count, for whom, and that each number is what its search finds.

use time::{Duration, OffsetDateTime, macros::datetime};

use super::{Family, FiguresQuery, Period, date, day_of};
use crate::{
    Actor, Error, PortalRole, TeamRole,
    audit::{
        Action, AuditQuery, Count, Outcome, OutcomeFilter, TargetType,
        test_log::{Done, TestLog, somebody},
    },
};
use store::Team;

fn done<'a>(actor: &'a Actor, team: &'a Team, action: Action, outcome: Option<Outcome>) -> Done<'a> {
    let kind = if Family::of(action) == Family::Connections { TargetType::Connection } else { TargetType::Connector };
    Done { actor, team: Some(team), action, target: (kind, "36", "Acme"), reason: "", outcome, said: "" }
}

#[test]
fn every_action_is_in_the_family_that_its_search_asks_for() {
    for family in Family::ALL {
        let query = AuditQuery::read(&format!("action:{}", family.spelled()), datetime!(2026-11-22 12:00 UTC));
        let query = query.expect("a search");
        let crate::audit::Condition::Action(any) = &query.clauses[0].condition else { panic!("no action") };
        let mut of_family: Vec<Action> = Action::ALL.iter().filter(|it| Family::of(**it) == *family).copied().collect();
        let mut asked = any.values.clone();
        of_family.sort();
        asked.sort();
        assert_eq!(asked, of_family, "{family}");
    }
}

#[test]
fn days_are_those_of_utc() {
    assert_eq!(day_of(datetime!(1970-01-01 23:59:59 UTC)), 0);
    assert_eq!(day_of(datetime!(1969-12-31 23:59:59 UTC)), -1);
    let at = datetime!(2026-11-22 00:30 +01:00);
    assert_eq!(date(day_of(at)), Some(datetime!(2026-11-21 00:00 UTC).date()));
}

#[tokio::test]
async fn each_number_is_what_its_search_finds() {
    let log = TestLog::empty().await;
    let (payments, lending) = (log.team("payments").await, log.team("lending").await);
    let mut olga = somebody("Olga Operator", PortalRole::Member, &[(&payments, TeamRole::Operator)]);
    log.join(&mut olga).await;
    let aude = somebody("Aude Auditor", PortalRole::Auditor, &[]);
    for (action, outcome) in [
        (Action::ConnectorShare, Some(Outcome::Succeeded)),
        (Action::ConnectorShare, Some(Outcome::Rejected)),
        (Action::ConnectorSuppress, None),
        (Action::ConnectionDelete, Some(Outcome::Unknown)),
        (Action::ConnectionDelete, Some(Outcome::Denied)),
    ] {
        log.done(&done(&olga, &payments, action, outcome)).await;
    }
    log.done(&done(&olga, &lending, Action::ConnectorShare, Some(Outcome::Succeeded))).await;
    // Last week's are counted on their day.
    log.done(&done(&olga, &payments, Action::ConnectorSuppress, Some(Outcome::Failed))).await;
    log.sql("UPDATE operation SET at = at - 3 * 86400000000 WHERE outcome = 'failed'").await;

    for (who, team) in [(&aude, None), (&aude, Some("payments")), (&olga, None)] {
        let asked = FiguresQuery { team: team.map(|team| team.parse().expect("a slug")), period: Period::Week };
        let figures = log.portal.figures(who, &asked).await.expect("numbers");
        let found = async |search: String| {
            let team = team.map_or_else(String::new, |team| format!(" team:{team}"));
            let query = AuditQuery::read(&format!("{search}{team}"), OffsetDateTime::now_utc()).expect("a search");
            log.portal.count_operations(who, &query).await.expect("a count")
        };
        let exactly = |number: Option<&i64>| {
            Count::Exactly(number.map_or(0, |number| usize::try_from(*number).expect("a count")))
        };
        for day in &figures.days {
            let next = *day + Duration::DAY;
            let on = format!("after:{day} before:{next}");
            for family in Family::ALL {
                let count = figures.by_family.get(&(*day, *family));
                assert_eq!(exactly(count), found(format!("{on} action:{}", family.spelled())).await, "{day} {family}");
            }
            for outcome in OutcomeFilter::ALL.iter().filter(|outcome| **outcome != OutcomeFilter::Waiting) {
                let count = figures.by_outcome.get(&(*day, *outcome));
                assert_eq!(exactly(count), found(format!("{on} outcome:{outcome}")).await, "{day} {outcome}");
            }
        }
        for actor in &figures.by_actor {
            let whose = format!("actor:\"{}\"", actor.email.as_ref().unwrap_or(&actor.name));
            for family in Family::ALL.iter().filter(|family| family.changes()) {
                let count = exactly(actor.operations.get(family));
                assert_eq!(count, found(format!("{whose} action:{}", family.spelled())).await, "{whose} {family}");
            }
        }
        assert!(figures.by_actor.iter().any(|actor| actor.name == "Olga Operator"), "{:?}", figures.by_actor);
        for (took, count) in &figures.took {
            assert_eq!(exactly(Some(count)), found(format!("took:{took}")).await, "{took}");
        }
        for (search, count) in &figures.waits {
            assert_eq!(*count, found((*search).to_owned()).await, "{search}");
        }
        let days_ago = figures.by_outcome.keys().filter(|(_, outcome)| *outcome == OutcomeFilter::Failed);
        assert_eq!(days_ago.map(|(day, _)| *day).collect::<Vec<_>>(), [figures.days[3]]);
    }
}

#[tokio::test]
async fn an_outcome_that_comes_later_is_counted_once() {
    let log = TestLog::empty().await;
    let payments = log.team("payments").await;
    let olga = somebody("Olga Operator", PortalRole::Member, &[(&payments, TeamRole::Operator)]);
    let asked = FiguresQuery { team: None, period: Period::Week };
    let count = async |outcome| {
        let figures = log.portal.figures(&olga, &asked).await.expect("numbers");
        figures.by_outcome.iter().filter(|((_, of), _)| *of == outcome).map(|(_, count)| *count).sum::<i64>()
    };
    let id = log.done(&done(&olga, &payments, Action::ConnectorShare, None)).await;
    assert_eq!((count(OutcomeFilter::None).await, count(OutcomeFilter::Rejected).await), (1, 0));
    log.end(&olga, id, Outcome::Rejected).await;
    assert_eq!((count(OutcomeFilter::None).await, count(OutcomeFilter::Rejected).await), (0, 1));
    log.index_sql("UPDATE state SET version = version + 1").await;
    assert_eq!((count(OutcomeFilter::None).await, count(OutcomeFilter::Rejected).await), (0, 1), "counted anew");
}

#[tokio::test]
async fn nobody_learns_how_much_another_team_does() {
    let log = TestLog::empty().await;
    let (payments, lending) = (log.team("payments").await, log.team("lending").await);
    let mut olga = somebody("Olga Operator", PortalRole::Member, &[(&payments, TeamRole::Operator)]);
    log.join(&mut olga).await;
    let stanko = somebody("Stanko", PortalRole::Member, &[(&lending, TeamRole::Operator)]);
    log.done(&done(&olga, &payments, Action::ConnectorShare, Some(Outcome::Succeeded))).await;
    let all = log.portal.figures(&stanko, &FiguresQuery { team: None, period: Period::Week }).await.expect("numbers");
    assert!(all.by_family.keys().all(|(_, family)| *family == Family::Setup), "{:?}", all.by_family);
    assert!(all.by_actor.iter().all(|actor| actor.name != "Olga Operator"));
    assert!(all.took.is_empty());
    for team in ["payments", "nowhere"] {
        let asked = FiguresQuery { team: team.parse().ok(), period: Period::Week };
        let refused = log.portal.figures(&stanko, &asked).await;
        assert!(matches!(&refused, Err(Error::Invalid(problems)) if problems.of("team").is_some()), "{refused:?}");
    }
}
