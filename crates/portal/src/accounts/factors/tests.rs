//! Second factors, and what people without them might try.

use std::sync::Arc;

use futures::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use store::{Action, Entry, FactorKind, PersonId, StoredFactor, testing::Attacker};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

use super::{FirstStep, Given, SecondStep, needs_fresh_factor, subject, totp::TotpKey};
use crate::{
    Actor, Admin, Attempt, Error, FactorProblem, Origin, Portal, PortalRole, Problem, Settings, TeamRole,
    accounts::{NoticeOf, Password, PersonInput, Proof, Renewal, SecondFactorRule, Secret},
    audit::verify,
    testing::SoftPasskey,
    vault::Vault,
};

const URL: &str = "https://portal.example.com";
const PASSWORD: &str = "four words of somebody";

/// A portal under https.
struct House {
    portal: Arc<Portal>,
    folder: TempDir,
}

impl House {
    async fn new() -> Self {
        Self::under(SecondFactorRule::Optional).await
    }

    async fn under(rule: SecondFactorRule) -> Self {
        let folder = TempDir::with_prefix("portal-factors-").expect("a folder");
        let key = folder.path().join("key");
        std::fs::write(&key, Vault::new_key().expect("a key").as_bytes()).expect("a key file");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("a private file");
        }
        let mut settings = Settings::new(folder.path().join("data"), key);
        settings.public_url = Some(URL.to_owned());
        settings.second_factor = rule;
        Self { portal: Portal::open(settings).await.expect("a portal"), folder }
    }

    fn root(&self) -> Admin {
        self.portal.command_line("root")
    }

    async fn person(&self, name: &str, role: PortalRole) -> PersonId {
        let input = PersonInput { email: email(name), name: name.to_owned(), role };
        self.portal.create_person(&self.root(), &input, password(PASSWORD)).await.expect("a person").id
    }

    async fn first_step(&self, name: &str) -> FirstStep {
        self.portal.sign_in(&email(name), PASSWORD.into(), &Origin::default()).await.expect("the right password")
    }

    /// What a person without a second factor gets for the password.
    async fn proof(&self, name: &str) -> Proof {
        match self.first_step(name).await {
            FirstStep::Proved(proof) => proof,
            FirstStep::NeedsFactor(_) => panic!("{name} has a second factor"),
        }
    }

    async fn second_step(&self, name: &str) -> SecondStep {
        self.portal.second_step(&self.token(name).await).await.unwrap().expect("it has just begun")
    }

    async fn token(&self, name: &str) -> SecretString {
        match self.first_step(name).await {
            FirstStep::NeedsFactor(step) => self.portal.second_step_token(&step).unwrap(),
            FirstStep::Proved(_) => panic!("{name} got in without a second factor"),
        }
    }

    async fn begin(&self, proof: &Proof, session: &str) -> Actor {
        let key = self.portal.session_key(&session.into());
        self.portal.begin_session(proof, &key, &Origin::default()).await.expect("a session");
        self.actor(session).await.expect("it has just begun")
    }

    async fn actor(&self, session: &str) -> Option<Actor> {
        let key = |id: &str| self.portal.session_key(&id.into());
        let found = self.portal.session(&key(session)).await.unwrap()?;
        Some(found.actor.renewing(Renewal::new(key(session), key(&next(session)))))
    }

    async fn finish(&self, name: &str, code: &str) -> Result<Proof, Error> {
        let step = self.second_step(name).await;
        self.portal.finish_sign_in(&step, Given::Code(code.into()), &Origin::default()).await
    }

    /// Sets up an authenticator app in a new session. Returns the app's key, the recovery codes and the session's actor.
    async fn with_app(&self, name: &str) -> (TotpKey, Vec<SecretString>, Actor) {
        let actor = self.begin(&self.proof(name).await, &format!("{name} setting up")).await;
        let key = self.app_key(&actor);
        let code = key.code_at(OffsetDateTime::now_utc() - Duration::seconds(30));
        let codes = self.portal.add_totp(&actor, "Phone", &code.into()).await.expect("the right code");
        let actor = self.actor(&next(&format!("{name} setting up"))).await.expect("the session goes on");
        (key, codes.expect("with the first factor"), actor)
    }

    fn app_key(&self, actor: &Actor) -> TotpKey {
        let shown = self.portal.new_totp(actor).expect("a fresh session").key;
        TotpKey::stored(shown.expose_secret().replace(' ', "").into())
    }

    async fn with_passkey(&self, actor: &Actor, name: &str) -> (SoftPasskey, Option<Vec<SecretString>>) {
        let challenge = self.portal.challenge_for_new_passkey(actor).await.expect("a challenge");
        let (passkey, answer) = SoftPasskey::create(&challenge.options, URL);
        let codes = self.portal.add_passkey(actor, name, &challenge.id, &answer).await.expect("a passkey");
        (passkey, codes)
    }

    /// Signs in with a passkey alone.
    async fn alone(&self, passkey: &mut SoftPasskey) -> Result<Proof, Error> {
        let challenge = self.portal.challenge_for_sign_in().unwrap().expect("passkeys work here");
        let answer = passkey.answer(&challenge.options);
        self.portal.sign_in_with_passkey(&challenge.id, &answer, &Origin::default()).await
    }

    async fn entries(&self, action: Action) -> Vec<Entry> {
        let entries = store::entries::after(&mut self.portal.store.read().await.unwrap(), 0, 1_000).await.unwrap();
        let entries = entries.iter().map(|stored| store::entries::read(&stored.body.as_ref().unwrap().bytes).unwrap());
        entries.filter(|entry| entry.action == action).collect()
    }

    async fn sql(&self, statement: &str) {
        let mut attacker =
            Attacker::open(&self.folder.path().join("data").join(store::DATABASE)).await.expect("a connection");
        attacker.execute(statement).await.expect("a statement");
        attacker.close().await.expect("closed");
    }

    async fn verify(&self) -> Result<(), String> {
        verify(&self.portal.store).await.map(drop).map_err(|error| error.to_string())
    }
}

