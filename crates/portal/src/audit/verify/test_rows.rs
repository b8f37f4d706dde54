//! A portal with at least one row in every table, for tests that attack it.

use std::sync::Arc;

use secrecy::SecretString;
use store::{
    Action, CodeOf, ConnectorIn, ConnectorPair, Draft, EntryActor, Person, Store, Target, Team, append,
    seen::{Seen, SeenChanges, Watch},
    testing::Attacker,
};
use tempfile::TempDir;
use time::OffsetDateTime;

use crate::{
    Actor, Admin, Origin, Portal, PortalRole, Settings, TeamRole,
    accounts::{FirstStep, Password, PersonInput, Renewal, Secret, SessionKey, code_of, provider::test_people},
    audit::{
        LogOf, TargetType,
        sealing::signing,
        test_log::{Done, somebody, write},
    },
    code::NewCode,
    jobs::{Act, Control, Item, Job, JobState, StartInput, Verdict},
    teams::TeamInput,
    testing::SoftPasskey,
    vault::Vault,
};

/// Nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:9";
const PUBLIC_URL: &str = "https://portal.example.com";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A portal with people, teams, tokens, sessions, links, searches, a watch, reviews and signed checkpoints.
pub(crate) struct Installation {
    pub portal: Arc<Portal>,
    pub ada: Person,
    pub olga: Person,
    pub team: Team,
    pub feed: SecretString,
    pub link: Secret,
    /// The link for a new password of Rita, which no second admin has released.
    pub waiting_link: Secret,
    folder: TempDir,
}

impl Installation {
    pub async fn new() -> Self {
        let folder = TempDir::with_prefix("portal-rows-").expect("a folder");
        let key = folder.path().join("key");
        store::private_file::create(&key, Vault::new_key().expect("a key").as_bytes()).expect("a key file");
        let mut settings = Settings::new(folder.path().join("data"), key);
        settings.workato_hosts.push(NOWHERE.to_owned());
        settings.public_url = Some(PUBLIC_URL.to_owned());
        settings.retention_days = Some(0);
        let portal = Portal::open(settings).await.expect("a portal");
        let admin = portal.command_line("tests");
        portal.setup_secret().await.expect("a link");
        for name in ["earlier", "later"] {
            removed(&portal, name).await;
        }
        let ada = person(&portal, &admin, "Ada", PortalRole::Admin).await;
        let olga = person(&portal, &admin, "Olga", PortalRole::Member).await;
        let gone = person(&portal, &admin, "Gone", PortalRole::Auditor).await;
        portal.disable(&admin, gone.id).await.expect("it is done");
        let invited = |name: &str| PersonInput {
            email: format!("{}@example.com", name.to_lowercase()),
            name: name.to_owned(),
            role: PortalRole::Member,
        };
        let (_, link) = portal.invite(&admin, &invited("Ivan")).await.expect("a link");
        portal.invite(&admin, &invited("Irma")).await.expect("a link");
        let rita = person(&portal, &admin, "Rita", PortalRole::Member).await;
        let rolf = person(&portal, &admin, "Rolf", PortalRole::Member).await;
        let by_ada = somebody("Ada", PortalRole::Admin, &[]).with_id(ada.id).admin().expect("an admin");
        let (_, waiting_link) = portal.invite_again(&by_ada, rita.id).await.expect("a link");
        portal.invite_again(&by_ada, rolf.id).await.expect("a link");
        portal.release_link(&admin, rolf.id).await.expect("it is released");
        test_people::sign_in(&portal, "paula", &["staff"]).await.expect("a person of the provider");
        let team = team(&portal, &admin, "payments").await;
        let lending = self::team(&portal, &admin, "lending").await;
        for team in [&team, &lending] {
            portal.set_member(&admin, team.id, olga.id, TeamRole::Operator).await.expect("a member");
        }
        portal.set_member(&admin, team.id, ada.id, TeamRole::Viewer).await.expect("a member");
        let (_, feed) = portal.create_feed_token(&admin, "collector").await.expect("a token");
        let (old, _) = portal.create_feed_token(&admin, "old collector").await.expect("a token");
        portal.revoke_feed_token(&admin, old.id).await.expect("it is done");
        let all = Self { portal, ada, olga, team, feed, link, waiting_link, folder };
        for name in ["fay", "finn"] {
            person(&all.portal, &admin, name, PortalRole::Member).await;
            all.two_factors(name).await;
        }
        let ada = all.session("ada").await;
        all.session("olga").await;
        for (name, shared) in [("Refunds", true), ("Refused", true), ("Mine", false)] {
            all.portal.save_view(&ada, name, "refund", shared).await.expect("a view");
        }
        let reader = crate::TeamReader::new(&ada, all.team.clone()).expect("an admin reads every team");
        for (name, shared) in [("Broken", true), ("Failed", true), ("Of the team", false)] {
            let list = crate::views::ViewedList::Connections;
            all.portal.save_list_view(&reader, list, name, "status=broken", shared).await.expect("a view");
        }
        all.portal.note_reading(&ada, LogOf::EveryTeam).await;
        all.portal.note_reading(&ada, LogOf::Team(lending.id)).await;
        all.keep_code().await;
        all.promote(&lending).await;
        all.jobs().await;
        all.leases().await;
        all.watch(&all.team).await;
        all.watch(&lending).await;
        all.review(&ada).await;
        all.sign().await;
        all
    }

