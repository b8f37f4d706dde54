//! What a read of Workato says about an operation whose outcome is not known. Pure functions of the intent and the
//! read. A change counts as proven only if nothing but this operation can explain what the read shows.

use serde_json::{Map, Value, json};
use time::Duration;
use workato::{AuthorizationStatus, Connection, ConnectionId, Connector, List};

use crate::{
    audit::{Action, Entry},
    names::composed,
};
use store::{Doubt, Team};

/// The largest difference between Workato's clock and the portal's.
const SKEW: Duration = Duration::seconds(5);

/// What a read says about an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It was done.
    Done(Value),
    /// It was done and created the target with this id.
    Created(String, Value),
    /// At the time of the read, it was not done.
    NotDone(Value),
    /// The read does not tell, and why.
    Neither(Value, Doubt),
}

impl Verdict {
    /// What the read showed, for the log.
    pub fn seen(self) -> Value {
        match self {
            Self::Done(seen) | Self::Created(_, seen) | Self::NotDone(seen) | Self::Neither(seen, _) => seen,
        }
    }
}

/// The list that shows the effect of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadBack {
    /// The list of connections.
    Connections,
    /// The list of connectors.
    Connectors,
    /// The code of the connector.
    Code,
    /// Workato has no call that shows it.
    Nothing,
}

impl ReadBack {
    pub const fn of(action: Action) -> Self {
        match action {
            Action::ConnectorShare | Action::ConnectorSuppress | Action::ConnectorCreate | Action::ConnectorRelease => {
                Self::Connectors
            }
            Action::ConnectorUpdate => Self::Code,
            Action::ConnectionCreate
            | Action::ConnectionUpdate
            | Action::ConnectionDisconnect
            | Action::ConnectionTag
            | Action::ConnectionDelete => Self::Connections,
            _ => Self::Nothing,
        }
    }
}

/// Whether the operation was sent to another workspace than the one that the team has now.
pub fn is_of_another_workspace(intent: &Entry, team: &Team) -> bool {
    let then = intent.team.as_ref().and_then(|team| team.workspace.as_ref()).map(|workspace| workspace.id);
    let now = team.workspace.as_ref().map(|workspace| workspace.id);
    matches!((then, now), (Some(then), Some(now)) if then != now)
}

/// What a read of all connections shows. What could not be read in it is not guessed.
pub fn of_connections(intent: &Entry, connections: &List<Connection>) -> Verdict {
    let Some(target) = intent.targets.first() else {
        return Verdict::Neither(Value::Null, Doubt::NoTarget);
    };
    if intent.action == Action::ConnectionCreate {
        return created(intent, connections);
    }
    let found = connections.iter().find(|connection| connection.id.to_string() == target.id);
    match (intent.action, found) {
        (_, None) if connections.left_out > 0 => {
            Verdict::Neither(json!({ "left_out": connections.left_out }), Doubt::Unreadable)
        }
        (Action::ConnectionDelete, found) => deleted(intent, found.is_some()),
        (_, None) => Verdict::Neither(json!({ "present": false }), Doubt::ConnectionGone),
        (Action::ConnectionDisconnect, Some(connection)) => disconnected(intent, connection),
        (Action::ConnectionTag, Some(connection)) => tagged(intent, connection),
        (_, Some(connection)) => updated(intent, connection),
    }
}

fn deleted(intent: &Entry, present: bool) -> Verdict {
    let seen = json!({ "present": present });
    let was_there = intent.before.as_ref().map(|before| before.get("found") == Some(&Value::Bool(true)));
    match (present, was_there) {
        (true, _) => Verdict::NotDone(seen),
        (false, Some(true)) => Verdict::Done(seen),
        (false, Some(false)) => Verdict::Neither(seen, Doubt::ConnectionWasNotThere),
        (false, None) => Verdict::Neither(seen, Doubt::UnknownBefore),
    }
}

