//! Who may see and do what: every route and every form, for each kind of visitor.

use std::{collections::BTreeSet, sync::Mutex};

use portal::{
    OperationId,
    audit::{Action, Entry, Stage},
};

use crate::support::{Browser, ChangeKind, LENDING, PAYMENTS, Targets, TestPortal, email};

/// The columns of the tables. `stranger` belongs to another team, `nobody` is signed out.
const WHO: [&str; 6] = ["nobody", "stranger", "viewer", "operator", "auditor", "admin"];

/// What a route answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answers {
    /// This status.
    Status(u16),
    /// A redirect to the sign-in page, which leads back afterwards.
    SignIn,
    /// A redirect to any other page.
    Elsewhere,
}

use Answers::{Elsewhere, SignIn, Status};

const OK: Answers = Status(200);
const NO_RIGHT: Answers = Status(403);
const UNKNOWN: Answers = Status(404);

/// Everybody who is signed in.
const SIGNED_IN: [Answers; 6] = [SignIn, OK, OK, OK, OK, OK];
/// Everybody who may read the team `payments`.
const READERS: [Answers; 6] = [SignIn, NO_RIGHT, OK, OK, OK, OK];
const READERS_FIND_NOTHING: [Answers; 6] = [SignIn, NO_RIGHT, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN];
/// Everybody who may change things in the team `payments`.
const OPERATORS: [Answers; 6] = [SignIn, NO_RIGHT, NO_RIGHT, OK, NO_RIGHT, NO_RIGHT];
const ADMINS: [Answers; 6] = [SignIn, NO_RIGHT, NO_RIGHT, NO_RIGHT, NO_RIGHT, OK];
const ADMINS_FIND_NOTHING: [Answers; 6] = [SignIn, NO_RIGHT, NO_RIGHT, NO_RIGHT, NO_RIGHT, UNKNOWN];
const NOBODY_FINDS: [Answers; 6] = [UNKNOWN; 6];
const EVERYBODY: [Answers; 6] = [OK; 6];

/// A browser for each column.
async fn everybody(portal: &TestPortal) -> Vec<(&'static str, Browser)> {
    let mut all = Vec::new();
    for who in WHO {
        let browser = if who == "nobody" { portal.browser() } else { portal.browser_of(who).await };
        all.push((who, browser));
    }
    all
}

/// The id of one of the people, from the log.
fn id_of(who: &str, entries: &[Entry]) -> String {
    let person = entries
        .iter()
        .flat_map(|entry| &entry.targets)
        .find(|target| target.name.as_deref().is_some_and(|name| name == email(who) || name == format!("The {who}")));
    person.unwrap_or_else(|| panic!("no entry about {who}")).id.clone()
}