    pub fn store(&self) -> &Store {
        self.portal.store()
    }

    pub fn data_dir(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    pub async fn attacker(&self) -> Attacker {
        let mut attacker = Attacker::open(&self.data_dir().join(store::DATABASE)).await.expect("a connection");
        attacker.execute("PRAGMA foreign_keys = OFF").await.expect("a pragma");
        attacker
    }

    pub async fn drop_triggers(&self) {
        let mut attacker = self.attacker().await;
        attacker.drop_triggers().await.expect("no trigger");
        attacker.close().await.expect("closed");
    }

    pub fn key(&self, id: &str) -> SessionKey {
        self.portal.session_key(&SecretString::from(id))
    }

    /// Signs a person in, in a session with the person's name as its id.
    pub async fn session(&self, name: &str) -> Actor {
        let origin = Origin {
            ip: "192.0.2.7".parse().ok(),
            user_agent: Some("Firefox".to_owned()),
            session: None,
            ..Origin::default()
        };
        let first = self.portal.sign_in(&format!("{name}@example.com"), PASSWORD.into(), &origin).await;
        let FirstStep::Proved(proof) = first.expect("the right password") else { panic!("{name} has a second factor") };
        self.portal.begin_session(&proof, &self.key(name), &origin).await.expect("a session");
        self.actor(name).await.expect("an actor").coming_from(origin)
    }

    /// Sets up an authenticator app and a passkey for a person.
    async fn two_factors(&self, name: &str) {
        let renewal = Renewal::new(self.key(name), self.key("a phone"));
        let actor = self.session(name).await.renewing(renewal);
        let key = self.portal.new_totp(&actor).expect("a key").key;
        self.portal.add_totp(&actor, "Phone", &code_of(&key)).await.expect("a factor");
        let actor = self.actor("a phone").await.expect("an actor");
        let challenge = self.portal.challenge_for_new_passkey(&actor).await.expect("a challenge");
        let (_, answer) = SoftPasskey::create(&challenge.options, PUBLIC_URL);
        self.portal.add_passkey(&actor, "Laptop", &challenge.id, &answer).await.expect("a factor");
    }

    /// The actor of a session, if it grants anything.
    pub async fn actor(&self, id: &str) -> Option<Actor> {
        self.portal.session(&self.key(id)).await.expect("the database").map(|session| session.actor)
    }

    /// Two counterparts, and a promotion of each.
    async fn promote(&self, to: &Team) {
        for connector in [3066, 3067] {
            let source = ConnectorIn { team: self.team.id, workspace: 0, connector };
            let pair = ConnectorPair { source, target: ConnectorIn { team: to.id, workspace: 0, connector: 77 } };
            let mut tx = self.store().write().await.expect("the writer");
            for action in [Action::ConnectorPair, Action::ConnectorPromote] {
                let draft = Draft::recorded(EntryActor::named("Olga"), action)
                    .team(to.entry_team())
                    .target(Target::new(TargetType::Connector, 77, Some("Acme")))
                    .parameter("source_team", source.team)
                    .parameter("source_workspace_id", source.workspace)
                    .parameter("source_connector", connector)
                    .parameter("connector", 77)
                    .parameter("workspace_id", 0);
                let told = append(&mut tx, draft).await.expect("an entry");
                match action {
                    Action::ConnectorPair => store::promotions::set_pair(&mut tx, &pair, &told).await,
                    _ => store::promotions::insert(&mut tx, &source, to.id, &told).await,
                }
                .expect("a row");
            }
            tx.commit().await.expect("a commit");
        }
    }

    /// The code of two versions of a connector.
    async fn keep_code(&self) {
        let of = |version| CodeOf { team: self.team.id, workspace: 0, connector: 3066, version };
        let code = [7, 8].map(|version| NewCode::new(of(version), format!("{{ title: 'Acme {version}' }}")));
        let fingerprint = &self.team.token.as_ref().expect("a token").fingerprint;
        self.portal.keep_code(&self.team, fingerprint, &code).await.expect("it is kept");
    }

    async fn watch(&self, team: &Team) {
        let mut tx = self.store().write().await.expect("the writer");
        for (id, version) in [(1, Some(4)), (2, None), (3, Some(1))] {
            let (name, shared_at) = (Some("Acme".to_owned()), version.map(|_| OffsetDateTime::UNIX_EPOCH));
            let seen = Seen { kind: TargetType::Connector, id, name, shared_version: version, shared_at };
            store::seen::put(&mut tx, team.id, &seen, &mut SeenChanges::default()).await.expect("a row");
        }
        let fingerprint = team.token.as_ref().expect("a token").fingerprint.clone();
        let watch = Watch { fingerprint, compared_at: OffsetDateTime::UNIX_EPOCH };
        store::seen::set_watch(&mut tx, team.id, &watch).await.expect("a row");
        let draft =
            Draft::recorded(EntryActor::system(), Action::TeamWatch).team(team.entry_team()).target(team.target());
        append(&mut tx, draft).await.expect("an entry");
        tx.commit().await.expect("a commit");
    }

    /// Two instances, of which each does something for both and calls Workato.
    async fn leases(&self) {
        let mut tx = self.portal.store.write().await.expect("the writer");
        for (holder, work) in [("one", "jobs"), ("other", "settle")] {
            let term = std::time::Duration::from_secs(20);
            store::leases::renew(&mut tx, holder, &[], &[work.to_owned()], term).await.expect("a lease");
            let window = store::call_windows::Window { workspace: holder, class: work, calls: 1, length: term };
            store::call_windows::take(&mut tx, window, true).await.expect("room");
        }
        tx.commit().await.expect("it is written");
    }

    /// Jobs of Olga: one that runs, one that is paused, one that was cancelled, and a dry run.
    async fn jobs(&self) {
        let olga = self.actor("olga").await.expect("a session");
        let operator = crate::TeamOperator::new(&olga, self.team.clone()).expect("an operator");
        for control in [None, Some(Control::Pause), Some(Control::Cancel)] {
            let job = self.dry_run(&operator, &["36", "37"]).await;
            let items =
                store::jobs::items::all(&mut self.store().read().await.expect("a view"), job).await.expect("items");
            let input = StartInput {
                job,
                reason: "The customers have left".to_owned(),
                typed: "2".to_owned(),
                items_sha256: store::jobs::items::hash(&items),
                urgency: crate::operations::Urgency::Usual,
            };
            self.portal.start_job(&operator, &input).await.expect("it is started");
            if let Some(control) = control {
                self.portal.control_job(&operator, job, control, "").await.expect("it is done");
            }
        }
        self.dry_run(&operator, &["38"]).await;
    }

    /// A dry run, as if Workato had these connections.
    pub async fn dry_run(&self, operator: &crate::TeamOperator, connections: &[&str]) -> crate::OperationId {
        let job = Job {
            id: crate::OperationId::new(),
            team: operator.team().id,
            person: operator.actor().id(),
            act: Act::Tag,
            argument: Some("tag-a".to_owned()),
            retries: None,
            state: JobState::Draft,
            created_at: self.portal.now(),
            items: 0,
            items_sha256: None,
            counted_from: 0,
            recorded_in: None,
        };
        let item = |(place, id): (i64, &&str)| Item {
            place,
            operation: crate::OperationId::new(),
            target: (*id).to_owned(),
            name: Some(format!("Connection {id}")),
            verdict: Verdict::Ready,
            taken_out: false,
            recipes: Some(2),
            active: Some(0),
            version: None,
            seen: "seen".to_owned(),
        };
        let items: Vec<Item> = (1..).zip(connections).map(item).collect();
        let mut tx = self.store().write().await.expect("the writer");
        store::jobs::insert(&mut tx, &job, &items).await.expect("a dry run");
        tx.commit().await.expect("a commit");
        job.id
    }

    /// Operations of Olga: two that were reviewed, and one that is open.
    async fn review(&self, reviewer: &Actor) {
        let olga = self.actor("olga").await.expect("a session");
        let mut operations = Vec::new();
        for outcome in [Some(store::Outcome::Succeeded), Some(store::Outcome::Rejected), None] {
            let done = Done {
                actor: &olga,
                team: Some(&self.team),
                action: Action::ConnectorSuppress,
                target: (TargetType::Connector, "3066", "Acme Connector"),
                reason: "It loses invoices",
                outcome,
                said: "",
            };
            let mut tx = self.store().write().await.expect("the writer");
            operations.push(write(&mut tx, &done).await);
            tx.commit().await.expect("a commit");
        }
        let right = self.portal.reviewer(reviewer, Action::OperationReview, None).await.expect("the right");
        for operation in &operations[..2] {
            self.portal.review(&right, *operation).await.expect("a review");
        }
    }

    async fn sign(&self) {
        let mut tx = self.store().write().await.expect("the writer");
        signing::introduce(&mut tx, &self.portal.guard.seal.key).await.expect("an entry");
        tx.commit().await.expect("a commit");
        for _ in 0..2 {
            let mut tx = self.store().write().await.expect("the writer");
            append(&mut tx, Draft::recorded(EntryActor::system(), Action::AuditRead)).await.expect("an entry");
            let size = store::tree::size(&mut tx).await.expect("a size");
            let key = &self.portal.guard.seal.key;
            signing::sign_at(&mut tx, &mut store::tree::Tree::default(), key, size).await.expect("a checkpoint");
            store::checkpoints::set_handed(&mut tx, &format!("folder {size}"), &store::checkpoints::Handed::default())
                .await
                .expect("a destination");
            tx.commit().await.expect("a commit");
        }
        self.portal.guard.seal.reset_mark(&mut self.store().read().await.expect("a view")).await.expect("a mark");
    }
}

/// An operation whose contents retention has removed.
async fn removed(portal: &Portal, name: &str) {
    let actor = somebody(name, PortalRole::Member, &[]);
    let done = Done {
        actor: &actor,
        team: None,
        action: Action::ConnectorSuppress,
        target: (TargetType::Connector, "3066", "Acme Connector"),
        reason: "It loses invoices",
        outcome: Some(store::Outcome::Succeeded),
        said: "",
    };
    let mut tx = portal.store().write().await.expect("the writer");
    write(&mut tx, &done).await;
    tx.commit().await.expect("a commit");
    // Nothing is removed from a log that was never signed.
    portal.sign_and_deliver_news().await;
    portal.expire_due().await.expect("it is removed");
}

async fn person(portal: &Portal, admin: &Admin, name: &str, role: PortalRole) -> Person {
    let input = PersonInput { email: format!("{}@example.com", name.to_lowercase()), name: name.to_owned(), role };
    let password = Password::try_from(SecretString::from(PASSWORD)).expect("a password");
    portal.create_person(admin, &input, password).await.expect("a person")
}

async fn team(portal: &Portal, admin: &Admin, slug: &str) -> Team {
    let input = TeamInput {
        slug: slug.to_owned(),
        name: slug.to_owned(),
        workato_url: NOWHERE.to_owned(),
        production: slug == "payments",
        ..TeamInput::default()
    };
    portal.create_team_with_token(admin, &input, SecretString::from(format!("token-{slug}"))).await.expect("a team")
}
