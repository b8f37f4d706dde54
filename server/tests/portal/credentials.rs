//! Credentials of connections are sent once and left nowhere: not in the database's files, in the debug log, in an
//! export or on a page, however they were typed, refused, lost or echoed by Workato.

use std::fs;

use portal::{PersonId, Portal, TeamRole, teams::TeamInput};
use sandbox::Alteration;
use serde_json::json;
use tokio::process::Command;

use crate::{
    secrets::{assert_clean, holds},
    support::{Browser, ChangeKind, Child, Form, Installation, PAYMENTS, Targets, Transcript, email},
};

const FIELD: &str = "hollow-oak-behind-the-mill-11";
const IN_JSON: &str = "lamp-oil\nand two \"matches\"/22";
const ACCESS_TOKEN: &str = "ya29.paper-boat-on-the-canal-33";
const REFRESH_TOKEN: &str = "1//tin-whistle-in-the-attic-44";

/// What must not be found anywhere. A credential of several lines is also searched for by its beginning.
const NOWHERE: [(&str, &str); 5] = [
    ("a field's value", FIELD),
    ("a value in JSON", IN_JSON),
    ("the beginning of a value in JSON", "lamp-oil"),
    ("the access token", ACCESS_TOKEN),
    ("the refresh token", REFRESH_TOKEN),
];

#[tokio::test]
async fn no_credential_is_left_anywhere_whether_it_is_taken_or_refused() {
    let installation = Installation::new().await;
    let echo = start_echo().await;
    add_team(&installation, &echo).await;
    let seen = Transcript::default();
    let child = Child::start(&installation, None).await;
    let operator = Browser::of(&child.base, "operator").await.recording_to(&seen);
    sent(&installation, &operator).await;
    echoed(&operator).await;
    let auditor = Browser::of(&child.base, "auditor").await.recording_to(&seen);
    for path in ["/audit", "/audit?action=connection.create", "/audit?action=connection.update"] {
        let page = auditor.get(path).await;
        for operation in page.links().iter().filter(|href| href.starts_with("/audit/")).take(20) {
            auditor.get(operation).await;
        }
    }

    for file in fs::read_dir(installation.data_dir()).unwrap() {
        let path = file.unwrap().path();
        assert_clean(&path.display().to_string(), &fs::read(&path).unwrap(), NOWHERE.into_iter());
    }
    let log = child.kill().await;
    assert!(
        log.contains("\"level\":\"DEBUG\"") && log.contains("/api/fn/create_connection"),
        "the log has no debug lines"
    );
    assert_clean("the log", log.as_bytes(), NOWHERE.into_iter());
    for format in ["jsonl", "csv"] {
        let exported = Command::new(env!("CARGO_BIN_EXE_partner-portal"))
            .args(["audit", "export", "--format", format, "--data-dir"])
            .arg(installation.data_dir())
            .output()
            .await
            .unwrap();
        assert!(exported.status.success() && holds(&exported.stdout, "private_key"), "{exported:?}");
        assert_clean("an export", &exported.stdout, NOWHERE.into_iter());
    }
    for (asked, answer) in seen.lock().unwrap().iter() {
        assert_clean(&format!("the answer to {asked}"), answer.as_bytes(), NOWHERE.into_iter());
    }
}

/// Adds a team with this Workato. `operator` is its operator, too.
async fn add_team(installation: &Installation, workato_url: &str) {
    let mut settings = installation.settings();
    settings.workato_hosts.push(workato_url.to_owned());
    let portal = Portal::open(settings).await.unwrap();
    let admin = portal.command_line("tests");
    let input = TeamInput {
        slug: "echo".to_owned(),
        name: "Echo".to_owned(),
        workato_url: workato_url.to_owned(),
        production: false,
        ..TeamInput::default()
    };
    let team = portal.create_team_with_token(&admin, &input, "wrkaus-echo-0123456789".into()).await.unwrap();
    let people = portal.people(&portal.command_line("tests")).await.unwrap();
    let operator: PersonId = people.into_iter().find(|person| person.email == email("operator")).unwrap().id;
    portal.set_member(&admin, team.id, operator, TeamRole::Operator).await.unwrap();
    portal.close().await;
}

