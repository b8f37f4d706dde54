//! The sample answers of Workato's API reference, and known differences of real answers.

use rstest::rstest;
use workato::{AuthorizationStatus, Connection, ConnectorId, ConnectorVersion, ReplyError, TagHandle, reply};

const CONNECTIONS: &str = include_str!("fixtures/connections.json");
const CONNECTORS: &str = include_str!("fixtures/connectors.json");
const CONNECTOR: &str = include_str!("fixtures/connector.json");

fn connection(json: &str) -> Connection {
    serde_json::from_str(json).expect("a connection")
}

fn connector_id(id: i64) -> ConnectorId {
    ConnectorId::new(id).expect("above zero")
}

fn version(number: i64) -> ConnectorVersion {
    ConnectorVersion::new(number).expect("above zero")
}

#[test]
fn the_sample_list_of_connections_is_parsed() {
    let connections = reply::connections(CONNECTIONS.as_bytes()).expect("a list");
    let [salesforce, sheets] = &*connections else { panic!("two connections") };
    assert_eq!(salesforce.id.get(), 36);
    assert_eq!(salesforce.application.as_deref(), Some("salesforce"));
    assert_eq!(salesforce.name.as_deref(), Some("ACME Production Salesforce connection"));
    assert_eq!(salesforce.authorization_status, Some(AuthorizationStatus::Success));
    assert_eq!(salesforce.updated_at.map(|at| at.to_string()).as_deref(), Some("2015-05-26T22:53:52.532Z"));
    assert_eq!(salesforce.folder_id.map(|id| id.get()), Some(4515));
    assert_eq!(salesforce.tags, Some(vec![TagHandle::new("tag-ANgeffPL-3gxQwA")]));
    assert_eq!(sheets.application.as_deref(), Some("google_sheets"));
    assert_eq!(sheets.tags, None);
}

#[rstest]
#[case::created(include_str!("fixtures/connection_created.json"), None, None)]
#[case::updated(include_str!("fixtures/connection_updated.json"), Some("U12904"), Some(22318))]
fn a_reply_with_provider_instead_of_application_is_parsed(
    #[case] json: &str,
    #[case] external_id: Option<&str>,
    #[case] parent_id: Option<i64>,
) {
    let connection = connection(json);
    assert_eq!(connection.application.as_deref(), Some("jira"));
    assert_eq!(connection.external_id.as_deref(), external_id);
    assert_eq!(connection.parent_id.map(|id| id.get()), parent_id);
}