/// The id that a session gets when its person changes something.
fn next(session: &str) -> String {
    format!("{session}+")
}

fn email(name: &str) -> String {
    format!("{}@example.com", name.to_lowercase())
}

fn password(text: &str) -> Password {
    Password::try_from(SecretString::from(text)).expect("a password")
}

fn now_code(key: &TotpKey) -> String {
    key.code_at(OffsetDateTime::now_utc())
}

#[track_caller]
fn assert_problem<T: std::fmt::Debug>(result: Result<T, Error>, field: &str, expected: FactorProblem) {
    let Err(Error::Invalid(problems)) = result else { panic!("{result:?}") };
    assert_eq!(problems.of(field), Some(&Problem::Factor(expected)));
}

#[tokio::test]
async fn with_an_authenticator_app_the_password_alone_is_not_enough() {
    let house = House::new().await;
    house.person("Ada", PortalRole::Admin).await;
    let (key, codes, actor) = house.with_app("Ada").await;
    assert_eq!(codes.len(), 10);
    assert!(actor.has_factor() && actor.sign_in().second_factor);
    assert!(house.actor("Ada setting up").await.is_none(), "the session from before has ended");
    assert_problem(house.finish("Ada", "000000").await, "code", FactorProblem::WrongCode);
    let proof = house.finish("Ada", &now_code(&key)).await.expect("the right code");
    assert!(house.begin(&proof, "signed in").await.sign_in().second_factor);
    let list = house.portal.factors(&actor).await.unwrap();
    assert_eq!(
        (list.factors[0].name.as_str(), list.factors[0].kind, list.recovery_codes),
        ("Phone", FactorKind::Totp, 10)
    );
    assert!(list.factors[0].last_used_at.is_some());
    let added = house.entries(Action::FactorAdd).await.remove(0);
    assert_eq!((&added.parameters["name"], &added.parameters["kind"]), (&"Phone".into(), &"totp".into()));
    let written = serde_json::to_string(&house.entries(Action::RecoveryCreate).await).unwrap();
    assert!(!codes.iter().any(|code| written.contains(code.expose_secret())));
    house.verify().await.unwrap();
}

