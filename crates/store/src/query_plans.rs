//! Runs every statement of the store once, and asks SQLite how it would find the rows. No statement may read a growing
//! table from end to end.

use std::sync::{Arc, Mutex, PoisonError};

use evidence::tree::leaf_hash;
use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, Row};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};
use tracing::{Event, Instrument, Subscriber, field::Field, info_span, subscriber};
use tracing_subscriber::{Layer, layer::Context, prelude::*, registry::LookupSpan};

use crate::{
    index::{
        Index,
        contents::{Contents, Fingerprints},
        document::Document,
        documents::Rewriting,
        facets::{Exact, OutcomeFilter, facet_of_outcome},
        query::{Column, Criteria, PageStart, Term},
    },
    invitations::InvitationFor,
    log::summary::OperationSummary,
    members::Membership,
    seen::{Seen, Watch},
    testing::Attacker,
    *,
};

/// Tables that grow with every entry, every sign-in or every connection.
const GROWING: [&str; 16] = [
    "job_item",
    "entry",
    "entry_body",
    "operation",
    "review",
    "checkpoint",
    "removed_body",
    "session",
    "seen",
    "connector_code",
    "log_read",
    "search_text",
    "document",
    "span",
    "operation_count",
    "operation_took",
];
/// Statements that read a whole growing table on purpose.
const WHOLE: [(&str, &str); 24] = [
    ("SELECT count(*) FROM job_item WHERE job_id NOT IN", "verifying looks for items without a job"),
    ("operation.action = 'audit.alarm.acknowledge'", "the index holds only acknowledgements"),
    ("SELECT count(*) FROM checkpoint", "there is one checkpoint for a hundred entries"),
    ("FROM search_text_docsize", "once at the start and every ten minutes, what the index has is counted"),
    ("count(*), coalesce(sum(sequence), 0) FROM operation", "it is compared with the operations of the log"),
    ("SELECT sequence, team_id, at, outcome, took FROM document", "comparing the index reads all of it"),
    ("FROM operation_count WHERE operations <> 0", "comparing the index reads all counts"),
    ("FROM operation_took WHERE operations <> 0", "comparing the index reads all counts"),
    ("SELECT span, earliest, latest FROM span", "comparing the index reads all times"),
    ("FROM review JOIN operation", "verifying compares every review with the log"),
    ("SELECT count(*) FROM review", "verifying counts every review"),
    ("SELECT * FROM session ORDER BY", "verifying checks every session"),
    ("SELECT * FROM log_read ORDER BY", "verifying checks every reading of the log"),
    ("SELECT * FROM seen ORDER BY", "verifying checks everything that was seen of Workato"),
    ("FROM connector_code ORDER BY team_id", "verifying checks the code of every version that is kept"),
    ("AND key_id <> ?", "rotating keys moves the code of every version that is kept"),
    ("FROM entry_body WHERE sequence NOT IN", "verifying looks for bodies without an entry"),
    ("WHERE state IN ('open', 'unsettled')", "the index holds only the operations that can be settled"),
    ("WHERE state = 'requested' AND deadline < ?", "the index holds only the requests that wait"),
    ("FROM operation WHERE state = 'requested'", "the index holds only the requests that wait"),
    ("SELECT count(*) FROM operation LEFT JOIN review", "the index holds only changes made without approval"),
    ("INSERT INTO entry (", "SQLite looks for rows that refer to a new one only while a foreign key is violated"),
    ("DELETE FROM session WHERE NOT", "each person has at most ten sessions"),
    ("DELETE FROM log_read WHERE at < ?", "rows are kept for two days, so there are few"),
];
/// The same where PostgreSQL has a text of its own.
const WHOLE_ON_POSTGRES: [(&str, &str); 1] =
    [("CAST(coalesce(sum(sequence), 0) AS BIGINT) FROM operation", "it is compared with the operations of the log")];
/// Statements that empty the index to fill it anew.
const RESTART: &str = "DELETE FROM ";

/// The span of this test. sqlx reports from threads of its own and takes the span along.
const SPAN: &str = "query_plans";