#[test]
fn a_reply_with_both_names_of_the_application_is_parsed() {
    let both = connection(r#"{"id": 1, "application": "jira", "provider": "jira"}"#);
    assert_eq!(both.application.as_deref(), Some("jira"));
}

#[test]
fn absent_null_new_and_differently_typed_fields_are_accepted() {
    let bare = connection(r#"{"id": "36"}"#);
    assert_eq!(bare.id.get(), 36);
    assert_eq!((bare.name, bare.tags, bare.authorization_status), (None, None, None));

    let odd = connection(
        r#"{"id": 36, "name": null, "external_id": 12904, "folder_id": "4515", "parent_id": null,
            "authorization_status": "pending_review", "new_field": {"deep": [1]}, "tags": []}"#,
    );
    assert_eq!(odd.external_id.as_deref(), Some("12904"));
    assert_eq!(odd.folder_id.map(|id| id.get()), Some(4515));
    assert_eq!(odd.authorization_status, Some(AuthorizationStatus::Other("pending_review".to_owned())));
    assert_eq!(odd.tags, Some(Vec::new()));
}

#[test]
fn a_serialized_connection_deserializes_again() {
    for original in reply::connections(CONNECTIONS.as_bytes()).expect("a list") {
        let written = serde_json::to_string(&original).expect("JSON");
        assert_eq!(connection(&written), original);
    }
}

#[test]
fn the_sample_list_of_connectors_is_parsed() {
    let connectors = reply::connectors(CONNECTORS.as_bytes()).expect("a list");
    let [unreleased, acme] = &*connectors else { panic!("two connectors") };
    assert_eq!(unreleased.latest_version(), None);
    assert!(unreleased.released_versions.is_empty());
    assert!(!unreleased.is_behind());

    assert_eq!(acme.title.as_deref(), Some("Acme Connector"));
    assert_eq!(acme.shared_version(), Some(version(2)));
    assert_eq!(acme.latest_version(), Some(version(4)));
    assert!(acme.is_behind());
    assert_eq!(acme.oem_shared_at.map(|at| at.to_string()).as_deref(), Some("2022-08-08T15:05:22.047Z"));
    let second = acme.released(version(2)).expect("version 2 is released");
    assert_eq!(second.version_note.as_deref(), Some("hello"));
    assert_eq!(acme.released(version(3)), None);
}

#[test]
fn a_connector_shared_at_its_latest_version_is_not_behind() {
    let acme = reply::connector(CONNECTOR.as_bytes(), connector_id(3066)).expect("readable");
    assert!(!acme.expect("there").is_behind());
}

#[rstest]
#[case::a_list_of_one(r#"{"result": [{"id": 3066}]}"#)]
#[case::an_object_in_result(r#"{"result": {"id": 3066}}"#)]
#[case::a_bare_object(r#"{"id": 3066, "released_versions": null}"#)]
#[case::a_bare_list(r#"[{"id": 3066}]"#)]
#[case::among_others(r#"{"result": [{"id": 1}, {"id": 3066}]}"#)]
fn a_connector_by_id_is_parsed_in_every_known_shape(#[case] json: &str) {
    let found = reply::connector(json.as_bytes(), connector_id(3066)).expect("readable");
    assert_eq!(found.expect("there").id, connector_id(3066));
}

#[rstest]
#[case::none(r#"{"result": []}"#)]
#[case::another_one(r#"{"result": [{"id": 3067}]}"#)]
fn an_answer_without_the_requested_connector_is_none(#[case] json: &str) {
    assert_eq!(reply::connector(json.as_bytes(), connector_id(3066)), Ok(None));
}

#[rstest]
#[case::in_result(r#"{"result": [{"id": 7, "external_id": "A2300", "in_trial": false}], "count": 1}"#)]
#[case::bare(r#" [{"id": 7, "external_id": "A2300"}]"#)]
fn customers_are_parsed_in_both_shapes(#[case] json: &str) {
    let customers = reply::customers(json.as_bytes()).expect("a list");
    assert_eq!(customers[0].external_id.as_deref(), Some("A2300"));
}

#[test]
fn tags_folders_and_the_workspace_are_parsed() {
    let tags = br#"{"data": {"tags": [{"handle": "tag-ANgeffPL-3gxQwA", "title": "Billing", "color": "blue",
        "assignment_count": 3}]}}"#;
    assert_eq!(reply::tags(tags).expect("tags")[0].title.as_deref(), Some("Billing"));

    let folders = br#"[{"id": 4515, "name": "Sales", "parent_id": null, "is_project": true, "project_id": 9,
        "created_at": "2020-12-23T14:11:18.052-08:00", "updated_at": "2020-12-23T14:11:18.052-08:00"}]"#;
    let folder = &reply::folders(folders).expect("folders")[0];
    assert_eq!((folder.is_project, folder.project_id.map(|id| id.get())), (Some(true), Some(9)));

    let workspace = br#"{"id": 17, "full_name": "ACME-API", "company_name": "Acme", "plan_id": "oem_vendor"}"#;
    let workspace = reply::workspace(workspace).expect("a workspace");
    assert_eq!((workspace.name.as_deref(), workspace.company.as_deref()), (Some("ACME-API"), Some("Acme")));
}

/// The fields of each kind of element, without its id or handle.
const FIELDS: [(&str, &[&str]); 5] = [
    (
        "connections",
        &[
            "application",
            "provider",
            "name",
            "description",
            "authorized_at",
            "authorization_status",
            "authorization_error",
            "created_at",
            "updated_at",
            "external_id",
            "folder_id",
            "connection_lost_at",
            "connection_lost_reason",
            "parent_id",
            "tags",
        ],
    ),
    (
        "connectors",
        &[
            "name",
            "title",
            "latest_released_version",
            "latest_released_version_note",
            "oem_shared_version",
            "oem_shared_at",
            "released_versions",
        ],
    ),
    ("folders", &["name", "parent_id", "is_project", "project_id", "created_at", "updated_at"]),
    ("customers", &["external_id", "name", "notification_email", "plan_id", "in_trial", "created_at", "updated_at"]),
    ("tags", &["title", "description", "color"]),
];

/// The number of elements in a body of this kind.
fn count(kind: &str, body: &str) -> Result<usize, ReplyError> {
    let body = body.as_bytes();
    match kind {
        "connections" => reply::connections(body).map(|list| list.len()),
        "connectors" => reply::connectors(body).map(|list| list.len()),
        "folders" => reply::folders(body).map(|list| list.len()),
        "customers" => reply::customers(body).map(|list| list.len()),
        _ => reply::tags(body).map(|list| list.len()),
    }
}