/// A Workato that echoes what it is sent: in a message, in a field and in the path of an error.
async fn start_echo() -> String {
    let repeat = |body: String| async move {
        let encoded: String = url::form_urlencoded::byte_serialize(body.as_bytes()).collect();
        let said = json!({ "message": format!("Bad request: {body} at /x?{encoded}"), "errors": { "input": [body] } });
        (axum::http::StatusCode::UNPROCESSABLE_ENTITY, axum::Json(said))
    };
    let router = axum::Router::new()
        .route("/api/connections", axum::routing::get(|| async { axum::Json(json!([])) }).post(repeat))
        .route("/api/connections/{id}", axum::routing::put(repeat));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

/// The three ways to enter credentials.
fn ways_to_authenticate() -> [Vec<(&'static str, String)>; 3] {
    let json = json!({ "private_key": IN_JSON, "host": { "password": FIELD } }).to_string();
    [
        vec![
            ("credentials[authentication]", "credentials".to_owned()),
            ("credentials[fields][0][name]", "apitoken".to_owned()),
            ("credentials[fields][0][value]", FIELD.to_owned()),
        ],
        vec![("credentials[authentication]", "credentials".to_owned()), ("credentials[json]", json)],
        vec![
            ("credentials[authentication]", "oauth_token_pair".to_owned()),
            ("credentials[access_token]", ACCESS_TOKEN.to_owned()),
            ("credentials[refresh_token]", REFRESH_TOKEN.to_owned()),
        ],
    ]
}

fn filled(form: &Form, fields: &[(&'static str, String)]) -> Form {
    fields.iter().fold(form.clone(), |form, (name, value)| form.with(name, value))
}

/// Sends credentials that are taken, refused by the portal, refused by Workato or lost, and some that no form sends.
async fn sent(installation: &Installation, operator: &Browser) {
    let list = format!("/teams/{PAYMENTS}/connections");
    let workspace = installation.sandbox.workspace(0).unwrap();
    let existing = Targets::of(installation).authorised_connection();
    let edit = format!("{list}/{existing}/edit");
    for way in ways_to_authenticate() {
        for (page, action) in
            [(format!("{list}/new"), "/api/fn/create_connection"), (edit.clone(), "/api/fn/update_connection")]
        {
            let form = async || {
                let form = operator.get(&page).await.form(action).with("provider", "jira");
                filled(&form.with("fields[name]", &format!("Secretive {}", way.len())), &way)
            };
            // Refused by the portal: fields that are missing, extra, or for another kind of authentication.
            for (field, wrong) in [
                ("fields[name]", " "),
                ("credentials[json]", format!("{{\"a\": {FIELD}").as_str()),
                ("credentials[json]", format!("{{\"a\": \"{FIELD}\", \"a\": 1}}").as_str()),
                ("credentials[fields][1][name]", "email"),
                ("credentials[fields][1][value]", FIELD),
                ("credentials[access_token]", format!("{ACCESS_TOKEN} and more").as_str()),
                ("credentials[refresh_token]", ""),
                ("credentials[authentication]", "none"),
                ("reason", "x\u{0}y"),
            ] {
                operator.submit_and_follow(&form().await.with(field, wrong)).await;
            }
            for fault in ["500", "500-after", "hang", "reset-after", "status 422"] {
                let call =
                    if action.ends_with("create_connection") { ChangeKind::Create } else { ChangeKind::Update }.call();
                installation.sandbox.faults().put("fault", format!("{call}: {fault} x1").parse().unwrap());
                operator.submit_and_follow(&form().await).await;
                installation.sandbox.faults().clear();
            }
            operator.submit_and_follow(&form().await).await.assert_says("Secretive");
        }
    }
    workspace.alter(&Alteration::SetHomeIsProject { home_is_project: true }).unwrap();
    let form = operator.get(&format!("{list}/new")).await.form("/api/fn/create_connection");
    let form = filled(&form.with("fields[name]", "Homeless").with("provider", "jira"), &ways_to_authenticate()[0]);
    operator.submit_and_follow(&form).await.assert_says("Workato refused to create connection Homeless.");
    for field in ["credentials", "credentials[fields]", "credentials[json][x]", "credentials[access_token][]", "fields"]
    {
        for path in ["/api/fn/create_connection", "/api/fn/update_connection"] {
            assert_eq!(operator.post(path, &[("team", PAYMENTS), (field, FIELD)]).await.status, 400, "{field}");
        }
    }
    let twice = [("credentials[access_token]", ACCESS_TOKEN), ("credentials[access_token]", ACCESS_TOKEN)];
    assert_eq!(operator.post("/api/fn/create_connection", &twice).await.status, 400);
}

/// Sends credentials that Workato echoes when it refuses them.
async fn echoed(operator: &Browser) {
    for way in ways_to_authenticate() {
        let form = operator.get("/teams/echo/connections/new").await.form("/api/fn/create_connection");
        let form = filled(&form.with("fields[name]", "Repeated").with("provider", "jira"), &way);
        let page = operator.submit_and_follow(&form).await;
        page.assert_says("Workato refused to create connection Repeated.");
        page.assert_says("•••");
    }
}
