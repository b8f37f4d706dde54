//! What a thief gets from one stolen thing: the database file, a backup, the log, the cookie of a session that was signed
//! out, or a core file. Nothing that opens the portal or Workato.

use std::{fs, path::Path};

use sandbox::Options;
use tokio::process::Command;

use crate::{
    secrets::{assert_clean, holds},
    support::{Browser, Child, Installation, PAYMENTS},
};

const ADMINS_PASSWORD: &str = "quiet-lantern-over-the-weir";
const GUESTS_PASSWORD: &str = "seven-herons-left-at-dawn";
const TOKEN: &str = "wrkaus-payments-0123456789";
const WITHDRAWN: &str = "wrkaus-lending-0123456789";

/// A portal after some work, and every secret that there is.
struct Scene {
    installation: Installation,
    child: Child,
    secrets: Vec<(&'static str, String)>,
    /// The cookie of a session that was signed out.
    dead_cookie: String,
}

async fn scene() -> Scene {
    let installation = Installation::empty(Options { connections: 10, ..Options::on_any_port() }).await;
    let mut child = Child::start_program(&installation, &[]).await;
    let mut secrets = vec![
        ("the admin's password", ADMINS_PASSWORD.to_owned()),
        ("a guest's password", GUESTS_PASSWORD.to_owned()),
        ("a team's token", TOKEN.to_owned()),
        ("a withdrawn token", WITHDRAWN.to_owned()),
        ("the master key", fs::read_to_string(installation.key_file()).unwrap().trim().to_owned()),
    ];
    let link = child.setup_secret(&installation).await;
    let admin = Browser::new(&child.base);
    let form = admin.open_link(&format!("/setup?secret={link}")).await.form("/api/fn/set_up");
    let form = form.with("email", "admin@partner.example").with("name", "Ada").with("password", ADMINS_PASSWORD);
    assert_eq!(admin.submit(&form).await.location(), "/");
    secrets.push(("the used link of the first admin", link));
    for (slug, token) in [(PAYMENTS, TOKEN), ("lending", WITHDRAWN)] {
        let url = installation.sandbox.base_url.as_str();
        let team = [("name", slug), ("slug", slug), ("workato_url", url), ("token", token)];
        assert_eq!(admin.post("/api/fn/create_team", &team).await.status, 303);
    }
    let withdraw = admin.get("/admin/teams/lending").await.form("/api/fn/withdraw_token");
    let withdrawn = admin.submit(&withdraw.with("confirm", "lending").with("reason", "It leaked")).await;
    assert!(withdrawn.location().contains("done=token-withdrawn"), "{}", withdrawn.location());

    let fields = [("email", "guest@partner.example"), ("name", "A guest"), ("role", "member")];
    let page = admin.post_and_follow("/api/fn/invite", &fields).await;
    let link = page.value_of("link").unwrap().split_once("secret=").unwrap().1.to_owned();
    let guest = Browser::new(&child.base);
    let form = guest.open_link(&format!("/setup?secret={link}")).await.form("/api/fn/join");
    assert_eq!(guest.submit(&form.with("password", GUESTS_PASSWORD)).await.location(), "/");
    secrets.push(("a used link", link));
    let fields = [("email", "x@y.example"), ("name", "X"), ("role", "member")];
    let page = admin.post_and_follow("/api/fn/invite", &fields).await;
    let link = page.value_of("link").unwrap().split_once("secret=").unwrap().1.to_owned();
    secrets.push(("a link that nobody has used", link));
    let feed = admin.post_and_follow("/api/fn/create_feed_token", &[("name", "A collector")]).await;
    let shown = feed.select("code").into_iter().map(|code| code.text).find(|text| text.starts_with("portal-feed-"));
    secrets.push(("a token of the feed", shown.expect("it is shown once")));
    let session = |browser: &Browser| {
        let cookies = browser.cookie().unwrap();
        cookies.split("; ").find_map(|cookie| cookie.strip_prefix("portal=")).unwrap().to_owned()
    };
    secrets.push(("the admin's session", session(&admin)));
    let dead_cookie = guest.cookie().unwrap();
    secrets.push(("the guest's session", session(&guest)));
    assert_eq!(guest.get("/account").await.status, 200);
    guest.post("/api/fn/sign_out", &[]).await;
    Scene { installation, child, secrets, dead_cookie }
}

impl Scene {
    fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.secrets.iter().map(|(what, secret)| (*what, secret.as_str()))
    }

