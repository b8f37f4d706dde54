//! Rotating the keys of a whole installation: what it moves, what it refuses, and that it can be stopped after each step.

use std::{fs, path::PathBuf, sync::Arc};

use secrecy::{ExposeSecret, SecretString};
use store::private_file;

use super::{KeyState, RotateError, data_keys};
use crate::{
    Portal, Settings, TeamId,
    accounts::{Password, PersonInput},
    audit::{Action, OutsideCheckpoints, StoredLog},
    teams::TeamInput,
    vault::Vault,
};

struct Rotation {
    folder: tempfile::TempDir,
    old: String,
    new: String,
}

impl Rotation {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [old, new] = [Vault::new_key().unwrap(), Vault::new_key().unwrap()];
        let this = Self { folder, old: old.to_string(), new: new.to_string() };
        this.set_keys(&[&this.old]);
        this
    }

    fn key_file(&self) -> PathBuf {
        self.folder.path().join("key")
    }

    fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn set_keys(&self, keys: &[&str]) {
        private_file::replace(&self.key_file(), keys.join("\n").as_bytes()).unwrap();
    }

    async fn try_open(&self) -> Result<Arc<Portal>, crate::StartError> {
        let mut settings = Settings::new(self.data_dir(), self.key_file());
        settings.workato_hosts.push("http://127.0.0.1:9".to_owned());
        Portal::open(settings).await
    }

    async fn open(&self) -> Arc<Portal> {
        self.try_open().await.unwrap()
    }

    async fn verify(&self) {
        let log = StoredLog::open_read_only(&self.data_dir(), None).await.unwrap();
        let log = log.with_master_key(&self.key_file()).await.unwrap();
        log.verify(OutsideCheckpoints::default()).await.unwrap();
    }
}

async fn filled(portal: &Portal) -> TeamId {
    let admin = portal.command_line("tests");
    let input = TeamInput {
        slug: "payments".to_owned(),
        name: "Payments".to_owned(),
        workato_url: "http://127.0.0.1:9".to_owned(),
        production: false,
        ..TeamInput::default()
    };
    let team = portal.create_team_with_token(&admin, &input, "wrkaus-token".into()).await.unwrap();
    let input = PersonInput { email: "a@b.example".to_owned(), name: "A".to_owned(), role: crate::PortalRole::Admin };
    let password = Password::try_from(SecretString::from("seven-herons-left-at-dawn")).unwrap();
    portal.create_person(&admin, &input, password).await.unwrap();
    portal.create_feed_token(&admin, "A collector").await.unwrap();
    team.id
}

async fn token(portal: &Portal, team: TeamId) -> String {
    let sealed = store::tokens::get(&mut portal.store.read().await.unwrap(), team).await.unwrap().unwrap();
    portal.vault.open_token(team, &sealed).unwrap().expose_secret().to_owned()
}

#[tokio::test]
async fn after_a_rotation_the_old_key_opens_nothing_and_everything_is_as_it_was() {
    let rotation = Rotation::new();
    // It is copied as a file.
    fs::create_dir(rotation.data_dir()).unwrap();
    store::private_file::create(&rotation.data_dir().join("portal.db"), b"").unwrap();
    let portal = rotation.open().await;
    let team = filled(&portal).await;
    let hash = portal.vault.keyed_hash("any", [b"x".as_slice()]);
    portal.close().await;
    let copy = rotation.folder.path().join("copy");
    fs::create_dir(&copy).unwrap();
    fs::copy(rotation.data_dir().join("portal.db"), copy.join("portal.db")).unwrap();

    rotation.set_keys(&[&rotation.new, &rotation.old]);
    let portal = rotation.open().await;
    let before = data_keys::all(&mut portal.store.read().await.unwrap()).await.unwrap();
    let rotated = portal.rotate_keys(&portal.command_line("tests")).await.unwrap();
    assert_eq!(rotated.unused.len(), 1);
    let after = data_keys::all(&mut portal.store.read().await.unwrap()).await.unwrap();
    assert!(after.iter().all(|key| key.state == KeyState::Current && key.key_id == rotated.master), "{after:?}");
    assert_eq!(
        after.iter().filter(|key| before.iter().any(|old| old.id == key.id)).count(),
        1,
        "only the hash key stays"
    );
    assert_eq!(token(&portal, team).await, "wrkaus-token");
    assert!(portal.alarms().list().is_empty(), "{:?}", portal.alarms().list());
    portal.close().await;

    rotation.set_keys(&[&rotation.new]);
    let portal = rotation.open().await;
    assert_eq!(token(&portal, team).await, "wrkaus-token");
    assert_eq!(portal.vault.keyed_hash("any", [b"x".as_slice()]), hash);
    assert!(portal.alarms().list().is_empty());
    portal.close().await;
    rotation.verify().await;
    // Nothing of the old keys is left in the file.
    let bytes = fs::read(rotation.data_dir().join("portal.db")).unwrap();
    for key in before.iter().filter(|key| after.iter().all(|new| new.sealed != key.sealed)) {
        assert!(!bytes.windows(key.sealed.len()).any(|window| window == key.sealed), "{key:?}");
    }
    rotation.set_keys(&[&rotation.old]);
    let refused = rotation.try_open().await.map(drop).unwrap_err().to_string();
    assert!(refused.contains("were sealed with master key"), "{refused}");
    // A backup from before still needs the old key.
    let log = StoredLog::open_read_only(&copy, None).await.unwrap();
    log.with_master_key(&rotation.key_file()).await.map(drop).unwrap();
}

