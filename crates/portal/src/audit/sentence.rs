//! An operation as one plain sentence: who did what to what, and whether it worked.
//! Pages make links of the parts; everything else takes the text.

use serde_json::Value;

use super::{Action, Entry, OperationSummary, Outcome, Stage, Target};
use crate::TeamSlug;

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Plain words.
    Text(String),
    /// The thing that was acted on, for a link to it.
    Target(Target, Option<TeamSlug>),
}

/// What an operation says in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// What happened.
    pub parts: Vec<Part>,
    /// What stands beside it: Workato's words when it refused or failed, else the reason given.
    pub beside: Option<String>,
}

impl Sentence {
    /// The sentence for an operation.
    #[must_use]
    pub fn of(operation: &OperationSummary) -> Self {
        let target = operation.target.clone();
        let name = || match &target {
            Some(target) => Part::Target(target.clone(), operation.team_slug.clone()),
            None => Part::Text(somebody_or_something(operation.action).to_owned()),
        };
        let first = operation.first.as_ref();
        if let Some(observed) = first.filter(|entry| entry.stage == Stage::Observed) {
            return Self { parts: observed_parts(observed, name()), beside: None };
        }
        let verb = verb(operation.action, operation.outcome);
        let mut parts = vec![Part::Text(format!("{} {verb}", operation.actor_name))];
        match operation.action {
            Action::ConnectorShare => {
                let version = first.and_then(|entry| number(&entry.parameters.get("version").cloned()));
                let version = version.map_or_else(|| "a version".to_owned(), |version| format!("version {version}"));
                parts[0] = Part::Text(format!("{} {verb} {version} of ", operation.actor_name));
                parts.push(name());
                let before = first.and_then(|entry| entry.before.as_ref());
                if let Some(before) = before.filter(|before| before.get("found") != Some(&Value::Bool(false))) {
                    parts.push(Part::Text(match number(&before.get("shared_version").cloned()) {
                        Some(version) => format!(", was {version}"),
                        None => ", was not shared".to_owned(),
                    }));
                }
            }
            Action::ConnectionCreate
            | Action::ConnectionUpdate
            | Action::ConnectionDisconnect
            | Action::ConnectionTag
            | Action::ConnectionDelete => {
                // The label of what has no name says itself that it is a connection.
                let is_named = target.as_ref().is_some_and(|target| target.name.is_some());
                let kind = if is_named { "connection " } else { "" };
                parts[0] = Part::Text(format!("{} {verb} {kind}", operation.actor_name));
                parts.push(name());
                let parameter = |name| first.and_then(|entry| entry.parameters.get(name));
                if operation.action == Action::ConnectionUpdate
                    && let Some(new) = parameter("name").and_then(Value::as_str)
                {
                    parts.push(Part::Text(format!(", new name {new}")));
                }
                if operation.action == Action::ConnectionDisconnect && parameter("force") == Some(&Value::Bool(true)) {
                    parts.push(Part::Text(" by force".to_owned()));
                }
            }
            Action::ConnectionExport => {
                let count = first.and_then(|entry| entry.parameters.get("count")?.as_u64());
                let which = match count {
                    Some(1) => "1 connection".to_owned(),
                    Some(count) => format!("{count} connections"),
                    None => "the connections".to_owned(),
                };
                parts[0] = Part::Text(format!("{} {verb} {which} of {}", operation.actor_name, team_name(operation)));
            }
            Action::RecipeShare => {
                parts[0] = Part::Text(format!("{} {verb} ", operation.actor_name));
                parts.push(name());
                if let Some(customer) = first.and_then(|entry| entry.targets.get(1)) {
                    parts.push(Part::Text(" with ".to_owned()));
                    parts.push(Part::Target(customer.clone(), operation.team_slug.clone()));
                }
            }
            Action::MemberSet => {
                let role = first.and_then(|entry| entry.parameters.get("role")?.as_str()).unwrap_or("member");
                parts[0] = Part::Text(format!("{} {verb} ", operation.actor_name));
                parts.push(name());
                parts.push(Part::Text(format!(" {role} of {}", team_name(operation))));
            }
            Action::MemberRemove => {
                parts[0] = Part::Text(format!("{} {verb} ", operation.actor_name));
                parts.push(name());
                parts.push(Part::Text(format!(" out of {}", team_name(operation))));
            }
            Action::PersonRole => {
                let role = first.and_then(|entry| entry.parameters.get("role")?.as_str()).unwrap_or("another");
                parts[0] = Part::Text(format!("{} {verb} ", operation.actor_name));
                parts.push(name());
                parts.push(Part::Text(format!(" to {role}")));
            }
            Action::SessionRefuse => {
                let count = first.and_then(|entry| entry.parameters.get("count")?.as_i64()).unwrap_or(1);
                let times = if count == 1 { "1 attempt".to_owned() } else { format!("{count} attempts") };
                let whom = match &target {
                    Some(target) => format!("as {}", target.label()),
                    None => "with an unknown e-mail".to_owned(),
                };
                let address = first.and_then(|entry| entry.actor.ip.clone());
                let from = address.map_or_else(String::new, |ip| format!(" from {ip}"));
                parts = vec![Part::Text(format!("{times} to sign in {whom} failed{from}"))];
            }
            Action::SessionStart | Action::PersonJoin | Action::PersonPassword | Action::AuditKeySet => {}
            Action::AuditExport => {
                let of = |name: &str| first.and_then(|entry| entry.parameters.get(name));
                if let Some(count) = of("operations").and_then(serde_json::Value::as_u64) {
                    let operations = if count == 1 { "operation" } else { "operations" };
                    parts.push(Part::Text(format!(", {count} {operations}")));
                }
                if let Some(search) = of("search").and_then(|search| search.as_str()) {
                    parts.push(Part::Text(format!(", only {search}")));
                }
                if of("teams").is_some() {
                    parts.push(Part::Text(", of the teams that the actor reads".to_owned()));
                }
            }
            Action::AuditExpire => {
                let of = |name: &str| first.and_then(|entry| entry.parameters.get(name)?.as_i64());
                if let (Some(removed), Some(days)) = (of("removed"), of("days")) {
                    let entries = if removed == 1 { "1 entry".to_owned() } else { format!("{removed} entries") };
                    parts[0] = Part::Text(format!(
                        "{} removed the contents of {entries}, older than {days} days",
                        operation.actor_name
                    ));
                }
            }
            Action::SessionEnd => {
                let by_self = target.as_ref().map(|target| target.id.as_str())
                    == operation.first.as_ref().and_then(|entry| entry.actor.session.as_deref());
                if !by_self {
                    parts = vec![Part::Text(format!("{} revoked ", operation.actor_name)), name()];
                }
            }
            Action::OperationReview | Action::OperationFlag | Action::OperationAnswer => {
                parts[0] = Part::Text(format!("{} {verb} “", operation.actor_name));
                parts.push(match (&operation.about, &target) {
                    (Some(about), Some(target)) => {
                        let words = Self::of(about).text();
                        Part::Target(Target { name: Some(words), ..target.clone() }, operation.team_slug.clone())
                    }
                    _ => name(),
                });
                parts.push(Part::Text("”".to_owned()));
            }
            Action::SearchRename => {
                let to = first.and_then(|entry| entry.parameters.get("name")?.as_str()).unwrap_or("another name");
                parts[0] = Part::Text(format!("{} {verb} ", operation.actor_name));
                parts.push(name());
                parts.push(Part::Text(format!(" to {to}")));
            }
            Action::AuditRead => {
                let whose = operation.team_name.as_ref().map_or("every team", String::as_str);
                parts[0] = Part::Text(format!("{} {verb} of {whose}", operation.actor_name));
            }
            Action::SearchShare
            | Action::SearchDelete
            | Action::FeedCreate
            | Action::FeedRevoke
            | Action::ConnectorSuppress
            | Action::ConnectorDelete
            | Action::TeamWatch
            | Action::OperationSettle
            | Action::TeamCreate
            | Action::TeamUpdate
            | Action::TeamTokenSet
            | Action::TeamTokenReplace
            | Action::PersonInvite
            | Action::PersonCreate
            | Action::PersonDisable
            | Action::PersonEnable => {
                parts[0] = Part::Text(format!("{} {verb} ", operation.actor_name));
                parts.push(name());
            }
        }
        if let Some(doubt) = doubt(operation.outcome, operation.action) {
            parts.push(Part::Text(doubt.to_owned()));
        }
        Self { parts, beside: beside(operation) }
    }

