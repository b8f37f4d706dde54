//! A portal in a process of its own, which can be killed: this test program, started again, or the real program.

use std::{
    env,
    future::pending,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use futures::FutureExt;
use portal::operations::{Observer, Step};
use server::{Config, LogFormat, serve, start_logging};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader},
    net::TcpListener,
    process::{Child as Process, ChildStdout, Command},
    task::JoinHandle,
    time::timeout,
};
use workato::Limits;

use super::{Installation, installation::quick_settings};

/// Set in a child process: the step at which it stops operations, or nothing.
const ROLE: &str = "PORTAL_TEST_CHILD_HOLDS_AT";
const WORKATO: &str = "PORTAL_TEST_WORKATO";
/// Set for instances that keep Workato's limits.
const HAS_LIMITS: &str = "PORTAL_TEST_HAS_LIMITS";
/// The database that several instances share, if there are several.
const DATABASE_URL: &str = "PORTAL_TEST_DATABASE_URL";
/// Marks a child's own lines, since the test harness writes to standard output, too.
const SAYS: &str = "child: ";

/// A portal in a process of its own.
pub struct Child {
    process: Process,
    stdout: BufReader<ChildStdout>,
    stderr: JoinHandle<Vec<u8>>,
    pub base: String,
    /// Its output so far.
    printed: String,
}

impl Child {
    /// Serves the installation with quick settings. Operations stop at a step for ever.
    pub async fn start(installation: &Installation, hold: Option<Step>) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args(["--exact", "support::child::child_process_serves_until_it_is_killed", "--ignored", "--nocapture"])
            .env(ROLE, hold.map_or("", Step::as_str))
            .env(WORKATO, &installation.sandbox.base_url)
            .env("PORTAL_DATA_DIR", installation.data_dir())
            .env("PORTAL_MASTER_KEY_FILE", installation.key_file());
        Self::spawned(command, "child: serving on ").await
    }

    /// One of several instances that share a PostgreSQL database.
    pub async fn instance(
        installation: &Installation,
        data_dir: PathBuf,
        signing_key: &Path,
        (database_url, has_limits): (&str, bool),
    ) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args(["--exact", "support::child::child_process_serves_until_it_is_killed", "--ignored", "--nocapture"])
            .env(ROLE, "")
            .env(WORKATO, &installation.sandbox.base_url)
            .env(DATABASE_URL, database_url)
            .env("PORTAL_DATA_DIR", data_dir)
            .env("PORTAL_SIGNING_KEY_FILE", signing_key)
            .env("PORTAL_MASTER_KEY_FILE", installation.key_file());
        if has_limits {
            command.env(HAS_LIMITS, "yes");
        }
        Self::spawned(command, "child: serving on ").await
    }

    /// Serves the installation with the real program, started by `prefix`, for example under a limit.
    pub async fn start_program(installation: &Installation, prefix: &[&str]) -> Self {
        let program = env!("CARGO_BIN_EXE_partner-portal");
        let mut words = prefix.iter().copied().chain([program, "serve"]);
        let mut command = Command::new(words.next().unwrap());
        command
            .args(words)
            .env("PORTAL_ADDR", "127.0.0.1:0")
            .env("PORTAL_DATA_DIR", installation.data_dir())
            .env("PORTAL_MASTER_KEY_FILE", installation.key_file())
            .env("PORTAL_WORKATO_HOSTS", &installation.sandbox.base_url)
            .env("PORTAL_SECOND_FACTOR", "optional")
            .env("PORTAL_WORKATO_TIMEOUT", "1")
            .env("PORTAL_SETTLE_EVERY", "1")
            .env("PORTAL_WATCH_FIRST_AFTER", "3600")
            .env("PORTAL_LOG", "debug")
            .env("PORTAL_LOG_FORMAT", "json");
        Self::spawned(command, "Partner Portal on ").await
    }

    async fn spawned(mut command: Command, serving: &str) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let stderr = tokio::spawn(read_all(process.stderr.take().unwrap()));
        let mut child = Self { process, stdout, stderr, base: String::new(), printed: String::new() };
        child.base = child.line_with(serving).await.trim().to_owned();
        child
    }

    /// Waits until an operation has stopped at the step.
    pub async fn reached(&mut self, step: Step) {
        self.line_with(&format!("{SAYS}reached {step}")).await;
    }

    /// The rest of the next line that contains `mark`.
    pub async fn line_with(&mut self, mark: &str) -> String {
        let found = timeout(Duration::from_secs(30), async {
            loop {
                let mut line = String::new();
                if self.stdout.read_line(&mut line).await.unwrap() == 0 {
                    return None;
                }
                self.printed.push_str(&line);
                if let Some((_, rest)) = line.split_once(mark) {
                    return Some(rest.to_owned());
                }
            }
        });
        match found.await {
            Ok(Some(rest)) => rest,
            _ => panic!("the child did not say {mark:?}, only: {}", self.printed),
        }
    }

    /// The secret of the link for the first admin, from the file that it names.
    pub async fn setup_secret(&mut self, installation: &Installation) -> String {
        let file = self.line_with("open the link in the file ").await;
        let link = std::fs::read_to_string(file.trim()).unwrap();
        assert_eq!(std::path::Path::new(file.trim()), installation.data_dir().join("setup-link"));
        link.trim().split_once("/setup?secret=").expect("a link").1.to_owned()
    }

    pub fn id(&self) -> u32 {
        self.process.id().expect("it still runs")
    }

    /// The most memory that it ever had without what is mapped of its file, in MiB. Those pages are the kernel's to drop, and
    /// there are 50 to 64 MiB of them where the program is not optimised.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let kilobytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
        };
        (kilobytes("VmHWM:") - kilobytes("RssFile:")) / 1024
    }

    /// Kills it with SIGKILL, so that nothing in it can clean up. Returns its log.
    pub async fn kill(mut self) -> String {
        self.process.kill().await.unwrap();
        String::from_utf8(self.stderr.await.unwrap()).unwrap()
    }

    /// Stops it with SIGTERM. Returns its output and its log.
    pub async fn stop(mut self) -> (String, String) {
        let asked = Command::new("bash").args(["-c", &format!("kill -TERM {}", self.id())]).status();
        assert!(asked.await.unwrap().success());
        let rest = timeout(Duration::from_secs(20), read_all(&mut self.stdout));
        self.printed.push_str(&String::from_utf8_lossy(&rest.await.unwrap()));
        let status = self.process.wait().await.unwrap();
        let stderr = String::from_utf8(self.stderr.await.unwrap()).unwrap();
        assert!(status.success(), "{status}: {stderr}");
        (self.printed, stderr)
    }
}

