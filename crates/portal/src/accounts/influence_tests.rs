//! Who can become somebody else, and what becomes of that person's word: an admin with something to hide, and what they
//! might try.

use store::{Person, TeamRole};
use time::{Duration, OffsetDateTime};

use super::influence::{Party, could_be};
use crate::{
    Actor, Admin, Error, OperationId, Origin, PortalRole, Problem, ReviewObstacle, ReviewProblem,
    accounts::{Invitation, Password, PersonInput, Secret},
    audit::{
        Action, Entry, Outcome, TargetType,
        test_log::{Done, TestLog, somebody},
    },
    operations::Finding,
};

/// A portal whose people were all set up by the command line.
struct House {
    log: TestLog,
}

impl House {
    async fn new() -> Self {
        Self { log: TestLog::empty().await }
    }

    fn root(&self) -> Admin {
        self.log.portal.command_line("root")
    }

    /// Somebody whom the command line made.
    async fn person(&self, name: &str, role: PortalRole) -> Actor {
        let person =
            self.log.portal.create_person(&self.root(), &input(name, role), password()).await.expect("a person");
        actor(&person, role)
    }

    /// Somebody whom an admin invited, and who joined.
    async fn invited(&self, admin: &Actor, name: &str, role: PortalRole) -> Actor {
        let admin = admin.admin().expect("an admin");
        let (person, secret) = self.log.portal.invite(&admin, &input(name, role)).await.expect("a person");
        self.join(&secret).await.expect("the first link needs nobody else");
        actor(&person, role)
    }

    async fn join(&self, secret: &Secret) -> Result<(), Error> {
        self.log.portal.join(secret, password(), &Origin::default()).await.map(drop)
    }

    async fn link(&self, admin: &Actor, of: &Actor) -> Secret {
        let admin = admin.admin().expect("an admin");
        self.log.portal.invite_again(&admin, of.id()).await.expect("a link").1
    }

    async fn release(&self, admin: &Actor, of: &Actor) -> Result<(), Error> {
        self.log.portal.release_link(&admin.admin().expect("an admin"), of.id()).await.map(drop)
    }

    /// A new password by two admins.
    async fn reset(&self, maker: &Actor, releaser: &Actor, of: &Actor) {
        let secret = self.link(maker, of).await;
        self.release(releaser, of).await.expect("it is released");
        self.join(&secret).await.expect("it works");
    }

    async fn done_by(&self, actor: &Actor) -> OperationId {
        let target = (TargetType::Connector, "3066", "Acme Connector");
        let (action, outcome) = (Action::ConnectorShare, Some(Outcome::Succeeded));
        self.log.done(&Done { actor, team: None, action, target, reason: "", outcome, said: "" }).await
    }

    async fn review(&self, who: &Actor, operation: OperationId) -> Result<(), ReviewObstacle> {
        let reviewer = self.log.portal.reviewer(who, Action::OperationReview, None).await.expect("the right");
        match self.log.portal.review(&reviewer, operation).await {
            Ok(()) => Ok(()),
            Err(Error::Invalid(problems)) => match problems.of("review") {
                Some(Problem::Review(ReviewProblem::NotReviewable { obstacle })) => Err(*obstacle),
                other => panic!("{other:?}"),
            },
            Err(error) => panic!("{error}"),
        }
    }

    async fn last(&self, action: Action) -> Entry {
        let entries = store::entries::after(&mut self.log.store.read().await.unwrap(), 0, 1_000).await.unwrap();
        let entries = entries.iter().map(|stored| store::entries::read(&stored.body.as_ref().unwrap().bytes).unwrap());
        entries.rev().find(|entry| entry.action == action).expect("an entry")
    }
}

fn input(name: &str, role: PortalRole) -> PersonInput {
    PersonInput { email: format!("{}@example.com", name.to_lowercase().replace(' ', ".")), name: name.to_owned(), role }
}

fn password() -> Password {
    Password::try_from(secrecy::SecretString::from("four words or five")).expect("a password")
}