    /// Looks for every secret in a stolen file.
    fn gets_nothing(&self, place: &str, bytes: &[u8]) {
        assert_clean(place, bytes, self.all());
    }
}

async fn run(arguments: &[&str], installation: &Installation, key: Option<&Path>) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
    command.args(arguments).env("PORTAL_ADDR", "127.0.0.1:0").env("PORTAL_DATA_DIR", installation.data_dir());
    command.env_remove("PORTAL_MASTER_KEY_FILE").kill_on_drop(true);
    if let Some(key) = key {
        command.env("PORTAL_MASTER_KEY_FILE", key);
    }
    command.output().await.unwrap()
}

#[tokio::test]
async fn a_thief_of_one_thing_gets_nothing() {
    let scene = scene().await;
    let data = scene.installation.data_dir();

    // The database files as they are, also the log beside them, while the portal serves.
    let mut found_people = false;
    for file in fs::read_dir(&data).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        found_people |= holds(&bytes, "guest@partner.example");
        scene.gets_nothing(&path.display().to_string(), &bytes);
    }
    assert!(found_people, "the search finds nothing at all");

    // A backup.
    let backup = data.join("stolen.db");
    let made = run(&["backup", &backup.display().to_string()], &scene.installation, None).await;
    assert!(made.status.success(), "{made:?}");
    scene.gets_nothing("the backup", &fs::read(&backup).unwrap());

    // The cookie of a session that was signed out.
    let thief = Browser::new(&scene.child.base);
    for path in ["/account", "/admin/people", "/teams/payments/connections", "/audit"] {
        let asked = thief.request(reqwest::Method::GET, path).header("cookie", &scene.dead_cookie);
        let page = thief.send(asked).await.unwrap();
        assert!(page.status == 303 && page.location().starts_with("/login"), "{path}: {}", page.status);
    }

    // The database with a master key of the thief's own: every key in it is sealed with another.
    let others = scene.installation.data_dir().join("thiefs.key");
    portal::private_file::create(&others, portal::vault::Vault::new_key().unwrap().as_bytes()).unwrap();
    let copy = Installation::empty(Options { connections: 1, ..Options::on_any_port() }).await;
    fs::create_dir(copy.data_dir()).unwrap();
    fs::copy(&backup, copy.data_dir().join("portal.db")).unwrap();
    let refused = run(&["serve"], &copy, Some(&others)).await;
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("were sealed with master key"), "{said}");

    // The memory of the process, as a core file would have it: there is none, even if it aborts.
    let id = scene.child.id();
    let status = fs::read_to_string(format!("/proc/{id}/limits")).unwrap();
    let core = status.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    let Scene { child, secrets, .. } = scene;
    let aborted = Command::new("bash").args(["-c", &format!("kill -ABRT {id}")]).status().await.unwrap();
    assert!(aborted.success());

    // What it logged, at debug.
    let log = child.kill().await;
    assert!(log.contains("/api/fn/create_team"), "the log has no requests");
    assert_clean("the log", log.as_bytes(), secrets.iter().map(|(what, secret)| (*what, secret.as_str())));
    for folder in [data.as_path(), Path::new(".")] {
        let names = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let cores: Vec<_> = names.filter(|name| name == "core" || name.starts_with("core.")).collect();
        assert!(cores.is_empty(), "{cores:?}");
    }
}
