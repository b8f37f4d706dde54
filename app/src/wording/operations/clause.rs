//! The main clause of an operation's sentence, by action.

mod audit_log;
mod promotion;

use portal::audit::{Action, Entry, OperationSummary, Stage, Target, TargetType};
use serde_json::Value;

use crate::wording::{jobs, numbers::grouped_i64, targets};

use super::{
    part::{Part, push_text},
    verbs::{asked, unnamed_target, verb},
};

pub struct Clause<'a> {
    operation: &'a OperationSummary,
    /// The operation's first entry. Retention may have removed it.
    first: Option<&'a Entry>,
    verb: String,
    /// The sentence of the operation that this one is about.
    about: Option<String>,
}

impl<'a> Clause<'a> {
    pub fn new(operation: &'a OperationSummary, about: Option<String>) -> Self {
        let verb = match operation.is_unapproved() {
            true => asked(operation.action),
            false => verb(operation.action, operation.outcome),
        };
        Self { operation, first: operation.first.as_ref(), verb, about }
    }

    /// Whether the operation is a change that was made outside the portal.
    pub fn is_observed(&self) -> bool {
        self.first.is_some_and(|entry| entry.stage == Stage::Observed)
    }

    /// What was changed outside the portal, and by whom if Workato's activity log says so.
    pub fn observed(&self) -> Vec<Part> {
        let was = match self.before("shared_version") {
            Some(Value::Null) => ", was not shared".to_owned(),
            Some(shared) => shared.as_i64().map_or_else(String::new, |shared| format!(", was {shared}")),
            None => String::new(),
        };
        let version = self.number("version").map_or_else(String::new, |version| version.to_string());
        let (before, after) = match self.operation.action {
            Action::ConnectorShare => (format!("shared version {version} of "), was),
            Action::ConnectorSuppress => ("suppressed ".to_owned(), was),
            Action::ConnectionDelete => ("connection ".to_owned(), " is gone".to_owned()),
            _ => ("connector ".to_owned(), " is gone".to_owned()),
        };
        let evidence = self.first.and_then(|entry| entry.evidence.as_ref());
        let person = evidence.and_then(|evidence| evidence.pointer("/person/name")?.as_str());
        let by = person.map_or_else(String::new, |person| format!(", by {person}"));
        vec![Part::Text(format!("Outside the portal: {before}")), self.target(), Part::Text(format!("{after}{by}"))]
    }

    /// Who did what, or tried to.
    pub fn done(&self) -> Vec<Part> {
        match self.operation.action {
            Action::ConnectorShare => self.share(),
            Action::ConnectionCreate
            | Action::ConnectionUpdate
            | Action::ConnectionDisconnect
            | Action::ConnectionTag
            | Action::ConnectionDelete => self.connection(),
            Action::ConnectionExport => {
                let connections = match self.number("count") {
                    Some(1) => "1 connection".to_owned(),
                    Some(count) => format!("{count} connections"),
                    None => "the connections".to_owned(),
                };
                self.actor_verb(&format!(" {connections} of {}", self.team()))
            }
            Action::RecipeShare => {
                let mut parts = self.to_target("", "");
                if let Some(customer) = self.first.and_then(|entry| entry.targets.get(1)) {
                    push_text(&mut parts, " with ");
                    parts.push(Part::Target(customer.clone(), self.operation.team_slug.clone()));
                }
                parts
            }
            Action::MemberSet => {
                let role = match self.parameter_text("role") {
                    Some("operator") => "an operator",
                    Some("viewer") => "a viewer",
                    other => other.unwrap_or("a member"),
                };
                self.to_target("", &format!(" {role} of {}", self.team()))
            }
            Action::MemberRemove => self.to_target("", &format!(" from {}", self.team())),
            Action::PersonRole => {
                self.to_target("", &format!(" to {}", self.parameter_text("role").unwrap_or("another")))
            }
            Action::ViewRename => {
                self.to_target("", &format!(" to {}", self.parameter_text("name").unwrap_or("another name")))
            }
            Action::OperationReview | Action::OperationFlag | Action::OperationAnswer => self.about_an_operation(),
            Action::AuditRead => {
                let scope = self.operation.team_name.as_deref().unwrap_or("every team");
                self.actor_verb(&format!(" of {scope}"))
            }
            Action::ConnectorPromote | Action::ConnectorPromoteCheck => self.promotion(),
            Action::AuditExport => self.audit_export(),
            Action::AuditClockSet => self.audit_clock_set(),
            Action::JobCreate | Action::JobPause | Action::JobResume | Action::JobCancel => {
                self.actor_verb(&jobs::clause(self.first))
            }
            Action::AuditExpire => self.audit_expire(),
            Action::SessionRefuse => self.session_refuse(),
            Action::AttemptRefuse => self.attempt_refuse(),
            Action::SessionEnd => self.session_end(),
            Action::SessionRenew => self.session_renew(),
            Action::SessionElsewhere => self.session_elsewhere(),
            Action::FactorAdd | Action::FactorRemove => self.factor(),
            Action::FactorRefuse => self.factor_refuse(),
            Action::RecoveryUse => {
                let left = self.number("left").map_or_else(String::new, |left| format!(", {left} left"));
                self.actor_verb(&left)
            }
            Action::PersonInvite if self.parameter("resets").is_some() => self.new_link(),
            Action::AdminRead
            | Action::FeedRead
            | Action::SessionStart
            | Action::RecoveryCreate
            | Action::NoticeDismiss
            | Action::PersonJoin
            | Action::PersonProvider
            | Action::PersonPassword
            | Action::AuditKeySet
            | Action::KeyRotateBegin
            | Action::KeyRotateEnd
            | Action::AuditAcknowledge => self.actor_verb(""),
            Action::ViewShare
            | Action::ViewDelete
            | Action::FeedCreate
            | Action::FeedRevoke
            | Action::ConnectorSuppress
            | Action::ConnectorDelete
            | Action::ConnectorCodeKeep
            | Action::ConnectorCreate
            | Action::ConnectorUpdate
            | Action::ConnectorRelease
            | Action::ConnectorPair
            | Action::TeamWatch
            | Action::OperationSettle
            | Action::TeamRead
            | Action::OperationRead
            | Action::TeamCreate
            | Action::TeamUpdate
            | Action::TeamPolicy
            | Action::TeamTokenSet
            | Action::TeamTokenReplace
            | Action::TeamTokenWithdraw
            | Action::TeamTokenRotate
            | Action::TeamTokenRefuse
            | Action::TeamTokenAccept
            | Action::TeamRetire
            | Action::PersonInvite
            | Action::PersonRelease
            | Action::PersonCreate
            | Action::PersonDisable
            | Action::PersonEnable => self.to_target("", ""),
        }
    }