#[tokio::test]
async fn a_rotation_that_was_stopped_after_any_step_works_and_can_be_finished() {
    for steps in 0..=4 {
        let rotation = Rotation::new();
        let portal = rotation.open().await;
        let team = filled(&portal).await;
        portal.close().await;
        rotation.set_keys(&[&rotation.new, &rotation.old]);
        let portal = rotation.open().await;
        let admin = portal.command_line("tests");
        if steps > 0 {
            portal.begin(&admin).await.unwrap();
        }
        if steps > 1 {
            portal.switch().await.unwrap();
        }
        if steps > 2 {
            portal.seal_secrets_again().await.unwrap();
        }
        if steps > 3 {
            store::rows::follow_keys::follow_keys(&portal.store).await.unwrap();
        }
        // As a killed process leaves it.
        portal.store.close().await;

        let portal = rotation.open().await;
        assert_eq!(portal.is_rotation_unfinished().await.unwrap(), steps > 0);
        assert!(portal.alarms().list().is_empty(), "after {steps}: {:?}", portal.alarms().list());
        assert_eq!(token(&portal, team).await, "wrkaus-token");
        // Work goes on.
        portal.set_token(&admin, team, format!("wrkaus-token-{steps}").into()).await.unwrap();
        rotation.verify().await;
        portal.rotate_keys(&admin).await.unwrap();
        portal.close().await;
        rotation.set_keys(&[&rotation.new]);
        let portal = rotation.open().await;
        assert_eq!(token(&portal, team).await, format!("wrkaus-token-{steps}"));
        assert!(portal.alarms().list().is_empty());
        let begun = store::entries::after(&mut portal.store.read().await.unwrap(), 0, 1_000).await.unwrap();
        let actions: Vec<_> = begun.iter().map(|entry| entry.checked().unwrap().unwrap().action).collect();
        for action in [Action::KeyRotateBegin, Action::KeyRotateEnd] {
            assert_eq!(actions.iter().filter(|one| **one == action).count(), 1, "{action}");
        }
        portal.close().await;
        rotation.verify().await;
    }
}

#[tokio::test]
async fn another_process_follows_a_rotation_without_a_restart() {
    let rotation = Rotation::new();
    rotation.set_keys(&[&rotation.new, &rotation.old]);
    let serving = rotation.open().await;
    let team = filled(&serving).await;
    let _lock = serving.take_data_dir().unwrap();
    let beside = rotation.open().await;
    let admin = beside.command_line("tests");
    let stop = tokio_util::sync::CancellationToken::new();
    let working = tokio::spawn({
        let (serving, stop) = (Arc::clone(&serving), stop.clone());
        async move {
            let (admin, mut rounds) = (serving.command_line("tests"), 0);
            while !stop.is_cancelled() {
                serving.create_feed_token(&admin, &format!("Collector {rounds}")).await.unwrap();
                assert_eq!(serving.feed_tokens(&admin).await.unwrap().len(), rounds + 2);
                assert_eq!(token(&serving, team).await, "wrkaus-token");
                rounds += 1;
            }
            rounds
        }
    });
    beside.rotate_keys(&admin).await.unwrap();
    stop.cancel();
    let rounds = working.await.unwrap();
    assert!(rounds > 20, "{rounds}");
    assert!(serving.alarms().list().is_empty(), "{:?}", serving.alarms().list());
    assert!(beside.alarms().list().is_empty());
}