/// Looks for a connection with this name, provider, folder, parent and external id that is not older than the intent.
fn created(intent: &Entry, connections: &List<Connection>) -> Verdict {
    let is_young = |connection: &&Connection| may_be_young(intent, connection);
    let is_like_it = |connection: &&Connection| {
        let is = fields(connection);
        intent.parameters.iter().all(|(name, value)| is.get(name).is_none_or(|is| same(is, value)))
    };
    let young: Vec<&Connection> = connections.iter().filter(is_young).collect();
    let found: Vec<ConnectionId> = young.iter().copied().filter(is_like_it).map(|connection| connection.id).collect();
    let seen = json!({ "new_connections": young.len(), "like_it": found });
    let is_unreadable = |one: &Connection| {
        one.unreadable.has("created_at") || (may_be_young(intent, one) && cannot_compare(intent, one, None))
    };
    if connections.left_out > 0 || connections.iter().any(is_unreadable) {
        return Verdict::Neither(seen, Doubt::Unreadable);
    }
    match (&found[..], young.is_empty()) {
        ([], true) => Verdict::NotDone(seen),
        ([], false) => Verdict::Neither(seen, Doubt::NoneAsAskedFor),
        ([id], _) => Verdict::Created(id.to_string(), seen),
        _ => Verdict::Neither(seen, Doubt::SeveralAsAskedFor),
    }
}

fn may_be_young(intent: &Entry, connection: &Connection) -> bool {
    connection.created_at.is_some_and(|at| at.get() >= intent.at - SKEW)
}

/// Whether a field that was asked for could not be read in the connection or, if it is given, in the state before.
fn cannot_compare(intent: &Entry, connection: &Connection, before: Option<&Value>) -> bool {
    let was_unreadable = |name: &str| {
        let names = before.and_then(|before| before.get("unreadable")?.as_array());
        names.is_some_and(|names| names.iter().any(|field| field == name))
    };
    let mut names = intent.parameters.keys().map(|name| if name == "provider" { "application" } else { name.as_str() });
    names.any(|name| connection.unreadable.has(name) || was_unreadable(name))
}

