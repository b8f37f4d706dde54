//! Whose searches are seen, counted, renamed and deleted by whom.

use rstest::rstest;

use crate::{
    Actor, Error, PortalRole, Problem, SavedSearchId, SearchProblem, TeamRole,
    audit::{
        Action, Count, Finds, Outcome, TargetType,
        test_log::{Done, TestLog, somebody},
    },
};
use store::Team;

struct Office {
    log: TestLog,
    payments: Team,
    olga: Actor,
    stanko: Actor,
    aude: Actor,
    adam: Actor,
}

impl Office {
    async fn new() -> Self {
        let log = TestLog::empty().await;
        let (payments, lending) = (log.team("payments").await, log.team("lending").await);
        let mut people = [
            somebody("Olga Operator", PortalRole::Member, &[(&payments, TeamRole::Operator)]),
            somebody("Stanko Stranger", PortalRole::Member, &[(&lending, TeamRole::Operator)]),
            somebody("Aude Auditor", PortalRole::Auditor, &[]),
            somebody("Adam Admin", PortalRole::Admin, &[]),
        ];
        for person in &mut people {
            log.join(person).await;
        }
        let [olga, stanko, aude, adam] = people;
        Self { log, payments, olga, stanko, aude, adam }
    }

    async fn share_acme(&self) {
        let done = Done {
            actor: &self.olga,
            team: Some(&self.payments),
            action: Action::ConnectorShare,
            target: (TargetType::Connector, "3066", "Acme Connector"),
            reason: "",
            outcome: Some(Outcome::Succeeded),
            said: "",
        };
        self.log.done(&done).await;
        self.log.portal.indexer.catch_up().await.expect("an index");
    }

    async fn save(&self, who: &Actor, name: &str, search: &str, shared: bool) -> Result<SavedSearchId, Error> {
        self.log.portal.save_search(who, name, search, shared).await.map(|saved| saved.id)
    }

    async fn seen(&self, who: &Actor) -> Vec<(String, Finds)> {
        let saved = self.log.portal.saved_searches(who, None).await.expect("searches");
        saved.into_iter().map(|counted| (counted.saved.name, counted.finds)).collect()
    }

    /// The actions of the log's entries about searches.
    async fn entries(&self) -> Vec<Action> {
        let query = crate::audit::AuditQuery::read("action:search", time::OffsetDateTime::now_utc()).expect("a search");
        let filter = crate::audit::AuditFilter { query, cursor: crate::audit::Cursor::Newest };
        let page = self.log.portal.audit_page(&self.aude, &filter).await.expect("a page");
        page.operations.iter().rev().map(|operation| operation.action).collect()
    }
}

#[tokio::test]
async fn a_shared_search_counts_for_each_what_he_or_she_may_see() {
    let office = Office::new().await;
    office.share_acme().await;
    office.save(&office.aude, "Acme", "acme", true).await.expect("saved");
    office.save(&office.aude, "Mine alone", "team:payments", false).await.expect("saved");
    let acme = |count| ("Acme".to_owned(), Finds::Operations(Count::Exactly(count)));
    assert_eq!(office.seen(&office.aude).await[0], acme(1));
    assert_eq!(office.seen(&office.aude).await.len(), 2);
    assert_eq!(office.seen(&office.olga).await, [acme(1)]);
    assert_eq!(office.seen(&office.stanko).await, [acme(0)]);
}

#[tokio::test]
async fn counts_are_counted_anew_for_whoever_may_see_more_or_less() {
    let office = Office::new().await;
    office.share_acme().await;
    office.save(&office.stanko, "Acme", "acme", false).await.expect("saved");
    assert_eq!(office.seen(&office.stanko).await[0].1, Finds::Operations(Count::Exactly(0)));
    let moved = office.stanko.clone().with_memberships([(office.payments.id, TeamRole::Viewer)]);
    assert_eq!(office.seen(&moved).await[0].1, Finds::Operations(Count::Exactly(1)));
    let moved = moved.with_memberships([]);
    assert_eq!(office.seen(&moved).await[0].1, Finds::Operations(Count::Exactly(0)));
}

#[tokio::test]
async fn a_search_that_can_no_longer_be_asked_has_no_count_and_spoils_no_other() {
    let office = Office::new().await;
    office.save(&office.olga, "Team", "team:payments", true).await.expect("saved");
    office.save(&office.olga, "Words", "acme", true).await.expect("saved");
    let names: Vec<_> = office.seen(&office.stanko).await;
    assert_eq!(
        names,
        [("Team".to_owned(), Finds::CannotBeAsked), ("Words".to_owned(), Finds::Operations(Count::Exactly(0)))]
    );
}

