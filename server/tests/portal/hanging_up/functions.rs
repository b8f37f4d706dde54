//! A client that hangs up in the middle of each server function. Once the whole form has arrived, what it asks for is
//! done to its end: the same entries and the same calls to Workato as when the client stays. Half a form does nothing.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use portal::{
    PortalRole, Settings, TeamRole,
    audit::{Action, Outcome, Stage},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use sandbox::Options;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

use super::{jobs, request, send};
use crate::support::{
    AuthenticatorApp, Browser, ChangeKind, FACTOR_PAGE, Form, Installation, LENDING, PAYMENTS, Targets, TestPortal,
    add_app, add_passkey, email, give_passkey, new_passkey, password,
};

/// What a function leaves behind: its entries, and the changes that it made in Workato.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Effect {
    entries: Vec<(Action, Stage, Option<Outcome>)>,
    calls: Vec<String>,
}

/// Functions that write no entry: nothing is lost when they stop halfway. A dry run has none, nor has a change of one.
const WRITES_NOTHING: [&str; 5] =
    ["/api/fn/refresh", "/api/fn/test_token", "/api/fn/dry_run", "/api/fn/take_out", "/api/fn/retry_failed"];
/// How many functions are tried at once.
const AT_ONCE: usize = 4;
/// How long a factor counts as fresh in the scenes that wait until it does not.
const FRESH_FOR: Duration = Duration::from_secs(4);
const RANDOM_MOMENTS: usize = 3;
const SEED: u64 = 20_261_127;

/// A portal in which a function can do its work, and the form that asks for it.
struct Scene {
    portal: TestPortal,
    browser: Browser,
    form: Form,
    before: Before,
}

/// How much there was before the form was sent.
struct Before {
    entries: usize,
    calls: usize,
}

impl Before {
    async fn since(&self, installation: &Installation) -> Effect {
        let mut entries = installation.entries().await.split_off(self.entries);
        // The portal writes this one by itself, before its first checkpoint.
        entries.retain(|entry| entry.action != Action::AuditKeySet);
        let calls = installation.sandbox.ledger().split_off(self.calls);
        Effect {
            entries: entries.iter().map(|entry| (entry.action, entry.stage, entry.outcome)).collect(),
            calls: calls.iter().map(|call| call.action.to_owned()).collect(),
        }
    }
}

impl Scene {
    async fn of(function: &str) -> Self {
        let installation = match function {
            "/api/fn/set_up" => Installation::empty(Options { connections: 10, ..Options::on_any_port() }).await,
            _ => Installation::new().await,
        };
        let alter = |settings: &mut Settings| {
            // An operation that waits for a person needs a call that times out. No other call may.
            if function != "/api/fn/settle_operation" {
                settings.upstream.timeout = Duration::from_secs(20);
            }
            if function.starts_with("/api/fn/confirm") {
                settings.fresh_factor = FRESH_FOR;
            }
        };
        let portal = match function.contains("passkey") {
            true => TestPortal::at_localhost_with(installation, alter).await,
            false => TestPortal::serve_with(installation, alter).await,
        };
        let (browser, form) = filled_in(&portal, function).await;
        assert_eq!(form.action, function);
        let before = Before { entries: portal.entries().await.len(), calls: portal.sandbox.ledger().len() };
        Self { portal, browser, form, before }
    }

    /// Sends the request without the second half of its form; without the end of its headers if the form has no fields.
    async fn send_half(&self) -> TcpStream {
        let request = request(&self.browser, &self.form);
        let missing = self.form.body().len().div_ceil(2).max(2);
        let mut stream = TcpStream::connect(self.browser.base.trim_start_matches("http://")).await.unwrap();
        stream.write_all(&request.as_bytes()[..request.len() - missing]).await.unwrap();
        stream
    }

    async fn effect(&self) -> Effect {
        self.before.since(&self.portal).await
    }

