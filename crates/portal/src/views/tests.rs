//! Whose views are seen, counted, renamed and deleted by whom.

use rstest::rstest;

use super::{Finds, SavedView, ViewedList};
use crate::{
    Actor, Error, PortalRole, Problem, SavedViewId, SearchProblem, TeamReader, TeamRole, ViewProblem,
    audit::{
        Action, Count, Outcome, TargetType,
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

    async fn save(&self, who: &Actor, name: &str, search: &str, shared: bool) -> Result<SavedViewId, Error> {
        self.log.portal.save_view(who, name, search, shared).await.map(|saved| saved.id)
    }

    async fn seen(&self, who: &Actor) -> Vec<(String, Finds)> {
        let saved = self.log.portal.saved_views(who, None).await.expect("searches");
        saved.into_iter().map(|counted| (counted.saved.name, counted.finds)).collect()
    }

    /// The actions of the log's entries about searches.
    async fn entries(&self) -> Vec<Action> {
        let query = crate::audit::AuditQuery::read("action:view", time::OffsetDateTime::now_utc()).expect("a search");
        let filter = crate::audit::AuditFilter { query, cursor: crate::audit::Cursor::Newest };
        let page = self.log.portal.audit_page(&self.aude, &filter).await.expect("a page");
        page.operations.iter().rev().map(|operation| operation.action).collect()
    }
}

#[tokio::test]
async fn a_shared_saved_view_counts_for_each_what_he_or_she_may_see() {
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
async fn counts_change_with_what_a_person_may_see() {
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
    office.log.portal.rename_view(&office.olga, own, "My own").await.expect("renamed");
    office.log.portal.delete_view(&office.olga, own).await.expect("deleted");
    assert!(office.entries().await.is_empty());

    let shared = office.save(&office.olga, "Shared", "acme", true).await.expect("saved");
    office.log.portal.rename_view(&office.olga, shared, "For all").await.expect("renamed");
    office.log.portal.rename_view(&office.olga, shared, "For all").await.expect("no change");
    office.log.portal.delete_view(&office.olga, shared).await.expect("deleted");
    assert_eq!(office.entries().await, [Action::ViewShare, Action::ViewRename, Action::ViewDelete]);
}

#[tokio::test]
async fn only_its_owner_renames_a_search_and_an_admin_deletes_what_everybody_sees() {
    let office = Office::new().await;
    let shared = office.save(&office.olga, "Shared", "acme", true).await.expect("saved");
    let own = office.save(&office.olga, "Own", "acme", false).await.expect("saved");
    let portal = &office.log.portal;
    for (who, id) in [(&office.adam, shared), (&office.stanko, shared), (&office.adam, own)] {
        assert!(matches!(portal.rename_view(who, id, "Theirs").await, Err(Error::NotFound)));
    }
    let refused = portal.delete_view(&office.stanko, shared).await;
    assert!(matches!(refused, Err(Error::Forbidden { operation: Some(_) })), "{refused:?}");
    assert_eq!(office.entries().await, [Action::ViewShare, Action::ViewDelete], "the attempt is an entry");
    for who in [&office.adam, &office.stanko] {
        assert!(matches!(portal.delete_view(who, own).await, Err(Error::NotFound)), "nobody knows of it");
    }
    portal.delete_view(&office.adam, shared).await.expect("deleted");
    assert_eq!(office.seen(&office.olga).await.len(), 1);
}

#[rstest]
#[case::no_name("", "acme", "name", Problem::NameLength { most: 60 })]
#[case::a_long_name(&"x".repeat(61), "acme", "name", Problem::NameLength { most: 60 })]
#[case::another_of_the_name("Taken", "acme", "name", ViewProblem::ViewNameTaken)]
#[case::nothing_asked("New", " ", "query", ViewProblem::EmptyView)]
#[case::not_understood("New", "colour:red", "query", SearchProblem::NoSuchKey { key: "colour".to_owned() })]
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
    office.save(&office.adam, "One more", "acme", false).await.expect("a view of their own");
    let portal = &office.log.portal;
    assert_eq!(portal.saved_views(&office.stanko, Some(8)).await.expect("searches").len(), 8);
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

/// A view of the connections of the payments team.
impl Office {
    fn reader(&self, who: &Actor) -> TeamReader {
        TeamReader::new(who, self.payments.clone()).expect("the right to read the team")
    }

    async fn save_list(&self, who: &Actor, name: &str, query: &str, shared: bool) -> Result<SavedView, Error> {
        self.log.portal.save_list_view(&self.reader(who), ViewedList::Connections, name, query, shared).await
    }

    async fn tabs(&self, who: &Actor, list: ViewedList) -> Vec<String> {
        let views = self.log.portal.list_views(&self.reader(who), list, None).await.expect("views");
        views.into_iter().map(|view| view.saved.name).collect()
    }

    async fn every(&self, who: &Actor) -> Vec<String> {
        let views = self.log.portal.every_view(who).await.expect("views");
        views.into_iter().map(|view| view.view.saved.name).collect()
    }
}

#[tokio::test]
async fn a_view_of_a_teams_list_is_seen_by_its_owner_or_by_those_who_read_the_team() {
    let office = Office::new().await;
    office.save_list(&office.olga, "Own", "status=broken", false).await.expect("saved");
    let shared = office.save_list(&office.olga, "Shared", "page=2&status=failed", true).await.expect("saved");
    assert_eq!(shared.query, "status=failed");
    let connections = ViewedList::Connections;
    assert_eq!(office.tabs(&office.olga, connections).await, ["Own", "Shared"]);
    assert_eq!(office.tabs(&office.aude, connections).await, ["Shared"]);
    assert!(office.tabs(&office.olga, ViewedList::Connectors).await.is_empty());
    assert_eq!(office.every(&office.aude).await, ["Shared"]);
    assert!(office.every(&office.stanko).await.is_empty(), "he does not read the team");
    assert!(office.seen(&office.olga).await.is_empty(), "neither is of the audit log");
    let portal = &office.log.portal;
    for change in
        [portal.delete_view(&office.stanko, shared.id).await, portal.rename_view(&office.adam, shared.id, "X").await]
    {
        assert!(matches!(change, Err(Error::NotFound)), "{change:?}");
    }
    let refused = portal.delete_view(&office.aude, shared.id).await;
    assert!(matches!(refused, Err(Error::Forbidden { operation: Some(_) })), "{refused:?}");
    portal.delete_view(&office.adam, shared.id).await.expect("an admin deletes what everybody sees");
    assert_eq!(office.tabs(&office.olga, connections).await, ["Own"]);
}

#[tokio::test]
async fn somebody_who_left_a_team_may_only_delete_their_views_of_it() {
    let office = Office::new().await;
    let own = office.save_list(&office.olga, "Own", "status=broken", false).await.expect("saved");
    office.save_list(&office.aude, "Shared", "status=failed", true).await.expect("saved");
    let left = office.olga.clone().with_memberships([]);
    let portal = &office.log.portal;
    let views = portal.every_view(&left).await.expect("views");
    assert_eq!(views.iter().map(|view| view.view.finds).collect::<Vec<_>>(), [Finds::CannotBeAsked]);
    assert!(views[0].team.is_none() && views[0].view.saved.id == own.id);
    portal.delete_view(&left, own.id).await.expect("deleted");
}

#[tokio::test]
async fn names_and_limits_are_of_one_list() {
    let office = Office::new().await;
    office.save(&office.olga, "Name", "acme", false).await.expect("saved");
    office.save_list(&office.olga, "Name", "status=broken", false).await.expect("another list");
    let taken = office.save_list(&office.olga, "Name", "status=failed", false).await;
    assert!(matches!(&taken, Err(Error::Invalid(problems)) if problems.of("name").is_some()), "{taken:?}");
    for number in 1..50 {
        office.save_list(&office.olga, &format!("View {number}"), "status=broken", true).await.expect("saved");
    }
    let refused = office.save_list(&office.olga, "One more", "status=broken", false).await;
    let problem = ViewProblem::TooManyViews { most: 50 }.into();
    assert!(matches!(&refused, Err(Error::Invalid(it)) if it.of("name") == Some(&problem)), "{refused:?}");
    office.save(&office.olga, "One more", "acme", false).await.expect("another list");
}

#[tokio::test]
async fn of_a_hundred_saved_at_once_no_more_than_fifty_are_kept() {
    let office = Office::new().await;
    let saving = (0..100).map(|number| {
        let name = format!("View {number}");
        let office = &office;
        async move { office.save_list(&office.olga, &name, "status=broken", number % 2 == 0).await.is_ok() }
    });
    let saved = futures::future::join_all(saving).await;
    assert_eq!(saved.iter().filter(|is_saved| **is_saved).count(), 50);
    assert_eq!(office.tabs(&office.olga, ViewedList::Connections).await.len(), 50);
    let shared = office.tabs(&office.aude, ViewedList::Connections).await.len();
    assert_eq!(office.entries().await.len(), shared, "each shared one has its entry");
}

#[tokio::test]
async fn a_bad_query_is_refused_and_nothing_is_kept() {
    let office = Office::new().await;
    for query in ["", "page=2", "status=odd", "status=broken&status=failed", "columns=colour", &"q=🚚".repeat(300)] {
        let refused = office.save_list(&office.olga, "Bad", query, true).await;
        assert!(matches!(&refused, Err(Error::Invalid(it)) if it.of("query").is_some()), "{query}: {refused:?}");
    }
    assert!(office.tabs(&office.olga, ViewedList::Connections).await.is_empty());
    assert!(office.entries().await.is_empty());
}

#[tokio::test]
async fn a_shared_view_of_a_teams_list_is_an_entry_of_the_team() {
    let office = Office::new().await;
    let view = office.save_list(&office.olga, "Shared", "status=broken", true).await.expect("saved");
    let portal = &office.log.portal;
    portal.rename_view(&office.olga, view.id, "For all").await.expect("renamed");
    assert_eq!(office.tabs(&office.aude, ViewedList::Connections).await, ["For all"]);
    portal.delete_view(&office.olga, view.id).await.expect("deleted");
    assert_eq!(office.entries().await, [Action::ViewShare, Action::ViewRename, Action::ViewDelete]);
    let query = crate::audit::AuditQuery::read("action:view team:payments", time::OffsetDateTime::now_utc());
    let found = portal.count_as_indexed(&office.olga, &query.expect("a search")).await.expect("a count");
    assert_eq!(found, Count::Exactly(3));
}