#[tokio::test]
async fn a_code_works_once_even_if_it_is_sent_twenty_times_at_once() {
    let house = House::new().await;
    house.person("Ada", PortalRole::Admin).await;
    let (key, ..) = house.with_app("Ada").await;
    // The code that set it up is used, too.
    let first = key.code_at(OffsetDateTime::now_utc() - Duration::seconds(30));
    assert_problem(house.finish("Ada", &first).await, "code", FactorProblem::WrongCode);
    let (code, steps) = (now_code(&key), join_all((0..4).map(|_| house.second_step("Ada"))).await);
    let origin = Origin::default();
    let sent = steps.iter().map(|step| house.portal.finish_sign_in(step, Given::Code(code.as_str().into()), &origin));
    let answers = join_all(sent).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    // Clocks may differ by one step: the next code works already, and then this one does not.
    let next = key.code_at(OffsetDateTime::now_utc() + Duration::seconds(30));
    house.sql("UPDATE factor SET last_used_at = NULL").await;
    house.finish("Ada", &next).await.expect("the next code");
    house.verify().await.unwrap();
}

#[tokio::test]
async fn a_recovery_code_works_once_for_its_person_and_new_codes_replace_the_old_ones() {
    let house = House::new().await;
    house.person("Ada", PortalRole::Admin).await;
    house.person("Bo", PortalRole::Admin).await;
    let (_, of_bo, _) = house.with_app("Bo").await;
    let (_, codes, actor) = house.with_app("Ada").await;
    assert_problem(house.finish("Ada", of_bo[0].expose_secret()).await, "code", FactorProblem::WrongCode);
    let steps = join_all((0..4).map(|_| house.second_step("Ada"))).await;
    let origin = Origin::default();
    let sent = steps.iter().map(|step| house.portal.finish_sign_in(step, Given::Code(codes[0].clone()), &origin));
    let answers = join_all(sent).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    let used = house.entries(Action::RecoveryUse).await;
    assert_eq!((used.len(), &used[0].parameters["left"]), (1, &9.into()));
    assert_eq!(house.portal.factors(&actor).await.unwrap().recovery_codes, 9);
    let notices = house.portal.notices(&actor).await.unwrap();
    assert_eq!(notices[0].what, NoticeOf::RecoveryCodeUsed { left: Some(9) });
    let fresh = house.portal.new_recovery_codes(&actor).await.expect("a fresh session");
    assert_eq!(house.portal.factors(&actor).await.unwrap().recovery_codes, 10);
    house.verify().await.unwrap();
    assert_problem(house.finish("Ada", codes[1].expose_secret()).await, "code", FactorProblem::WrongCode);
    house.finish("Ada", &fresh[9].expose_secret().to_lowercase()).await.expect("one of the new codes");
}

#[tokio::test]
async fn writing_the_database_removes_no_second_factor_and_brings_no_code_back() {
    let house = House::new().await;
    house.person("Ada", PortalRole::Admin).await;
    let (_, codes, _) = house.with_app("Ada").await;
    house.sql("CREATE TABLE kept AS SELECT * FROM recovery_codes").await;
    house.sql("CREATE TABLE kept_factor AS SELECT * FROM factor").await;
    house.finish("Ada", codes[0].expose_secret()).await.expect("a recovery code");
    house.sql("DELETE FROM recovery_codes").await;
    house.sql("INSERT INTO recovery_codes SELECT * FROM kept").await;
    assert_problem(house.finish("Ada", codes[0].expose_secret()).await, "code", FactorProblem::WrongCode);
    assert!(house.verify().await.unwrap_err().contains("recovery_codes"));
    house.sql("DROP TABLE kept").await;
    house.sql("DELETE FROM factor").await;
    assert!(matches!(house.first_step("Ada").await, FirstStep::NeedsFactor(_)), "the password alone is enough");
    assert!(house.verify().await.is_err());
    house.sql("UPDATE person SET factors = ''").await;
    let refused = house.portal.sign_in(&email("Ada"), PASSWORD.into(), &Origin::default()).await;
    assert!(refused.is_err(), "a person whose row was changed signed in: {refused:?}");
}

