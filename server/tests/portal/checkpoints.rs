//! Checkpoints are delivered as they are made. A destination that fails is reported and delays nothing.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::State, routing::post};
use http::{HeaderMap, StatusCode};
use portal::audit::{Checkpoint, Destination, SigningKey, VerifierKey, notes_in};
use tokio::{net::TcpListener, process::Command};

use crate::support::{Browser, ChangeKind, Child, Installation, PreparedChange, Targets, TestPortal, eventually};

const SOON: Duration = Duration::from_secs(20);

/// A witness that takes checkpoints from clients with its token, once it is willing to.
#[derive(Clone, Default)]
struct Witness {
    is_willing: Arc<AtomicBool>,
    /// Whether it answers GET with the newest that it took.
    shows: Arc<AtomicBool>,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Witness {
    async fn start() -> (Self, Destination) {
        let witness = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/checkpoints", listener.local_addr().unwrap());
        let router = Router::new().route("/checkpoints", post(take).get(show)).with_state(witness.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (witness, address.parse().unwrap())
    }
}

async fn take(State(witness): State<Witness>, headers: HeaderMap, note: String) -> StatusCode {
    if headers.get("authorization").is_none_or(|token| token != "Bearer of-the-witness") {
        return StatusCode::UNAUTHORIZED;
    }
    if !witness.is_willing.load(Ordering::Relaxed) {
        return StatusCode::INSUFFICIENT_STORAGE;
    }
    witness.taken.lock().unwrap().push(note);
    StatusCode::NO_CONTENT
}

async fn show(State(witness): State<Witness>) -> Result<String, StatusCode> {
    let newest = witness.taken.lock().unwrap().last().cloned();
    newest.filter(|_| witness.shows.load(Ordering::Relaxed)).ok_or(StatusCode::METHOD_NOT_ALLOWED)
}

/// The installation's public key, as the command line prints it.
async fn public_key(installation: &Installation) -> VerifierKey {
    let program = env!("CARGO_BIN_EXE_partner-portal");
    let output =
        Command::new(program).args(["audit", "public-key"]).env("PORTAL_DATA_DIR", installation.data_dir()).output();
    let output = output.await.unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

async fn delete_a_connection(portal: &TestPortal, browser: &Browser) -> PreparedChange {
    let change = Targets::of(portal).prepare(ChangeKind::ALL[0], browser).await;
    change.perform(browser).await;
    change
}

#[tokio::test]
async fn a_destination_that_fails_is_shown_in_readyz_and_delays_nothing() {
    let (witness, address) = Witness::start().await;
    let installation = Installation::new().await;
    let folder = installation.data_dir().parent().unwrap().join("outside");
    std::fs::create_dir(&folder).unwrap();
    let to = vec![Destination::Folder(folder.clone()), address.clone()];
    let portal = TestPortal::serve_with(installation, |settings| {
        settings.checkpoint_every = Duration::from_millis(100);
        settings.checkpoints_to = to;
        settings.checkpoints_token = Some("of-the-witness".into());
    })
    .await;
    let browser = portal.browser_of("operator").await;
    let shown = eventually("the trouble is shown", SOON, || async {
        let page = portal.readiness().await;
        assert_eq!(page.status, 200);
        page.text().contains("has taken no checkpoint since").then(|| page.text())
    })
    .await;
    // The path of an address may be a secret.
    let place = address.to_string().replace("/checkpoints", "/… ");
    assert!(shown.contains(&place) && shown.contains("it answered 507"), "{shown}");
    assert!(!shown.contains("of-the-witness") && !shown.contains(&folder.display().to_string()), "{shown}");

    delete_a_connection(&portal, &browser).await;
    witness.is_willing.store(true, Ordering::Relaxed);
    eventually("the trouble is over", SOON, || async {
        let page = portal.readiness().await;
        (page.text().starts_with("ready") && !page.text().contains("no checkpoint")).then_some(())
    })
    .await;
    let installation = portal.stop().await;

    let key = [public_key(&installation).await];
    let newest = |notes: Vec<String>| {
        notes.iter().map(|note| Checkpoint::read(note, &key).unwrap()).max_by_key(|checkpoint| checkpoint.size).unwrap()
    };
    let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let in_folder = newest(files.flat_map(|file| notes_in(&std::fs::read_to_string(file).unwrap())).collect());
    let at_witness = newest(witness.taken.lock().unwrap().clone());
    // The last entries are signed when the portal stops.
    assert_eq!(in_folder.size, installation.entries().await.len() as i64);
    assert_eq!(in_folder, at_witness);
}

#[tokio::test]
async fn each_checkpoint_is_a_line_on_standard_output() {
    let installation = Installation::new().await;
    let mut child = Child::start_program(&installation, &["env", "PORTAL_CHECKPOINTS_TO=-"]).await;
    let browser = Browser::of(&child.base, "operator").await;
    child.line_with("{\"checkpoint\":").await;
    drop(browser);
    let (printed, _) = child.stop().await;
    let key = [public_key(&installation).await];
    let sizes: Vec<i64> = notes_in(&printed).iter().map(|note| Checkpoint::read(note, &key).unwrap().size).collect();
    assert!(sizes.is_sorted() && sizes.last() == Some(&(installation.entries().await.len() as i64)), "{printed}");
}

#[tokio::test]
async fn verification_compares_the_log_with_checkpoints_kept_elsewhere() {
    let installation = Installation::new().await;
    let kept = installation.data_dir().parent().unwrap().join("kept");
    std::fs::create_dir(&kept).unwrap();
    let to = vec![Destination::Folder(kept.clone())];
    let portal = TestPortal::serve_with(installation, |settings| settings.checkpoints_to = to).await;
    let browser = portal.browser_of("operator").await;
    delete_a_connection(&portal, &browser).await;
    let installation = portal.stop().await;
    let key = public_key(&installation).await.to_string();
    let another = std::fs::canonicalize(installation.data_dir()).unwrap().parent().unwrap().join("another.pub");
    std::fs::write(&another, "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n").unwrap();

    let verify = async |arguments: &[&str]| {
        let program = env!("CARGO_BIN_EXE_partner-portal");
        let mut command = Command::new(program);
        command.args(["audit", "verify", "--checkpoints"]).arg(&kept).args(arguments);
        let output = command.env("PORTAL_DATA_DIR", installation.data_dir()).output().await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    for arguments in [vec![], vec!["--key", key.as_str()]] {
        let (is_whole, said) = verify(&arguments).await;
        assert!(is_whole && said.contains("all unchanged"), "{said}");
        assert!(!said.contains(" 0 from outside"), "{said}");
    }
    let (is_whole, said) = verify(&["--key", another.to_str().unwrap()]).await;
    assert!(!is_whole && said.contains("it is a checkpoint of another log, partner-portal/"), "{said}");
    let (is_whole, said) = verify(&["--key", "no key"]).await;
    assert!(!is_whole && said.contains("not a public key"), "{said}");

    // Larger than the log, but not of the log: nothing is missing.
    let entries = installation.entries().await.len();
    let own = std::fs::read_dir(&kept)
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .next()
        .unwrap();
    let name = own.lines().next().unwrap();
    let signed = |name: &str, seed: u8, size: usize| {
        let key: SigningKey = SigningKey::from_secret(name, &[seed; 32]).parse().unwrap();
        Checkpoint::sign(&key, size as i64, [7; 32]).unwrap().note
    };
    let unsigned = |note: &str| note.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let garbled = |note: &str| note.replace("\n\n— ", "\n\n— x");
    for (note, why) in [
        (signed("another.example/log", 1, entries + 70), "it is a checkpoint of another log, another.example/log"),
        (signed("another.example/log", 1, 3), "it is a checkpoint of another log, another.example/log"),
        (signed(name, 1, entries + 70), "it has no signature by"),
        (signed(name, 1, 3), "it has no signature by"),
        (garbled(&signed(name, 1, entries + 70)), "it has no signature by"),
        (unsigned(&signed(name, 1, entries + 70)), "holds a checkpoint without a signature"),
        (unsigned(&own), "holds a checkpoint without a signature"),
        (format!("{own}\n{}", unsigned(&own)), "holds a checkpoint without a signature"),
        (own.replacen(name, "another.example/log", 1), "it is a checkpoint of another log, another.example/log"),
        (own.replacen('\n', "\n0", 1), "its text is not that of a checkpoint"),
        (own.clone() + own.split_once("\n\n").unwrap().1, "it has two signatures by one key"),
        (own.replace("\n\n", "\nmore\n\n"), "holds a checkpoint without a signature"),
    ] {
        let file = kept.join("zz.note");
        std::fs::write(&file, &note).unwrap();
        for arguments in [vec![], vec!["--key", key.as_str()]] {
            let (is_whole, said) = verify(&arguments).await;
            assert!(!is_whole && said.contains(why) && said.contains("zz.note"), "{said}: {note}");
            assert!(!said.contains("missing"), "{said}");
        }
        std::fs::remove_file(file).unwrap();
    }

    // Removes the newest operation and every trace of it in the database.
    installation
        .database()
        .await
        .tamper(
            "CREATE TEMP TABLE cut AS SELECT max(sequence) AS place FROM operation;
             DELETE FROM checkpoint WHERE size     >= (SELECT place FROM cut);
             DELETE FROM operation  WHERE sequence >= (SELECT place FROM cut);
             DELETE FROM entry_body WHERE sequence >= (SELECT place FROM cut);
             DELETE FROM entry      WHERE sequence >= (SELECT place FROM cut);",
        )
        .await;
    let left = installation.entries().await.len();
    let (is_whole, said) = verify(&["--key", &key]).await;
    assert!(!is_whole && said.contains(&format!("entry {}: it is missing: the checkpoint in", left + 1)), "{said}");
}

#[tokio::test]
async fn a_forged_record_of_deliveries_does_not_silence_an_address() {
    let (witness, address) = Witness::start().await;
    witness.is_willing.store(true, Ordering::Relaxed);
    let serve = async |installation: Installation| {
        let to = vec![address.clone()];
        TestPortal::serve_with(installation, |settings| {
            settings.checkpoint_every = Duration::from_millis(100);
            settings.checkpoints_to = to;
            settings.checkpoints_token = Some("of-the-witness".into());
        })
        .await
    };
    let portal = serve(Installation::new().await).await;
    eventually("it has taken one", SOON, || async { (!witness.taken.lock().unwrap().is_empty()).then_some(()) }).await;
    let installation = portal.stop().await;
    // The record is as if it had everything, and it has nothing.
    witness.taken.lock().unwrap().clear();
    let portal = serve(installation).await;
    eventually("it gets the newest", SOON, || async { (!witness.taken.lock().unwrap().is_empty()).then_some(()) })
        .await;
    let installation = portal.stop().await;
    installation.database().await.tamper("UPDATE checkpoint_destination SET size = 1000000").await;
    let portal = serve(installation).await;
    let page = portal.readiness().await;
    assert!(page.body.contains("alarm history_contradicted: ") && page.body.contains("1000000"), "{}", page.body);
    portal.stop().await;
}

#[tokio::test]
async fn an_address_that_shows_what_it_took_gives_an_older_copy_of_the_data_folder_away() {
    let (witness, address) = Witness::start().await;
    witness.is_willing.store(true, Ordering::Relaxed);
    witness.shows.store(true, Ordering::Relaxed);
    let serve = async |installation: Installation| {
        let to = vec![address.clone()];
        TestPortal::serve_with(installation, |settings| {
            settings.checkpoints_to = to;
            settings.checkpoints_token = Some("of-the-witness".into());
        })
        .await
    };
    let portal = serve(Installation::new().await).await;
    assert_eq!(portal.readiness().await.status, 200);
    let installation = portal.stop().await;
    let names = ["portal.db", "signing.mark"];
    let older = names.map(|name| std::fs::read(installation.data_dir().join(name)).unwrap());
    let portal = serve(installation).await;
    let browser = portal.browser_of("operator").await;
    delete_a_connection(&portal, &browser).await;
    let installation = portal.stop().await;
    for (name, content) in names.iter().zip(older) {
        std::fs::write(installation.data_dir().join(name), content).unwrap();
    }
    let portal = serve(installation).await;
    let page = portal.readiness().await;
    assert!(page.body.contains(&format!("{address} holds a signature")), "{}", page.body);
    assert!(page.body.contains("outside witness"), "{}", page.body);
    let auditor = portal.browser_of("auditor").await;
    auditor.get("/audit").await.assert_says("1 outside witness holds checkpoints");
    portal.stop().await;
}