#[test]
fn all_fields_of_all_elements_may_be_absent_null_or_new() {
    for (kind, fields) in FIELDS {
        let id = |number: u8| match kind {
            "tags" => format!(r#""handle": "tag-{number}""#),
            _ => format!(r#""id": {number}"#),
        };
        let [one, two, three, four] = [1, 2, 3, 4].map(id);
        let nulls: String = fields.iter().map(|field| format!(r#", "{field}": null"#)).collect();
        let new = r#", "a_new_field": {"deep": [1, {"deeper": null}]}, "another": "x""#;
        let all = format!("[{{{one}}}, {{{two}{nulls}}}, {{{three}{new}}}, {{{four}{nulls}{new}}}]");
        let shapes = match kind {
            "tags" => vec![format!(r#"{{"data": {{"tags": {all}, "new": 1}}, "new": 1}}"#)],
            _ => vec![all.clone(), format!(r#" {{"result": {all}, "count": 4, "page": 1, "new": null}}"#)],
        };
        for shape in shapes {
            assert_eq!(count(kind, &shape), Ok(4), "{kind}: {shape}");
        }
    }
}

#[rstest]
#[case::utc("2020-12-23T22:11:18.052Z")]
#[case::pacific_winter("2020-12-23T14:11:18.052-08:00")]
#[case::no_offset_of_its_own("2020-12-23T22:11:18.052+00:00")]
#[case::india("2020-12-24T03:41:18.052+05:30")]
#[case::nepal("2020-12-24T03:56:18.052+05:45")]
#[case::kiribati("2020-12-24T12:11:18.052+14:00")]
#[case::more_digits("2020-12-23T22:11:18.052000000Z")]
#[case::small_letters("2020-12-23t22:11:18.052z")]
fn an_instant_is_parsed_with_any_offset(#[case] text: &str) {
    let connection = connection(&format!(r#"{{"id": 1, "updated_at": "{text}"}}"#));
    let at = connection.updated_at.expect("an instant").to_string();
    assert_eq!(at, "2020-12-23T22:11:18.052Z");
}

#[rstest]
#[case::nothing("")]
#[case::html("<html>Bad gateway</html>")]
#[case::cut(r#"[{"id": 36, "name": "ACME Prod"#)]
fn a_body_that_is_not_json_is_an_error_that_says_so(#[case] body: &str) {
    assert!(matches!(reply::connections(body.as_bytes()), Err(ReplyError::NotJson { .. })));
}

#[rstest]
#[case(r#"{"message": "Not found"}"#)]
#[case(r#"{"result": null}"#)]
#[case("null")]
#[case("\"36\"")]
fn json_without_a_list_is_an_error_that_says_so(#[case] body: &str) {
    let error = reply::connections(body.as_bytes()).expect_err("no list");
    assert_eq!(error.to_string(), "it does not hold a list of connections");
}

#[test]
fn fifty_thousand_connections_are_parsed_and_the_odd_ones_with_them() {
    let list = |odd: &str| {
        let name = |id| if id == 41_236 { odd.to_owned() } else { format!("\"Connection {id}\"") };
        let element =
            |id| format!(r#"{{"id": {id}, "application": "salesforce", "name": {}, "folder_id": 4515}}"#, name(id));
        let body = format!("[{}]", (1..=50_000).map(element).collect::<Vec<_>>().join(","));
        reply::connections(body.as_bytes()).expect("a list")
    };
    for (odd, name, is_readable) in [
        (r#""Acme""#, Some("Acme"), true),
        (r#""Acme \ud83d""#, Some("Acme \u{fffd}"), true),
        ("1.10", Some("1.10"), true),
        ("[]", None, false),
    ] {
        let list = list(odd);
        assert_eq!((list.len(), list.left_out), (50_000, 0), "{odd}");
        assert_eq!((list[41_235].name.as_deref(), list[41_235].unreadable.is_empty()), (name, is_readable), "{odd}");
        assert_eq!(list[49_999].name.as_deref(), Some("Connection 50000"));
    }
}

#[test]
fn recipes_name_their_connections_and_their_applications() {
    let body = br#"{"items": [
        {"id": "7", "name": "Orders", "running": true, "applications": ["salesforce", "acme_connector_4771_1626869205"],
         "trigger_application": "salesforce", "job_failed_count": "3", "last_run_at": "2026-11-20T01:00:00.000-08:00",
         "config": [{"keyword": "application", "name": "salesforce", "provider": "salesforce", "account_id": 36},
                    {"keyword": "application", "provider": "acme_connector_4771_1626869205", "account_id": null}]},
        {"id": 8, "running": null, "config": null},
        {"id": 9, "config": [{"provider": "jira", "account_id": "x"}, {"provider": "sap", "account_id": 40}]},
        {"id": 10, "config": "odd", "running": "false"},
        {"name": "without an id"}
    ]}"#;
    let list = reply::recipes(body).expect("a list");
    assert_eq!((list.len(), list.left_out), (4, 1));
    let used = |place: usize| -> Vec<i64> {
        list[place].config.iter().filter_map(|used| used.account_id).map(|id| id.get()).collect()
    };
    assert_eq!((used(0), used(1), used(2), used(3)), (vec![36], vec![], vec![40], vec![]));
    assert_eq!(list[0].uses().filter(|name| *name == "acme_connector_4771_1626869205").count(), 2);
    assert_eq!((list[0].running, list[0].job_failed_count), (Some(true), Some(3)));
    assert_eq!((list[1].running, list[3].running), (None, Some(false)));
    assert!(list[0].are_uses_known() && list[1].are_uses_known());
    assert!(!list[2].are_uses_known() && !list[3].are_uses_known(), "one odd connection is noted, and costs no recipe");
    for shape in [r#"{"result": [{"id": 1}]}"#, r#"[{"id": 1}]"#] {
        assert_eq!(reply::customer_recipes(shape.as_bytes()).expect("a list").len(), 1);
    }
    assert!(reply::recipes(b"[]").is_err(), "the documented answer is an object");
}
