//! `partner-portal check`: it finds what is wrong, names the privilege that is missing and the page that suffers, ends in
//! time, shows no secret, and changes nothing.

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Output,
    time::{Duration, Instant},
};

use portal::{private_file, vault::Vault};
use sandbox::{Alteration, Options, Privilege, Privileges};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    process::Command,
    time::timeout,
};

use crate::support::{Browser, Child, Installation};

/// An address on which nobody listens.
const NOBODY: &str = "127.0.0.1:9";

async fn check(installation: &Installation, addr: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
    command
        .arg("check")
        .args(arguments)
        .kill_on_drop(true)
        .env("PORTAL_ADDR", addr)
        .env("PORTAL_DATA_DIR", installation.data_dir())
        .env("PORTAL_MASTER_KEY_FILE", installation.key_file())
        .env("PORTAL_WORKATO_HOSTS", &installation.sandbox.base_url)
        .env("PORTAL_MIN_FREE_DISK", "1MiB");
    let output = timeout(Duration::from_secs(60), command.output()).await.expect("it ends").unwrap();
    for token in &installation.sandbox.tokens {
        assert!(!said(&output).contains(token), "{}", said(&output));
    }
    output
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.clone(), output.stderr.clone()].concat()).into_owned()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("{}", said(output)))
}

/// The lines about one thing.
fn lines_of(output: &Output, check: &str) -> Vec<String> {
    let said = said(output);
    let of_it = |line: &&str| line.split_once("  ").is_some_and(|(_, rest)| rest.trim_start().starts_with(check));
    said.lines().filter(of_it).map(str::to_owned).collect()
}

/// Everything in a folder, with its mode, so that nothing can change unnoticed.
fn everything_in(folder: &Path) -> BTreeMap<String, (Vec<u8>, u32)> {
    let read = |file: std::io::Result<fs::DirEntry>| {
        let path = file.unwrap().path();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        (path.display().to_string(), (fs::read(&path).unwrap(), mode))
    };
    fs::read_dir(folder).unwrap().map(read).collect()
}

