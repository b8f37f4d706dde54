//! What keeps the program from starting: each reason is one clear line.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Output, time::Duration};

use portal::{private_file, vault::Vault};
use sandbox::Options;
use tokio::{process::Command, time::timeout};

use crate::support::{Browser, Child, Installation, TestPortal};

/// Starts the program and waits for it to give up.
async fn serve(installation: &Installation, key: Option<&Path>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
    command
        .arg("serve")
        .kill_on_drop(true)
        .env("PORTAL_ADDR", "127.0.0.1:0")
        .env("PORTAL_DATA_DIR", installation.data_dir());
    command.env_remove("PORTAL_MASTER_KEY_FILE").env("PORTAL_LOG", "error");
    if let Some(key) = key {
        command.env("PORTAL_MASTER_KEY_FILE", key);
    }
    timeout(Duration::from_secs(20), command.output()).await.expect("it serves").unwrap()
}

#[track_caller]
fn assert_one_line(output: &Output, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(words) && said.trim().lines().count() == 1, "{said}");
}

#[tokio::test]
async fn a_second_process_on_the_same_data_folder_does_not_start() {
    let portal = TestPortal::start().await;
    // It is serving, not only listening.
    assert_eq!(portal.browser().get("/readyz").await.status, 200);
    let output = serve(&portal, Some(&portal.key_file())).await;
    assert_one_line(&output, "another partner-portal is already serving the data folder");
}

#[tokio::test]
async fn the_portal_does_not_start_without_the_right_key() {
    let installation = Installation::new().await;
    assert_one_line(&serve(&installation, None).await, "PORTAL_MASTER_KEY_FILE");
    assert_one_line(&serve(&installation, Some(&installation.data_dir().join("no-such-file"))).await, "no-such-file");
    let other = installation.data_dir().join("other-key");
    private_file::create(&other, Vault::new_key().unwrap().as_bytes()).unwrap();
    assert_one_line(&serve(&installation, Some(&other)).await, "key");
    fs::write(&other, "too short").unwrap();
    // Its mode is still that of the first.
    assert_one_line(&serve(&installation, Some(&other)).await, "key");
}

