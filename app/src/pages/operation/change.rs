//! Before and after, side by side, as far as the log tells: what was read just before, and what follows from how the
//! operation ended or from what was seen later.

use leptos::prelude::*;
use portal::audit::{Action, Entry, Logged, Outcome};
use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::facts::{in_words, plain};
use crate::components::Moment;

/// One thing that has a value before and after.
#[derive(Debug, PartialEq)]
struct Row {
    name: String,
    before: Option<Value>,
    after: After,
}

#[derive(Debug, PartialEq)]
enum After {
    Same,
    Now(Value),
    NotKnown,
}

impl Row {
    fn changed(&self) -> bool {
        matches!(&self.after, After::Now(now) if self.before.as_ref() != Some(now))
    }
}

/// The table; nothing, where the log tells of no state.
pub fn table(logged: &Logged) -> Option<AnyView> {
    let mut rows = rows(logged);
    if rows.is_empty() {
        return None;
    }
    // What changed is what is looked for.
    rows.sort_by_key(|row| !row.changed());
    let rows = rows.into_iter().map(|row| {
        let class = row.changed().then_some("changed");
        let (before, after) = (
            shown(row.before.as_ref()),
            match &row.after {
                After::Same => view! { <span class="soft">"the same"</span> }.into_any(),
                After::Now(now) => told(now),
                After::NotKnown => view! { <span class="soft">"not known"</span> }.into_any(),
            },
        );
        view! { <tr class=class><th scope="row">{label(&row.name)}</th><td>{before}</td><td>{after}</td></tr> }
    });
    Some(
        view! {
            <section aria-labelledby="change">
                <h2 id="change">"Before and after"</h2>
                <div class="sheet">
                    <table class="compare">
                        <caption>"What it was before, and what it is after"</caption>
                        <thead>
                            <tr><th scope="col">"What"</th><th scope="col">"Before"</th><th scope="col">"After"</th></tr>
                        </thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </div>
            </section>
        }
        .into_any(),
    )
}

/// What the state calls it, as people read it. Of credentials the log has the names alone.
fn label(name: &str) -> String {
    match name {
        "input" | "oauth_token_pair" => "credentials that were sent".to_owned(),
        name => in_words(name),
    }
}

fn shown(value: Option<&Value>) -> AnyView {
    match value {
        Some(value) => told(value),
        None => view! { <span class="soft">"–"</span> }.into_any(),
    }
}

/// Moments as people read them, all else as the log has it.
fn told(value: &Value) -> AnyView {
    match value.as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok()) {
        Some(at) => view! { <Moment at=at/> }.into_any(),
        None => plain(value).into_any(),
    }
}

fn rows(logged: &Logged) -> Vec<Row> {
    let operation = &logged.summary;
    let Some(first) = &operation.first else { return Vec::new() };
    let mut before = first.before.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
    let was_found = before.remove("found");
    let changes = changes(first);
    let seen = operation.last.as_ref().and_then(|last| last.evidence.as_ref()?.get("seen")?.as_object());
    let after = |name: &str, before: Option<&Value>| match operation.outcome {
        Some(Outcome::Succeeded) => match seen.and_then(|seen| seen.get(name)).or_else(|| changes.get(name)) {
            Some(now) if Some(now) == before => After::Same,
            Some(now) => After::Now(now.clone()),
            None if is_gone(first.action) => After::Now(Value::Null),
            None if is_set_by_workato(first, name) => After::NotKnown,
            None => After::Same,
        },
        Some(Outcome::Rejected | Outcome::Failed | Outcome::Denied) => After::Same,
        Some(Outcome::Unknown) | None => After::NotKnown,
    };
    let mut rows = Vec::new();
    if is_gone(first.action) && was_found.is_some() {
        let before = was_found;
        let after = match operation.outcome {
            Some(Outcome::Succeeded) => After::Now(Value::Bool(false)),
            Some(Outcome::Rejected | Outcome::Failed | Outcome::Denied) => After::Same,
            Some(Outcome::Unknown) | None => After::NotKnown,
        };
        rows.push(Row { name: "in Workato".to_owned(), before, after });
    }
    let known: Vec<String> = before.keys().cloned().collect();
    rows.extend(known.into_iter().map(|name| {
        let value = before.get(&name).cloned();
        let after = after(&name, value.as_ref());
        Row { name, before: value, after }
    }));
    // What was asked for and was not there before; nothing became of it unless the operation succeeded.
    if operation.outcome == Some(Outcome::Succeeded) {
        let fresh = changes.iter().filter(|(name, _)| !before.contains_key(*name));
        rows.extend(fresh.map(|(name, now)| Row { name: name.clone(), before: None, after: After::Now(now.clone()) }));
    }
    rows
}