#[tokio::test]
async fn what_everybody_sees_is_an_entry_and_what_is_ones_own_is_not() {
    let office = Office::new().await;
    let own = office.save(&office.olga, "Own", "acme", false).await.expect("saved");
    office.log.portal.rename_search(&office.olga, own, "My own").await.expect("renamed");
    office.log.portal.delete_search(&office.olga, own).await.expect("deleted");
    assert!(office.entries().await.is_empty());

    let shared = office.save(&office.olga, "Shared", "acme", true).await.expect("saved");
    office.log.portal.rename_search(&office.olga, shared, "For all").await.expect("renamed");
    office.log.portal.rename_search(&office.olga, shared, "For all").await.expect("no change");
    office.log.portal.delete_search(&office.olga, shared).await.expect("deleted");
    assert_eq!(office.entries().await, [Action::SearchShare, Action::SearchRename, Action::SearchDelete]);
}

#[tokio::test]
async fn only_its_owner_renames_a_search_and_an_admin_deletes_what_everybody_sees() {
    let office = Office::new().await;
    let shared = office.save(&office.olga, "Shared", "acme", true).await.expect("saved");
    let own = office.save(&office.olga, "Own", "acme", false).await.expect("saved");
    let portal = &office.log.portal;
    for (who, id) in [(&office.adam, shared), (&office.stanko, shared), (&office.adam, own)] {
        assert!(matches!(portal.rename_search(who, id, "Theirs").await, Err(Error::NotFound)));
    }
    let refused = portal.delete_search(&office.stanko, shared).await;
    assert!(matches!(refused, Err(Error::Forbidden { operation: Some(_) })), "{refused:?}");
    assert_eq!(office.entries().await, [Action::SearchShare, Action::SearchDelete], "the attempt is an entry");
    for who in [&office.adam, &office.stanko] {
        assert!(matches!(portal.delete_search(who, own).await, Err(Error::NotFound)), "nobody knows of it");
    }
    portal.delete_search(&office.adam, shared).await.expect("deleted");
    assert_eq!(office.seen(&office.olga).await.len(), 1);
}

#[rstest]
#[case::no_name("", "acme", "name", Problem::NameLength { most: 60 })]
#[case::a_long_name(&"x".repeat(61), "acme", "name", Problem::NameLength { most: 60 })]
#[case::another_of_the_name("Taken", "acme", "name", SearchProblem::SearchNameTaken)]
#[case::nothing_asked("New", " ", "search", SearchProblem::EmptySearch)]
#[case::not_understood("New", "colour:red", "search", SearchProblem::NoSuchKey { key: "colour".to_owned() })]
#[tokio::test]
async fn what_cannot_be_kept_is_told(
    #[case] name: &str,
    #[case] search: &str,
    #[case] field: &str,
    #[case] told: impl Into<Problem>,
) {
    let office = Office::new().await;
    office.save(&office.olga, "Taken", "acme", false).await.expect("saved");
    match office.save(&office.olga, name, search, true).await {
        Err(Error::Invalid(problems)) => assert_eq!(problems.of(field), Some(&told.into())),
        other => panic!("{other:?}"),
    }
    assert_eq!(office.seen(&office.olga).await.len(), 1);
    // Somebody else may use the name.
    office.save(&office.aude, "Taken", "acme", false).await.expect("saved");
}

#[tokio::test]
async fn everybody_has_a_hundred_at_most_to_count() {
    let office = Office::new().await;
    for (who, several) in [(&office.olga, 50), (&office.aude, 50)] {
        for number in 0..several {
            office.save(who, &format!("Search {number}"), "acme", true).await.expect("saved");
        }
    }
    let refused = office.save(&office.adam, "One more", "acme", true).await;
    assert!(matches!(&refused, Err(Error::Invalid(problems)) if problems.of("name").is_some()), "{refused:?}");
    office.save(&office.adam, "One more", "acme", false).await.expect("one's own");
    let portal = &office.log.portal;
    assert_eq!(portal.saved_searches(&office.stanko, Some(8)).await.expect("searches").len(), 8);
    assert_eq!(office.seen(&office.stanko).await.len(), 100);
}

#[tokio::test]
async fn nobody_keeps_more_than_fifty() {
    let office = Office::new().await;
    for number in 0..50 {
        office.save(&office.olga, &format!("Search {number}"), "acme", false).await.expect("saved");
    }
    let refused = office.save(&office.olga, "One more", "acme", false).await;
    assert!(matches!(&refused, Err(Error::Invalid(problems)) if problems.of("name").is_some()), "{refused:?}");
}