#[tokio::test]
async fn every_page_checks_the_visitors_rights() {
    let portal = TestPortal::start().await;
    let people = everybody(&portal).await;
    let operator = &people[3].1;
    let mut targets = Targets::of(&portal);
    let shared = targets.prepare(ChangeKind::Share, operator).await;
    shared.perform(operator).await;
    let connection = targets.unused_connection();
    let asked = ask(&portal, &mut targets, operator).await;
    let viewer = id_of("viewer", &portal.entries().await);
    let team = format!("/teams/{PAYMENTS}");
    let unknown = OperationId::new();

    let connector = shared.page.clone();
    let customer = portal.sandbox.workspace(0).unwrap().customers()[0].id;
    let table: Vec<(String, [Answers; 6])> = vec![
        ("/".into(), SIGNED_IN),
        ("/login".into(), [OK, Elsewhere, Elsewhere, Elsewhere, Elsewhere, Elsewhere]),
        ("/login/code".into(), [Status(303); 6]),
        ("/login/signed-out".into(), [Status(303); 6]),
        ("/login/provider".into(), [Status(303); 6]),
        ("/login/provider/callback".into(), [Status(303); 6]),
        ("/login/provider/sign-out".into(), [Status(303); 6]),
        ("/setup".into(), NOBODY_FINDS),
        ("/design".into(), NOBODY_FINDS),
        ("/account".into(), SIGNED_IN),
        ("/account/second-factor".into(), SIGNED_IN),
        ("/account/confirm".into(), [SignIn, Elsewhere, Elsewhere, Elsewhere, Elsewhere, Elsewhere]),
        (format!("{team}/connections"), READERS),
        (format!("{team}/connections?status=failed&page=1"), READERS),
        (format!("{team}/connections/{connection}"), READERS),
        (format!("{team}/connections/999999999"), READERS_FIND_NOTHING),
        (format!("{team}/connections/x"), READERS_FIND_NOTHING),
        (format!("{team}/connections/new"), OPERATORS),
        (format!("{team}/connections/{connection}/edit"), OPERATORS),
        (format!("{team}/connections/999999999/edit"), [SignIn, NO_RIGHT, NO_RIGHT, UNKNOWN, NO_RIGHT, NO_RIGHT]),
        (format!("{team}/connectors"), READERS),
        (shared.page.clone(), READERS),
        (shared.result_page(), READERS),
        (format!("{team}/connectors/999999999"), READERS_FIND_NOTHING),
        (format!("{connector}/code"), READERS),
        (format!("{connector}/compare?from=1&to=2"), READERS),
        (format!("{connector}/promote"), READERS),
        (format!("{team}/connectors/999999999/code"), READERS_FIND_NOTHING),
        (format!("{team}/connectors/999999999/compare?from=1&to=2"), READERS_FIND_NOTHING),
        (format!("{team}/connectors/999999999/promote"), READERS_FIND_NOTHING),
        (format!("{connector}/promote?to={LENDING}"), [SignIn, NO_RIGHT, NO_RIGHT, NO_RIGHT, OK, OK]),
        (format!("{team}/customers"), READERS),
        (format!("{team}/customers/{customer}"), READERS),
        (format!("{team}/customers/999999999"), READERS_FIND_NOTHING),
        (format!("{team}/customers/x"), READERS_FIND_NOTHING),
        (format!("{team}/recipes"), READERS),
        (format!("{team}/jobs"), READERS),
        (format!("{team}/jobs/{unknown}"), READERS_FIND_NOTHING),
        (format!("{team}/jobs/x"), READERS_FIND_NOTHING),
        ("/teams/nowhere/recipes".into(), [SignIn, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]),
        ("/teams/nowhere/connections".into(), [SignIn, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]),
        ("/teams/nowhere/connectors/1".into(), [SignIn, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]),
        (format!("/teams/{LENDING}/connectors"), [SignIn, OK, NO_RIGHT, NO_RIGHT, OK, OK]),
        ("/approvals".into(), SIGNED_IN),
        (format!("/approvals/{asked}"), READERS),
        (format!("/approvals/{unknown}"), [SignIn, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]),
        ("/audit".into(), SIGNED_IN),
        (format!("/audit/{}", shared.operation), READERS),
        (format!("/audit/{unknown}"), [SignIn, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]),
        ("/audit/figures".into(), SIGNED_IN),
        (format!("/audit/figures?team={PAYMENTS}"), [SignIn, Status(422), OK, OK, OK, OK]),
        ("/views".into(), SIGNED_IN),
        ("/search".into(), SIGNED_IN),
        ("/admin/feeds".into(), ADMINS),
        ("/api/v1/audit".into(), [Status(401); 6]),
        ("/audit/x".into(), [SignIn, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]),
        ("/admin/teams".into(), ADMINS),
        ("/admin/teams/new".into(), ADMINS),
        (format!("/admin/teams/{PAYMENTS}"), ADMINS),
        (format!("/admin/teams/{PAYMENTS}/token"), ADMINS),
        ("/admin/teams/nowhere".into(), ADMINS_FIND_NOTHING),
        ("/admin/teams/nowhere/token".into(), ADMINS_FIND_NOTHING),
        ("/admin/people".into(), ADMINS),
        (format!("/admin/people/{viewer}"), ADMINS),
        (format!("/admin/people/{unknown}"), ADMINS_FIND_NOTHING),
        ("/nowhere".into(), NOBODY_FINDS),
        ("/api/v1/connections".into(), NOBODY_FINDS),
        ("/healthz".into(), EVERYBODY),
        ("/readyz".into(), EVERYBODY),
    ];
    let mut wrong = Vec::new();
    for (path, answers) in &table {
        for ((who, browser), expected) in people.iter().zip(answers) {
            let page = browser.get(path).await;
            let sign_in = format!(
                "/login?{}",
                url::form_urlencoded::Serializer::new(String::new()).append_pair("next", path).finish()
            );
            let as_expected = match expected {
                Status(status) => page.status == *status,
                SignIn if path == "/" => page.is_redirect() && page.location() == "/login",
                SignIn => page.is_redirect() && page.location() == sign_in,
                Elsewhere => page.is_redirect() && !page.location().starts_with("/login"),
            };
            if !as_expected {
                wrong.push(format!("{path} for {who}: {} {}, not {expected:?}", page.status, page.header("location")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let of_one_team = |path: &str| !path.starts_with(&format!("/teams/{LENDING}")) && !path.contains("?to=");
    let pages = table
        .iter()
        .filter(|(path, answers)| of_one_team(path) && answers.contains(&OK) && !answers.contains(&Status(422)));
    assert_documented("pages", pages.map(|(path, answers)| (template(path), *answers)));
}

/// A path without what differs between teams and runs.
fn template(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let is_id = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
            && part.contains(|c: char| c.is_ascii_digit())
    };
    let parts = path.split('/').map(|part| match part {
        PAYMENTS | LENDING => "{team}",
        part if is_id(part) => "{id}",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Holds a table of docs/security.md against what the portal answered. `UPDATE_DOCS=1` rewrites the table.
#[track_caller]
fn assert_documented(name: &str, rows: impl Iterator<Item = (String, [Answers; 6])>) {
    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/security.md");
    let word = |answer: &Answers| match answer {
        Status(401 | 403) | SignIn => "no",
        Status(_) | Elsewhere => "yes",
    };
    let mut lines: Vec<String> = Vec::new();
    for (what, answers) in rows {
        let line = format!("| `{what}` | {} |", answers.each_ref().map(word).join(" | "));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let heading = "| | nobody | in another team | viewer | operator | auditor | admin |\n| --- | --- | --- | --- | --- | --- | --- |";
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    // The tables are of two tests, which run at the same time.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap();
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("no {begin}"));
    let (_, after) = rest.split_once(&end).unwrap();
    let wanted = format!("{before}{begin}\n{heading}\n{}\n\n{end}{after}", lines.join("\n"));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, wanted).unwrap();
    } else {
        assert!(
            wanted == page,
            "the table of {name} in docs/security.md is not what the portal answers; UPDATE_DOCS=1 rewrites it"
        );
    }
}

/// The page that the sign-in page leads back to, without its fragment.
fn next(sign_in: &str) -> Option<String> {
    let query = sign_in.strip_prefix("/login?")?;
    let (_, next) = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "next")?;
    next.split('#').next().map(str::to_owned)
}

/// A request of the operator that waits. Then nothing needs a second person any more.
async fn ask(portal: &TestPortal, targets: &mut Targets, operator: &Browser) -> OperationId {
    portal.guard(&["disconnect"]).await;
    let change = targets.prepare(ChangeKind::Disconnect, operator).await;
    change.perform(operator).await;
    portal.guard(&[]).await;
    change.operation
}

/// A form that each kind of visitor posts.
struct Posted {
    path: &'static str,
    fields: Vec<(&'static str, String)>,
    answers: [Answers; 6],
    /// The page with the form.
    page: String,
    /// Whether a refusal for lack of a right is an entry.
    denied: bool,
}

#[tokio::test]
async fn every_form_checks_the_senders_rights_and_a_denied_change_is_an_entry() {
    let portal = TestPortal::start().await;
    let people = everybody(&portal).await;
    let entries = portal.entries().await;
    let (viewer, leaver) = (id_of("viewer", &entries), id_of("leaver", &entries));
    let mut targets = Targets::of(&portal);
    let (share, suppress, delete) =
        (targets.shareable_connector(), targets.shared_connector(), targets.unused_connection());

    let asked = ask(&portal, &mut targets, &people[3].1).await.to_string();
    let request = format!("/approvals/{asked}");
    let everybody_elsewhere = [Elsewhere; 6];
    let signed_in = [SignIn, Elsewhere, Elsewhere, Elsewhere, Elsewhere, Elsewhere];
    let readers = [SignIn, NO_RIGHT, Elsewhere, Elsewhere, Elsewhere, Elsewhere];
    let operators = [SignIn, NO_RIGHT, NO_RIGHT, Elsewhere, NO_RIGHT, NO_RIGHT];
    let signed_in_find_nothing = [SignIn, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN];
    let admins_find_nothing = [SignIn, NO_RIGHT, NO_RIGHT, NO_RIGHT, NO_RIGHT, UNKNOWN];
    let operators_find_nothing = [SignIn, NO_RIGHT, NO_RIGHT, UNKNOWN, NO_RIGHT, NO_RIGHT];
    let reviewers_find_nothing = [SignIn, NO_RIGHT, NO_RIGHT, NO_RIGHT, UNKNOWN, UNKNOWN];
    let readers_find_nothing = [SignIn, NO_RIGHT, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN];
    let unknown = OperationId::new().to_string();
    let job = format!("/teams/{PAYMENTS}/jobs/{unknown}");
    let reviewers = [SignIn, NO_RIGHT, NO_RIGHT, NO_RIGHT, Elsewhere, Elsewhere];
    let admins = [SignIn, NO_RIGHT, NO_RIGHT, NO_RIGHT, NO_RIGHT, Elsewhere];
    let form = |path, answers, page: &str, fields: &[(&'static str, &str)]| Posted {
        path,
        fields: fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        answers,
        page: page.to_owned(),
        denied: true,
    };
    let (connector, version) = (share.0.to_string(), share.1.to_string());
    let shared = portal.sandbox.workspace(0).unwrap().connector(share.0).unwrap().shared;
    let replaces = shared.map_or_else(|| "none".to_owned(), |shared| shared.version.to_string());
    let (suppressed, connection) = (suppress.to_string(), delete.to_string());
    let promote = format!("/teams/{PAYMENTS}/connectors/{connector}/promote?to={PAYMENTS}");
    let to = ("to", PAYMENTS);
    let list = format!("/teams/{PAYMENTS}/connections");
    let team_page = format!("/admin/teams/{PAYMENTS}");
    let (viewer_page, leaver_page) = (format!("/admin/people/{viewer}"), format!("/admin/people/{leaver}"));
    let reason = ("reason", "Because of the test");
    let some = OperationId::new().to_string();
    let done = entries.iter().find(|entry| entry.action == Action::TeamTokenSet).expect("the first team's token");
    let done = done.operation_id.to_string();
    let long = ("password", "long enough to be one");
    let table = [
        form("/api/fn/sign_in", everybody_elsewhere, "/login", &[]),
        form("/api/fn/set_up", everybody_elsewhere, "/setup", &[long]),
        form("/api/fn/join", everybody_elsewhere, "/setup", &[long]),
        form("/api/fn/sign_in_with_code", everybody_elsewhere, "/login", &[("code", "000000")]),
        form("/api/fn/sign_in_with_passkey", everybody_elsewhere, "/login", &[("challenge", ""), ("answer", "")]),
        form("/api/fn/add_totp", signed_in, "/account/second-factor", &[("name", "Phone"), ("code", "000000")]),
        form("/api/fn/add_passkey", signed_in, "/account/second-factor", &[("name", "Laptop")]),
        form("/api/fn/remove_factor", signed_in_find_nothing, "/account/second-factor", &[("factor", &some)]),
        form("/api/fn/new_recovery_codes", signed_in, "/account/second-factor", &[]),
        form("/api/fn/confirm", signed_in, "/account/confirm?next=%2F", &[("password", "wrong")]),
        form("/api/fn/confirm_with_passkey", signed_in, "/account/confirm?next=%2F", &[]),
        form("/api/fn/dismiss_notices", signed_in, "/account", &[("page", "/account")]),
        // Somebody else than in the next one, which would be the same attempt again.
        form("/api/fn/recover_person", admins, &viewer_page, &[("person", &viewer)]),
        form("/api/fn/change_password", signed_in, "/account", &[("old_password", "wrong"), long]),
        form("/api/fn/revoke_session", signed_in, "/account", &[("session", "0123456789abcdef")]),
        form("/api/fn/end_sessions", admins, &viewer_page, &[("person", &viewer), ("session", "0123456789abcdef")]),
        form("/api/fn/refresh", readers, &list, &[("team", PAYMENTS), ("page", &list)]),
        form("/api/fn/compare_with_log", readers, &format!("/teams/{PAYMENTS}/connectors"), &[("team", PAYMENTS)]),
        form(
            "/api/fn/share_version",
            operators,
            &format!("/teams/{PAYMENTS}/connectors/{connector}"),
            &[("team", PAYMENTS), ("connector", &connector), ("version", &version), ("replaces", &replaces), reason],
        ),
        form(
            "/api/fn/suppress_connector",
            operators,
            &format!("/teams/{PAYMENTS}/connectors/{suppressed}"),
            &[("team", PAYMENTS), ("connector", &suppressed), reason],
        ),
        // To the same team, so that the operator has both rights. There is nothing to promote then.
        form("/api/fn/pair_connectors", operators, &promote, &[("team", PAYMENTS), ("connector", &connector), to]),
        form(
            "/api/fn/promote_connector",
            operators,
            &promote,
            &[("team", PAYMENTS), ("connector", &connector), to, ("version", &version), ("sha256", "0"), reason],
        ),
        form(
            "/api/fn/resume_promotion",
            operators,
            &promote,
            &[("team", PAYMENTS), ("connector", &connector), to, ("promotion", &some)],
        ),
        form("/api/fn/create_connection", operators, &format!("{list}/new"), &[("team", PAYMENTS), reason]),
        form(
            "/api/fn/update_connection",
            operators,
            &format!("{list}/{connection}/edit"),
            &[("team", PAYMENTS), ("connection", &connection), reason],
        ),
        form(
            "/api/fn/tag_connection",
            operators,
            &format!("{list}/{connection}"),
            &[("team", PAYMENTS), ("connection", &connection), reason],
        ),
        form(
            "/api/fn/disconnect_connection",
            operators,
            &format!("{list}/{connection}"),
            &[("team", PAYMENTS), ("connection", &connection), reason],
        ),
        form(
            "/api/fn/export_connections",
            [SignIn, NO_RIGHT, OK, OK, OK, OK],
            &list,
            &[("team", PAYMENTS), ("page", &list)],
        ),
        Posted {
            denied: false,
            ..form(
                "/api/fn/export_audit",
                [SignIn, OK, OK, OK, OK, OK],
                "/audit",
                &[("page", "/audit"), ("format", "csv")],
            )
        },
        form(
            "/api/fn/delete_connection",
            operators,
            &format!("{list}/{connection}"),
            &[("team", PAYMENTS), ("connection", &connection), reason],
        ),
        form("/api/fn/save_view", signed_in, "/audit", &[("list", "audit"), ("name", ""), ("page", "/audit")]),
        form("/api/fn/rename_view", signed_in_find_nothing, "/views", &[("id", &some), ("name", "New")]),
        form("/api/fn/delete_view", signed_in_find_nothing, "/views", &[("id", &some)]),
        form("/api/fn/create_feed_token", admins, "/admin/feeds", &[("name", "")]),
        form("/api/fn/revoke_feed_token", admins_find_nothing, "/admin/feeds", &[("id", &some)]),
        form("/api/fn/review_operation", reviewers, &format!("/audit/{done}"), &[("id", &done)]),
        form("/api/fn/flag_operation", reviewers, &format!("/audit/{done}"), &[("id", &done), ("note", "")]),
        form("/api/fn/answer_flag", operators, &format!("/audit/{done}"), &[("id", &done), ("answer", "")]),
        form("/api/fn/settle_operation", operators, &format!("/audit/{some}"), &[("team", PAYMENTS), ("id", &some)]),
        form(
            "/api/fn/share_recipe",
            operators,
            &format!("/teams/{PAYMENTS}/recipes"),
            &[("team", PAYMENTS), ("recipe", "x"), ("by", "id"), ("customer", "1"), reason],
        ),
        form("/api/fn/create_team", admins, "/admin/teams/new", &[("name", "")]),
        form("/api/fn/update_team", admins, &team_page, &[("team", PAYMENTS), ("name", "")]),
        form("/api/fn/set_policy", admins, &team_page, &[("team", PAYMENTS)]),
        form("/api/fn/approve_request", operators, &request, &[("operation", &asked)]),
        form("/api/fn/decline_request", operators, &request, &[("operation", &asked)]),
        form("/api/fn/withdraw_request", operators, &request, &[("operation", &asked)]),
        form("/api/fn/dry_run", operators, &list, &[("team", PAYMENTS), ("page", &list), ("act", "delete")]),
        form("/api/fn/take_out", operators_find_nothing, &list, &[("team", PAYMENTS), ("page", &list), ("job", &some)]),
        form("/api/fn/start_job", operators_find_nothing, &job, &[("team", PAYMENTS), ("job", &unknown)]),
        form("/api/fn/pause_job", operators_find_nothing, &job, &[("team", PAYMENTS), ("job", &unknown)]),
        form("/api/fn/resume_job", operators_find_nothing, &job, &[("team", PAYMENTS), ("job", &unknown)]),
        form("/api/fn/cancel_job", operators_find_nothing, &job, &[("team", PAYMENTS), ("job", &unknown)]),
        Posted {
            // The same attempt as to start it.
            denied: false,
            ..form("/api/fn/retry_failed", operators_find_nothing, &job, &[("team", PAYMENTS), ("job", &unknown)])
        },
        form("/api/fn/review_job", reviewers_find_nothing, &job, &[("team", PAYMENTS), ("job", &unknown)]),
        form("/api/fn/export_job", readers_find_nothing, &job, &[("team", PAYMENTS), ("job", &unknown)]),
        form("/api/fn/set_token", admins, &team_page, &[("team", PAYMENTS), ("token", "")]),
        form("/api/fn/test_token", admins, &team_page, &[("team", PAYMENTS)]),
        form("/api/fn/withdraw_token", admins, &team_page, &[("team", PAYMENTS)]),
        form("/api/fn/retire_team", admins, &team_page, &[("team", PAYMENTS)]),
        form("/api/fn/rotate_token", admins, &format!("{team_page}/token"), &[("team", PAYMENTS), ("client", "x")]),
        form("/api/fn/set_member", admins, &team_page, &[("team", PAYMENTS), ("person", &viewer), ("role", "king")]),
        form("/api/fn/remove_member", admins, &team_page, &[("team", PAYMENTS), ("person", &leaver)]),
        form("/api/fn/invite", admins, "/admin/people", &[("email", "no e-mail"), ("role", "member")]),
        form("/api/fn/invite_again", admins, &leaver_page, &[("person", &leaver)]),
        form("/api/fn/release_link", admins, &leaver_page, &[("person", &leaver)]),
        form("/api/fn/set_role", admins, &viewer_page, &[("person", &viewer), ("role", "member")]),
        form("/api/fn/disable_person", admins, &leaver_page, &[("person", &leaver)]),
        form("/api/fn/enable_person", admins, &leaver_page, &[("person", &leaver)]),
    ];

    let known: BTreeSet<&str> = app::functions().collect();
    let mut tested: BTreeSet<&str> = table.iter().map(|posted| posted.path).collect();
    // They end the session or give it a new id, so they have tests of their own.
    tested.extend(["/api/fn/sign_out", "/api/fn/revoke_sessions"]);
    assert_eq!(known, tested, "every form of the portal is in this table, and no other");

    let mut wrong = Vec::new();
    for posted in &table {
        for ((who, browser), expected) in people.iter().zip(posted.answers) {
            let denied = || async { portal.entries().await.iter().filter(|it| it.stage == Stage::Denied).count() };
            let before = denied().await;
            let operation = OperationId::new().to_string();
            let mut fields: Vec<(&str, &str)> = posted.fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
            if !fields.iter().any(|(name, _)| *name == "operation") {
                fields.push(("operation", operation.as_str()));
            }
            fields.push(("confirm", ""));
            let answer = browser.post(posted.path, &fields).await;
            let as_expected = match expected {
                Status(status) => answer.status == status,
                SignIn => answer.status == 303 && next(answer.location()).as_ref() == Some(&posted.page),
                Elsewhere => {
                    answer.status == 303 && (posted.page == "/login" || !answer.location().starts_with("/login"))
                }
            };
            if !as_expected {
                let got = format!("{} {}", answer.status, answer.header("location"));
                wrong.push(format!("{} by {who}: {got}, not {expected:?}", posted.path));
            }
            let entries = denied().await - before;
            if entries != usize::from(posted.denied && expected == NO_RIGHT) {
                wrong.push(format!("{} by {who}: {entries} entries about a refusal", posted.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(portal.sandbox.ledger().len() <= 1, "more than the operator's share was sent");
    let forms = table.iter().filter(|posted| posted.answers[0] == SignIn);
    assert_documented("forms", forms.map(|posted| (posted.path.to_owned(), posted.answers)));
}

#[tokio::test]
async fn a_denied_change_is_an_entry_with_who_and_what_and_the_page_links_to_it() {
    let portal = TestPortal::start().await;
    let auditor = portal.browser_of("auditor").await;
    let connection = Targets::of(&portal).unused_connection().to_string();
    let fields = [("team", PAYMENTS), ("connection", connection.as_str()), ("reason", "I would like to")];
    let answer = auditor.post("/api/fn/delete_connection", &fields).await;
    let entries = portal.entries().await;
    let denied = entries.last().unwrap();
    assert_eq!((answer.status, denied.stage), (403, Stage::Denied));
    assert_eq!((denied.action.as_str(), denied.targets[0].id.as_str()), ("connection.delete", connection.as_str()));
    assert_eq!(denied.actor.email.as_deref(), Some(email("auditor").as_str()));
    assert_eq!(denied.team.as_ref().unwrap().slug.as_str(), PAYMENTS);
    answer.assert_says(&denied.operation_id.to_string());
    assert_eq!(auditor.get(&format!("/audit/{}", denied.operation_id)).await.status, 200);
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn the_entry_of_a_denied_share_has_its_version_if_it_is_valid() {
    let portal = TestPortal::start().await;
    let viewer = portal.browser_of("viewer").await;
    for (version, shown) in
        [("7", "wasn't allowed to share version 7 of"), ("seven\u{0}", "wasn't allowed to share a version of")]
    {
        let fields = [("team", PAYMENTS), ("connector", "3066"), ("version", version)];
        assert_eq!(viewer.post("/api/fn/share_version", &fields).await.status, 403);
        let denied = portal.entries().await.pop().unwrap();
        assert_eq!(denied.stage, Stage::Denied);
        viewer.get(&format!("/audit/{}", denied.operation_id)).await.assert_says(shown);
    }
}

#[tokio::test]
async fn a_form_about_something_unknown_gets_an_error_page_and_sends_nothing() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let operation = OperationId::new().to_string();
    let id = ("operation", operation.as_str());
    for (path, fields, status) in [
        ("/api/fn/share_version", vec![("team", "nowhere"), ("connector", "1"), ("version", "1"), id], 404),
        (
            "/api/fn/share_version",
            vec![("team", PAYMENTS), ("connector", "x"), ("version", "1"), ("replaces", "1"), id],
            400,
        ),
        (
            "/api/fn/share_version",
            vec![("team", PAYMENTS), ("connector", "1"), ("version", "0"), ("replaces", "none"), id],
            400,
        ),
        ("/api/fn/share_version", vec![("team", PAYMENTS), ("connector", "1"), ("version", "1"), id], 400),
        (
            "/api/fn/share_version",
            vec![("team", PAYMENTS), ("connector", "1"), ("version", "1"), ("replaces", "1"), ("operation", "x")],
            400,
        ),
        ("/api/fn/share_recipe", vec![("team", "nowhere"), ("recipe", "1"), ("by", "id"), ("customer", "1"), id], 404),
        ("/api/fn/share_recipe", vec![("team", PAYMENTS), ("recipe", "1"), ("by", "size"), ("customer", "1"), id], 400),
        ("/api/fn/share_recipe", vec![("team", PAYMENTS), ("recipe", "1"), ("by", "id"), ("customer", "1")], 400),
        ("/api/fn/delete_connection", vec![("team", PAYMENTS), ("connection", "-1"), id], 400),
        ("/api/fn/delete_connection", vec![("team", PAYMENTS), ("connection", "1")], 400),
        ("/api/fn/create_connection", vec![("team", "nowhere"), id], 404),
        ("/api/fn/create_connection", vec![("team", PAYMENTS), ("operation", "x")], 400),
        ("/api/fn/create_connection", vec![("team", PAYMENTS), id, ("credentials", "not in its form")], 400),
        ("/api/fn/create_connection", vec![("team", PAYMENTS), id, ("provider", "a"), ("provider", "b")], 400),
        ("/api/fn/update_connection", vec![("team", PAYMENTS), ("connection", "x"), id], 400),
        ("/api/fn/tag_connection", vec![("team", PAYMENTS), ("connection", "0"), ("add", "tag-a"), id], 400),
        ("/api/fn/disconnect_connection", vec![("team", PAYMENTS), ("connection", "1"), ("force", "maybe"), id], 400),
        ("/api/fn/export_connections", vec![("team", "nowhere")], 404),
        ("/api/fn/suppress_connector", vec![("team", "../admin"), ("connector", "1"), id], 404),
        ("/api/fn/nothing", vec![], 404),
    ] {
        let answer = operator.post(path, &fields).await;
        assert_eq!(answer.status, status, "{path} {fields:?}: {}", answer.text());
        answer.assert_says(answer.header("x-request-id"));
    }
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn rows_that_somebody_wrote_into_the_database_grant_nothing_and_the_page_says_so() {
    let portal = TestPortal::start().await;
    let (operator, viewer) = (portal.browser_of("operator").await, portal.browser_of("viewer").await);
    let list = format!("/teams/{PAYMENTS}/connections");
    assert_eq!(operator.get(&list).await.status, 200);
    let token = "UPDATE team_token SET sealed = randomblob(length(sealed))";
    portal.database().await.try_run(token).await.unwrap();
    let page = operator.get(&list).await;
    assert_eq!(page.status, 503);
    page.assert_says("token was changed in the database");
    portal.database().await.try_run("UPDATE person SET role = 'admin'").await.unwrap();
    assert!(viewer.get("/admin/people").await.location().starts_with("/login"));
    portal.database().await.try_run("UPDATE team SET production = 0").await.unwrap();
    let ready = portal.readiness().await.text();
    for row in ["of table team_token was not written by the portal", "of table person was not written"] {
        assert!(ready.contains(row), "{ready}");
    }
}