#[tokio::test]
async fn a_factor_that_was_removed_does_not_come_back_with_its_row() {
    let house = House::new().await;
    house.person("Ada", PortalRole::Admin).await;
    let (_, _, actor) = house.with_app("Ada").await;
    let (_, codes) = house.with_passkey(&actor, "Laptop").await;
    assert!(codes.is_none(), "the codes are there already");
    let actor = house.actor("Ada setting up++").await.expect("the session goes on");
    house.sql("CREATE TABLE kept AS SELECT * FROM factor").await;
    let app = house.portal.factors(&actor).await.unwrap().factors.remove(0);
    house.portal.remove_factor(&actor, app.id).await.expect("the passkey is left");
    let actor = house.actor("Ada setting up+++").await.expect("the session goes on");
    assert!(actor.sign_in().second_factor);
    house.verify().await.unwrap();
    house.sql("INSERT INTO factor SELECT * FROM kept WHERE kind = 'totp'").await;
    let list = house.portal.factors(&actor).await.unwrap();
    assert_eq!(list.factors.iter().map(|factor| factor.name.as_str()).collect::<Vec<_>>(), ["Laptop"]);
    assert!(house.verify().await.unwrap_err().contains("the table factor"));
}

#[tokio::test]
async fn the_second_step_ends_with_its_time_a_new_password_and_the_account() {
    let house = House::new().await;
    let ada = house.person("Ada", PortalRole::Member).await;
    let (.., actor) = house.with_app("Ada").await;
    let token = house.token("Ada").await;
    assert!(house.portal.second_step(&token).await.unwrap().is_some());
    let other = house.person("Bo", PortalRole::Admin).await.to_string();
    let later = (OffsetDateTime::now_utc() + Duration::seconds(290)).unix_timestamp().to_string();
    let parts: Vec<&str> = token.expose_secret().split('.').collect();
    assert_eq!(parts.len(), 7);
    let zeros = "0".repeat(64);
    let with_parts = [(2, "true"), (3, "provider"), (4, &*later), (5, "nonce"), (6, ""), (6, &*zeros)];
    for (at, forged) in [(0, &*other), (1, "9")].into_iter().chain(with_parts) {
        let mut changed = parts.clone();
        changed[at] = forged;
        let changed = changed.join(".");
        assert!(house.portal.second_step(&changed.as_str().into()).await.unwrap().is_none(), "{changed}");
    }
    for forged in ["", "......", token.expose_secret().trim_end_matches(parts[6])] {
        assert!(house.portal.second_step(&forged.into()).await.unwrap().is_none(), "{forged}");
    }
    // Disabled, and even enabled again.
    house.portal.disable(&house.root(), ada).await.unwrap();
    assert!(house.portal.second_step(&token).await.unwrap().is_none());
    house.portal.enable(&house.root(), ada).await.unwrap();
    assert!(house.portal.second_step(&token).await.unwrap().is_none());
    let token = house.token("Ada").await;
    assert!(house.portal.second_step(&token).await.unwrap().is_some());
    let (_, link) = house.portal.invite_again(&house.root(), ada).await.unwrap();
    let joined = house.portal.join(&link, password("another four words"), &Origin::default()).await.unwrap();
    assert!(house.portal.second_step(&token).await.unwrap().is_none(), "the password is another one");
    assert!(matches!(joined, FirstStep::NeedsFactor(_)), "a new password replaces no second factor");
    assert!(house.portal.factors(&actor).await.unwrap().factors.len() == 1);
}

#[tokio::test]
async fn wrong_codes_are_limited_for_a_person_and_not_only_for_an_address() {
    let house = House::new().await;
    house.person("Ada", PortalRole::Member).await;
    house.with_app("Ada").await;
    let step = house.second_step("Ada").await;
    let sent = (0..100_u8).map(|at| {
        let origin = Origin { ip: Some([192, 0, 2, at].into()), ..Origin::default() };
        let (portal, step) = (Arc::clone(&house.portal), step.clone());
        async move { portal.finish_sign_in(&step, Given::Code("000000".into()), &origin).await }
    });
    let answers = join_all(sent).await;
    let checked = answers.iter().filter(|answer| matches!(answer, Err(Error::Invalid(_)))).count();
    assert!(checked <= 30, "{checked} were checked");
    assert!(answers.iter().all(Result::is_err));
}