/// Whether the target is no longer there afterwards.
fn is_gone(action: Action) -> bool {
    matches!(action, Action::ConnectionDelete | Action::ConnectorDelete | Action::MemberRemove)
}

/// What Workato sets by itself when such an operation succeeds, and does not tell in its answer.
fn is_set_by_workato(first: &Entry, name: &str) -> bool {
    let credentials = || ["input", "oauth_token_pair"].iter().any(|sent| first.parameters.contains_key(*sent));
    match (first.action, name) {
        (Action::ConnectorShare, "shared_at") => true,
        (Action::ConnectionUpdate | Action::ConnectionTag | Action::ConnectionDisconnect, "updated_at") => true,
        (Action::ConnectionDisconnect, "authorized_at") => true,
        (Action::ConnectionUpdate, "authorized_at" | "authorization_status") => credentials(),
        _ => false,
    }
}

/// What the operation was to make of the state, by the names that the state has.
fn changes(first: &Entry) -> Map<String, Value> {
    let mut changes = first.parameters.clone();
    match first.action {
        Action::ConnectorShare => {
            changes = Map::new();
            changes.extend(first.parameters.get("version").map(|now| ("shared_version".to_owned(), now.clone())));
        }
        Action::ConnectorSuppress => {
            changes = Map::from_iter(["shared_version", "shared_at"].map(|name| (name.to_owned(), Value::Null)));
        }
        Action::ConnectionDisconnect => {
            let now = Value::String("disconnected".to_owned());
            changes = Map::from_iter([("authorization_status".to_owned(), now)]);
        }
        Action::ConnectionTag => changes = Map::from_iter([("tags".to_owned(), tagged(first))]),
        // What was asked for is no state of anything.
        Action::ConnectionDelete
        | Action::ConnectorDelete
        | Action::RecipeShare
        | Action::ConnectionExport
        | Action::AuditExport
        | Action::AuditExpire
        | Action::TeamWatch
        | Action::PersonDisable
        | Action::PersonPassword
        | Action::SessionRefuse => changes = Map::new(),
        _ => {}
    }
    changes
}