    /// How often it happened, if the entry counts what happened after others that are entries of their own.
    pub fn times(&self) -> Option<String> {
        let times = self.number("times")?;
        let more = if self.parameter("repeats").is_some() { " more" } else { "" };
        Some(if times == 1 { format!(", once{more}") } else { format!(", {}{more} times", grouped_i64(times)) })
    }

    fn share(&self) -> Vec<Part> {
        let version = self.number("version");
        let version = version.map_or_else(|| "a version".to_owned(), |version| format!("version {version}"));
        let was_found = self.before("found") != Some(&Value::Bool(false));
        let was = match self.first.and_then(|entry| entry.before.as_ref()).filter(|_| was_found) {
            Some(before) => match before.get("shared_version").and_then(Value::as_i64) {
                Some(version) => format!(", was {version}"),
                None => ", was not shared".to_owned(),
            },
            None => String::new(),
        };
        self.to_target(&format!("{version} of "), &was)
    }

    fn connection(&self) -> Vec<Part> {
        // The label of a connection without a name already says that it is a connection.
        let is_named = self.operation.target.as_ref().is_some_and(|target| target.name.is_some());
        let after = match self.operation.action {
            Action::ConnectionUpdate => self.parameter_text("name").map(|name| format!(", new name {name}")),
            Action::ConnectionDisconnect if self.parameter("force") == Some(&Value::Bool(true)) => {
                Some(" (forced)".to_owned())
            }
            _ => None,
        };
        self.to_target(if is_named { "connection " } else { "" }, &after.unwrap_or_default())
    }

    fn session_refuse(&self) -> Vec<Part> {
        let attempts = match self.number("count").unwrap_or(1) {
            1 => "1 attempt".to_owned(),
            count => format!("{count} attempts"),
        };
        let at_provider = self.parameter("why").is_some();
        let whom = match (&self.operation.target, at_provider) {
            (Some(target), false) => format!("as {}", targets::label(target)),
            (Some(target), true) => format!("as {} with the identity provider", targets::label(target)),
            (None, false) => "with an unknown email".to_owned(),
            (None, true) => "with the identity provider".to_owned(),
        };
        let address = self.first.and_then(|entry| entry.actor.ip.as_ref());
        let from = address.map_or_else(String::new, |ip| format!(" from {ip}"));
        vec![Part::Text(format!("{attempts} to sign in {whom} failed{from}"))]
    }

    fn attempt_refuse(&self) -> Vec<Part> {
        let secret = match self.parameter_text("secret") {
            Some("password" | "old_password") => "a password",
            Some("second_factor") => "a code",
            Some("recovery_code") => "a recovery code",
            Some("one_time_link") => "a one-time link",
            Some("feed_token") => "a feed token",
            Some("provider_code") => "an answer of the identity provider",
            _ => "a secret",
        };
        let whose = self
            .operation
            .target
            .as_ref()
            .map_or_else(String::new, |target| format!(" for {}", targets::label(target)));
        let address = self.first.and_then(|entry| entry.actor.ip.as_ref());
        let from = address.map_or_else(String::new, |ip| format!(" from {ip}"));
        vec![Part::Text(format!(
            "Too many failed attempts to enter {secret}{whose}{from}; further attempts were not \
                                 checked"
        ))]
    }