#[tokio::test]
async fn a_stale_session_may_not_touch_what_needs_a_fresh_factor() {
    let house = House::new().await;
    house.person("Ada", PortalRole::Admin).await;
    let (key, codes, actor) = house.with_app("Ada").await;
    let stale = actor.clone().with_factor_given(Duration::minutes(10));
    let set_back = actor.clone().with_factor_given(Duration::minutes(-1));
    for action in Action::ALL.iter().copied() {
        let attempt = || Attempt::new(action, None);
        for stale in [&stale, &set_back] {
            let answer = house.portal.admin(stale, attempt()).await.map(drop);
            assert_eq!(matches!(answer, Err(Error::FactorNeeded)), needs_fresh_factor(action), "{action}: {answer:?}");
        }
        house.portal.admin(&actor, attempt()).await.expect("a fresh factor");
    }
    assert!(matches!(house.portal.new_totp(&stale), Err(Error::FactorNeeded)));
    assert!(matches!(house.portal.add_totp(&stale, "x", &"1".into()).await, Err(Error::FactorNeeded)));
    assert!(matches!(house.portal.challenge_for_new_passkey(&stale).await, Err(Error::FactorNeeded)));
    assert!(matches!(house.portal.add_passkey(&stale, "x", "", "").await, Err(Error::FactorNeeded)));
    assert!(matches!(house.portal.new_recovery_codes(&stale).await, Err(Error::FactorNeeded)));
    assert!(matches!(house.portal.revoke_session(&stale, "0123456789abcdef").await, Err(Error::FactorNeeded)));
    assert!(matches!(house.portal.revoke_other_sessions(&stale).await, Err(Error::FactorNeeded)));
    assert!(matches!(house.portal.revoke_all_sessions(&stale).await, Err(Error::FactorNeeded)));
    let factor = house.portal.factors(&actor).await.unwrap().factors.remove(0).id;
    assert!(matches!(house.portal.remove_factor(&stale, factor).await, Err(Error::FactorNeeded)));

    // The password is no factor for somebody who has one.
    let refused = house.portal.confirm(&stale, Given::Password(PASSWORD.into())).await;
    assert_problem(refused, "code", FactorProblem::WrongCode);
    house.portal.confirm(&stale, Given::Code(now_code(&key).into())).await.expect("the right code");
    assert!(house.actor("Ada setting up+").await.is_none(), "the old id still works");
    let again = house.actor("Ada setting up++").await.expect("the session goes on");
    assert!(again.sign_in().factor_at > actor.sign_in().factor_at);
    house.portal.confirm(&again, Given::Code(codes[3].clone())).await.expect("a recovery code");
    house.verify().await.unwrap();
}

#[tokio::test]
async fn somebody_without_a_second_factor_confirms_with_the_password() {
    let house = House::new().await;
    house.person("Ada", PortalRole::Admin).await;
    let actor = house.begin(&house.proof("Ada").await, "one").await;
    let wrong = house.portal.confirm(&actor, Given::Password("another password".into())).await;
    let Err(Error::Invalid(problems)) = wrong else { panic!("{wrong:?}") };
    assert_eq!(problems.of("password"), Some(&Problem::WrongPassword));
    assert_problem(house.portal.confirm(&actor, Given::Code("000000".into())).await, "code", FactorProblem::WrongCode);
    house.portal.confirm(&actor, Given::Password(PASSWORD.into())).await.expect("the right password");
    let over = house.portal.confirm(&actor, Given::Password(PASSWORD.into())).await;
    assert!(matches!(over, Err(Error::SignedOut)), "{over:?}");
}