async fn read_all(mut from: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut all = Vec::new();
    from.read_to_end(&mut all).await.unwrap();
    all
}

/// What a child process runs. As a test of its own it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a process that other tests start"]
async fn child_process_serves_until_it_is_killed() {
    let Ok(hold) = env::var(ROLE) else { return };
    start_logging("debug", LogFormat::Json).unwrap();
    let [data_dir, key_file, workato] =
        ["PORTAL_DATA_DIR", "PORTAL_MASTER_KEY_FILE", WORKATO].map(|name| env::var(name).unwrap());
    let mut settings = quick_settings(data_dir.into(), key_file.into(), workato);
    settings.observer = holding_for_ever(hold.parse().ok());
    if let Ok(url) = env::var(DATABASE_URL) {
        settings.database_url = Some(url.into());
        settings.has_other_instances = true;
        settings.mark_file = Some(settings.data_dir.join("signing.mark"));
        settings.signing_key_file = env::var_os("PORTAL_SIGNING_KEY_FILE").map(PathBuf::from);
        if env::var_os(HAS_LIMITS).is_some() {
            settings.upstream.limits = Limits::documented();
            settings.upstream.longest_wait = Duration::from_secs(20);
            settings.upstream.timeout = Duration::from_secs(5);
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public_url = format!("http://{}", listener.local_addr().unwrap());
    println!("\n{SAYS}serving on {public_url}");
    let config = Config {
        is_demo: false,
        portal: settings,
        public_url: public_url.parse().unwrap(),
        trusted_proxies: Vec::new(),
        requests_per_second: 30,
    };
    serve(config, listener, pending()).await.unwrap();
}

fn holding_for_ever(hold: Option<Step>) -> Observer {
    Arc::new(move |step| {
        async move {
            if Some(step) == hold {
                println!("\n{SAYS}reached {step}");
                pending::<()>().await;
            }
        }
        .boxed()
    })
}