fn actor(person: &Person, role: PortalRole) -> Actor {
    somebody(&person.name, role, &[]).with_id(person.id)
}

#[track_caller]
fn assert_problem(result: Result<(), Error>, field: &str, expected: &Problem) {
    let Err(Error::Invalid(problems)) = result else { panic!("{result:?}") };
    assert_eq!(problems.of(field), Some(expected));
}

#[tokio::test]
async fn no_admin_alone_can_become_somebody_who_has_a_password() {
    let house = House::new().await;
    let (adam, ada) = (house.person("Adam", PortalRole::Admin).await, house.person("Ada", PortalRole::Admin).await);
    let aude = house.person("Aude", PortalRole::Auditor).await;
    assert_problem(house.release(&ada, &aude).await, "release", &Problem::NoLinkWaits);
    let secret = house.link(&adam, &aude).await;
    assert!(matches!(
        house.log.portal.invitation(&secret, &crate::Origin::default()).await,
        Ok(Invitation::AwaitsRelease(_))
    ));
    assert_problem(house.join(&secret).await, "password", &Problem::LinkAwaitsRelease);
    assert_problem(house.release(&adam, &aude).await, "release", &Problem::ReleasedByItsMaker);
    let waiting = house.log.portal.waiting_link(&ada.admin().unwrap(), aude.id()).await.unwrap().expect("a link");
    assert_eq!((waiting.made_by, waiting.made_by_name.as_str()), (Some(adam.id()), "Adam"));
    house.release(&ada, &aude).await.expect("another admin");
    assert!(house.log.portal.waiting_link(&ada.admin().unwrap(), aude.id()).await.unwrap().is_none());
    house.join(&secret).await.expect("it works now");
    let joined = house.last(Action::PersonJoin).await;
    assert_eq!(
        (&joined.parameters["link_made_by"], &joined.parameters["link_released_by"]),
        (&"Adam".into(), &"Ada".into())
    );
    assert_eq!(joined.parameters["link_made_by_id"], adam.id().to_string());
    assert_eq!(house.last(Action::PersonRelease).await.actor.name, "Ada");
}

#[tokio::test]
async fn a_second_link_replaces_the_first_and_needs_its_own_release() {
    let house = House::new().await;
    let (adam, ada) = (house.person("Adam", PortalRole::Admin).await, house.person("Ada", PortalRole::Admin).await);
    let aude = house.person("Aude", PortalRole::Auditor).await;
    let first = house.link(&ada, &aude).await;
    house.release(&adam, &aude).await.expect("released");
    let second = house.link(&adam, &aude).await;
    assert!(matches!(house.join(&first).await, Err(Error::NotFound)));
    assert_problem(house.join(&second).await, "password", &Problem::LinkAwaitsRelease);
    assert_problem(house.release(&adam, &aude).await, "release", &Problem::ReleasedByItsMaker);
}