#[tokio::test]
async fn a_portal_that_is_not_served_is_checked_and_not_touched() {
    let installation = Installation::new().await;
    let before = everything_in(&installation.data_dir());
    let output = check(&installation, NOBODY, &[]).await;
    assert_eq!(status(&output), 1, "{}", said(&output));
    assert!(said(&output).starts_with("WARNING: 1 of "), "{}", said(&output));
    assert_eq!(
        lines_of(&output, "portal"),
        [format!("warning  portal            Nothing listens on {NOBODY}: the portal is not running")]
    );
    for (check, text) in [
        ("configuration", "Valid: http://localhost:9 on 127.0.0.1:9"),
        ("files", "are private"),
        ("keys", "opens the database"),
        ("database", " entries in "),
        ("disk", " free"),
        ("clock", "It agrees with"),
        ("workato payments", "Workato responds for workspace "),
        ("workato lending", "The token may read everything that pages show"),
    ] {
        let lines = lines_of(&output, check);
        assert!(lines.iter().any(|line| line.starts_with("ok ") && line.contains(text)), "{check}: {}", said(&output));
    }
    assert_eq!(everything_in(&installation.data_dir()), before);
    assert!(installation.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn a_portal_that_is_served_goes_on_and_all_is_fine() {
    let installation = Installation::new().await;
    let child = Child::start_program(&installation, &[]).await;
    let addr = child.base.rsplit('/').next().unwrap().replace("localhost", "127.0.0.1");
    let output = check(&installation, &addr, &[]).await;
    assert_eq!(status(&output), 0, "{}", said(&output));
    assert!(said(&output).starts_with("OK: "), "{}", said(&output));
    assert_eq!(lines_of(&output, "portal"), ["ok       portal            The portal is running and ready"]);
    let json = check(&installation, &addr, &["--json", "--only", "portal,disk"]).await;
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["state"], "ok");
    let checks: Vec<_> =
        json["checks"].as_array().unwrap().iter().map(|line| line["check"].as_str().unwrap()).collect();
    assert_eq!(checks, ["disk", "portal"]);
    let operator = Browser::of(&child.base, "operator").await;
    assert_eq!(operator.get("/teams/payments/connections").await.status, 200);
    child.stop().await;
}

#[tokio::test]
async fn a_token_that_lacks_privileges_is_told_which_and_what_is_missing_without_them() {
    let installation = Installation::new().await;
    let sandbox = &installation.sandbox;
    let privileges = Privileges::without(&[Privilege::Tags, Privilege::Code, Privilege::CustomerRecipes]);
    sandbox.admit(&sandbox.tokens[0].parse().unwrap(), 0, privileges);
    sandbox.admit(&sandbox.tokens[1].parse().unwrap(), 1, Privileges::without(&[Privilege::ReadConnections]));
    let output = check(&installation, NOBODY, &["--only", "workato"]).await;
    assert_eq!(status(&output), 2, "{}", said(&output));
    let payments = lines_of(&output, "workato payments");
    assert!(payments[0].starts_with("ok "), "{payments:?}");
    let missing: Vec<_> = payments.iter().filter(|line| line.starts_with("warning ")).collect();
    assert_eq!(missing.len(), 3, "{payments:?}");
    for (what, name) in [
        ("may not read tags, so the Connections page shows no tags", "Tags › List tags"),
        ("may not read connector code, so", "Connector SDKs › Get custom connector code"),
        ("may not read customers' recipes, so", "Customer workspaces › Projects › List"),
    ] {
        assert!(missing.iter().any(|line| line.contains(what) && line.contains(name)), "{what}: {missing:?}");
    }
    let lending = lines_of(&output, "workato lending");
    let broken: Vec<_> = lending.iter().filter(|line| line.starts_with("broken ")).collect();
    assert!(
        matches!(&broken[..], [line] if line.contains("may not read connections, so the Connections page shows nothing")),
        "{lending:?}"
    );
}

#[tokio::test]
async fn a_customer_who_has_not_let_the_vendor_in_is_no_missing_privilege() {
    let installation = Installation::new().await;
    let workspace = installation.sandbox.workspace(0).unwrap();
    let first = workspace.customers()[0].id;
    workspace.alter(&Alteration::SetCustomerAccess { customer_id: first, has_access: false }).unwrap();
    let output = check(&installation, NOBODY, &["--only", "workato"]).await;
    assert_eq!(status(&output), 0, "{}", said(&output));
}

#[tokio::test]
async fn a_revoked_token_and_a_token_of_another_workspace_are_told_apart() {
    let installation = Installation::new().await;
    let sandbox = &installation.sandbox;
    sandbox.admit(&sandbox.tokens[0].parse().unwrap(), 1, Privileges::all());
    assert!(sandbox.revoke(&sandbox.tokens[1]));
    let output = check(&installation, NOBODY, &["--only", "workato"]).await;
    assert_eq!(status(&output), 2, "{}", said(&output));
    let lending = lines_of(&output, "workato lending");
    assert!(matches!(&lending[..], [line] if line.starts_with("broken ") && line.contains("refused every call")));
    let payments = lines_of(&output, "workato payments");
    let id = sandbox.workspace(1).unwrap().id();
    let expected = format!("Its token opens workspace {id}, but the team's is ");
    assert!(payments.iter().any(|line| line.starts_with("broken ") && line.contains(&expected)), "{payments:?}");
}

#[tokio::test]
async fn wrong_modes_and_the_wrong_key_are_found_and_left_as_they_are() {
    let installation = Installation::new().await;
    let database = installation.data_dir().join("portal.db");
    fs::set_permissions(&database, Permissions::from_mode(0o646)).unwrap();
    let output = check(&installation, NOBODY, &["--only", "files"]).await;
    assert_eq!(status(&output), 2, "{}", said(&output));
    assert!(said(&output).contains(&format!("(mode 646). Run: chmod go= {}", database.display())), "{}", said(&output));
    assert_eq!(fs::metadata(&database).unwrap().permissions().mode() & 0o777, 0o646, "it only looks");
    fs::set_permissions(&database, Permissions::from_mode(0o640)).unwrap();
    assert_eq!(status(&check(&installation, NOBODY, &["--only", "files"]).await), 1);
    fs::set_permissions(&database, Permissions::from_mode(0o600)).unwrap();

    let key = installation.key_file();
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    let output = check(&installation, NOBODY, &["--only", "keys"]).await;
    assert_eq!(status(&output), 2);
    assert!(said(&output).contains("other accounts can read or change it. Run: chmod 600"), "{}", said(&output));
    private_file::replace(&key, Vault::new_key().unwrap().as_bytes()).unwrap();
    let output = check(&installation, NOBODY, &["--only", "keys"]).await;
    assert_eq!(status(&output), 2);
    assert!(said(&output).contains("were sealed with master key"), "{}", said(&output));
}

#[tokio::test]
async fn settings_that_serve_would_refuse_are_refused_here() {
    let installation = Installation::new().await;
    let output = check(&installation, "0.0.0.0:3000", &["--only", "configuration"]).await;
    assert_eq!(status(&output), 2);
    assert!(said(&output).contains("PORTAL_ADDR is 0.0.0.0"), "{}", said(&output));
    let output = check(&installation, NOBODY, &["--only", "configuration", "--public-url", "nonsense"]).await;
    assert_eq!(status(&output), 2);
    let output = check(&installation, NOBODY, &["--settle-every", "never"]).await;
    assert_eq!(status(&output), 2, "a setting that cannot be read is broken, too");
    let output = check(&installation, NOBODY, &["--only", "disk", "--min-free-disk", "900TiB"]).await;
    assert_eq!(status(&output), 2);
    assert!(said(&output).contains("changes nothing with less than 900.0 TiB"), "{}", said(&output));
}

#[tokio::test]
async fn a_portal_that_was_never_started_has_no_database_yet() {
    let installation = Installation::empty(Options::on_any_port()).await;
    let output = check(&installation, NOBODY, &["--only", "database,disk,files,workato"]).await;
    assert_eq!(status(&output), 1, "{}", said(&output));
    assert!(!installation.data_dir().exists(), "nothing is made");
}

#[tokio::test]
async fn a_workato_that_cannot_be_reached_is_one_line_a_team() {
    let installation = Installation::new().await;
    installation.sandbox.faults().put("down", "* /api/**: reset".parse().unwrap());
    let output = check(&installation, NOBODY, &["--only", "workato", "--within", "6"]).await;
    assert_eq!(status(&output), 2, "{}", said(&output));
    for team in ["payments", "lending"] {
        let lines = lines_of(&output, &format!("workato {team}"));
        assert!(
            matches!(&lines[..], [line] if line.starts_with("broken ") && line.contains("Workato could not be reached")),
            "{}",
            said(&output)
        );
    }
}

#[tokio::test]
async fn a_workato_that_hangs_or_trickles_does_not_outlast_the_deadline() {
    let installation = Installation::new().await;
    for fault in ["* /api/**: hang", "* /api/**: latency 20s"] {
        installation.sandbox.faults().put("slow", fault.parse().unwrap());
        let began = Instant::now();
        let output = check(&installation, NOBODY, &["--only", "workato", "--within", "4"]).await;
        assert!(began.elapsed() < Duration::from_secs(8), "{fault}: {:?}", began.elapsed());
        assert_eq!(status(&output), 2, "{}", said(&output));
        let lines = lines_of(&output, "workato payments");
        assert!(matches!(&lines[..], [line] if line.contains("got no answer within")), "{fault}: {}", said(&output));
    }
    // One list that hangs hides nothing of the others.
    installation.sandbox.faults().put("slow", "GET /api/tags: hang".parse().unwrap());
    let output = check(&installation, NOBODY, &["--only", "workato", "--within", "4"]).await;
    assert_eq!(status(&output), 1, "{}", said(&output));
    let lines = lines_of(&output, "workato payments");
    assert!(
        matches!(&lines[..], [ok, tags] if ok.starts_with("ok ") && tags.contains("GET /api/tags got no answer within")),
        "{}",
        said(&output)
    );
}

#[tokio::test]
async fn a_workato_that_lies_is_not_taken_for_one_that_works() {
    let installation = Installation::new().await;
    for fault in ["* /api/**: html", "* /api/**: truncate", "* /api/**: redirect http://127.0.0.1:9/", "* /api/**: 500"]
    {
        installation.sandbox.faults().put("lie", fault.parse().unwrap());
        let output = check(&installation, NOBODY, &["--only", "workato", "--within", "6"]).await;
        assert_eq!(status(&output), 2, "{fault}: {}", said(&output));
        let lines = lines_of(&output, "workato payments");
        assert!(matches!(&lines[..], [line] if line.starts_with("broken ")), "{fault}: {}", said(&output));
    }
    // Answers with more and odder fields than documented are answers all the same.
    installation.sandbox.faults().put("lie", "* /api/**: extra-fields".parse().unwrap());
    let output = check(&installation, NOBODY, &["--only", "workato"]).await;
    assert_eq!(status(&output), 0, "{}", said(&output));
}

#[tokio::test]
async fn somebody_else_on_the_portals_port_is_not_the_portal() {
    let installation = Installation::new().await;
    for answer in ["SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap().to_string();
        let other = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 512];
            let _ = stream.read(&mut request).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        let output = check(&installation, &addr, &["--only", "portal"]).await;
        assert_eq!(status(&output), 2, "{}", said(&output));
        other.await.unwrap();
    }
}