    /// The sentence as text.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Target(target, _) => target.label(),
            })
            .collect()
    }
}

/// What was changed outside the portal, and by whom where Workato's activity log tells.
fn observed_parts(entry: &Entry, name: Part) -> Vec<Part> {
    let of = |value: Option<&Value>| value.and_then(Value::as_i64);
    let text = |text: String| Part::Text(text);
    let was = match entry.before.as_ref().and_then(|before| before.get("shared_version")) {
        Some(Value::Null) => ", was not shared".to_owned(),
        Some(shared) => of(Some(shared)).map_or_else(String::new, |shared| format!(", was {shared}")),
        None => String::new(),
    };
    let (before, after) = match entry.action {
        Action::ConnectorShare => {
            let version = of(entry.parameters.get("version")).map_or_else(String::new, |version| version.to_string());
            (format!("Outside the portal: shared version {version} of "), was)
        }
        Action::ConnectorSuppress => ("Outside the portal: suppressed ".to_owned(), was),
        Action::ConnectionDelete => ("Outside the portal: connection ".to_owned(), " is gone".to_owned()),
        _ => ("Outside the portal: connector ".to_owned(), " is gone".to_owned()),
    };
    let person = entry.evidence.as_ref().and_then(|evidence| evidence.pointer("/person/name")?.as_str());
    let by = person.map_or_else(String::new, |person| format!(", by {person}"));
    vec![text(before), name, text(format!("{after}{by}"))]
}

