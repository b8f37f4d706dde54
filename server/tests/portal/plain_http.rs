//! Plain http on an address that other machines can reach is refused, unless the operator accepts it.

use std::{process::Output, time::Duration};

use tokio::{process::Command, time::timeout};

use crate::support::{Child, Installation};

async fn serve(installation: &Installation, settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
    command
        .arg("serve")
        .kill_on_drop(true)
        .env("PORTAL_ADDR", "127.0.0.1:0")
        .env("PORTAL_DATA_DIR", installation.data_dir())
        .env("PORTAL_MASTER_KEY_FILE", installation.key_file())
        .envs(settings.iter().copied());
    timeout(Duration::from_secs(20), command.output()).await.expect("it serves").unwrap()
}

#[tokio::test]
async fn the_portal_does_not_serve_plain_http_to_other_machines() {
    let installation = Installation::new().await;
    for (settings, what) in [
        (&[("PORTAL_ADDR", "0.0.0.0:0")][..], "PORTAL_ADDR is 0.0.0.0"),
        (&[("PORTAL_ADDR", "[::]:0"), ("PORTAL_PUBLIC_URL", "https://portal.example.com")], "PORTAL_ADDR is ::"),
        (&[("PORTAL_PUBLIC_URL", "http://portal.example.com")], "PORTAL_PUBLIC_URL is http://portal.example.com"),
        (&[("PORTAL_ADDR", "0.0.0.0:0"), ("PORTAL_INSECURE_HTTP", "no")], "PORTAL_ADDR is 0.0.0.0"),
    ] {
        let output = serve(&installation, settings).await;
        let said = String::from_utf8(output.stderr).unwrap();
        let line = said.lines().last().unwrap_or_default();
        assert!(!output.status.success(), "{settings:?}: {said}");
        assert!(line.starts_with(&format!("partner-portal: {what}, and the portal speaks plain http")), "{said}");
        assert!(line.contains("PORTAL_INSECURE_HTTP=yes"), "{said}");
        assert!(output.stdout.is_empty(), "{:?}", output.stdout);
    }
    let wrong = serve(&installation, &[("PORTAL_ADDR", "0.0.0.0:0"), ("PORTAL_INSECURE_HTTP", "perhaps")]).await;
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("possible values: no, yes"));
}

#[tokio::test]
async fn an_operator_can_accept_it() {
    let installation = Installation::new().await;
    // The address that a test may listen on is a loopback address, so the URL is what needs consent.
    let accepted = ["env", "PORTAL_INSECURE_HTTP=yes", "PORTAL_PUBLIC_URL=http://portal.example.com"];
    let child = Child::start_program(&installation, &accepted).await;
    assert_eq!(child.base, "http://portal.example.com");
    child.stop().await;
}