/// A Workato that answers every call with an empty list, and says that it is New Year.
async fn new_year() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4_096];
                while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                    let head = "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 2\r\n\r\n";
                    if stream.write_all(format!("{head}[]").as_bytes()).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn a_clock_that_differs_from_workatos_is_found() {
    let installation = Installation::new().await;
    let workato = new_year().await;
    let mut add = Command::new(env!("CARGO_BIN_EXE_partner-portal"))
        .args([
            "team",
            "add",
            "--slug",
            "a-first",
            "--name",
            "A first team",
            "--token-stdin",
            "--workato-url",
            &workato,
        ])
        .env("PORTAL_DATA_DIR", installation.data_dir())
        .env("PORTAL_MASTER_KEY_FILE", installation.key_file())
        .env("PORTAL_WORKATO_HOSTS", &workato)
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    add.stdin.take().unwrap().write_all(b"wrkaus-of-the-first-team\n").await.unwrap();
    assert!(add.wait().await.unwrap().success());
    let output = check(&installation, NOBODY, &["--only", "clock,workato"]).await;
    assert_eq!(status(&output), 2, "{}", said(&output));
    let clock = lines_of(&output, "clock");
    assert!(matches!(&clock[..], [line] if line.starts_with("broken ") && line.contains(" s ahead. ")), "{clock:?}");
    // The workspace cannot be read from an empty list, and the rest of such an answer is as good as any.
    let team = lines_of(&output, "workato a-first");
    assert!(team.iter().any(|line| line.contains("GET /api/users/me")), "{team:?}");
}