/// The tags that a connection has when some were added and others removed.
fn tagged(first: &Entry) -> Value {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (add, remove) = (list(first.parameters.get("add_tags")), list(first.parameters.get("remove_tags")));
    let mut tags = list(first.before.as_ref().and_then(|before| before.get("tags")));
    tags.retain(|tag| !remove.contains(tag));
    for tag in add {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Value::Array(tags)
}

#[cfg(test)]
mod tests {
    use portal::audit::{Action, Logged, Outcome};
    use serde_json::{Value, json};
    use time::macros::datetime;

    use super::{After, rows};
    use crate::components::fixture;

    fn told(
        action: Action,
        outcome: Option<Outcome>,
        before: Value,
        seen: Option<Value>,
    ) -> Vec<(String, String, String)> {
        let mut summary = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        summary.outcome = outcome;
        if let Some(first) = &mut summary.first {
            (first.action, first.before) = (action, Some(before));
        }
        if let (Some(last), Some(seen)) = (&mut summary.last, seen) {
            last.evidence = Some(json!({ "seen": seen }));
        }
        let rows = rows(&Logged { summary, entries: Vec::new(), removed: Vec::new() });
        rows.into_iter()
            .map(|row| {
                let after = match &row.after {
                    After::Same => "same".to_owned(),
                    After::NotKnown => "not known".to_owned(),
                    After::Now(now) => now.to_string(),
                };
                (row.name, row.before.map_or_else(String::new, |before| before.to_string()), after)
            })
            .collect()
    }

    fn row(name: &str, before: &str, after: &str) -> (String, String, String) {
        (name.to_owned(), before.to_owned(), after.to_owned())
    }

    #[test]
    fn a_share_tells_the_version_before_and_after() {
        let before = || json!({ "latest_released_version": 5, "shared_at": "then", "shared_version": 2 });
        let tell = |outcome| told(Action::ConnectorShare, outcome, before(), None);
        let latest = row("latest_released_version", "5", "same");
        let (since, kept) = (row("shared_at", "\"then\"", "not known"), row("shared_at", "\"then\"", "same"));
        assert_eq!(tell(Some(Outcome::Succeeded)), [latest.clone(), since, row("shared_version", "2", "4")]);
        assert_eq!(tell(Some(Outcome::Rejected)), [latest, kept, row("shared_version", "2", "same")]);
        assert!(tell(Some(Outcome::Unknown)).iter().all(|(_, _, after)| after == "not known"));
        assert!(tell(None).iter().all(|(_, _, after)| after == "not known"));
    }

    #[test]
    fn what_was_asked_of_an_export_is_no_state_of_the_log() {
        assert!(told(Action::AuditExport, Some(Outcome::Succeeded), Value::Null, None).is_empty());
    }

    #[test]
    fn what_was_seen_later_counts_for_more_than_what_was_asked_for() {
        let before = json!({ "shared_version": 2, "shared_at": "then" });
        let seen = Some(json!({ "shared_version": 4, "shared_at": "now" }));
        let told = told(Action::ConnectorShare, Some(Outcome::Succeeded), before, seen);
        assert_eq!(told, [row("shared_at", "\"then\"", "\"now\""), row("shared_version", "2", "4")]);
    }

    #[test]
    fn what_a_connection_becomes_follows_from_what_was_asked_for_and_no_further() {
        let tell = |action, parameters: Value, before: Value| {
            let mut summary = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
            let first = summary.first.as_mut().expect("an intent");
            (first.action, first.before) = (action, Some(before));
            first.parameters = parameters.as_object().cloned().expect("an object");
            let rows = rows(&Logged { summary, entries: Vec::new(), removed: Vec::new() });
            rows.into_iter().map(|row| (row.name, row.after)).collect::<Vec<_>>()
        };
        let now = |name: &str, value: Value| (name.to_owned(), After::Now(value));
        let not_known = |name: &str| (name.to_owned(), After::NotKnown);
        let same = |name: &str| (name.to_owned(), After::Same);
        assert_eq!(
            tell(
                Action::ConnectionTag,
                json!({ "add_tags": ["tag-b", "tag-c"], "remove_tags": ["tag-a"] }),
                json!({ "name": "Stripe", "tags": ["tag-a", "tag-b"], "updated_at": "then" }),
            ),
            [same("name"), now("tags", json!(["tag-b", "tag-c"])), not_known("updated_at")]
        );
        let before = || json!({ "authorization_status": "success", "name": "Stripe" });
        let name = || now("name", json!("Stripe EU"));
        assert_eq!(
            tell(Action::ConnectionUpdate, json!({ "name": "Stripe EU" }), before()),
            [same("authorization_status"), name()]
        );
        let with_credentials = json!({ "input": ["api_key"], "name": "Stripe EU" });
        assert_eq!(
            tell(Action::ConnectionUpdate, with_credentials, before()),
            [not_known("authorization_status"), name(), now("input", json!(["api_key"]))]
        );
    }

    #[test]
    fn what_is_deleted_is_no_longer_there() {
        let before = || json!({ "found": true, "application": "stripe" });
        let tell = |outcome| told(Action::ConnectionDelete, Some(outcome), before(), None);
        assert_eq!(
            tell(Outcome::Succeeded),
            [row("in Workato", "true", "false"), row("application", "\"stripe\"", "null")]
        );
        assert_eq!(
            tell(Outcome::Rejected),
            [row("in Workato", "true", "same"), row("application", "\"stripe\"", "same")]
        );
    }

    #[test]
    fn a_change_of_the_portals_own_tells_what_it_set() {
        let before = json!({ "role": "viewer" });
        let told = told(Action::MemberSet, Some(Outcome::Succeeded), before, None);
        assert_eq!(told, [row("role", "\"viewer\"", "same"), row("version", "", "4")]);
    }
}
