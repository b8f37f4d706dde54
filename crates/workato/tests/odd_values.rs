//! Answers with values that no document describes: one odd value costs its field and no more.

use rstest::rstest;
use workato::{Connection, ConnectorId, List, reply};

/// The connection with these fields between two others, in each shape of a list.
fn lists(fields: &str) -> [Vec<u8>; 2] {
    let list = format!(r#"[{{"id": 1, "name": "First"}}, {{{fields}}}, {{"id": 3, "name": "Last"}}]"#);
    [list.clone().into_bytes(), format!(r#"{{"result": {list}, "count": 3}}"#).into_bytes()]
}

fn read(fields: &str) -> Connection {
    let [bare, in_result] = lists(fields).map(|body| reply::connections(&body).expect("a list"));
    assert_eq!(bare, in_result);
    let List { items, left_out, .. } = bare;
    let [first, odd, last] = <[Connection; 3]>::try_from(items).expect("three connections");
    assert_eq!((first.id.get(), odd.id.get(), last.id.get(), left_out), (1, 2, 3, 0));
    assert!(first.unreadable.is_empty() && last.unreadable.is_empty());
    odd
}

#[rstest]
#[case::words_for_an_id(r#""folder_id": "home""#, &["folder_id"])]
#[case::zero(r#""parent_id": 0"#, &["parent_id"])]
#[case::a_negative_id(r#""parent_id": -7"#, &["parent_id"])]
#[case::a_huge_id(r#""folder_id": 99999999999999999999"#, &["folder_id"])]
#[case::a_fraction(r#""folder_id": 4515.5"#, &["folder_id"])]
#[case::an_empty_time(r#""authorized_at": """#, &["authorized_at"])]
#[case::a_time_as_a_number(r#""created_at": 1700000000"#, &["created_at"])]
#[case::an_object_for_text(r#""authorization_error": {"code": 7, "why": ["a"]}"#, &["authorization_error"])]
#[case::a_list_for_text(r#""description": [1, 2]"#, &["description"])]
#[case::an_object_for_a_status(r#""authorization_status": {}"#, &["authorization_status"])]
#[case::text_for_tags(r#""tags": "tag-1""#, &["tags"])]
#[case::two_values(r#""folder_id": 1, "folder_id": 2"#, &["folder_id"])]
#[case::null_and_a_value(r#""folder_id": null, "folder_id": 2"#, &["folder_id"])]
#[case::several(r#""folder_id": "x", "external_id": {}, "updated_at": "soon""#, &["updated_at", "external_id", "folder_id"])]
#[case::nan(r#""parent_id": NaN"#, &["parent_id"])]
fn only_the_odd_field_is_unreadable(#[case] fields: &str, #[case] unreadable: &[&str]) {
    let odd = read(&format!(r#""id": 2, "name": "Odd", {fields}"#));
    assert_eq!(odd.name.as_deref(), Some("Odd"));
    assert_eq!(odd.unreadable.iter().collect::<Vec<_>>(), unreadable);
    let known = (odd.folder_id, odd.parent_id, odd.authorized_at, odd.authorization_error, odd.external_id);
    assert_eq!(known, (None, None, None, None, None), "an unreadable field has no value");
}

#[rstest]
#[case::half_a_surrogate_pair(r#""Acme \ud83d""#, "Acme \u{fffd}")]
#[case::a_number("36", "36")]
#[case::a_fraction("1.10", "1.10")]
#[case::many_digits("123456789012345678901234", "123456789012345678901234")]
#[case::more_than_64_bits("18446744073709551616", "18446744073709551616")]
#[case::unsigned_64_bits("18446744073709551615", "18446744073709551615")]
#[case::an_exponent("1E400", "1E400")]
#[case::minus_zero("-0", "-0")]
#[case::a_truth_value("true", "true")]
#[case::not_a_number("NaN", "NaN")]
#[case::an_infinity("-Infinity", "-Infinity")]
#[case::a_line_break("\"Acme\nPay\"", "Acme\nPay")]
#[case::an_unknown_escape(r#""it\'s""#, "it\u{fffd}'s")]
fn text_is_shown_with_the_characters_that_came(#[case] json: &str, #[case] expected: &str) {
    let odd = read(&format!(r#""id": 2, "external_id": {json}, "name": {json}"#));
    assert_eq!((odd.external_id.as_deref(), odd.name.as_deref()), (Some(expected), Some(expected)));
    assert!(odd.unreadable.is_empty());
}

#[test]
fn values_of_another_type_with_the_same_meaning_are_read() {
    let odd = read(r#""id": "2", "folder_id": "4515", "parent_id": null, "folder_id": 4515, "tags": ["a", 7, "a"]"#);
    assert_eq!(odd.folder_id.map(|id| id.get()), Some(4515));
    assert_eq!(odd.tags.expect("tags").iter().map(|tag| tag.as_str()).collect::<Vec<_>>(), ["a", "7", "a"]);
    assert!(odd.unreadable.is_empty());
}

#[test]
fn a_tag_that_cannot_be_read_leaves_the_others() {
    let odd = read(r#""id": 2, "tags": ["tag-1", null, {"handle": "tag-2"}, "tag-3"]"#);
    assert_eq!(odd.tags.map(|tags| tags.len()), Some(2));
    assert!(odd.unreadable.has("tags"));
}

#[test]
fn bytes_that_are_not_utf_8_and_a_byte_order_mark_are_survived() {
    let mut body = b"\xef\xbb\xbf[{\"id\": 1, \"name\": \"Caf\xe9\"}, {\"id\": 2, \"name\": \"Caf\xc3\xa9\"}]".to_vec();
    let names = |body: &[u8]| -> Vec<_> {
        reply::connections(body).expect("a list").into_iter().map(|one| one.name.expect("a name")).collect()
    };
    assert_eq!(names(&body), ["Caf\u{fffd}", "Café"]);
    body.drain(..3);
    assert_eq!(names(&body), ["Caf\u{fffd}", "Café"]);
}

#[test]
fn only_elements_without_a_readable_id_are_left_out_and_counted() {
    for odd in [
        "null",
        "7",
        "1.5",
        "\"36\"",
        "[]",
        "{}",
        r#"{"name": "No id"}"#,
        r#"{"id": null}"#,
        r#"{"id": "E36"}"#,
        r#"{"id": 0}"#,
        r#"{"id": 2.5}"#,
        r#"{"id": {"id": 2}}"#,
        r#"{"id": 2, "id": 4}"#,
    ] {
        let list = reply::connections(format!(r#"[{{"id": 1}}, {odd}, {{"id": 3}}]"#).as_bytes()).expect("a list");
        assert_eq!((list.iter().map(|one| one.id.get()).collect::<Vec<_>>(), list.left_out), (vec![1, 3], 1), "{odd}");
    }
}

#[test]
fn nesting_of_any_depth_costs_its_field() {
    for depth in [100, 200, 100_000] {
        let deep = |open: &str, inner: &str, close: &str| open.repeat(depth) + inner + &close.repeat(depth);
        for deep in [deep("[", "", "]"), deep(r#"{"a":"#, "1", "}")] {
            let odd = read(&format!(r#""id": 2, "name": {deep}, "folder_id": 4515, "new_field": {deep}"#));
            assert_eq!((odd.folder_id.map(|id| id.get()), odd.unreadable.has("name")), (Some(4515), true));
        }
    }
}

#[test]
fn every_kind_of_list_survives_an_odd_element() {
    let odd =
        |id: &str| format!(r#"[{{"{id}": 1, "name": "\ud83d", "x": {{}}}}, null, {{"{id}": 3, "created_at": ""}}]"#);
    let in_fields = |fields: &str, list: &str| format!("{fields}{list}{}", "}".repeat(fields.matches('{').count()));
    let body = odd("id");
    let counts = [
        ("connectors", reply::connectors(body.as_bytes()).map(|list| (list.len(), list.left_out))),
        ("folders", reply::folders(body.as_bytes()).map(|list| (list.len(), list.left_out))),
        ("customers", reply::customers(body.as_bytes()).map(|list| (list.len(), list.left_out))),
        (
            "tags",
            reply::tags(in_fields(r#"{"data": {"tags": "#, &odd("handle")).as_bytes())
                .map(|list| (list.len(), list.left_out)),
        ),
        (
            "events",
            reply::activity(in_fields(r#"{"data": "#, &body).as_bytes()).map(|list| (list.len(), list.left_out)),
        ),
    ];
    for (kind, count) in counts {
        assert_eq!(count, Ok((2, 1)), "{kind}");
    }
}

#[test]
fn an_odd_release_costs_itself_and_an_odd_share_is_not_taken_for_none() {
    let body = br#"{"result": [{"id": 3066, "title": 7, "oem_shared_version": "two", "released_versions": [
        {"version": 4, "version_note": {}, "released_at": "x"}, {"version": null}, 3, {"version": "2"}]}]}"#;
    let connector = reply::connector(body, ConnectorId::new(3066).expect("an id")).expect("readable").expect("there");
    assert_eq!((connector.title.as_deref(), connector.shared_version()), (Some("7"), None));
    assert!(!connector.is_share_known() && !connector.are_releases_known());
    let versions: Vec<_> = connector.released_versions.iter().map(|released| released.version.get()).collect();
    assert_eq!((versions, connector.latest_version().map(|version| version.get())), (vec![4, 2], Some(4)));
    let odd: Vec<_> = connector.released_versions[0].unreadable.iter().collect();
    assert_eq!(odd, ["version_note", "released_at"]);
}

#[test]
fn single_objects_survive_odd_values() {
    let workspace =
        br#"{"id": 17, "name": "Acme \ud83d", "plan_id": 1.10, "created_at": "", "root_folder_id": "home"}"#;
    let workspace = reply::workspace(workspace).expect("a workspace");
    assert_eq!((workspace.name.as_deref(), workspace.plan_id.as_deref()), (Some("Acme \u{fffd}"), Some("1.10")));
    assert!(workspace.unreadable.has("created_at") && workspace.unreadable.has("root_folder_id"));

    assert_eq!(reply::connector_code(br#"{"data": {"code": "puts \"\udc00\""}}"#).as_deref(), Ok("puts \"\u{fffd}\""));
    assert!(reply::connector_code(br#"{"data": {"code": {}}}"#).is_err());
}

#[test]
fn an_id_that_comes_again_is_one_row_and_is_counted() {
    let body = br#"[{"id": 1, "name": "Acme"}, {"id": 2, "name": "B"}, {"id": 1, "name": "Other"}]"#;
    let list = reply::connections(body).expect("a list");
    let names: Vec<_> = list.iter().map(|one| one.name.as_deref()).collect();
    // Which of the two names is right is not known.
    assert_eq!((names, list.repeated, list.left_out), (vec![None, Some("B")], 1, 0));
    assert!(list[0].unreadable.has("name") && !list[0].unreadable.has("folder_id"));
    assert_eq!(reply::connectors(body).expect("a list").repeated, 1);
    let body = br#"[{"id": 7, "oem_shared_version": 5}, {"id": 7, "oem_shared_version": null}]"#;
    let one =
        reply::connector(body, workato::ConnectorId::new(7).expect("an id")).expect("an answer").expect("a connector");
    assert!(!one.is_share_known());
    let same = br#"[{"id": 7, "oem_shared_version": 5}, {"id": 7, "oem_shared_version": 5}]"#;
    let one =
        reply::connector(same, workato::ConnectorId::new(7).expect("an id")).expect("an answer").expect("a connector");
    assert!(one.is_share_known() && one.unreadable.is_empty());
}
