//! A standard output that is full, closed, or read by nobody: serving goes on, and a command that has done its work
//! says so on standard error and fails.

use std::{
    fs::OpenOptions,
    io::{Write, pipe},
    path::Path,
    process::{Output, Stdio},
    time::{Duration, Instant},
};

use rstest::rstest;
use sandbox::Options;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child as Process, ChildStderr, Command},
    time::timeout,
};

use crate::support::{Browser, Installation, eventually};

const SOON: Duration = Duration::from_secs(30);
/// How much a pipe holds on Linux.
const PIPE: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StandardOutput {
    Full,
    Closed,
    ReadByNobody,
}

impl StandardOutput {
    /// For a child; and what must be kept for as long as it runs.
    fn open(self) -> (Stdio, Option<std::io::PipeReader>) {
        if self == Self::Full {
            return (OpenOptions::new().write(true).open("/dev/full").unwrap().into(), None);
        }
        let (reader, mut writer) = pipe().unwrap();
        if self == Self::Closed {
            return (writer.into(), None);
        }
        writer.write_all(&[b' '; PIPE]).unwrap();
        (writer.into(), Some(reader))
    }
}

fn program(data_dir: &Path, key_file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
    command
        .kill_on_drop(true)
        .env("PORTAL_DATA_DIR", data_dir)
        .env("PORTAL_MASTER_KEY_FILE", key_file)
        .env("PORTAL_ADDR", "127.0.0.1:0")
        .env("PORTAL_METRICS_ADDR", "127.0.0.1:0")
        .env("PORTAL_SECOND_FACTOR", "optional")
        .env("PORTAL_WORKATO_TIMEOUT", "1");
    command
}

/// Reads the log until it says where the portal and its metrics are served.
async fn serving_on(log: &mut BufReader<ChildStderr>) -> (String, String) {
    let mut all = String::new();
    let found = async {
        while log.read_line(&mut all).await.unwrap() > 0 {
            let line = all.lines().next_back().unwrap_or_default();
            if line.contains("\"message\":\"serving\"") {
                let address = |name: &str| {
                    let (_, rest) = line.split_once(&format!("\"{name}\":\""))?;
                    Some(format!("http://{}", rest.split('"').next()?))
                };
                return address("address").zip(address("metrics"));
            }
        }
        None
    };
    match timeout(SOON, found).await {
        Ok(Some(base)) => base,
        _ => panic!("it is not served: {all}"),
    }
}

async fn stop(mut process: Process) {
    let id = process.id().expect("it still runs").to_string();
    assert!(Command::new("bash").args(["-c", &format!("kill -TERM {id}")]).status().await.unwrap().success());
    let status = timeout(SOON, process.wait()).await.expect("it stops").unwrap();
    assert!(status.success(), "{status}");
}

#[rstest]
#[tokio::test]
async fn serving_goes_on(
    #[values(StandardOutput::Full, StandardOutput::Closed, StandardOutput::ReadByNobody)] output: StandardOutput,
) {
    let installation = Installation::new().await;
    let (stdout, _kept) = output.open();
    let mut command = program(&installation.data_dir(), &installation.key_file());
    command.arg("serve").stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped());
    command.env("PORTAL_CHECKPOINTS_TO", "-").env("PORTAL_LOG_FORMAT", "json");
    let mut process = command.spawn().unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap());
    let (base, monitoring) = serving_on(&mut log).await;
    let reading = tokio::spawn(async move {
        let mut rest = String::new();
        while log.read_line(&mut rest).await.unwrap() > 0 {}
        rest
    });

    // Signing in is an entry, hence a checkpoint that standard output does not take.
    let browser = Browser::of(&base, "operator").await;
    let trouble = eventually("the trouble is shown", SOON, || async {
        let page = Browser::new(&monitoring).get("/readyz").await;
        assert_eq!(page.status, 200);
        page.body.contains("standard output has taken no checkpoint since").then_some(page.body)
    })
    .await;
    let why = match output {
        StandardOutput::Full => "No space left on device",
        StandardOutput::Closed => "Broken pipe",
        StandardOutput::ReadByNobody => "nobody reads standard output",
    };
    assert!(trouble.contains(why), "{trouble}");
    let asked = Instant::now();
    assert_eq!(browser.get("/account").await.status, 200);
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    stop(process).await;
    let log = reading.await.unwrap();
    assert!(!log.contains("panicked"), "{log}");
}