    fn factor(&self) -> Vec<Part> {
        let kind = match self.parameter_text("kind") {
            Some("totp") => "the authenticator app",
            Some("passkey") => "the passkey",
            _ => "a second factor",
        };
        let name = self.parameter_text("name").map_or_else(String::new, |name| format!(" {name}"));
        self.actor_verb(&format!(" {kind}{name}"))
    }

    fn factor_refuse(&self) -> Vec<Part> {
        let whom = match &self.operation.target {
            Some(target) => format!(" for {}", targets::label(target)),
            None => String::new(),
        };
        let address = self.first.and_then(|entry| entry.actor.ip.as_ref());
        let from = address.map_or_else(String::new, |ip| format!(" from {ip}"));
        vec![Part::Text(format!("A wrong code, passkey or password was entered{whom}{from}"))]
    }

    /// A one-time link for somebody who has joined.
    fn new_link(&self) -> Vec<Part> {
        let resets = match self.parameter_text("resets") {
            Some("password") => ", which resets the password",
            _ => ", which resets the password and removes the second factors",
        };
        let mut parts =
            vec![Part::Text(format!("{} created a one-time link for ", self.operation.actor_name)), self.target()];
        push_text(&mut parts, resets);
        parts
    }

    fn session_end(&self) -> Vec<Part> {
        let Some(target) = &self.operation.target else { return self.actor_verb("") };
        let text = |text: String| vec![Part::Text(text)];
        let (actor, why) = (&self.operation.actor_name, self.parameter_text("why").unwrap_or_default());
        if target.kind == TargetType::Person {
            let which = match self.number("sessions_ended") {
                Some(1) => "1 session of ".to_owned(),
                Some(sessions) => format!("{sessions} sessions of "),
                None => "the sessions of ".to_owned(),
            };
            return match why {
                "revoked" | "admin" => {
                    let mut parts = text(format!("{actor} ended {which}"));
                    parts.push(self.target());
                    parts
                }
                _ => {
                    let mut parts = text(format!("A change by {actor} ended {which}"));
                    parts.push(self.target());
                    parts
                }
            };
        }
        if why == "too_many" {
            let mut parts = text(format!("{actor} signed in again, which ended "));
            parts.push(self.target());
            return parts;
        }
        let own = self.first.and_then(|entry| entry.actor.session.as_deref());
        if Some(target.id.as_str()) == own {
            return self.actor_verb("");
        }
        let mut parts = text(format!("{actor} ended "));
        parts.push(self.target());
        if let Some(person) = self.first.and_then(|entry| entry.targets.get(1)) {
            push_text(&mut parts, " of ");
            parts.push(Part::Target(person.clone(), None));
        }
        parts
    }

    fn session_renew(&self) -> Vec<Part> {
        vec![Part::Text(format!("The session of {} got a new ID", self.operation.actor_name))]
    }

    fn session_elsewhere(&self) -> Vec<Part> {
        let address = self.first.and_then(|entry| entry.actor.ip.as_ref());
        let from = address.map_or_else(String::new, |ip| format!(" from {ip}"));
        let actor = &self.operation.actor_name;
        vec![Part::Text(format!("A session of {actor} was used on another network with another browser{from}"))]
    }

    /// Quotes the sentence of the operation that this one is about.
    fn about_an_operation(&self) -> Vec<Part> {
        let (Some(about), Some(target)) = (&self.about, &self.operation.target) else {
            return self.to_target("“", "”");
        };
        let quoted = Target { name: Some(about.clone()), ..target.clone() };
        let mut parts = self.actor_verb(" “");
        parts.push(Part::Target(quoted, self.operation.team_slug.clone()));
        push_text(&mut parts, "”");
        parts
    }

    /// "Olga shared", and what follows.
    fn actor_verb(&self, after: &str) -> Vec<Part> {
        vec![Part::Text(format!("{} {}{after}", self.operation.actor_name, self.verb))]
    }

    /// "Olga shared", the target, and what is before and after it.
    fn to_target(&self, before: &str, after: &str) -> Vec<Part> {
        let mut parts = self.actor_verb(&format!(" {before}"));
        parts.push(self.target());
        if !after.is_empty() {
            push_text(&mut parts, after);
        }
        parts
    }

    fn target(&self) -> Part {
        match &self.operation.target {
            Some(target) => Part::Target(target.clone(), self.operation.team_slug.clone()),
            None => Part::Text(unnamed_target(self.operation.action).to_owned()),
        }
    }

    fn team(&self) -> &str {
        self.operation.team_name.as_deref().unwrap_or("a team")
    }

    fn before(&self, name: &str) -> Option<&Value> {
        self.first.and_then(|entry| entry.before.as_ref()?.get(name))
    }

    fn parameter(&self, name: &str) -> Option<&Value> {
        self.first.and_then(|entry| entry.parameters.get(name))
    }

    fn parameter_text(&self, name: &str) -> Option<&str> {
        self.parameter(name).and_then(Value::as_str)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.parameter(name).and_then(Value::as_i64)
    }
}