    /// The effect once the portal has finished everything that it began.
    async fn effect_in_the_end(self) -> Effect {
        self.before.since(&self.portal.stop().await).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_hangs_up_in_the_middle_of_any_function_stops_nothing_halfway() {
    let functions: Vec<&'static str> = app::functions().collect();
    assert!(functions.len() > 30, "{functions:?}");
    let mut tried = stream::iter(functions).map(|function| tokio::spawn(try_out(function))).buffer_unordered(AT_ONCE);
    let mut failed = Vec::new();
    while let Some(tried) = tried.next().await {
        failed.extend(tried.err().map(|error| error.to_string()));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

async fn try_out(function: &'static str) {
    let scene = Scene::of(function).await;
    let begun = Instant::now();
    let answer = scene.browser.submit(&scene.form).await;
    let took = begun.elapsed();
    let is_refused = answer.is_redirect() && answer.location().contains("problem=");
    assert!(matches!(answer.status, 200 | 303) && !is_refused, "{function}: {answer:?}");
    let whole = scene.effect().await;
    assert_eq!(whole.entries.is_empty(), WRITES_NOTHING.contains(&function), "{function}: {whole:?}");
    scene.portal.stop().await;

    let scene = Scene::of(function).await;
    half_a_form_does_nothing(function, &scene).await;
    a_function_that_waits_goes_on(function, scene, &whole).await;

    let mut rng = StdRng::seed_from_u64(SEED + function.len() as u64);
    for _ in 0..RANDOM_MOMENTS {
        let scene = Scene::of(function).await;
        scene.portal.sandbox.faults().put("slow", "* /api/**: latency-after 30ms".parse().unwrap());
        let moment = rng.random_range(Duration::ZERO..took + Duration::from_millis(60));
        let stream = send(&scene.browser, &scene.form).await;
        sleep(moment).await;
        drop(stream);
        let effect = scene.effect_in_the_end().await;
        assert!(
            effect == whole || effect == Effect::default(),
            "{function}, after {moment:?}: {effect:?}, not {whole:?}"
        );
    }
}

async fn half_a_form_does_nothing(function: &str, scene: &Scene) {
    let stream = scene.send_half().await;
    sleep(Duration::from_millis(30)).await;
    drop(stream);
    sleep(Duration::from_millis(30)).await;
    assert_eq!(scene.effect().await, Effect::default(), "{function}");
}

/// The database is locked, so the function has started and waits when its client hangs up.
async fn a_function_that_waits_goes_on(function: &str, scene: Scene, whole: &Effect) {
    let mut database = scene.portal.database().await;
    for wait in [100, 300, 1_000, 3_000].map(Duration::from_millis) {
        database.lock().await;
        let stream = send(&scene.browser, &scene.form).await;
        // On a busy machine the portal may not have read the form by then. Nothing has happened then.
        sleep(wait).await;
        drop(stream);
        sleep(Duration::from_millis(100)).await;
        database.unlock().await;
        for _ in 0..50 {
            if scene.effect().await == *whole {
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
        if scene.effect().await != Effect::default() {
            break;
        }
    }
    assert_eq!(scene.effect_in_the_end().await, *whole, "{function}, whose client hung up while it waited to write");
}

/// The form of a function, filled in by somebody who may send it, in a portal with everything it needs.
pub async fn filled_in(portal: &TestPortal, function: &str) -> (Browser, Form) {
    let change = match function {
        "/api/fn/share_version" => Some(ChangeKind::Share),
        "/api/fn/suppress_connector" => Some(ChangeKind::Suppress),
        "/api/fn/create_connection" => Some(ChangeKind::Create),
        "/api/fn/update_connection" => Some(ChangeKind::Update),
        "/api/fn/tag_connection" => Some(ChangeKind::Tag),
        "/api/fn/disconnect_connection" => Some(ChangeKind::Disconnect),
        "/api/fn/delete_connection" => Some(ChangeKind::Delete),
        "/api/fn/share_recipe" => Some(ChangeKind::ShareRecipe),
        _ => None,
    };
    if let Some(kind) = change {
        let browser = portal.browser_of("operator").await;
        let form = Targets::of(portal).prepare(kind, &browser).await.form;
        return (browser, form);
    }
    match function {
        _ if jobs::FUNCTIONS.contains(&function) => jobs::filled_in(portal, function).await,
        "/api/fn/set_up" => first_admin(portal).await,
        "/api/fn/sign_in" => {
            let browser = portal.browser();
            let form = browser.get("/login").await.form(function);
            (browser, form.with("email", &email("viewer")).with("password", &password("viewer")))
        }
        "/api/fn/join" => {
            let admin = portal.browser_of("admin").await;
            let link = portal.invite(&admin, "guest", "member").await;
            let browser = portal.browser();
            let form = browser.open_link(&link).await.form(function);
            (browser, form.with("password", "long enough to be one"))
        }
        "/api/fn/add_totp"
        | "/api/fn/add_passkey"
        | "/api/fn/sign_in_with_code"
        | "/api/fn/sign_in_with_passkey"
        | "/api/fn/confirm"
        | "/api/fn/confirm_with_passkey" => about_a_factor(portal, function).await,
        "/api/fn/settle_operation" => operation_to_settle(portal).await,
        "/api/fn/approve_request" | "/api/fn/decline_request" | "/api/fn/withdraw_request" => {
            request_to_decide(portal, function).await
        }
        "/api/fn/pair_connectors" | "/api/fn/promote_connector" | "/api/fn/resume_promotion" => {
            promotion(portal, function).await
        }
        "/api/fn/answer_flag" => {
            let auditor = portal.browser_of("auditor").await;
            let page = operation_page(&auditor).await;
            let flag = auditor.get(&page).await.form("/api/fn/flag_operation").with("note", "Was that meant?");
            auditor.submit(&flag).await;
            let browser = portal.browser_of("operator").await;
            let form = browser.get(&page).await.form(function);
            (browser, form.with("answer", "It was"))
        }
        _ => on_a_page(portal, function).await,
    }
}

/// A form that pairs a connector with its counterpart, promotes it, or continues that.
async fn promotion(portal: &TestPortal, function: &str) -> (Browser, Form) {
    portal.make_member_of(LENDING, "operator", Some(TeamRole::Operator)).await;
    let browser = portal.browser_of("operator").await;
    let released = |number: usize| {
        let connectors = portal.sandbox.workspace(number).unwrap().connectors();
        connectors.into_iter().find(|connector| connector.released().next().is_some()).unwrap().id
    };
    let page = format!("/teams/{LENDING}/connectors/{}/promote?to={PAYMENTS}", released(1));
    let form = browser.get(&page).await.form("/api/fn/pair_connectors").with("counterpart", &released(0).to_string());
    if function == form.action {
        return (browser, form);
    }
    let promote = browser.submit_and_follow(&form).await.form("/api/fn/promote_connector").with("reason", "Tested");
    if function == promote.action {
        return (browser, promote);
    }
    portal.sandbox.faults().put("refused", "PUT /api/custom_connectors/*: status 422".parse().unwrap());
    let stopped = browser.submit_and_follow(&promote).await;
    portal.sandbox.faults().clear();
    let resume = stopped.form(function);
    (browser, resume)
}

/// A form with a code or a passkey.
async fn about_a_factor(portal: &TestPortal, function: &str) -> (Browser, Form) {
    let browser = portal.browser_of("viewer").await;
    match function {
        "/api/fn/add_totp" => {
            let page = browser.get(FACTOR_PAGE).await;
            let app = AuthenticatorApp::with_key_on(&page);
            (browser, page.form(function).with("code", &app.code(0)))
        }
        "/api/fn/add_passkey" => {
            let (_, form) = new_passkey(&browser).await;
            (browser, form)
        }
        "/api/fn/sign_in_with_code" => {
            let (app, _) = add_app(&browser).await;
            let browser = portal.browser();
            let answer = browser.sign_in(&email("viewer"), &password("viewer")).await;
            let form = browser.get(answer.location()).await.form(function);
            (browser, form.with("code", &app.code(0)))
        }
        "/api/fn/sign_in_with_passkey" => {
            let mut passkey = add_passkey(&browser).await;
            let browser = portal.browser();
            let page = browser.get("/login").await;
            (browser, give_passkey(&mut passkey, &page))
        }
        "/api/fn/confirm_with_passkey" => {
            let mut passkey = add_passkey(&browser).await;
            sleep(FRESH_FOR).await;
            let page = browser.get("/account/confirm").await;
            (browser, give_passkey(&mut passkey, &page))
        }
        _ => {
            sleep(FRESH_FOR).await;
            let form = browser.get("/account/confirm").await.form(function);
            (browser, form.with("password", &password("viewer")))
        }
    }
}

/// A form that needs little more than its page.
async fn on_a_page(portal: &TestPortal, function: &str) -> (Browser, Form) {
    let who = match function {
        "/api/fn/review_operation" | "/api/fn/flag_operation" | "/api/fn/export_audit" => "auditor",
        "/api/fn/sign_out" | "/api/fn/change_password" | "/api/fn/revoke_session" | "/api/fn/revoke_sessions" => {
            "viewer"
        }
        "/api/fn/refresh" | "/api/fn/compare_with_log" | "/api/fn/export_connections" => "operator",
        "/api/fn/save_view" | "/api/fn/rename_view" | "/api/fn/delete_view" => "operator",
        _ => "admin",
    };
    let browser = portal.browser_of(who).await;
    let page = match function {
        "/api/fn/refresh" | "/api/fn/export_connections" => format!("/teams/{PAYMENTS}/connections"),
        "/api/fn/compare_with_log" => format!("/teams/{PAYMENTS}/connectors"),
        "/api/fn/save_view" => "/audit?q=action%3Ateam".to_owned(),
        "/api/fn/export_audit" => "/audit".to_owned(),
        "/api/fn/rename_view" | "/api/fn/delete_view" => {
            let save = browser.get("/audit?q=action%3Ateam").await.form("/api/fn/save_view");
            // Only shared views are entries.
            browser.submit(&save.with("name", "Teams").with("shared", "yes")).await;
            "/views".to_owned()
        }
        "/api/fn/flag_operation" => operation_page(&browser).await,
        "/api/fn/review_operation" => page_of_another_persons_operation(portal, &browser).await,
        "/api/fn/create_feed_token" => "/admin/feeds".to_owned(),
        "/api/fn/revoke_feed_token" => {
            let create = browser.get("/admin/feeds").await.form("/api/fn/create_feed_token");
            browser.submit(&create.with("name", "Vector")).await;
            "/admin/feeds".to_owned()
        }
        "/api/fn/create_team" => "/admin/teams/new".to_owned(),
        "/api/fn/set_policy" => format!("/admin/teams/{PAYMENTS}"),
        "/api/fn/update_team" | "/api/fn/set_token" | "/api/fn/test_token" | "/api/fn/withdraw_token" => {
            format!("/admin/teams/{PAYMENTS}")
        }
        "/api/fn/retire_team" => format!("/admin/teams/{PAYMENTS}"),
        "/api/fn/rotate_token" => format!("/admin/teams/{PAYMENTS}/token"),
        "/api/fn/set_member" | "/api/fn/remove_member" => format!("/admin/teams/{PAYMENTS}"),
        "/api/fn/invite" => "/admin/people".to_owned(),
        "/api/fn/invite_again" | "/api/fn/set_role" | "/api/fn/disable_person" => leaver(&browser).await,
        "/api/fn/release_link" => {
            let second = portal.second_admin().await;
            let page = leaver(&second).await;
            second.submit(&second.get(&page).await.form("/api/fn/invite_again")).await;
            page
        }
        "/api/fn/enable_person" => {
            let page = leaver(&browser).await;
            browser.submit(&browser.get(&page).await.form("/api/fn/disable_person")).await;
            page
        }
        "/api/fn/remove_factor" | "/api/fn/new_recovery_codes" => {
            add_app(&browser).await;
            FACTOR_PAGE.to_owned()
        }
        "/api/fn/dismiss_notices" => {
            let (_, codes) = add_app(&browser).await;
            let again = portal.browser();
            let answer = again.sign_in(&email(who), &password(who)).await;
            let form = again.get(answer.location()).await.form("/api/fn/sign_in_with_code");
            again.submit(&form.with("code", &codes[0])).await;
            let form = again.get("/account").await.form(function);
            return (again, form);
        }
        "/api/fn/recover_person" => {
            add_app(&portal.browser_of("leaver").await).await;
            leaver(&browser).await
        }
        "/api/fn/sign_out" | "/api/fn/change_password" => "/account".to_owned(),
        "/api/fn/revoke_session" | "/api/fn/revoke_sessions" => {
            portal.browser_of(who).await;
            "/account".to_owned()
        }
        "/api/fn/end_sessions" => {
            portal.browser_of("leaver").await;
            leaver(&browser).await
        }
        _ => panic!("no scene for {function}"),
    };
    let form = browser.get(&page).await.forms(function).pop().unwrap_or_else(|| panic!("no {function} on {page}"));
    let form = match function {
        "/api/fn/save_view" => form.with("name", "Teams").with("shared", "yes"),
        "/api/fn/rename_view" => form.with("name", "All teams"),
        "/api/fn/export_audit" => form.with("format", "jsonl"),
        "/api/fn/flag_operation" => form.with("note", "Was that meant?"),
        "/api/fn/create_feed_token" => form.with("name", "Vector"),
        "/api/fn/create_team" => form
            .with("name", "Treasury")
            .with("slug", "treasury")
            .with("workato_url", &portal.sandbox.base_url)
            .with("token", &admitted_token(portal)),
        "/api/fn/update_team" => form.with("name", "Payouts"),
        "/api/fn/set_policy" => form.with("delete", "yes").with("reason", "Agreed in the review"),
        "/api/fn/set_token" => form.with("token", &admitted_token(portal)),
        "/api/fn/withdraw_token" | "/api/fn/retire_team" => form.with("confirm", PAYMENTS).with("reason", "It leaked"),
        "/api/fn/rotate_token" => {
            form.with("client", "7002").with("confirm", PAYMENTS).with("reason", "It is 90 days old")
        }
        "/api/fn/set_member" => form.with("role", "operator"),
        "/api/fn/invite" => invitation(form),
        "/api/fn/set_role" => form.with("role", "auditor"),
        "/api/fn/end_sessions" => form.with("reason", "A lost laptop"),
        "/api/fn/change_password" => {
            form.with("old_password", &password(who)).with("password", "an entirely different pass phrase")
        }
        _ => form,
    };
    (browser, form)
}

/// A token that Workato takes and that no team has.
fn admitted_token(portal: &TestPortal) -> String {
    let token = "wrkaus-another-0123456789";
    portal.sandbox.admit(&token.parse().unwrap(), 0, sandbox::Privileges::all());
    token.to_owned()
}

/// Invites to a team at once, which takes two transactions.
fn invitation(form: Form) -> Form {
    form.with("email", "guest@partner.example")
        .with("name", "A guest")
        .with("team", PAYMENTS)
        .with("team_role", "viewer")
}

/// Fills in the form of the first admin.
async fn first_admin(portal: &TestPortal) -> (Browser, Form) {
    let browser = portal.browser();
    let form = browser.open_link(&portal.setup_path().await).await.form("/api/fn/set_up");
    let form = form.with("email", "first@partner.example").with("name", "The first").with("password", "twelve letters");
    (browser, form)
}

/// The page of an operation that was not the auditor's own.
async fn operation_page(auditor: &Browser) -> String {
    let list = auditor.get("/audit?team=payments&action=team.token.set").await;
    let operation = list.links().into_iter().find(|link| link.starts_with("/audit/0"));
    operation.unwrap_or_else(|| panic!("no operation: {}", list.text()))
}

/// An operation of somebody who did not set the auditor's password, as the command line did.
async fn page_of_another_persons_operation(portal: &TestPortal, auditor: &Browser) -> String {
    let admin = portal.browser_of("admin").await;
    let fields = [("name", "Treasury"), ("slug", "treasury"), ("workato_url", portal.sandbox.base_url.as_str())];
    admin.post("/api/fn/create_team", &fields).await;
    let list = auditor.get("/audit?action=team.create&actor=admin").await;
    let operation = list.links().into_iter().find(|link| link.starts_with("/audit/0"));
    operation.unwrap_or_else(|| panic!("no operation: {}", list.text()))
}

async fn leaver(admin: &Browser) -> String {
    admin.get("/admin/people").await.link("The leaver")
}

/// Fills in a form that decides about a request of the operator.
async fn request_to_decide(portal: &TestPortal, function: &str) -> (Browser, Form) {
    portal.guard(&["suppress"]).await;
    portal.add_operator("second", PortalRole::Member).await;
    let operator = portal.browser_of("operator").await;
    let change = Targets::of(portal).prepare(ChangeKind::Suppress, &operator).await;
    change.perform(&operator).await;
    let browser = if function == "/api/fn/withdraw_request" { operator } else { portal.browser_of("second").await };
    let form = browser.get(&format!("/approvals/{}", change.operation)).await.form(function);
    (browser, if function == "/api/fn/withdraw_request" { form } else { form.with("note", "Looked at it") })
}

/// Fills in the form that settles an operation whose target was touched again.
async fn operation_to_settle(portal: &TestPortal) -> (Browser, Form) {
    let browser = portal.browser_of("operator").await;
    let page = format!("/teams/{PAYMENTS}/connectors/{}", Targets::of(portal).shared_connector());
    portal.sandbox.faults().put("fault", format!("{}: hang x1", ChangeKind::Suppress.call()).parse().unwrap());
    let mut operations = Vec::new();
    for _ in 0..2 {
        let form = browser.get(&page).await.form("/api/fn/suppress_connector");
        operations.push(form.get("operation").to_owned());
        let name = form.get("name").to_owned();
        browser.submit(&form.with("confirm", &name).with("reason", "It charges twice")).await;
    }
    portal.until_settled().await;
    let form = browser.get(&format!("/audit/{}", operations[0])).await.form("/api/fn/settle_operation");
    (browser, form.with("finding", "done").with("note", "Workato's console says so"))
}
