//! Who may say what of an operation, and what the log tells of it afterwards.

use rstest::rstest;

use crate::{
    Actor, Error, OperationId, PortalRole, Problem, ReviewObstacle, ReviewProblem, TeamRole,
    audit::{
        Action, AuditFilter, AuditQuery, Cursor, Draft, OperationSummary, Outcome, ReviewStanding, Stage, TargetType,
        VerifyError, append,
        test_log::{Done, TestLog, somebody},
        verify,
    },
};
use store::Team;

struct Day {
    log: TestLog,
    payments: Team,
    olga: Actor,
    aude: Actor,
    /// Admin, and operator of the team.
    adam: Actor,
    stanko: Actor,
}

impl Day {
    async fn new() -> Self {
        let log = TestLog::empty().await;
        let (payments, lending) = (log.team("payments").await, log.team("lending").await);
        Self {
            olga: somebody("Olga Operator", PortalRole::Member, &[(&payments, TeamRole::Operator)]),
            aude: somebody("Aude Auditor", PortalRole::Auditor, &[]),
            adam: somebody("Adam Admin", PortalRole::Admin, &[(&payments, TeamRole::Operator)]),
            stanko: somebody("Stanko Stranger", PortalRole::Member, &[(&lending, TeamRole::Operator)]),
            log,
            payments,
        }
    }

    async fn done_by(&self, actor: &Actor, outcome: Option<Outcome>) -> OperationId {
        let done = Done {
            actor,
            team: Some(&self.payments),
            action: Action::ConnectorSuppress,
            target: (TargetType::Connector, "3066", "Acme Connector"),
            reason: "It loses invoices",
            outcome,
            said: "",
        };
        self.log.done(&done).await
    }

    async fn review(&self, who: &Actor, operation: OperationId) -> Result<(), Error> {
        let reviewer = self.log.portal.reviewer(who, Action::OperationReview, None).await?;
        self.log.portal.review(&reviewer, operation).await
    }

    async fn flag(&self, who: &Actor, operation: OperationId, entry: OperationId, note: &str) -> Result<(), Error> {
        let reviewer = self.log.portal.reviewer(who, Action::OperationFlag, None).await?;
        self.log.portal.flag(&reviewer, operation, entry, note).await
    }

    async fn answer(&self, who: &Actor, operation: OperationId, answer: &str) -> Result<(), Error> {
        let answerer = self.log.portal.answerer(who, operation).await?;
        self.log.portal.answer_flag(&answerer, OperationId::new(), answer).await
    }

    async fn standing(&self, operation: OperationId) -> Option<ReviewStanding> {
        let logged = self.log.portal.operation(&self.aude, operation).await.expect("an operation");
        logged.summary.review.map(|review| review.standing)
    }

    /// What was said of an operation: who did what, about which operation on what.
    async fn said(&self, operation: OperationId) -> Vec<String> {
        let logged = self.log.portal.operation(&self.aude, operation).await.expect("an operation");
        let said = self.log.portal.reviews(&logged).await.expect("reviews");
        let about = |said: &OperationSummary| {
            let about = said.about.as_ref().expect("the operation that it is about");
            let target = about.target.as_ref().and_then(|target| target.name.clone()).unwrap_or_default();
            format!("{}: {} of {} {target} by {}", said.actor_name, said.action, about.action, about.actor_name)
        };
        said.iter().map(about).collect()
    }

    async fn found(&self, search: &str) -> Vec<OperationId> {
        let query = AuditQuery::read(search, time::OffsetDateTime::now_utc()).expect(search);
        let filter = AuditFilter { query, cursor: Cursor::Newest };
        let page = self.log.portal.audit_page(&self.aude, &filter).await.expect("a page");
        page.operations.iter().map(|operation| operation.id).collect()
    }
}

fn obstacle(obstacle: ReviewObstacle) -> Problem {
    ReviewProblem::NotReviewable { obstacle }.into()
}

