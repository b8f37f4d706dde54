//! `key rotate` while the portal serves and people work, killed again and again: nobody notices anything.

use std::{fs, process::Output, time::Duration};

use portal::{audit::Action, private_file, vault::Vault};
use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio::{
    process::Command,
    time::{sleep, timeout},
};

use crate::support::{Browser, Child, Installation, PAYMENTS, email, password};

const SEED: u64 = 11;
const KILLS: usize = 10;

fn rotate(installation: &Installation) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
    command
        .args(["key", "rotate"])
        .kill_on_drop(true)
        .env("PORTAL_DATA_DIR", installation.data_dir())
        .env("PORTAL_MASTER_KEY_FILE", installation.key_file());
    command
}

async fn run(mut command: Command) -> Output {
    timeout(Duration::from_secs(60), command.output()).await.expect("it ends").unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.clone(), output.stderr.clone()].concat()).into_owned()
}

/// Everything that depends on a key: a session, a team's token, a new session, a new row, an old password.
async fn work(base: &str, admin: &Browser, operator: &Browser, round: usize) {
    assert_eq!(operator.get("/account").await.status, 200, "round {round}: the session has ended");
    let list = operator.get(&format!("/teams/{PAYMENTS}/connections")).await;
    assert_eq!(list.status, 200, "round {round}: {}", list.text());
    let refresh = [("team", PAYMENTS), ("page", "/")];
    assert_eq!(operator.post("/api/fn/refresh", &refresh).await.status, 303);
    let form = admin.get("/admin/people").await.form("/api/fn/invite");
    let form = form.with("email", &format!("p{round}@partner.example")).with("name", "P").with("role", "member");
    let invited = admin.submit_and_follow(&form).await;
    let link = invited.value_of("link").unwrap_or_else(|| panic!("round {round}: {}", invited.text()));
    let guest = Browser::new(base);
    assert_eq!(guest.open_link(link.strip_prefix(base).unwrap()).await.status, 200, "round {round}");
    let again = Browser::new(base).sign_in(&email("viewer"), &password("viewer")).await;
    assert_eq!(again.location(), "/", "round {round}: {}", again.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_is_killed_again_and_again_harms_nobody_and_ends() {
    let installation = Installation::new().await;
    let old = fs::read_to_string(installation.key_file()).unwrap();
    let new = Vault::new_key().unwrap();
    let set_keys = |text: &str| private_file::replace(&installation.key_file(), text.as_bytes()).unwrap();

    // The serving process has the old key only.
    let child = Child::start_program(&installation, &[]).await;
    set_keys(&format!("{}\n{old}", new.as_str()));
    let refused = run(rotate(&installation)).await;
    assert!(!refused.status.success() && said(&refused).contains("does not have the new key"), "{}", said(&refused));
    child.stop().await;

    let child = Child::start_program(&installation, &[]).await;
    let base = child.base.clone();
    let (admin, operator) = (Browser::of(&base, "admin").await, Browser::of(&base, "operator").await);
    let mut rng = StdRng::seed_from_u64(SEED);
    for round in 0..KILLS {
        let mut rotating = rotate(&installation).spawn().unwrap();
        // The keys are announced for 2.5 s; most of what is moved is moved right after.
        let most = if round % 2 == 0 { 4_000 } else { 3_000 };
        let least = if round % 2 == 0 { 0 } else { 2_300 };
        sleep(Duration::from_millis(rng.random_range(least..most))).await;
        rotating.kill().await.unwrap();
        work(&base, &admin, &operator, round).await;
    }
    let mut rotating = rotate(&installation);
    let finishing = tokio::spawn(async move { run_owned(&mut rotating).await });
    for round in KILLS..KILLS + 4 {
        work(&base, &admin, &operator, round).await;
        sleep(Duration::from_millis(300)).await;
    }
    let done = finishing.await.unwrap();
    assert!(done.status.success(), "{}", said(&done));
    work(&base, &admin, &operator, 100).await;
    let ready = operator.get("/readyz").await;
    assert!(ready.status == 200 && !ready.body.contains("alarm"), "{}", ready.body);
    let log = child.kill().await;
    assert!(!log.contains("was not written by the portal"), "{log}");

    // The old key is not needed any more, and it opens nothing.
    set_keys(&new);
    let child = Child::start_program(&installation, &[]).await;
    let operator = operator.at(&child.base);
    assert_eq!(operator.get("/account").await.status, 200, "the session outlives the rotation");
    assert_eq!(operator.get(&format!("/teams/{PAYMENTS}/connections")).await.status, 200);
    child.stop().await;
    let verify = |key: &str| {
        set_keys(key);
        let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
        command.args(["audit", "verify"]).env("PORTAL_DATA_DIR", installation.data_dir());
        command.env("PORTAL_MASTER_KEY_FILE", installation.key_file());
        run(command)
    };
    let verified = verify(&new).await;
    assert!(verified.status.success(), "{}", said(&verified));
    let refused = verify(&old).await;
    assert!(said(&refused).contains("were sealed with master key"), "{}", said(&refused));
    let entries = installation.entries().await;
    let count = |action| entries.iter().filter(|entry| entry.action == action).count();
    let (begun, ended) = (count(Action::KeyRotateBegin), count(Action::KeyRotateEnd));
    assert!(begun == ended && ended >= 1, "{begun} begun, {ended} ended");
}

async fn run_owned(command: &mut Command) -> Output {
    timeout(Duration::from_secs(60), command.output()).await.expect("it ends").unwrap()
}