/// The statements that sqlx reports.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

struct Text {
    summary: String,
    statement: String,
}

impl tracing::field::Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => self.summary = value.to_owned(),
            "db.statement" => self.statement = value.trim().to_owned(),
            _ => {}
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let is_ours = context.event_scope(event).is_some_and(|mut spans| spans.any(|span| span.name() == SPAN));
        if event.metadata().target() != "sqlx::query" || !is_ours {
            return;
        }
        let mut text = Text { summary: String::new(), statement: String::new() };
        event.record(&mut text);
        let sql = if text.statement.is_empty() { text.summary } else { text.statement };
        let mut statements = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for statement in sql.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
            if !statements.iter().any(|known| known == statement) {
                statements.push(statement.to_owned());
            }
        }
    }
}

struct Rows {
    folder: TempDir,
    store: Store,
    index: Index,
    team: Team,
    person: Person,
}

fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

async fn rows() -> Rows {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let seal_key = DataKey {
        id: "key".to_owned(),
        purpose: KeyPurpose::Seal,
        state: KeyState::Current,
        nonce: vec![0; 24],
        ..DataKey::default()
    };
    let mut tx = store.write().await.unwrap();
    data_keys::put(&mut tx, &seal_key).await.unwrap();
    tx.commit().await.unwrap();
    let row_key = RowKey::new(Arc::new(LockedKey::new(&mut [7; 32])), [], |_| ());
    let store = store.with_keys(KeyRing::new(vec![seal_key], row_key, |_| Err("they stay the same".to_owned())));
    let index = Index::open(folder.path()).await.unwrap();
    let team = Team {
        id: TeamId::new(),
        slug: "payments".parse().unwrap(),
        name: "Payments".to_owned(),
        production: false,
        policy: Policy::of_new_team(false),
        workato_url: "https://www.workato.com".to_owned(),
        reason_pattern: None,
        workspace: None,
        token: None,
        retired_at: None,
        token_is_bad: false,
    };
    let person = Person {
        id: PersonId::new(),
        email: "ada@example.com".to_owned(),
        name: "Ada".to_owned(),
        role: PortalRole::Member,
        joined: true,
        subject: None,
        disabled_at: None,
        factors: Vec::new(),
        created_at: now(),
    };
    Rows { folder, store, index, team, person }
}

async fn run_factors(tx: &mut Write, person: &Person, told: &Entry) {
    let factor = Factor {
        id: FactorId::new(),
        person: person.id,
        kind: FactorKind::Passkey,
        name: "Laptop".to_owned(),
        created_at: now(),
        last_used_at: None,
    };
    let sealed = Sealed { key_id: "key".to_owned(), nonce: vec![0; 24], bytes: vec![0] };
    let stored = StoredFactor { factor, sealed, used_up_to: 1 };
    factors::insert(tx, &stored, Some(&[2; 32]), told).await.unwrap();
    factors::is_known(tx, &[2; 32]).await.unwrap();
    factors::of_person(tx, person).await.unwrap();
    factors::advance(tx, &stored, 2, now()).await.unwrap();
    factors::reseal(tx, stored.factor.id, &stored.sealed).await.unwrap();
    factors::remove(tx, stored.factor.id).await.unwrap();
    factors::remove_all(tx, person.id).await.unwrap();
    recovery_codes::set(tx, person.id, &[[3; 32]], told).await.unwrap();
    recovery_codes::of_person(tx, person.id).await.unwrap();
    recovery_codes::remove(tx, person.id).await.unwrap();
}