/// The verb, by whether it was done, was only tried, or was not allowed.
fn verb(action: Action, outcome: Option<Outcome>) -> String {
    let (done, bare) = match action {
        Action::ConnectorShare => ("shared", "share"),
        Action::ConnectorSuppress => ("suppressed", "suppress"),
        Action::ConnectorDelete => ("deleted", "delete"),
        Action::OperationSettle => ("settled", "settle"),
        Action::OperationReview => ("reviewed", "review"),
        Action::OperationFlag => ("flagged", "flag"),
        Action::AuditRead => ("read the audit log", "read the audit log"),
        Action::FeedCreate => ("made the feed token", "make a feed token"),
        Action::FeedRevoke => ("revoked the feed token", "revoke a feed token"),
        Action::SearchShare => ("shared the search", "share the search"),
        Action::SearchRename => ("renamed the search", "rename the search"),
        Action::SearchDelete => ("deleted the search", "delete the search"),
        Action::OperationAnswer => ("answered the flag on", "answer the flag on"),
        Action::TeamWatch => ("began to watch team", "watch team"),
        Action::ConnectionCreate => ("created", "create"),
        Action::ConnectionUpdate => ("updated", "update"),
        Action::ConnectionDisconnect => ("disconnected", "disconnect"),
        Action::ConnectionTag => ("changed the tags of", "change the tags of"),
        Action::ConnectionDelete => ("deleted", "delete"),
        Action::RecipeShare => ("shared", "share"),
        Action::ConnectionExport => ("exported", "export"),
        Action::SessionStart => ("signed in", "sign in"),
        Action::SessionRefuse => ("was refused", "sign in"),
        Action::SessionEnd => ("signed out", "sign out"),
        Action::TeamCreate => ("set up team", "set up team"),
        Action::TeamUpdate => ("changed team", "change team"),
        Action::TeamTokenSet => ("set the token of", "set the token of"),
        Action::TeamTokenReplace => ("replaced the token of", "replace the token of"),
        Action::MemberSet => ("made", "make"),
        Action::MemberRemove => ("took", "take"),
        Action::PersonInvite => ("invited", "invite"),
        Action::PersonCreate => ("created", "create"),
        Action::PersonJoin => ("accepted the invitation", "accept the invitation"),
        Action::PersonRole => ("changed the role of", "change the role of"),
        Action::PersonDisable => ("disabled", "disable"),
        Action::PersonEnable => ("enabled", "enable"),
        Action::PersonPassword => ("changed the password", "change the password"),
        Action::AuditExport => ("exported the audit log", "export the audit log"),
        Action::AuditExpire => ("removed the contents of old entries", "remove the contents of old entries"),
        Action::AuditKeySet => ("began to sign the audit log with a new key", "sign the audit log with a new key"),
    };
    match outcome {
        Some(Outcome::Succeeded) => done.to_owned(),
        Some(Outcome::Rejected | Outcome::Failed | Outcome::Unknown) | None => format!("tried to {bare}"),
        Some(Outcome::Denied) => format!("had no right to {bare}"),
    }
}

/// What an attempt was about of which only the kind is known.
fn somebody_or_something(action: Action) -> &'static str {
    match action {
        Action::TeamTokenSet | Action::TeamTokenReplace => "a team",
        Action::TeamCreate | Action::TeamUpdate => "of the portal",
        Action::ConnectorShare | Action::ConnectorSuppress | Action::ConnectorDelete => "a connector",
        Action::ConnectionCreate
        | Action::ConnectionUpdate
        | Action::ConnectionDisconnect
        | Action::ConnectionTag
        | Action::ConnectionDelete => "a connection",
        Action::RecipeShare => "a recipe",
        _ => "somebody",
    }
}

fn doubt(outcome: Option<Outcome>, action: Action) -> Option<&'static str> {
    match outcome {
        Some(Outcome::Unknown) => Some("; whether Workato did it is not known"),
        None if action.is_upstream() => Some("; its outcome is not recorded yet"),
        _ => None,
    }
}

fn beside(operation: &OperationSummary) -> Option<String> {
    let said = operation.last.as_ref().and_then(|entry: &Entry| entry.workato.as_ref()?.message.clone());
    let reason = operation.first.as_ref().and_then(|entry| entry.reason.clone());
    match operation.outcome {
        Some(Outcome::Succeeded | Outcome::Denied) | None => reason,
        Some(Outcome::Rejected) => said.map(|said| format!("“{said}”")).or(reason),
        Some(Outcome::Failed | Outcome::Unknown) => said.or(reason),
    }
}

fn team_name(operation: &OperationSummary) -> &str {
    operation.team_name.as_deref().unwrap_or("a team")
}

fn number(value: &Option<Value>) -> Option<i64> {
    value.as_ref().and_then(Value::as_i64)
}