#[tokio::test]
async fn operators_auditors_and_admins_need_a_second_factor_where_it_is_required() {
    let house = House::under(SecondFactorRule::Required).await;
    for (name, role, is_required) in
        [("Ada", PortalRole::Admin, true), ("Aude", PortalRole::Auditor, true), ("Mo", PortalRole::Member, false)]
    {
        house.person(name, role).await;
        let actor = house.begin(&house.proof(name).await, name).await;
        assert_eq!(house.portal.must_set_up_factor(&actor), is_required, "{name}");
    }
    let team = crate::TeamId::new();
    for (role, is_required) in [(TeamRole::Viewer, false), (TeamRole::Operator, true)] {
        let member = house.actor("Mo").await.unwrap().with_memberships([(team, role)]);
        assert_eq!(house.portal.must_set_up_factor(&member), is_required, "{role}");
    }
    let (.., actor) = house.with_app("Ada").await;
    assert!(!house.portal.must_set_up_factor(&actor));
    let factor = house.portal.factors(&actor).await.unwrap().factors.remove(0).id;
    assert_problem(house.portal.remove_factor(&actor, factor).await, "factor", FactorProblem::LastFactor);
    let optional = House::new().await;
    optional.person("Ada", PortalRole::Admin).await;
    let actor = optional.begin(&optional.proof("Ada").await, "one").await;
    assert!(!optional.portal.must_set_up_factor(&actor));
}

#[tokio::test]
async fn the_last_factor_can_go_where_none_is_required() {
    let house = House::new().await;
    house.person("Ada", PortalRole::Admin).await;
    let (_, codes, actor) = house.with_app("Ada").await;
    let factor = house.portal.factors(&actor).await.unwrap().factors.remove(0).id;
    let other = house.person("Bo", PortalRole::Admin).await;
    let bo = house.begin(&house.proof("Bo").await, "bo").await;
    assert!(matches!(house.portal.remove_factor(&bo, factor).await, Err(Error::NotFound)), "{other} removed it");
    house.portal.remove_factor(&actor, factor).await.expect("nobody needs one");
    house.proof("Ada").await;
    house.verify().await.unwrap();
    let actor = house.begin(&house.proof("Ada").await, "again").await;
    let code = SecretString::from(now_code(&house.app_key(&actor)));
    let fresh = house.portal.add_totp(&actor, "Phone", &code).await.unwrap().expect("new codes");
    assert_problem(house.finish("Ada", codes[0].expose_secret()).await, "code", FactorProblem::WrongCode);
    house.finish("Ada", fresh[0].expose_secret()).await.expect("a new code");
}

#[tokio::test]
async fn a_key_that_was_shown_to_one_person_sets_nothing_up_for_another() {
    let house = House::new().await;
    house.person("Ada", PortalRole::Admin).await;
    house.person("Bo", PortalRole::Admin).await;
    let ada = house.begin(&house.proof("Ada").await, "ada").await;
    let bo = house.begin(&house.proof("Bo").await, "bo").await;
    let key = house.app_key(&ada);
    assert_eq!(key.text().expose_secret(), house.app_key(&ada).text().expose_secret(), "it stays while it is set up");
    let code = SecretString::from(now_code(&key));
    assert_problem(house.portal.add_totp(&bo, "Phone", &code).await, "code", FactorProblem::KeyExpired);
    house.app_key(&bo);
    assert_problem(house.portal.add_totp(&bo, "Phone", &code).await, "code", FactorProblem::WrongFirstCode);
    house.portal.add_totp(&ada, "Phone", &code).await.expect("it is Ada's");
    assert!(house.portal.add_totp(&ada, "Phone", &code).await.is_err(), "the session has ended");
    let stored = house.stored("Ada").await.remove(0);
    assert!(!stored.sealed.bytes.windows(32).any(|bytes| bytes == key.text().expose_secret().as_bytes()));
    assert!(house.portal.vault.open_for(&subject(store::FactorId::new()), &stored.sealed).is_err());
}