async fn run_code(tx: &mut Write, team: TeamId, told: &Entry) {
    let of = CodeOf { team, workspace: 1, connector: 2, version: 3 };
    let kept = KeptCode { of, sha256: "0".repeat(64), bytes: 1, seen_at: now() };
    let sealed = Sealed { key_id: "key".to_owned(), nonce: vec![0; 24], bytes: vec![0] };
    connector_code::keep(tx, &kept, &sealed, told).await.unwrap();
    connector_code::known(tx, team, 1).await.unwrap();
    connector_code::get(tx, &of).await.unwrap();
    connector_code::sealed_with_another_key(tx, "another", None, 20).await.unwrap();
    connector_code::seal_again(tx, &of, &sealed).await.unwrap();
    connector_code::forget(tx, team).await.unwrap();
    let source = ConnectorIn { team, workspace: 1, connector: 2 };
    promotions::set_pair(tx, &ConnectorPair { source, target: source }, told).await.unwrap();
    promotions::pair(tx, &source, team).await.unwrap();
    promotions::insert(tx, &source, team, told).await.unwrap();
    promotions::find(tx, told.operation_id).await.unwrap();
    promotions::of_pair(tx, &source, team, 20).await.unwrap();
    promotions::since(tx, now(), 100).await.unwrap();
}