#[tokio::test]
async fn whose_password_was_reset_reviews_nothing_of_those_who_reset_it_and_the_log_says_so() {
    let house = House::new().await;
    let (adam, ada) = (house.person("Adam", PortalRole::Admin).await, house.person("Ada", PortalRole::Admin).await);
    let (aude, other) =
        (house.person("Aude", PortalRole::Auditor).await, house.person("Otto", PortalRole::Auditor).await);
    let olga = house.person("Olga", PortalRole::Member).await;
    let before = house.done_by(&adam).await;
    house.reset(&adam, &ada, &aude).await;
    let (of_adam, of_ada, of_olga) =
        (house.done_by(&adam).await, house.done_by(&ada).await, house.done_by(&olga).await);
    for operation in [before, of_adam, of_ada] {
        assert_eq!(house.review(&aude, operation).await, Err(ReviewObstacle::ReviewerNotIndependent));
        assert_eq!(house.review(&other, operation).await, Ok(()));
    }
    assert_eq!(house.review(&aude, of_olga).await, Ok(()));
    let review = house.last(Action::OperationReview).await;
    assert_eq!(review.parameters["password_set_by"], serde_json::json!(["command line", "Adam", "Ada"]));
    assert!(review.parameters["password_set_at"].is_string());
    // For thirty days.
    let mut conn = house.log.store.read().await.unwrap();
    let in_days = |days| OffsetDateTime::now_utc() + Duration::days(days);
    let adam = Party::Person(adam.id());
    assert!(could_be(&mut conn, aude.id(), in_days(29)).await.unwrap().contains(&adam));
    assert!(could_be(&mut conn, aude.id(), in_days(31)).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_command_line_is_somebody_as_well() {
    let house = House::new().await;
    let aude = house.person("Aude", PortalRole::Auditor).await;
    let adam = house.person("Adam", PortalRole::Admin).await;
    house.log.team("payments").await;
    let by_root = house.last(Action::TeamCreate).await.operation_id;
    assert_eq!(house.review(&aude, by_root).await, Err(ReviewObstacle::ReviewerNotIndependent));
    // It made Adam, too, but Adam is somebody else.
    assert_eq!(house.review(&aude, house.done_by(&adam).await).await, Ok(()));
    // Its own links need no release, since it holds every key.
    let (_, secret) = house.log.portal.invite_again(&house.root(), aude.id()).await.unwrap();
    house.join(&secret).await.expect("it works");
    assert_eq!(house.last(Action::PersonJoin).await.parameters["link_made_by"], "command line");
}

#[tokio::test]
async fn a_chain_of_resets_leads_back_to_who_began_it() {
    let house = House::new().await;
    let (adam, ada) = (house.person("Adam", PortalRole::Admin).await, house.person("Ada", PortalRole::Admin).await);
    let bea = house.person("Bea", PortalRole::Admin).await;
    house.reset(&adam, &ada, &bea).await;
    let cleo = house.invited(&bea, "Cleo", PortalRole::Auditor).await;
    for operation in [house.done_by(&adam).await, house.done_by(&bea).await] {
        assert_eq!(house.review(&cleo, operation).await, Err(ReviewObstacle::ReviewerNotIndependent));
    }
}

#[tokio::test]
async fn a_person_who_was_made_again_or_promoted_is_no_more_independent() {
    let house = House::new().await;
    let adam = house.person("Adam", PortalRole::Admin).await;
    let aude = house.person("Aude", PortalRole::Auditor).await;
    house.log.portal.disable(&adam.admin().unwrap(), aude.id()).await.expect("disabled");
    let again = house.invited(&adam, "Aude Again", PortalRole::Auditor).await;
    let operation = house.done_by(&adam).await;
    assert_eq!(house.review(&again, operation).await, Err(ReviewObstacle::ReviewerNotIndependent));
    let member = house.person("Mia", PortalRole::Member).await;
    house.log.portal.set_role(&adam.admin().unwrap(), member.id(), PortalRole::Auditor).await.expect("promoted");
    let promoted = somebody("Mia", PortalRole::Auditor, &[]).with_id(member.id());
    assert_eq!(house.review(&promoted, operation).await, Err(ReviewObstacle::ReviewerNotIndependent));
}

#[tokio::test]
async fn an_admin_cannot_release_a_link_through_a_puppet() {
    let house = House::new().await;
    let (adam, ada) = (house.person("Adam", PortalRole::Admin).await, house.person("Ada", PortalRole::Admin).await);
    let aude = house.person("Aude", PortalRole::Auditor).await;
    // One whom he made, one whose password he reset, and one whom the first puppet made.
    let puppet = house.invited(&adam, "Pupa", PortalRole::Admin).await;
    let captured = house.person("Carl", PortalRole::Admin).await;
    house.reset(&adam, &ada, &captured).await;
    let second = house.invited(&puppet, "Pupo", PortalRole::Admin).await;
    let secret = house.link(&adam, &aude).await;
    for puppet in [&puppet, &captured, &second] {
        assert_problem(house.release(puppet, &aude).await, "release", &Problem::ReleasedByOnePerson);
    }
    // Nor does it help to make the link through one puppet and to release it through another, or oneself.
    let secret_of_puppet = house.link(&puppet, &aude).await;
    for other in [&adam, &captured, &second] {
        assert_problem(house.release(other, &aude).await, "release", &Problem::ReleasedByOnePerson);
    }
    assert!(matches!(house.join(&secret).await, Err(Error::NotFound)));
    // Where no independent admin is left, the command line releases.
    house.log.portal.release_link(&house.root(), aude.id()).await.expect("the command line");
    house.join(&secret_of_puppet).await.expect("it works");
    let joined = house.last(Action::PersonJoin).await;
    assert_eq!(joined.parameters["link_released_by"], "command line");
    // Pupa made the link, and Adam could have been Pupa.
    let operation = house.done_by(&adam).await;
    assert_eq!(house.review(&aude, operation).await, Err(ReviewObstacle::ReviewerNotIndependent));
}

#[tokio::test]
async fn nobody_reviews_what_they_could_have_done_as_somebody_else() {
    let house = House::new().await;
    let (adam, ada) = (house.person("Adam", PortalRole::Admin).await, house.person("Ada", PortalRole::Admin).await);
    let olga = house.person("Olga", PortalRole::Member).await;
    let before = house.done_by(&olga).await;
    house.reset(&adam, &ada, &olga).await;
    let after = house.done_by(&olga).await;
    assert_eq!(house.review(&adam, after).await, Err(ReviewObstacle::ActorNotIndependent));
    assert_eq!(house.review(&ada, after).await, Err(ReviewObstacle::ActorNotIndependent));
    assert_eq!(house.review(&adam, before).await, Ok(()));
}

#[tokio::test]
async fn nobody_settles_what_was_done_by_who_reset_their_password() {
    let house = House::new().await;
    let (adam, ada) = (house.person("Adam", PortalRole::Admin).await, house.person("Ada", PortalRole::Admin).await);
    let (olga, otto) = (house.person("Olga", PortalRole::Member).await, house.person("Otto", PortalRole::Member).await);
    house.reset(&adam, &ada, &olga).await;
    let team = house.log.team("payments").await;
    let operates = |actor: &Actor| actor.clone().with_memberships([(team.id, TeamRole::Operator)]);
    let target = (TargetType::Connector, "3066", "Acme Connector");
    let outcome = Some(Outcome::Unknown);
    let done =
        Done { actor: &adam, team: Some(&team), action: Action::ConnectorShare, target, reason: "", outcome, said: "" };
    let operation = house.log.done(&done).await;
    house.log.wait_for_a_person(operation).await;
    let settle = async |who: &Actor| {
        let operator = house.log.portal.team_operator(who, "payments", (Action::OperationSettle, None)).await?;
        house.log.portal.settle_by_hand(&operator, operation, Some(Finding::Done), "I looked").await
    };
    assert_problem(settle(&operates(&olga)).await, "finding", &Problem::NotIndependent);
    settle(&operates(&otto)).await.expect("somebody else");
}

#[tokio::test]
async fn retention_does_not_forget_who_chose_a_password() {
    let house = House::new().await;
    let (adam, ada) = (house.person("Adam", PortalRole::Admin).await, house.person("Ada", PortalRole::Admin).await);
    let aude = house.person("Aude", PortalRole::Auditor).await;
    house.done_by(&adam).await;
    house.reset(&adam, &ada, &aude).await;
    let joined = house.last(Action::PersonJoin).await.sequence;
    // A newer entry about the same person.
    house.reset(&ada, &adam, &aude).await;
    let mut conn = house.log.store.read().await.unwrap();
    let head = store::tree::size(&mut conn).await.unwrap();
    let removable = store::retention::removable(&mut conn, head, 1_000).await.unwrap();
    assert!(!removable.is_empty() && !removable.contains(&joined), "{joined} of {removable:?}");
}