#[tokio::test]
async fn a_passkey_is_a_second_factor_and_signs_in_alone() {
    let house = House::new().await;
    let ada = house.person("Ada", PortalRole::Member).await;
    let actor = house.begin(&house.proof("Ada").await, "one").await;
    let (mut passkey, codes) = house.with_passkey(&actor, "Laptop").await;
    assert_eq!(codes.map(|codes| codes.len()), Some(10));

    let step = house.second_step("Ada").await;
    let challenge = house.portal.challenge_for_second_step(&step).await.unwrap().expect("Ada has a passkey");
    let answer = passkey.answer(&challenge.options);
    let given = || Given::Passkey { challenge: challenge.id.clone(), answer: answer.clone() };
    house.portal.finish_sign_in(&step, given(), &Origin::default()).await.expect("the passkey");
    let again = house.portal.finish_sign_in(&step, given(), &Origin::default()).await;
    assert_problem(again, "passkey", FactorProblem::PasskeyRefused);

    let proof = house.alone(&mut passkey).await.expect("a whole sign-in");
    let actor = house.begin(&proof, "alone").await;
    assert_eq!((actor.id(), actor.sign_in().second_factor), (ada, true));
    house.verify().await.unwrap();
    house.portal.disable(&house.root(), ada).await.unwrap();
    assert_problem(house.alone(&mut passkey).await, "passkey", FactorProblem::PasskeyRefused);
}

#[tokio::test]
async fn a_challenge_of_the_sign_in_page_works_once_even_if_it_is_sent_many_times_at_once() {
    let house = House::new().await;
    house.person("Ada", PortalRole::Admin).await;
    let actor = house.begin(&house.proof("Ada").await, "one").await;
    let (mut passkey, _) = house.with_passkey(&actor, "Laptop").await;
    // Passkeys that are synchronised between devices do not count their uses.
    passkey.counts = false;
    let challenge = house.portal.challenge_for_sign_in().unwrap().expect("passkeys work here");
    let answer = passkey.answer(&challenge.options);
    let origin = Origin::default();
    let sent = (0..10).map(|_| house.portal.sign_in_with_passkey(&challenge.id, &answer, &origin));
    let answers = join_all(sent).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    for forged in ["", ".", "a.b", &challenge.id[..challenge.id.len() - 2]] {
        let refused = house.portal.sign_in_with_passkey(forged, &answer, &origin).await;
        assert_problem(refused, "passkey", FactorProblem::ChallengeOver);
    }
}

#[tokio::test]
async fn a_passkey_of_an_unverified_user_another_site_or_a_copy_is_refused() {
    let house = House::new().await;
    house.person("Ada", PortalRole::Admin).await;
    let actor = house.begin(&house.proof("Ada").await, "one").await;
    let (mut passkey, _) = house.with_passkey(&actor, "Laptop").await;
    house.alone(&mut passkey).await.expect("it works");
    passkey.verifies_user = false;
    assert_problem(house.alone(&mut passkey).await, "passkey", FactorProblem::PasskeyRefused);
    passkey.verifies_user = true;
    for origin in ["https://evil.example", "http://portal.example.com", "https://portal.example.com:8443"] {
        passkey.origin = origin.to_owned();
        assert_problem(house.alone(&mut passkey).await, "passkey", FactorProblem::PasskeyRefused);
    }
    passkey.origin = URL.to_owned();
    house.alone(&mut passkey).await.expect("nothing else was wrong");
    // A copy has not counted what the original did.
    passkey.counter -= 3;
    assert_problem(house.alone(&mut passkey).await, "passkey", FactorProblem::PasskeyRefused);
}

#[tokio::test]
async fn a_new_passkey_needs_a_challenge_of_its_person_and_is_nobody_elses() {
    let house = House::new().await;
    house.person("Ada", PortalRole::Admin).await;
    house.person("Bo", PortalRole::Admin).await;
    let ada = house.begin(&house.proof("Ada").await, "ada").await;
    let bo = house.begin(&house.proof("Bo").await, "bo").await;
    let challenge = house.portal.challenge_for_new_passkey(&ada).await.unwrap();
    let (_, answer) = SoftPasskey::create(&challenge.options, URL);
    let refused = house.portal.add_passkey(&bo, "Laptop", &challenge.id, &answer).await;
    assert_problem(refused, "passkey", FactorProblem::ChallengeOver);
    let refused = house.portal.add_passkey(&ada, "Laptop", &challenge.id, &answer).await;
    assert_problem(refused, "passkey", FactorProblem::ChallengeOver);
    let challenge = house.portal.challenge_for_new_passkey(&ada).await.unwrap();
    let (_, elsewhere) = SoftPasskey::create(&challenge.options, "https://evil.example");
    let refused = house.portal.add_passkey(&ada, "Laptop", &challenge.id, &elsewhere).await;
    assert_problem(refused, "passkey", FactorProblem::PasskeyRefused);
    let options: serde_json::Value = serde_json::from_str(&challenge.options).unwrap();
    assert_eq!(options["publicKey"]["rp"]["id"], "portal.example.com");
    assert_eq!(options["publicKey"]["authenticatorSelection"]["residentKey"], "preferred");
    assert_eq!(options["publicKey"]["authenticatorSelection"]["userVerification"], "required");
}