async fn run_accounts(rows: &Rows) {
    let (team, person) = (&rows.team, &rows.person);
    let mut tx = rows.store.write().await.unwrap();
    let told = append(&mut tx, Draft::recorded(EntryActor::system(), Action::TeamWatch)).await.unwrap();
    people::insert(&mut tx, person, Some("hash"), &told).await.unwrap();
    teams::insert(&mut tx, team, &told).await.unwrap();
    teams::update(&mut tx, team, &told).await.unwrap();
    teams::list(&mut tx).await.unwrap();
    // Which row is newest is not what is asked here: no entry is about these.
    let _ = teams::by_slug(&mut tx, &team.slug).await;
    let _ = teams::by_id(&mut tx, team.id).await;
    let sealed = Sealed { key_id: "key".to_owned(), nonce: vec![0; 24], bytes: vec![0] };
    tokens::set(&mut tx, team.id, &sealed, "fingerprint", &told).await.unwrap();
    tokens::get(&mut tx, team.id).await.unwrap();
    tokens::set_refused(&mut tx, team.id, true, &told).await.unwrap();
    tokens::touch(&mut tx, team.id, told.at).await.unwrap();
    seen::follow_keys(&mut tx, team.id).await.unwrap();
    seen::watched(&mut tx).await.unwrap();
    tokens::remove(&mut tx, team.id).await.unwrap();
    let member = Membership { team: team.id, person: person.id, role: TeamRole::Operator };
    members::set(&mut tx, &member, &told).await.unwrap();
    members::role(&mut tx, team.id, person.id).await.unwrap();
    members::list(&mut tx).await.unwrap();
    members::remove(&mut tx, team.id, person.id).await.unwrap();
    people::list(&mut tx).await.unwrap();
    people::were_any(&mut tx).await.unwrap();
    people::by_id(&mut tx, person.id).await.unwrap();
    people::by_email(&mut tx, &person.email).await.unwrap();
    people::by_subject(&mut tx, "https://login.example.com 1").await.unwrap();
    let elsewhere = Person { id: PersonId::new(), email: "eve@example.com".to_owned(), ..person.clone() };
    people::insert(&mut tx, &elsewhere, None, &told).await.unwrap();
    people::set_subject(&mut tx, elsewhere.id, "https://login.example.com 1", &told).await.unwrap();
    people::password_hash(&mut tx, person.id).await.unwrap();
    people::recorded_in(&mut tx, person.id).await.unwrap();
    people::set_password(&mut tx, person.id, "hash", &told).await.unwrap();
    people::set_role(&mut tx, person.id, PortalRole::Admin, &told).await.unwrap();
    people::set_disabled(&mut tx, person.id, false, &told).await.unwrap();
    people::note(&mut tx, person.id, &told).await.unwrap();
    people::other_admins(&mut tx, person.id).await.unwrap();
    people::set_factors(&mut tx, person, &told).await.unwrap();
    run_factors(&mut tx, person, &told).await;
    let invited = InvitationFor::Person(person.id);
    let link = Link {
        secret_hash: [1; 32],
        purpose: invited,
        made_in: Some(told.operation_id),
        release: Release::Needed,
        recovers: false,
    };
    invitations::insert(&mut tx, &link, Some(&told), now(), now()).await.unwrap();
    invitations::of_person(&mut tx, person.id, now()).await.unwrap();
    invitations::release(&mut tx, &link, &told).await.unwrap();
    about_person::since(&mut tx, person.id, now()).await.unwrap();
    about_person::unseen(&mut tx, person.id).await.unwrap();
    invitations::find(&mut tx, &[1; 32], now()).await.unwrap();
    invitations::remove(&mut tx, invited).await.unwrap();
    let key = SessionKey::from_hash([7; 32]);
    let sign_in = SignIn { with: SignedInWith::Password, second_factor: false, factor_at: now(), kept: false };
    let ends = now() + Duration::HOUR;
    let origin = Origin::default();
    let new = NewSession { key: &key, person: person.id, sign_in, origin: &origin, expires_at: ends };
    let before = now() - Duration::HOUR;
    let alive = Alive { now: now(), used_after: before, begun_after: before, kept_begun_after: before };
    sessions::insert(&mut tx, &new, &told).await.unwrap();
    sessions::renew(&mut tx, &key, &key, &sign_in, &told).await.unwrap();
    sessions::note_elsewhere(&mut tx, &key, &told).await.unwrap();
    sessions::load(&mut tx, &key, alive).await.unwrap();
    sessions::touch(&mut tx, &key, now()).await.unwrap();
    sessions::list(&mut tx, person.id, alive).await.unwrap();
    sessions::remove_by_label(&mut tx, person.id, "0707070707070707").await.unwrap();
    sessions::remove_all(&mut tx, person.id, Some(&key)).await.unwrap();
    sessions::remove(&mut tx, &key).await.unwrap();
    sessions::remove_ended(&mut tx, alive).await.unwrap();
    let token = FeedToken {
        id: FeedTokenId::new(),
        name: "collector".to_owned(),
        created_at: now(),
        created_by: "Ada".to_owned(),
        last_used_at: None,
        last_sequence: None,
        revoked_at: None,
    };
    feed_tokens::insert(&mut tx, &token, &[3; 32], &told).await.unwrap();
    feed_tokens::list(&mut tx).await.unwrap();
    feed_tokens::find(&mut tx, token.id).await.unwrap();
    feed_tokens::by_hash(&mut tx, &[3; 32]).await.unwrap();
    feed_tokens::touch(&mut tx, token.id, now(), 1).await.unwrap();
    feed_tokens::revoke(&mut tx, token.id, &told).await.unwrap();
    let mut view = SavedView {
        id: SavedViewId::new(),
        person: person.id,
        owner: "Ada".to_owned(),
        list: ViewedList::Connections,
        team: Some(team.id),
        name: "Refunds".to_owned(),
        query: "q=refund".to_owned(),
        shared: true,
    };
    saved_views::insert(&mut tx, &view, Some(&told), now()).await.unwrap();
    saved_views::of_list(&mut tx, view.list, view.team, person.id, Some(8)).await.unwrap();
    saved_views::of_every_list(&mut tx, person.id).await.unwrap();
    saved_views::find(&mut tx, view.id).await.unwrap();
    view.name = "Invoices".to_owned();
    saved_views::kept(&mut tx, &view).await.unwrap();
    saved_views::shared(&mut tx, view.list, view.team).await.unwrap();
    saved_views::rename(&mut tx, view.id, &view.name, Some(&told)).await.unwrap();
    saved_views::remove(&mut tx, view.id).await.unwrap();
    let seen = Seen { kind: TargetType::Connection, id: 1, name: None, shared_version: None, shared_at: None };
    seen::set_watch(&mut tx, team.id, &Watch { fingerprint: "f".to_owned(), compared_at: now() }).await.unwrap();
    seen::watch(&mut tx, team.id).await.unwrap();
    let mut changes = seen::SeenChanges::default();
    seen::put(&mut tx, team.id, &seen, &mut changes).await.unwrap();
    seen::watch_and_all(&mut tx, team.id).await.unwrap();
    seen::note_changes(&mut tx, team.id, &changes).await.unwrap();
    seen::set_compared(&mut tx, team.id, now()).await.unwrap();
    seen::operations_since(&mut tx, team.id, &seen.target(), now()).await.unwrap();
    seen::remove(&mut tx, team.id, &seen, &mut changes).await.unwrap();
    seen::forget(&mut tx, team.id).await.unwrap();
    log_reads::note(&mut tx, "session", Some(team.id), now()).await.unwrap();
    run_code(&mut tx, team.id, &told).await;
    rows::all::stored(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

async fn run_jobs(rows: &Rows) {
    let mut tx = rows.store.write().await.unwrap();
    let job = |id| jobs::Job {
        id,
        team: rows.team.id,
        person: rows.person.id,
        act: jobs::Act::Delete,
        argument: None,
        retries: None,
        state: jobs::JobState::Draft,
        created_at: now(),
        items: 0,
        items_sha256: None,
        counted_from: 0,
        recorded_in: None,
    };
    let item = jobs::Item {
        place: 1,
        operation: OperationId::new(),
        target: "36".to_owned(),
        name: Some("Stripe".to_owned()),
        verdict: jobs::Verdict::Ready,
        taken_out: false,
        recipes: Some(0),
        active: Some(0),
        version: None,
        seen: String::new(),
    };
    let job = job(OperationId::new());
    jobs::insert(&mut tx, &job, &[item]).await.unwrap();
    jobs::items::take_out(&mut tx, job.id, &[1], true).await.unwrap();
    let items = jobs::items::all(&mut tx, job.id).await.unwrap();
    let draft = Draft::recorded(EntryActor::system(), Action::JobCreate)
        .team(rows.team.entry_team())
        .target(Target::new(TargetType::Job, job.id, None));
    let told = append(&mut tx, draft).await.unwrap();
    let hash = Some(jobs::items::hash(&items));
    jobs::update(&mut tx, &jobs::Job { state: jobs::JobState::Running, items_sha256: hash, ..job }, Some(&told))
        .await
        .unwrap();
    assert!(jobs::find(&mut tx, told.operation_id).await.unwrap().is_none());
    assert_eq!(jobs::running(&mut tx).await.unwrap().len(), 1);
    jobs::of_team(&mut tx, rows.team.id, None, 10).await.unwrap();
    jobs::count_open(&mut tx, rows.team.id).await.unwrap();
    jobs::drafts(&mut tx, rows.person.id, rows.team.id).await.unwrap();
    jobs::old_drafts(&mut tx, now()).await.unwrap();
    let id = jobs::of_team(&mut tx, rows.team.id, None, 10).await.unwrap()[0].id;
    jobs::retried_by(&mut tx, rows.team.id, id).await.unwrap();
    jobs::items::skip(&mut tx, id, 1, now()).await.unwrap();
    jobs::items::places_left(&mut tx, id).await.unwrap();
    jobs::items::last_outcomes(&mut tx, id, 0, 5).await.unwrap();
    jobs::items::failed(&mut tx, id).await.unwrap();
    jobs::items::counts(&mut tx, id).await.unwrap();
    jobs::items::strays(&mut tx).await.unwrap();
    let filter = jobs::ItemFilter { state: None, offset: 0, limit: 10 };
    jobs::items::page(&mut tx, id, filter).await.unwrap();
    batches::operations(&mut tx, id, 0, 10).await.unwrap();
    jobs::remove_drafts(&mut tx, now(), &[]).await.unwrap();
    members::role_of(&mut tx, rows.team.id, rows.person.id).await.unwrap();
    tx.commit().await.unwrap();
}

async fn run_log(rows: &Rows) -> OperationSummary {
    let mut tx = rows.store.write().await.unwrap();
    let target = Target::new(TargetType::Connector, 1, Some("Acme"));
    let intent = Draft::new(OperationId::new(), Stage::Intent, EntryActor::system(), Action::ConnectorShare)
        .team(rows.team.entry_team())
        .target(target.clone());
    let intent = append(&mut tx, intent).await.unwrap();
    let mut outcome = Draft::follows(&intent, Stage::Outcome, EntryActor::system());
    outcome.outcome = Some(Outcome::Succeeded);
    append(&mut tx, outcome).await.unwrap();
    let review = Draft::recorded(EntryActor::system(), Action::OperationReview).target(Target::new(
        TargetType::Operation,
        intent.operation_id,
        None,
    ));
    let last = append(&mut tx, review).await.unwrap();
    let id = intent.operation_id;
    operations::bind(&mut tx, id, "binding").await.unwrap();
    operations::state(&mut tx, id).await.unwrap();
    let found = operations::find(&mut tx, id).await.unwrap().unwrap();
    operations::beginning_at(&mut tx, 1).await.unwrap();
    operations::at(&mut tx, &[1, 3]).await.unwrap();
    operations::entries_at(&mut tx, &[1]).await.unwrap();
    operations::names_at(&mut tx, &[1]).await.unwrap();
    operations::on_target(&mut tx, Some(rows.team.id), (TargetType::Connector, "1"), 10).await.unwrap();
    operations::reviews_of(&mut tx, &found, 10).await.unwrap();
    operations::to_settle(&mut tx, now()).await.unwrap();
    ended_operations::after(&mut tx, 0).await.unwrap();
    let window =
        call_windows::Window { workspace: "a", class: "b", calls: 1, length: std::time::Duration::from_secs(1) };
    call_windows::take(&mut tx, window, true).await.unwrap();
    leases::renew(
        &mut tx,
        "a",
        &[Lease { name: "b".to_owned(), token: 1 }],
        &["b".to_owned()],
        std::time::Duration::ZERO,
    )
    .await
    .unwrap();
    leases::release(&mut tx, "a", &[Lease { name: "b".to_owned(), token: 1 }]).await.unwrap();
    operations::waiting(&mut tx, Some(&[rows.team.id]), 10).await.unwrap();
    operations::teams_of(&mut tx, &[1]).await.unwrap();
    own_operations::newest(&mut tx, rows.person.id, &[rows.team.id], 5).await.unwrap();
    own_operations::reasons(&mut tx, rows.person.id, rows.team.id, 5, 50).await.unwrap();
    operations::later_on_target(&mut tx, &found).await.unwrap();
    requests::acting_entry(&mut tx, &OperationSummary { acted_in: Some(2), ..found.clone() }).await.unwrap();
    requests::requested(&mut tx, Some(&[rows.team.id]), 10).await.unwrap();
    requests::past(&mut tx, now()).await.unwrap();
    requests::decided(&mut tx, Some(&[rows.team.id]), 10).await.unwrap();
    requests::unreviewed_break_glass(&mut tx, Some(&[rows.team.id]), 10).await.unwrap();
    requests::count_unreviewed_break_glass(&mut tx).await.unwrap();
    requests::count_requested(&mut tx).await.unwrap();
    requests::for_responsible(&mut tx, rows.person.id, Some(&[rows.team.id]), now()).await.unwrap();
    requests::policies_since(&mut tx, rows.team.id, now()).await.unwrap();
    operations::rows_between(&mut tx, 0, 10).await.unwrap();
    entries::of_operations(&mut tx, &[1], 10).await.unwrap();
    entries::newest_of(&mut tx, &[1]).await.unwrap();
    entries::of_operation(&mut tx, id).await.unwrap();
    entries::after(&mut tx, 0, 10).await.unwrap();
    entries::between(&mut tx, 0, 10).try_collect::<Vec<_>>().await.unwrap();
    entries::first_stray_body(&mut tx).await.unwrap();
    reviews::all(&mut tx).await.unwrap();
    reviews::count(&mut tx).await.unwrap();
    tree::size(&mut tx).await.unwrap();
    tree::leaf(&mut tx, 1).await.unwrap();
    tree::Tree::default().root(&mut tx, 3).await.unwrap();
    checkpoints::insert_key(&mut tx, "key", now()).await.unwrap();
    checkpoints::insert(&mut tx, 3, "note", now()).await.unwrap();
    crate::instant_now(&mut tx).await.unwrap();
    checkpoints::newest(&mut tx).await.unwrap();
    checkpoints::newest_up_to(&mut tx, 3).await.unwrap();
    checkpoints::of_sizes(&mut tx, 0, 10).await.unwrap();
    checkpoints::last_number(&mut tx).await.unwrap();
    checkpoints::larger_than(&mut tx, 0, 10).await.unwrap();
    checkpoints::count(&mut tx).await.unwrap();
    checkpoints::is_key_named(&mut tx).await.unwrap();
    checkpoints::is_named(&mut tx, "key").await.unwrap();
    checkpoints::acknowledgements(&mut tx).await.unwrap();
    checkpoints::keys(&mut tx).await.unwrap();
    checkpoints::destinations(&mut tx).await.unwrap();
    checkpoints::set_handed(&mut tx, "folder", &checkpoints::Handed::default()).await.unwrap();
    checkpoints::handed(&mut tx, "folder").await.unwrap();
    retention::older_than(&mut tx, "2020-01-01T00:00:00.000000Z").await.unwrap();
    retention::removable(&mut tx, 2, 10).await.unwrap();
    retention::remove(&mut tx, &last, 30, 1, &[1]).await.unwrap();
    retention::removed_between(&mut tx, 0, 10).await.unwrap();
    retention::is_removed(&mut tx, 1).await.unwrap();
    retention::runs(&mut tx).await.unwrap();
    search::touched(&mut tx, 0, 10).await.unwrap();
    tx.commit().await.unwrap();
    found
}

async fn run_index(rows: &Rows, operation: &OperationSummary) {
    let index = &rows.index;
    index.restart(1).await.unwrap();
    let document = Document {
        sequence: 1,
        at: operation.at,
        team: operation.team_id,
        actor: vec!["ada".to_owned()],
        target: vec!["acme".to_owned()],
        words: vec!["refund".to_owned()],
        exact: vec![Exact::Target(TargetType::Connector, "3066".to_owned())],
        facets: vec![facet_of_outcome(OutcomeFilter::Succeeded)],
        counted_actor: "Ada".to_owned(),
        action: operation.action,
        outcome: OutcomeFilter::Succeeded,
        took: Some(Took::Seconds),
    };
    let progress = index.progress().await.unwrap();
    index.put(&[document], &progress, 3, &leaf_hash(b"any")).await.unwrap();
    while index.rewrite(Rewriting::Begins).await.unwrap() {}
    let (days, teams) = ((0, 99_999), [rows.team.id]);
    index.inventory().await.unwrap();
    let fingerprints = Fingerprints::default();
    Contents::read(index.folder(), &fingerprints).await.unwrap().unwrap();
    index.by_day(days, Some(&teams)).await.unwrap();
    index.by_actor(days, Some(&teams)).await.unwrap();
    index.by_took(days, Some(&teams)).await.unwrap();
    let words = Term::Words { column: Column::Any, tokens: vec!["refund".to_owned()], beginning: true };
    let found = Criteria {
        visible: Some(teams.to_vec()),
        all: vec![words],
        only: Some(operation.id),
        after: Some(operation.at - Duration::HOUR),
        before: Some(operation.at + Duration::HOUR),
        ..Criteria::default()
    };
    let of_team = Criteria { visible: Some(teams.to_vec()), ..Criteria::default() };
    let mut conn = rows.store.read().await.unwrap();
    search::operations_up_to(&mut conn, 9).await.unwrap();
    for criteria in [&found, &of_team, &Criteria::default()] {
        for from in [PageStart::Newest, PageStart::OlderThan(9), PageStart::NewerThan(0)] {
            search::sequences(&mut conn, index, criteria, from, 10).await.unwrap();
        }
    }
}

/// SQLite's plan of a statement, a line per step. Whether a database has the statement's tables decides whose it is.
async fn plan(rows: &Rows, statement: &str) -> Option<Vec<String>> {
    let explain = format!("EXPLAIN QUERY PLAN {statement}");
    let mut conn = rows.store.read().await.unwrap();
    match sql::query(explain.clone()).fetch_all(conn.database()).await {
        Ok(steps) => Some(steps.iter().map(|step| step.try_get("detail").unwrap()).collect()),
        Err(_) => {
            let steps = rows.index.fetch(AssertSqlSafe(explain)).await.ok()?;
            Some(steps.iter().map(|step| step.get::<String, _>("detail")).collect())
        }
    }
}

/// Whether a step reads all of a growing table. Walking an index in order is not that: a limit ends it.
fn reads_all(step: &str) -> bool {
    let Some(table) = step.strip_prefix("SCAN ") else { return false };
    let table = table.split(' ').next().unwrap_or_default();
    GROWING.contains(&table) && !step.contains("VIRTUAL TABLE INDEX")
}

fn is_ordered_and_limited(statement: &str) -> bool {
    statement.contains("ORDER BY") && statement.contains("LIMIT")
        || statement.contains("max(") && !statement.contains("WHERE")
        || statement.contains("EXISTS")
}

/// The same of PostgreSQL. Its plans depend on what the tables hold, which is next to nothing here, so none is a snapshot.
async fn on_postgres(rows: &Rows, statements: &[String]) {
    let mut attacker = Attacker::open(&rows.folder.path().join(DATABASE)).await.unwrap();
    let (mut bad, mut explained) = (Vec::new(), 0);
    for statement in statements {
        let Some(steps) = attacker.plan(statement).await.unwrap() else { continue };
        explained += 1;
        let short: String = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        let as_written: String = short
            .split('$')
            .map(|part| part.trim_start_matches(|it: char| it.is_ascii_digit()))
            .collect::<Vec<_>>()
            .join("?");
        let is_known = WHOLE.iter().chain(&WHOLE_ON_POSTGRES).any(|(part, _)| as_written.contains(part));
        let whole = steps.iter().filter(|step| {
            let table = step.split_once("Seq Scan on ").and_then(|(_, rest)| rest.split(' ').next());
            table.is_some_and(|table| GROWING.contains(&table))
        });
        let whole: Vec<&str> = whole.map(|step| step.trim()).collect();
        if !whole.is_empty() && !is_known && !is_ordered_and_limited(&short) {
            bad.push(format!("{}: {short}", whole.join(", ")));
        }
    }
    assert!(explained > 150, "only {explained} of {} statements were explained", statements.len());
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[tokio::test]
async fn no_statement_reads_a_growing_table_from_end_to_end() {
    let statements = Statements::default();
    subscriber::set_global_default(tracing_subscriber::registry().with(statements.clone())).unwrap();
    let rows = async {
        let rows = rows().await;
        run_accounts(&rows).await;
        let operation = run_log(&rows).await;
        run_jobs(&rows).await;
        run_index(&rows, &operation).await;
        rows
    };
    let rows = rows.instrument(info_span!(SPAN)).await;
    let statements = statements.0.lock().unwrap().clone();
    if crate::testing::in_place::is_postgres() {
        return on_postgres(&rows, &statements).await;
    }
    let mut plans = String::new();
    let mut bad = Vec::new();
    let mut explained = 0;
    for statement in &statements {
        let Some(steps) = plan(&rows, statement).await else { continue };
        explained += 1;
        let short: String = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_known = WHOLE.iter().any(|(part, _)| short.contains(part));
        let is_restart = short.starts_with(RESTART) && !short.contains("WHERE");
        for step in &steps {
            if reads_all(step) && !is_known && !is_restart && !is_ordered_and_limited(&short) {
                bad.push(format!("{step}: {short}"));
            }
        }
        plans.push_str(&format!("{short}\n"));
        for step in steps {
            plans.push_str(&format!("    {step}\n"));
        }
    }
    assert!(explained > 100, "only {explained} of {} statements were explained", statements.len());
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    insta::assert_snapshot!(plans);
}