#[tokio::test]
async fn a_rotation_waits_until_the_serving_process_has_the_new_key_and_runs_once() {
    let rotation = Rotation::new();
    let serving = rotation.open().await;
    let _lock = serving.take_data_dir().unwrap();
    rotation.set_keys(&[&rotation.new, &rotation.old]);
    let beside = rotation.open().await;
    let admin = beside.command_line("tests");
    assert!(matches!(beside.rotate_keys(&admin).await, Err(RotateError::ServerLacksKey { .. })));
    drop(_lock);
    let _running = beside.lock_rotation().unwrap();
    assert!(matches!(rotation.open().await.rotate_keys(&admin).await, Err(RotateError::Running)));
}

#[tokio::test]
async fn kept_code_can_be_opened_after_a_rotation_and_damaged_code_stops_none() {
    use crate::code::NewCode;

    let rotation = Rotation::new();
    let portal = rotation.open().await;
    let id = filled(&portal).await;
    let team = portal.team_by_id(id).await.unwrap();
    let of = |version| store::CodeOf { team: id, workspace: 0, connector: 1, version };
    let code: Vec<_> = (1..=25).map(|version| NewCode::new(of(version), format!("{{ version: {version} }}"))).collect();
    portal.keep_code(&team, &team.token.as_ref().unwrap().fingerprint, &code).await.unwrap();
    portal.store.execute("UPDATE connector_code SET sealed = zeroblob(20) WHERE version = 2").await.unwrap();
    rotation.set_keys(&[&rotation.new, &rotation.old]);
    let portal = rotation.open().await;
    portal.rotate_keys(&portal.command_line("tests")).await.unwrap();
    portal.close().await;
    rotation.set_keys(&[&rotation.new]);
    let portal = rotation.open().await;
    let mut conn = portal.store.read().await.unwrap();
    for version in 1..=25 {
        let opened = portal.opened_code(&mut conn, &of(version)).await.unwrap();
        let opened = opened.map(|(_, code)| code.expose_secret().to_owned());
        let expected = (version != 2).then(|| format!("{{ version: {version} }}"));
        assert_eq!(opened, expected, "{version}");
    }
    drop(conn);
    assert!(portal.alarms().list().is_empty(), "{:?}", portal.alarms().list());
    portal.close().await;
    rotation.verify().await;
}

#[tokio::test]
async fn a_rotation_knows_every_table_with_secrets() {
    let rotation = Rotation::new();
    let portal = rotation.open().await;
    let tables = store::rows::sealed::tables_with_secrets(&mut portal.store.read().await.unwrap()).await.unwrap();
    assert!(tables.contains(&"team_token"), "{tables:?}");
    let unknown: Vec<_> = tables.iter().filter(|table| super::subject(table, "row").is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[tokio::test]
async fn a_forged_row_does_not_become_genuine_and_a_token_that_cannot_be_opened_keeps_the_old_key() {
    let rotation = Rotation::new();
    let portal = rotation.open().await;
    let team = filled(&portal).await;
    let admin = portal.command_line("tests");
    let forge = "UPDATE person SET name = 'Somebody else'";
    portal.store.execute(forge).await.unwrap();
    portal.rotate_keys(&admin).await.unwrap();
    let bad = store::rows::all::bad(&mut portal.store.snapshot().await.unwrap()).await.unwrap().unwrap();
    assert_eq!(bad.iter().map(|bad| bad.table).collect::<Vec<_>>(), ["person"]);

    // Genuine, but sealed for another team.
    let mut tx = portal.store.write().await.unwrap();
    let other = portal.vault.seal(TeamId::new(), &"wrkaus-x".into()).unwrap();
    let row = store::rows::sealed::sealed_with_another_key(&mut tx, "none").await.unwrap().remove(0);
    store::rows::sealed::seal_again(&mut tx, &row, &other).await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(portal.rotate_keys(&admin).await, Err(RotateError::Secret { table: "team_token", .. })));
    portal.set_token(&admin, team, "wrkaus-new".into()).await.unwrap();
    portal.rotate_keys(&admin).await.unwrap();
    assert_eq!(token(&portal, team).await, "wrkaus-new");
}