#[tokio::test]
async fn a_recovery_link_removes_the_factors_and_is_shown_to_the_person_until_they_dismiss_it() {
    let house = House::under(SecondFactorRule::Required).await;
    let ada = house.person("Ada", PortalRole::Admin).await;
    house.person("Bo", PortalRole::Admin).await;
    house.with_app("Ada").await;
    let bo = house.begin(&house.proof("Bo").await, "bo").await;
    let (_, link) = house.portal.recover(&bo.admin().unwrap(), ada).await.expect("a link");
    let early = house.join(&link).await;
    assert!(matches!(early, Err(Error::Invalid(_))), "it works without a second admin: {early:?}");
    house.portal.release_link(&house.root(), ada).await.expect("the command line releases it");
    house.verify().await.unwrap();
    let FirstStep::Proved(proof) = house.join(&link).await.expect("it works") else { panic!("a factor is left") };
    let actor = house.begin(&proof, "recovered").await;
    assert!(!actor.has_factor() && house.portal.must_set_up_factor(&actor));
    assert_eq!(house.entries(Action::PersonJoin).await[0].parameters["factors_removed"], 1);
    let notices = house.portal.notices(&actor).await.unwrap();
    let seen: Vec<_> = notices.iter().map(|notice| (notice.by.as_str(), &notice.what)).collect();
    assert_eq!(
        seen,
        [
            ("Ada", &NoticeOf::LinkUsed { recovered: true }),
            ("command line", &NoticeOf::LinkReleased),
            ("Bo", &NoticeOf::LinkMade { recovers: true }),
        ]
    );
    house.portal.dismiss_notices(&actor).await.unwrap();
    assert!(house.portal.notices(&actor).await.unwrap().is_empty());
    house.portal.dismiss_notices(&actor).await.unwrap();
    assert_eq!(house.entries(Action::NoticeDismiss).await.len(), 1, "with nothing to dismiss there is no entry");
    assert!(house.portal.notices(&bo).await.unwrap().is_empty());
    house.verify().await.unwrap();
}

#[tokio::test]
async fn the_first_link_of_a_person_is_no_notice() {
    let house = House::new().await;
    let input = PersonInput { email: email("Ivan"), name: "Ivan".to_owned(), role: PortalRole::Member };
    let (_, link) = house.portal.invite(&house.root(), &input).await.unwrap();
    let FirstStep::Proved(proof) = house.join(&link).await.unwrap() else { panic!("a factor") };
    let actor = house.begin(&proof, "ivan").await;
    assert!(house.portal.notices(&actor).await.unwrap().is_empty());
}

#[tokio::test]
async fn there_are_no_passkeys_where_browsers_have_none() {
    for (url, work) in [
        ("https://portal.example.com", true),
        ("http://localhost:3000", true),
        ("http://portal.example.com", false),
        ("https://192.0.2.1", false),
        ("http://127.0.0.1:3000", false),
    ] {
        assert_eq!(super::Passkeys::at(Some(url), store::clock::Clock::system()).work(), work, "{url}");
    }
    assert!(!super::Passkeys::at(None, store::clock::Clock::system()).work());
}

impl House {
    async fn join(&self, link: &Secret) -> Result<FirstStep, Error> {
        self.portal.join(link, password("another four words"), &Origin::default()).await
    }

    async fn stored(&self, name: &str) -> Vec<StoredFactor> {
        let mut conn = self.portal.store.read().await.unwrap();
        let person = store::people::by_email(&mut conn, &email(name)).await.unwrap().expect("a person");
        store::factors::of_person(&mut conn, &person).await.unwrap()
    }
}