#[tokio::test]
async fn a_public_url_with_more_than_scheme_host_and_port_is_one_clear_line() {
    let installation = Installation::new().await;
    for (url, words) in [
        ("https://portal.example.com/portal", "remove everything after the host and port"),
        ("https://ann:secret-word@portal.example.com", "remove the user name and password"),
        ("portal.example.com", "it is not a URL such as https://portal.example.com"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
        command.args(["serve", "--public-url", url]).kill_on_drop(true);
        command.env("PORTAL_ADDR", "127.0.0.1:0").env("PORTAL_LOG", "error");
        command.env("PORTAL_DATA_DIR", installation.data_dir()).env("PORTAL_MASTER_KEY_FILE", installation.key_file());
        let output = timeout(Duration::from_secs(20), command.output()).await.expect("it serves").unwrap();
        assert_one_line(&output, &format!("PORTAL_PUBLIC_URL cannot be used: {words}"));
        assert!(!String::from_utf8_lossy(&output.stderr).contains("secret-word"));
    }
}

#[tokio::test]
async fn a_setup_link_is_handed_over_until_there_is_an_admin_and_each_start_replaces_it() {
    let installation = Installation::empty(Options { connections: 10, ..Options::on_any_port() }).await;
    let mut links = Vec::new();
    for _ in 0..2 {
        let mut child = Child::start_program(&installation, &[]).await;
        links.push(child.setup_secret(&installation).await);
        let browser = Browser::new(&child.base);
        let opens = |secret: &str| {
            let (browser, path) = (browser.clone(), format!("/setup?secret={secret}"));
            async move { browser.open_link(&path).await.status }
        };
        assert_eq!(opens(links.last().unwrap()).await, 200);
        if links.len() == 2 {
            assert_eq!(opens(&links[0]).await, 404);
        }
        let (printed, log) = child.stop().await;
        assert!(!printed.contains(links.last().unwrap()) && !log.contains(links.last().unwrap()));
    }
    let installed = Installation::new().await;
    let child = Child::start_program(&installed, &[]).await;
    assert_eq!(Browser::new(&child.base).get("/login").await.status, 200);
    let (printed, _) = child.stop().await;
    assert!(!printed.contains("setup-link"), "{printed}");
    assert!(!installed.data_dir().join("setup-link").exists());
}

#[tokio::test]
async fn a_key_that_others_can_read_is_refused_with_the_command_that_mends_it() {
    let installation = Installation::new().await;
    let key = installation.key_file();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let words = format!("other accounts can read or change it. Run: chmod 600 {}", key.display());
    assert_one_line(&serve(&installation, Some(&key)).await, &words);
    let mended = Command::new("sh").args(["-c", words.split_once("Run: ").unwrap().1]).status().await.unwrap();
    assert!(mended.success());
    let child = Child::start_program(&installation, &[]).await;
    assert_eq!(Browser::new(&child.base).get("/readyz").await.status, 200);
    child.stop().await;
}

#[tokio::test]
async fn every_file_is_private_even_in_a_folder_that_all_can_read() {
    let installation = Installation::empty(Options { connections: 10, ..Options::on_any_port() }).await;
    let folder = installation.data_dir();
    let modes = || -> Vec<(String, u32)> {
        let files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
        files
            .map(|file| {
                let name = file.file_name().unwrap().to_string_lossy().into_owned();
                (name, file.metadata().unwrap().permissions().mode() & 0o777)
            })
            .collect()
    };
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    // An old umask must not matter.
    let wrapped = ["bash", "-c", "umask 000; exec \"$@\"", "bash"];
    for round in 0..2 {
        let child = Child::start_program(&installation, &wrapped).await;
        assert_eq!(Browser::new(&child.base).get("/readyz").await.status, 200);
        let found = modes();
        for name in
            ["portal.db", "portal.db-wal", "portal.db-shm", "index.db", "signing.key", "serve.lock", "setup-link"]
        {
            assert!(found.iter().any(|(file, _)| file == name), "{name} is missing: {found:?}");
        }
        assert!(found.iter().all(|(_, mode)| mode & 0o077 == 0), "round {round}: {found:?}");
        let backup = folder.join(format!("backup-{round}.db"));
        let made = Command::new("bash")
            .args(["-c", "umask 000; exec \"$@\"", "bash", env!("CARGO_BIN_EXE_partner-portal"), "backup"])
            .arg(&backup)
            .arg("--data-dir")
            .arg(&folder)
            .status();
        assert!(made.await.unwrap().success());
        assert_eq!(backup.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let log = child.kill().await;
        if round == 1 {
            for name in ["portal.db", "portal.db-wal", "portal.db-shm", "index.db", "signing.key", "serve.lock"] {
                let lines = log.lines().filter(|line| line.contains("other accounts could read this file"));
                let about = lines.filter(|line| line.contains(&format!("/{name}\"")));
                assert_eq!(about.count(), 1, "{name}: {log}");
            }
        }
        // Killed, so that the files beside the database stay. The second start mends them all.
        for (name, _) in modes().into_iter().filter(|(name, _)| !name.starts_with("backup")) {
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o666)).unwrap();
        }
    }
}

#[tokio::test]
async fn a_crash_leaves_no_core_file() {
    let installation = Installation::new().await;
    // Without the limit that it sets itself, this shell would let it dump.
    let wrapped = ["bash", "-c", "ulimit -c unlimited 2>/dev/null; cd \"$0\"; exec \"$@\""];
    let folder = installation.data_dir().display().to_string();
    let child = Child::start_program(&installation, &[&wrapped[..], &[&folder]].concat()).await;
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    let killed = Command::new("bash").args(["-c", &format!("kill -SEGV {}", child.id())]).status().await.unwrap();
    assert!(killed.success());
    child.kill().await;
    let names: Vec<_> = fs::read_dir(installation.data_dir()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("core")), "{names:?}");
}

#[tokio::test]
async fn a_new_key_is_private_whatever_the_shells_umask() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("portal.key");
    let words = "umask 022; exec \"$0\" keygen > \"$1\"";
    let made = Command::new("bash").args(["-c", words, env!("CARGO_BIN_EXE_partner-portal")]).arg(&file).status();
    assert!(made.await.unwrap().success());
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    Vault::check_file(&file).unwrap();
}