fn updated(intent: &Entry, connection: &Connection) -> Verdict {
    let is = fields(connection);
    if cannot_compare(intent, connection, intent.before.as_ref()) {
        return cannot_read(connection);
    }
    let wanted: Map<String, Value> = intent
        .parameters
        .iter()
        .filter(|(name, _)| is.contains_key(*name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let seen = json!({ "updated_at": connection.updated_at, "fields": is });
    let before = intent.before.as_ref().filter(|before| before.get("found") == Some(&Value::Bool(true)));
    let is_untouched = before.and_then(|before| before.get("updated_at")) == Some(&json!(connection.updated_at));
    if wanted.is_empty() {
        // Only credentials were sent: the time of the authorization shows whether they were accepted.
        let authorized_since = connection.authorized_at.is_some_and(|at| at.get() >= intent.at - SKEW);
        return match before.map(|before| before.get("authorized_at") != Some(&json!(connection.authorized_at))) {
            Some(true) if authorized_since => Verdict::Done(seen),
            Some(_) if is_untouched => Verdict::NotDone(seen),
            _ => Verdict::Neither(seen, Doubt::NotReadBack),
        };
    }
    let as_wanted =
        |state: &Value| wanted.iter().all(|(name, value)| state.get(name).is_some_and(|is| same(is, value)));
    let was = |name: &String| before.and_then(|before| before.get(name));
    match before {
        Some(before) if as_wanted(&Value::Object(is.clone())) && !as_wanted(before) => Verdict::Done(seen),
        Some(_) if as_wanted(&Value::Object(is.clone())) => Verdict::Neither(seen, Doubt::SameAsBefore),
        Some(_) if wanted.keys().all(|name| was(name) == is.get(name)) => Verdict::NotDone(seen),
        Some(_) => Verdict::Neither(seen, Doubt::ChangedOtherwise),
        None => Verdict::Neither(seen, Doubt::UnknownBefore),
    }
}

fn disconnected(intent: &Entry, connection: &Connection) -> Verdict {
    const CONNECTED: Option<&AuthorizationStatus> = Some(&AuthorizationStatus::Success);
    if connection.unreadable.has("authorization_status") {
        return cannot_read(connection);
    }
    let seen = json!({
        "authorization_status": connection.authorization_status, "authorized_at": connection.authorized_at
    });
    let before = intent.before.as_ref().and_then(|before| before.get("authorization_status"));
    let was_connected = before.map(|status| status.as_str() == Some(AuthorizationStatus::Success.as_str()));
    match (connection.authorization_status.as_ref() == CONNECTED, was_connected) {
        (false, Some(true)) => Verdict::Done(seen),
        (false, Some(false)) => Verdict::Neither(seen, Doubt::WasNotConnected),
        (false, None) => Verdict::Neither(seen, Doubt::UnknownBefore),
        (true, _) if connection.authorized_at.is_some_and(|at| at.get() >= intent.at - SKEW) => {
            Verdict::Neither(seen, Doubt::ConnectedSince)
        }
        (true, _) => Verdict::NotDone(seen),
    }
}

fn tagged(intent: &Entry, connection: &Connection) -> Verdict {
    let sorted = |tags: Option<&Value>| {
        let mut tags: Vec<String> =
            tags.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        tags.sort_unstable();
        tags
    };
    if connection.unreadable.has("tags") {
        return cannot_read(connection);
    }
    let now = sorted(Some(&json!(connection.tags)));
    let seen = json!({ "tags": now });
    let (add, remove) = (sorted(intent.parameters.get("add_tags")), sorted(intent.parameters.get("remove_tags")));
    let is_as_asked = add.iter().all(|tag| now.contains(tag)) && !remove.iter().any(|tag| now.contains(tag));
    let before = intent.before.as_ref().filter(|before| before.get("found") == Some(&Value::Bool(true)));
    // Without tags in it, they could not be read before the change.
    match before.and_then(|before| before.get("tags")).map(|tags| sorted(Some(tags))) {
        None => Verdict::Neither(seen, Doubt::UnknownBefore),
        Some(before) if is_as_asked && before != now => Verdict::Done(seen),
        Some(_) if is_as_asked => Verdict::Neither(seen, Doubt::SameAsBefore),
        Some(before) if before == now => Verdict::NotDone(seen),
        Some(_) => Verdict::Neither(seen, Doubt::ChangedOtherwise),
    }
}

/// Whether Workato has what was sent. It may encode the letters of a text in another way.
fn same(is: &Value, sent: &Value) -> bool {
    match (is, sent) {
        (Value::String(is), Value::String(sent)) => composed(is) == composed(sent),
        (is, sent) => is == sent,
    }
}

fn cannot_read(connection: &Connection) -> Verdict {
    let unreadable: Vec<_> = connection.unreadable.iter().collect();
    Verdict::Neither(json!({ "unreadable": unreadable }), Doubt::Unreadable)
}

/// The fields that can be set and read back, by the names of the parameters.
fn fields(connection: &Connection) -> Map<String, Value> {
    Map::from_iter([
        ("name".to_owned(), json!(connection.name)),
        ("provider".to_owned(), json!(connection.application)),
        ("parent_id".to_owned(), json!(connection.parent_id)),
        ("folder_id".to_owned(), json!(connection.folder_id)),
        ("external_id".to_owned(), json!(connection.external_id)),
    ])
}

/// What a read of all connectors shows: whether the requested version is shared, or no version after a suppression.
pub fn of_connectors(intent: &Entry, connectors: &List<Connector>) -> Verdict {
    let Some(target) = intent.targets.first() else {
        return Verdict::Neither(Value::Null, Doubt::NoTarget);
    };
    if intent.action == Action::ConnectorCreate {
        return created_connector(intent, connectors);
    }
    let Some(connector) = connectors.iter().find(|connector| connector.id.to_string() == target.id) else {
        return match connectors.left_out {
            0 => Verdict::Neither(json!({ "present": false }), Doubt::ConnectorGone),
            left_out => Verdict::Neither(json!({ "left_out": left_out }), Doubt::Unreadable),
        };
    };
    if intent.action == Action::ConnectorRelease {
        return released(intent, connector);
    }
    if !connector.is_share_known() || connector.unreadable.has("oem_shared_at") {
        let unreadable: Vec<_> = connector.unreadable.iter().collect();
        return Verdict::Neither(json!({ "unreadable": unreadable }), Doubt::Unreadable);
    }
    let now = (json!(connector.shared_version()), json!(connector.oem_shared_at));
    let seen = json!({ "shared_version": now.0, "shared_at": now.1 });
    let wanted = match intent.action {
        Action::ConnectorSuppress => Value::Null,
        _ => intent.parameters.get("version").cloned().unwrap_or(Value::Null),
    };
    let before = intent
        .before
        .as_ref()
        .and_then(|before| Some((before.get("shared_version")?.clone(), before.get("shared_at")?.clone())));
    match before {
        // It is as requested, and was not before.
        Some(before) if now.0 == wanted && before != now => Verdict::Done(seen),
        Some(before) if now.0 == wanted && before == now => Verdict::Neither(seen, Doubt::SameAsBefore),
        Some(before) if before == now => Verdict::NotDone(seen),
        // The state before is not known, but a share that is dated after the intent is this one.
        None if now.0 == wanted
            && !wanted.is_null()
            && connector.oem_shared_at.is_some_and(|at| at.get() >= intent.at) =>
        {
            Verdict::Done(seen)
        }
        None => Verdict::Neither(seen, Doubt::UnknownBefore),
        Some(_) => Verdict::Neither(seen, Doubt::ChangedOtherwise),
    }
}

/// Looks for a connector with this title that was not there before.
fn created_connector(intent: &Entry, connectors: &List<Connector>) -> Verdict {
    let title = intent.parameters.get("title").and_then(Value::as_str);
    let called = connectors.iter().filter(|connector| connector.title.as_deref() == title);
    let called: Vec<String> = called.map(|connector| connector.id.to_string()).collect();
    let before = intent.before.as_ref().and_then(|before| before.get("same_title")?.as_array());
    let seen = json!({ "same_title": called });
    let Some(before) = before else { return Verdict::Neither(seen, Doubt::UnknownBefore) };
    if connectors.left_out > 0 || connectors.iter().any(|connector| connector.unreadable.has("title")) {
        return Verdict::Neither(seen, Doubt::Unreadable);
    }
    let was_there = |id: &String| before.iter().any(|before| before.as_i64() == id.parse().ok());
    match &called.iter().filter(|id| !was_there(id)).collect::<Vec<_>>()[..] {
        [] => Verdict::NotDone(seen),
        [id] => Verdict::Created((*id).clone(), seen),
        _ => Verdict::Neither(seen, Doubt::SeveralAsAskedFor),
    }
}

/// Whether a version was released since.
fn released(intent: &Entry, connector: &Connector) -> Verdict {
    if !connector.are_releases_known() || connector.unreadable.has("latest_released_version") {
        return Verdict::Neither(json!({ "unreadable": ["released_versions"] }), Doubt::Unreadable);
    }
    let latest = connector.latest_version().map(|version| version.get());
    let seen = json!({ "latest_released_version": latest });
    let Some(before) = intent.before.as_ref().and_then(|before| before.get("latest_released_version")) else {
        return Verdict::Neither(seen, Doubt::UnknownBefore);
    };
    match (before.as_i64(), latest) {
        (before, latest) if before == latest => Verdict::NotDone(seen),
        (Some(before), Some(latest)) if latest > before => Verdict::Done(seen),
        (None, Some(_)) => Verdict::Done(seen),
        _ => Verdict::Neither(seen, Doubt::ChangedOtherwise),
    }
}

/// What the hash of a connector's code shows about writing its draft.
pub fn of_code(intent: &Entry, sha256: &str) -> Verdict {
    let seen = json!({ "code_sha256": sha256 });
    let wanted = intent.parameters.get("sha256").and_then(Value::as_str);
    let before = intent.before.as_ref().and_then(|before| before.get("code_sha256")?.as_str());
    match before {
        Some(before) if wanted == Some(sha256) && before != sha256 => Verdict::Done(seen),
        Some(_) if wanted == Some(sha256) => Verdict::Neither(seen, Doubt::SameAsBefore),
        Some(before) if before == sha256 => Verdict::NotDone(seen),
        Some(_) => Verdict::Neither(seen, Doubt::ChangedOtherwise),
        None => Verdict::Neither(seen, Doubt::UnknownBefore),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};
    use time::macros::datetime;
    use workato::{Connection, Connector, List};

    use super::{Verdict, of_code, of_connections, of_connectors};
    use crate::audit::{Action, Entry, Target, TargetType, test_log};

    fn intent(action: Action, version: Option<i64>, before: Option<Value>) -> Entry {
        let parameters = version.map(|version| ("version".to_owned(), json!(version))).into_iter().collect();
        Entry { parameters, before, ..test_log::intent(action, datetime!(2026-11-22 12:00 UTC)) }
    }

    fn connector(shared: Option<i64>, at: Option<&str>) -> Connector {
        serde_json::from_value(json!({ "id": 3066, "oem_shared_version": shared, "oem_shared_at": at })).unwrap()
    }

    fn connector_with(latest: Option<i64>, id: i64, title: &str) -> Connector {
        let released: Vec<_> = latest.into_iter().map(|version| json!({ "version": version })).collect();
        let connector = json!({
            "id": id, "title": title, "latest_released_version": latest, "released_versions": released
        });
        serde_json::from_value(connector).unwrap()
    }

    fn named(verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Done(_) => "done",
            Verdict::Created(..) => "created",
            Verdict::NotDone(_) => "not done",
            Verdict::Neither(..) => "neither",
        }
    }

    #[rstest]
    #[case::released(Some(json!(7)), Some(8), "done")]
    #[case::first(Some(Value::Null), Some(1), "done")]
    #[case::not_released(Some(json!(7)), Some(7), "not done")]
    #[case::never(Some(Value::Null), None, "not done")]
    #[case::went_back(Some(json!(7)), Some(6), "neither")]
    #[case::unknown_before(None, Some(8), "neither")]
    fn a_release_is_settled_by_the_newest_version(
        #[case] before: Option<Value>,
        #[case] latest: Option<i64>,
        #[case] expected: &str,
    ) {
        let before = before.map(|version| json!({ "found": true, "latest_released_version": version }));
        let intent = intent(Action::ConnectorRelease, None, before);
        let list = List::from(vec![connector_with(latest, 3066, "Acme")]);
        assert_eq!(named(&of_connectors(&intent, &list)), expected);
    }

    #[rstest]
    #[case::new(Some(json!([1])), &[(1, "Acme"), (2, "Acme"), (3, "Other")], "created")]
    #[case::none(Some(json!([1])), &[(1, "Acme")], "not done")]
    #[case::two(Some(json!([])), &[(1, "Acme"), (2, "Acme")], "neither")]
    #[case::unknown_before(None, &[(2, "Acme")], "neither")]
    fn a_new_connector_is_found_by_its_title(
        #[case] before: Option<Value>,
        #[case] now: &[(i64, &str)],
        #[case] expected: &str,
    ) {
        let before = before.map(|same| json!({ "same_title": same }));
        let mut intent = intent(Action::ConnectorCreate, None, before);
        intent.parameters.insert("title".to_owned(), json!("Acme"));
        let list = List::from(now.iter().map(|(id, title)| connector_with(None, *id, title)).collect::<Vec<_>>());
        let verdict = of_connectors(&intent, &list);
        assert_eq!(named(&verdict), expected);
        if expected == "created" {
            assert!(matches!(verdict, Verdict::Created(id, _) if id == "2"));
        }
    }

    #[rstest]
    #[case::written(Some("old"), "new", "done")]
    #[case::not_written(Some("old"), "old", "not done")]
    #[case::the_same_before(Some("new"), "new", "neither")]
    #[case::another(Some("old"), "other", "neither")]
    #[case::unknown_before(None, "new", "neither")]
    fn a_draft_is_settled_by_the_hash_of_its_code(
        #[case] before: Option<&str>,
        #[case] now: &str,
        #[case] expected: &str,
    ) {
        let before = before.map(|before| json!({ "found": true, "code_sha256": before }));
        let mut intent = intent(Action::ConnectorUpdate, None, before);
        intent.parameters.insert("sha256".to_owned(), json!("new"));
        assert_eq!(named(&of_code(&intent, now)), expected);
    }

    const OLD: &str = "2026-01-01T00:00:00Z";
    const NEW: &str = "2026-11-22T12:00:01Z";

    #[rstest]
    #[case::shared(Action::ConnectorShare, Some(4), Some((Some(2), Some(OLD))), (Some(4), Some(NEW)), "done")]
    #[case::not_shared(Action::ConnectorShare, Some(4), Some((Some(2), Some(OLD))), (Some(2), Some(OLD)), "not done")]
    #[case::shared_anew(Action::ConnectorShare, Some(4), Some((Some(4), Some(OLD))), (Some(4), Some(NEW)), "done")]
    #[case::cannot_tell(Action::ConnectorShare, Some(4), Some((Some(4), Some(OLD))), (Some(4), Some(OLD)), "neither")]
    #[case::something_else(Action::ConnectorShare, Some(4), Some((Some(2), Some(OLD))), (Some(3), Some(NEW)), "neither")]
    #[case::unknown_before(Action::ConnectorShare, Some(4), None, (Some(4), Some(NEW)), "done")]
    #[case::unknown_before_and_old(Action::ConnectorShare, Some(4), None, (Some(4), Some(OLD)), "neither")]
    #[case::suppressed(Action::ConnectorSuppress, None, Some((Some(2), Some(OLD))), (None, None), "done")]
    #[case::not_suppressed(Action::ConnectorSuppress, None, Some((Some(2), Some(OLD))), (Some(2), Some(OLD)), "not done")]
    #[case::was_not_shared(Action::ConnectorSuppress, None, Some((None, None)), (None, None), "neither")]
    fn a_share_or_suppression_is_settled_only_by_what_the_read_shows(
        #[case] action: Action,
        #[case] version: Option<i64>,
        #[case] before: Option<(Option<i64>, Option<&str>)>,
        #[case] now: (Option<i64>, Option<&str>),
        #[case] expected: &str,
    ) {
        let before = before.map(|(version, at)| {
            let before = connector(version, at);
            json!({ "shared_version": before.oem_shared_version, "shared_at": before.oem_shared_at })
        });
        let verdict = of_connectors(&intent(action, version, before), &vec![connector(now.0, now.1)].into());
        assert_eq!(word(&verdict), expected);
    }

    fn word(verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Done(_) => "done",
            Verdict::Created(..) => "created",
            Verdict::NotDone(_) => "not done",
            Verdict::Neither(..) => "neither",
        }
    }

    /// What a read of these connections says of an operation on connection 36.
    fn of_36(action: Action, asked: &Value, before: &Value, now: &[Value]) -> &'static str {
        let mut intent = intent(action, None, Some(before.clone()).filter(|before| !before.is_null()));
        let id = if action == Action::ConnectionCreate { Target::NOT_YET } else { "36" };
        intent.targets = vec![Target::new(TargetType::Connection, id, Some("Jira"))];
        intent.parameters = asked.as_object().cloned().unwrap_or_default();
        let now: Vec<Connection> = now.iter().map(|now| serde_json::from_value(now.clone()).unwrap()).collect();
        word(&of_connections(&intent, &now.into()))
    }

    #[rstest]
    #[case::now(json!({ "found": true, "name": "Old" }), json!({ "id": 36, "name": {} }))]
    #[case::before(json!({ "found": true, "unreadable": ["name"] }), json!({ "id": 36, "name": "New" }))]
    #[case::twice(json!({ "found": true, "name": "Old" }), json!({ "id": 36, "name": "New", "parent_id": 0 }))]
    fn an_update_is_not_settled_by_what_cannot_be_read(#[case] before: Value, #[case] now: Value) {
        let asked = json!({ "name": "New", "parent_id": 7 });
        assert_eq!(of_36(Action::ConnectionUpdate, &asked, &before, &[now]), "neither");
    }

    #[test]
    fn a_disconnection_or_tag_is_not_settled_by_what_cannot_be_read() {
        let connected = json!({ "found": true, "authorization_status": "success", "tags": ["tag-1"] });
        let now = json!({ "id": 36, "authorization_status": {}, "tags": [{}] });
        let none = json!({});
        assert_eq!(of_36(Action::ConnectionDisconnect, &none, &connected, std::slice::from_ref(&now)), "neither");
        let tags = json!({ "add_tags": ["tag-2"] });
        assert_eq!(of_36(Action::ConnectionTag, &tags, &connected, std::slice::from_ref(&now)), "neither");
        let unreadable = json!({ "found": true, "unreadable": ["tags", "authorization_status"] });
        let now = json!({ "id": 36, "tags": ["tag-2"], "authorization_status": "failed" });
        assert_eq!(of_36(Action::ConnectionTag, &tags, &unreadable, std::slice::from_ref(&now)), "neither");
        assert_eq!(of_36(Action::ConnectionDisconnect, &none, &unreadable, &[now]), "neither");
    }

    #[test]
    fn nothing_is_said_to_be_gone_while_rows_are_left_out() {
        let mut intent = intent(Action::ConnectionDelete, None, Some(json!({ "found": true })));
        intent.targets = vec![Target::new(TargetType::Connection, "36", Some("Jira"))];
        let read = |left_out| word(&of_connections(&intent, &List { left_out, ..List::default() }));
        assert_eq!([read(0), read(1)], ["done", "neither"]);
        let mut created = intent.clone();
        created.action = Action::ConnectionCreate;
        let read = |left_out| word(&of_connections(&created, &List { left_out, ..List::default() }));
        assert_eq!([read(0), read(1)], ["not done", "neither"]);
    }

    #[test]
    fn a_share_is_not_settled_by_a_version_that_cannot_be_read() {
        let odd = |json: Value| List::from(vec![serde_json::from_value::<Connector>(json).unwrap()]);
        let intent = intent(Action::ConnectorSuppress, None, Some(json!({ "shared_version": 2, "shared_at": OLD })));
        let unreadable = odd(json!({ "id": 3066, "oem_shared_version": "none" }));
        assert_eq!(word(&of_connectors(&intent, &unreadable)), "neither");
        assert_eq!(word(&of_connectors(&intent, &odd(json!({ "id": 3066 })))), "done");
    }

    #[rstest]
    #[case::there(json!([{ "id": 41, "name": "Jira", "application": "jira", "created_at": NEW }]), "created")]
    #[case::there_before(json!([{ "id": 41, "name": "Jira", "application": "jira", "created_at": OLD }]), "not done")]
    #[case::another_one(json!([{ "id": 41, "name": "Slack", "application": "slack", "created_at": NEW }]), "neither")]
    #[case::nothing(json!([]), "not done")]
    #[case::two(
        json!([
            { "id": 41, "name": "Jira", "application": "jira", "created_at": NEW },
            { "id": 42, "name": "Jira", "application": "jira", "created_at": NEW }
        ]),
        "neither"
    )]
    fn a_creation_is_recognized_by_one_matching_new_connection(#[case] now: Value, #[case] expected: &str) {
        let asked = json!({ "name": "Jira", "provider": "jira", "input": ["apitoken"] });
        assert_eq!(of_36(Action::ConnectionCreate, &asked, &Value::Null, now.as_array().unwrap()), expected);
    }

    #[rstest]
    #[case::renamed(json!({ "found": true, "name": "Old" }), json!({ "id": 36, "name": "New" }), "done")]
    #[case::not_renamed(json!({ "found": true, "name": "Old" }), json!({ "id": 36, "name": "Old" }), "not done")]
    #[case::renamed_otherwise(json!({ "found": true, "name": "Old" }), json!({ "id": 36, "name": "Other" }), "neither")]
    #[case::was_so(json!({ "found": true, "name": "New" }), json!({ "id": 36, "name": "New" }), "neither")]
    #[case::unknown_before(Value::Null, json!({ "id": 36, "name": "New" }), "neither")]
    #[case::gone(json!({ "found": true, "name": "Old" }), json!({ "id": 37, "name": "New" }), "neither")]
    fn an_update_is_recognized_by_its_fields(#[case] before: Value, #[case] now: Value, #[case] expected: &str) {
        assert_eq!(of_36(Action::ConnectionUpdate, &json!({ "name": "New" }), &before, &[now]), expected);
    }

    #[rstest]
    #[case::anew(NEW, NEW, "done")]
    #[case::untouched(OLD, OLD, "not done")]
    #[case::touched(OLD, NEW, "neither")]
    fn new_credentials_are_recognized_by_the_time_of_authorization(
        #[case] authorized_at: &str,
        #[case] updated_at: &str,
        #[case] expected: &str,
    ) {
        let before = json!({ "found": true, "authorized_at": OLD, "updated_at": OLD });
        let now = json!({ "id": 36, "authorized_at": authorized_at, "updated_at": updated_at });
        assert_eq!(of_36(Action::ConnectionUpdate, &json!({ "input": ["apitoken"] }), &before, &[now]), expected);
    }

    #[rstest]
    #[case::disconnected(Some("success"), json!({ "id": 36 }), "done")]
    #[case::still_connected(
        Some("success"), json!({ "id": 36, "authorization_status": "success", "authorized_at": OLD }), "not done"
    )]
    #[case::connected_anew(
        Some("success"), json!({ "id": 36, "authorization_status": "success", "authorized_at": NEW }), "neither"
    )]
    #[case::was_not_connected(Some("failed"), json!({ "id": 36 }), "neither")]
    #[case::unknown_before(None, json!({ "id": 36 }), "neither")]
    fn a_disconnection_is_recognized_by_the_status(
        #[case] before: Option<&str>,
        #[case] now: Value,
        #[case] expected: &str,
    ) {
        let before = before.map_or(Value::Null, |status| json!({ "found": true, "authorization_status": status }));
        assert_eq!(of_36(Action::ConnectionDisconnect, &json!({ "force": false }), &before, &[now]), expected);
    }

    #[rstest]
    #[case::changed(json!(["old", "other"]), json!(["new", "other"]), "done")]
    #[case::unchanged(json!(["old", "other"]), json!(["other", "old"]), "not done")]
    #[case::was_so(json!(["new"]), json!(["new"]), "neither")]
    #[case::halfway(json!(["old"]), json!(["old", "new"]), "neither")]
    #[case::from_none(Value::Null, json!(["new"]), "done")]
    fn a_tagging_is_recognized_by_the_tags(#[case] before: Value, #[case] now: Value, #[case] expected: &str) {
        let asked = json!({ "add_tags": ["new"], "remove_tags": ["old"] });
        let before = json!({ "found": true, "tags": before });
        assert_eq!(of_36(Action::ConnectionTag, &asked, &before, &[json!({ "id": 36, "tags": now })]), expected);
    }

    #[test]
    fn a_deletion_is_recognized_by_the_missing_connection() {
        let there = json!({ "found": true });
        assert_eq!(of_36(Action::ConnectionDelete, &Value::Null, &there, &[]), "done");
        assert_eq!(of_36(Action::ConnectionDelete, &Value::Null, &there, &[json!({ "id": 36 })]), "not done");
        assert_eq!(of_36(Action::ConnectionDelete, &Value::Null, &json!({ "found": false }), &[]), "neither");
        assert_eq!(of_36(Action::ConnectionDelete, &Value::Null, &Value::Null, &[]), "neither");
    }
}
