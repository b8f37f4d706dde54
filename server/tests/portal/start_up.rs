//! What keeps the program from starting: each reason is one clear line.

use std::{fs, path::Path, process::Output, time::Duration};

use portal::vault::Vault;
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
    fs::write(&other, Vault::new_key().unwrap().as_bytes()).unwrap();
    assert_one_line(&serve(&installation, Some(&other)).await, "key");
    fs::write(&other, "too short").unwrap();
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
async fn a_setup_link_is_printed_until_there_is_an_admin_and_each_start_replaces_it() {
    let installation = Installation::empty(Options { connections: 10, ..Options::on_any_port() }).await;
    let mut links = Vec::new();
    for _ in 0..2 {
        let mut child = Child::start_program(&installation, &[]).await;
        let line = child.line_with("/setup?secret=").await;
        links.push(line.trim().to_owned());
        let browser = Browser::new(&child.base);
        let opens = |secret: &str| {
            let (browser, path) = (browser.clone(), format!("/setup?secret={secret}"));
            async move { browser.get(&path).await.status }
        };
        assert_eq!(opens(links.last().unwrap()).await, 200);
        if links.len() == 2 {
            assert_eq!(opens(&links[0]).await, 404);
        }
        child.stop().await;
    }
    let installed = Installation::new().await;
    let child = Child::start_program(&installed, &[]).await;
    assert_eq!(Browser::new(&child.base).get("/login").await.status, 200);
    let (printed, _) = child.stop().await;
    assert!(!printed.contains("/setup"), "{printed}");
}