fn problem(answer: Result<(), Error>, field: &str) -> Problem {
    match answer {
        Err(Error::Invalid(problems)) => problems.of(field).expect("a problem of this field").clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_flag_is_answered_and_then_the_operation_reviewed_and_filters_follow() {
    let day = Day::new().await;
    let (one, other) =
        (day.done_by(&day.olga, Some(Outcome::Succeeded)).await, day.done_by(&day.olga, Some(Outcome::Failed)).await);
    let only = "action:connector.suppress";
    assert_eq!(day.found(&format!("{only} reviewed:no")).await, [other, one]);

    day.flag(&day.aude, one, OperationId::new(), "Was the customer told?").await.expect("a flag");
    assert_eq!(day.standing(one).await, Some(ReviewStanding::Flagged));
    assert_eq!(day.found("reviewed:flagged").await, [one]);
    assert_eq!(day.found(&format!("{only} reviewed:no")).await, [other, one]);

    day.answer(&day.olga, one, "Yes, by mail").await.expect("an answer");
    assert_eq!(day.standing(one).await, Some(ReviewStanding::Answered));
    assert!(day.found("reviewed:flagged").await.is_empty());
    assert_eq!(day.found("reviewed:answered").await, [one]);

    day.review(&day.aude, one).await.expect("a review");
    assert_eq!(day.standing(one).await, Some(ReviewStanding::Reviewed));
    assert_eq!(day.found("reviewed:yes").await, [one]);
    assert_eq!(day.found(&format!("{only} reviewed:no")).await, [other]);
    assert_eq!(
        day.said(one).await,
        [
            "Aude Auditor: operation.flag of connector.suppress Acme Connector by Olga Operator",
            "Olga Operator: operation.answer of connector.suppress Acme Connector by Olga Operator",
            "Aude Auditor: operation.review of connector.suppress Acme Connector by Olga Operator",
        ]
    );
    assert!(day.found("action:operation reviewed:no").await.is_empty(), "reviews are not reviewed themselves");
    verify(&day.log.portal.store).await.expect("a whole log");
}

#[tokio::test]
async fn nobody_reviews_what_he_or_she_did_or_settled() {
    let day = Day::new().await;
    let own = day.done_by(&day.adam, Some(Outcome::Succeeded)).await;
    assert_eq!(problem(day.review(&day.adam, own).await, "review"), obstacle(ReviewObstacle::OwnOperation));
    day.review(&day.aude, own).await.expect("a review");

    let settled = day.done_by(&day.olga, None).await;
    let logged = day.log.portal.operation(&day.aude, settled).await.expect("an operation");
    let mut tx = day.log.portal.store.write().await.expect("the writer");
    let mut draft = Draft::follows(&logged.entries[0].entry, Stage::Settled, day.adam.entry_actor());
    draft.outcome = Some(Outcome::Succeeded);
    append(&mut tx, draft).await.expect("an entry");
    tx.commit().await.expect("a commit");
    assert_eq!(problem(day.review(&day.adam, settled).await, "review"), obstacle(ReviewObstacle::OwnOperation));
    day.review(&day.aude, settled).await.expect("a review");
}

#[tokio::test]
async fn a_flag_is_answered_before_anybody_calls_the_operation_right() {
    let day = Day::new().await;
    let one = day.done_by(&day.olga, Some(Outcome::Succeeded)).await;
    day.flag(&day.aude, one, OperationId::new(), "Was the customer told?").await.expect("a flag");
    // Whoever has an older page before the eyes has not seen the flag.
    assert_eq!(problem(day.review(&day.adam, one).await, "review"), obstacle(ReviewObstacle::FlagWaits));
    assert_eq!(day.standing(one).await, Some(ReviewStanding::Flagged));
    day.answer(&day.adam, one, "Yes, by mail").await.expect("an answer");
    assert_eq!(problem(day.review(&day.adam, one).await, "review"), obstacle(ReviewObstacle::OwnAnswer));
    day.review(&day.aude, one).await.expect("a review");
}

#[tokio::test]
async fn refused_attempts_push_nothing_that_was_said_off_the_page() {
    let day = Day::new().await;
    let one = day.done_by(&day.olga, Some(Outcome::Succeeded)).await;
    day.flag(&day.aude, one, OperationId::new(), "Was the customer told?").await.expect("a flag");
    for _ in 0..=super::MOST_SHOWN {
        assert!(matches!(day.answer(&day.stanko, one, "Yes").await, Err(Error::Forbidden { .. })));
    }
    assert_eq!(day.said(one).await.len(), 1);
}

#[tokio::test]
async fn what_has_no_certain_end_can_be_flagged_but_not_reviewed() {
    let day = Day::new().await;
    for outcome in [None, Some(Outcome::Unknown)] {
        let open = day.done_by(&day.olga, outcome).await;
        assert_eq!(problem(day.review(&day.aude, open).await, "review"), obstacle(ReviewObstacle::NotEnded));
        day.flag(&day.aude, open, OperationId::new(), "What became of it?").await.expect("a flag");
        assert_eq!(day.standing(open).await, Some(ReviewStanding::Flagged));
    }
}

#[tokio::test]
async fn what_is_sent_twice_is_written_once() {
    let day = Day::new().await;
    let one = day.done_by(&day.olga, Some(Outcome::Succeeded)).await;
    let entry = OperationId::new();
    for _ in 0..2 {
        day.flag(&day.aude, one, entry, "Why?").await.expect("a flag");
    }
    let answerer = day.log.portal.answerer(&day.olga, one).await.expect("an operator");
    let answer = OperationId::new();
    for _ in 0..2 {
        day.log.portal.answer_flag(&answerer, answer, "Because").await.expect("an answer");
    }
    for _ in 0..2 {
        day.review(&day.aude, one).await.expect("a review");
    }
    assert_eq!(day.said(one).await.len(), 3);
    // The same id for something else is a conflict.
    let other = day.done_by(&day.olga, Some(Outcome::Succeeded)).await;
    for conflict in [day.flag(&day.aude, other, entry, "Why?").await, day.flag(&day.aude, one, entry, "Why not?").await]
    {
        assert!(matches!(conflict, Err(Error::Conflict { operation }) if operation == entry), "{conflict:?}");
    }
    assert_eq!(day.standing(other).await, None);
}

#[rstest]
#[case::blank("  ", ReviewProblem::FlagNoteMissing)]
#[case::too_long(&"x".repeat(1_001), Problem::ReasonTooLong { most: 1_000, found: 1_001 })]
#[case::control("a\u{0}b", Problem::ReasonControlCharacters)]
#[case::reversed("a\u{202e}b", Problem::HiddenCharacter { character: "U+202E".to_owned() })]
#[case::blank_to_the_eye("\u{3164}", Problem::HiddenCharacter { character: "U+3164".to_owned() })]
#[tokio::test]
async fn a_flag_has_a_note_that_can_be_read(#[case] note: &str, #[case] told: impl Into<Problem>) {
    let day = Day::new().await;
    let one = day.done_by(&day.olga, Some(Outcome::Succeeded)).await;
    assert_eq!(problem(day.flag(&day.aude, one, OperationId::new(), note).await, "note"), told.into());
    assert_eq!(day.standing(one).await, None);
}

#[tokio::test]
async fn only_a_flag_that_waits_is_answered() {
    let day = Day::new().await;
    let one = day.done_by(&day.olga, Some(Outcome::Succeeded)).await;
    assert_eq!(problem(day.answer(&day.olga, one, "Yes").await, "answer"), ReviewProblem::NoFlagWaits.into());
    day.flag(&day.aude, one, OperationId::new(), "Why?").await.expect("a flag");
    day.answer(&day.olga, one, "Because").await.expect("an answer");
    assert_eq!(problem(day.answer(&day.olga, one, "And more").await, "answer"), ReviewProblem::NoFlagWaits.into());
    day.flag(&day.aude, one, OperationId::new(), "And then?").await.expect("another flag");
    day.answer(&day.adam, one, "Nothing").await.expect("another operator's answer");
}

#[tokio::test]
async fn who_has_no_right_to_say_it_is_refused_and_written_down() {
    let day = Day::new().await;
    let one = day.done_by(&day.olga, Some(Outcome::Succeeded)).await;
    day.flag(&day.aude, one, OperationId::new(), "Why?").await.expect("a flag");
    let refused = [
        (Action::OperationReview, day.review(&day.olga, one).await, true),
        (Action::OperationFlag, day.flag(&day.olga, one, OperationId::new(), "Why?").await, true),
        (Action::OperationAnswer, day.answer(&day.aude, one, "Because").await, true),
        // The entry stands in a log that this one does not read.
        (Action::OperationAnswer, day.answer(&day.stanko, one, "Because").await, false),
    ];
    for (action, answer, is_led) in refused {
        let Err(Error::Forbidden { operation }) = answer else { panic!("{answer:?}") };
        assert_eq!(operation.is_some(), is_led, "{action}");
        let Some(denied) = operation else { continue };
        let denied = day.log.portal.operation(&day.aude, denied).await.expect("its entry").summary;
        assert_eq!((denied.action, denied.outcome), (action, Some(Outcome::Denied)));
    }
    assert_eq!(day.found("outcome:denied").await.len(), 4);
    assert_eq!(day.standing(one).await, Some(ReviewStanding::Flagged));
    assert!(matches!(day.review(&day.aude, OperationId::new()).await, Err(Error::NotFound)));
    verify(&day.log.portal.store).await.expect("a whole log");
}

#[tokio::test]
async fn what_changed_nothing_is_neither_reviewed_nor_flagged() {
    let day = Day::new().await;
    let one = day.done_by(&day.olga, Some(Outcome::Succeeded)).await;
    day.review(&day.aude, one).await.expect("a review");
    let review = day.found("action:operation.review").await[0];
    assert_eq!(problem(day.review(&day.adam, review).await, "review"), obstacle(ReviewObstacle::NothingToReview));
    assert_eq!(
        problem(day.flag(&day.adam, review, OperationId::new(), "Why?").await, "note"),
        ReviewProblem::NothingToFlag.into()
    );
}

#[tokio::test]
async fn a_review_that_cannot_be_written_changes_nothing() {
    let day = Day::new().await;
    let one = day.done_by(&day.olga, Some(Outcome::Succeeded)).await;
    day.log.refuse_entries(true).await;
    assert!(matches!(day.review(&day.aude, one).await, Err(Error::LogUnavailable(_))));
    day.log.refuse_entries(false).await;
    assert_eq!(day.standing(one).await, None);
}

#[rstest]
#[case::another_standing("UPDATE review SET standing = 'reviewed'")]
#[case::no_standing("DELETE FROM review")]
#[case::a_standing_that_nobody_gave(
    "INSERT INTO review (operation_sequence, standing, last_sequence) SELECT 1, 'reviewed', 1"
)]
#[tokio::test]
async fn a_standing_that_differs_from_the_log_is_found(#[case] tampering: &'static str) {
    let day = Day::new().await;
    let one = day.done_by(&day.olga, Some(Outcome::Succeeded)).await;
    day.flag(&day.aude, one, OperationId::new(), "Why?").await.expect("a flag");
    verify(&day.log.portal.store).await.expect("a whole log");
    day.log.sql(tampering).await;
    let found = verify(&day.log.portal.store).await;
    assert!(matches!(&found, Err(VerifyError::Bad(bad)) if bad.why.contains("reviews")), "{found:?}");
}