#[rstest]
#[tokio::test]
async fn a_command_that_has_done_its_work_says_so_and_fails(
    #[values(StandardOutput::Full, StandardOutput::Closed)] output: StandardOutput,
) {
    let installation = Installation::empty(Options { connections: 10, ..Options::on_any_port() }).await;
    let run = async |arguments: &[&str], input: &str| -> Output {
        let mut command = program(&installation.data_dir(), &installation.key_file());
        command.env("PORTAL_WORKATO_HOSTS", &installation.sandbox.base_url).args(arguments);
        command.stdin(Stdio::piped()).stdout(output.open().0).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        process.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
        timeout(SOON, process.wait_with_output()).await.expect("it ends").unwrap()
    };
    let (url, token) = (installation.sandbox.base_url.as_str(), installation.sandbox.tokens[0].as_str());
    let user = ["user", "add", "--email", "jo@partner.example", "--name", "Jo", "--role", "admin", "--password-stdin"];
    let team = ["team", "add", "--slug", "payments", "--name", "Payments", "--workato-url", url, "--token-stdin"];
    let member = ["member", "add", "--team", "payments", "--email", "jo@partner.example", "--role", "operator"];
    // Each needs what the one before has done.
    for (arguments, input, done) in [
        (&user[..], "jo-knows-four-words\n", "jo@partner.example is admin now."),
        (&team[..], token, "Team payments uses workspace"),
        (&member[..], "", "jo@partner.example is operator of payments now."),
    ] {
        let output = run(arguments, input).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.starts_with(&format!("partner-portal: {done}")), "{said}");
        assert!(
            said.contains("But this could not be written to standard output") && said.lines().count() == 1,
            "{said}"
        );
    }
    for arguments in [&["keygen"][..], &["audit", "public-key"], &["audit", "verify"], &["audit", "export"]] {
        let output = run(arguments, "").await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.starts_with("partner-portal: ") && said.lines().count() == 1, "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn a_log_that_is_not_on_a_terminal_holds_no_colour_codes() {
    let installation = Installation::new().await;
    let mut command = program(&installation.data_dir(), &installation.key_file());
    command.arg("serve").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.env("PORTAL_LOG", "info").env("PORTAL_LOG_FORMAT", "text");
    let mut process = command.spawn().unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap());
    let mut lines = String::new();
    while !lines.contains("INFO") {
        timeout(SOON, log.read_line(&mut lines)).await.expect("it logs").unwrap();
    }
    assert!(!lines.contains('\x1b'), "{lines:?}");
    stop(process).await;
}

#[tokio::test]
async fn a_line_of_the_process_log_cannot_be_forged() {
    let installation = Installation::new().await;
    let mut command = program(&installation.data_dir(), &installation.key_file());
    command.arg("serve").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.env("PORTAL_LOG", "debug").env("PORTAL_LOG_FORMAT", "json").env("PORTAL_TRUSTED_PROXIES", "127.0.0.1");
    let mut process = command.spawn().unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap());
    let (base, _) = serving_on(&mut log).await;
    let reading = tokio::spawn(async move {
        let mut rest = String::new();
        while log.read_line(&mut rest).await.unwrap() > 0 {}
        rest
    });
    let forged = r#"{"level":"ERROR","fields":{"message":"forged"}}"#;
    let browser = Browser::new(&base);
    for path in [format!("/%0A{forged}"), format!("/a%0D%0A{forged}?b=%0A{forged}"), format!("/%E2%80%A8{forged}")] {
        let request =
            browser.request(reqwest::Method::GET, &path).header("x-forwarded-for", format!("1.2.3.4, {forged}"));
        browser.send(request.header("user-agent", forged)).await.unwrap();
    }
    browser.sign_in(&format!("a@b\n{forged}"), forged).await;
    stop(process).await;
    let log = reading.await.unwrap();
    assert!(log.lines().count() > 4, "{log}");
    for line in log.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_ne!(event["fields"]["message"], "forged", "{line}");
    }
}
