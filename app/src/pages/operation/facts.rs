//! The facts of an operation: who, from where, on what, with which parameters, why, and what Workato said.

use leptos::prelude::*;
use portal::{
    PortalRole,
    audit::{Entry, EntryActor, Logged, OperationSummary, Target},
};
use serde_json::{Map, Value};

use crate::{
    components::{Moment, target_path},
    context,
    islands::CopyButton,
    wording::{answers, targets, values},
};

type Fact = (&'static str, AnyView);

/// The details. Those that the log does not have are left out.
pub fn card(logged: &Logged, viewer: PortalRole) -> AnyView {
    let operation = &logged.summary;
    let first = operation.first.as_ref();
    let answered = logged.entries.iter().rev().map(|logged| &logged.entry).find(|entry| entry.workato.is_some());
    let mut facts: Vec<Fact> = Vec::new();
    facts.push(("Began", view! { <Moment at=operation.at/> }.into_any()));
    facts.extend(actor_facts(operation, first.map(|entry| &entry.actor)));
    facts.extend(team(operation, first));
    facts.push(("Action", view! { <span class="id">{operation.action.to_string()}</span> }.into_any()));
    let targets = first.map_or_else(|| operation.target.clone().into_iter().collect(), |entry| entry.targets.clone());
    facts.extend(targets.iter().map(|target| ("Target", self::target(target, operation, viewer))));
    if let Some(entry) = first {
        facts.extend(parameters(&entry.parameters));
    }
    facts.extend(answered.into_iter().flat_map(workato));
    facts.extend(operation.deadline.map(|at| ("Deadline", view! { <Moment at=at/> }.into_any())));
    facts.extend(first.map(|entry| ("Portal", text(format!("version {}", entry.portal)))));
    let id = operation.id.to_string();
    let link = format!("{}/audit/{id}", context::services().public_url.trim_end_matches('/'));
    let facts: Vec<_> = facts.into_iter().map(|(label, value)| view! { <dt>{label}</dt><dd>{value}</dd> }).collect();
    view! {
        <section class="card" aria-labelledby="facts">
            <div class="card-head"><h2 id="facts">"Details"</h2></div>
            <div class="card-body"><dl class="facts">
                {facts}
                <dt>"Operation"</dt>
                <dd><span class="id">{id.clone()}</span>" "<CopyButton text=id label="Copy ID"/></dd>
                <dt>"Link"</dt>
                <dd>
                    <a class="id" href=link.clone()>{link.clone()}</a>" "<CopyButton text=link label="Copy link"/>
                    <p class="t3">"Permanent link."</p>
                </dd>
            </dl></div>
        </section>
    }
    .into_any()
}

fn text(text: String) -> AnyView {
    text.into_any()
}

fn actor_facts(operation: &OperationSummary, actor: Option<&EntryActor>) -> Vec<Fact> {
    let who = match &operation.actor_email {
        Some(email) => format!("{} ({email})", operation.actor_name),
        None => operation.actor_name.clone(),
    };
    let of_entry = |label, value: Option<&String>| value.map(|value| (label, text(value.clone())));
    let session = actor.and_then(|actor| actor.session.clone());
    [
        Some(("Who", text(who))),
        of_entry("Address", actor.and_then(|actor| actor.ip.as_ref())),
        session.map(|session| ("Session", view! { <span class="id">{session}</span> }.into_any())),
        of_entry("Browser", actor.and_then(|actor| actor.user_agent.as_ref())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn team(operation: &OperationSummary, first: Option<&Entry>) -> Vec<Fact> {
    let team = operation
        .team_slug
        .as_ref()
        .zip(operation.team_name.clone())
        .map(|(slug, name)| ("Team", view! { <a href=format!("/audit?team={slug}")>{name}</a> }.into_any()));
    let workspace = first.and_then(|entry| entry.team.as_ref()?.workspace.as_ref()).map(|workspace| {
        let name = workspace.name.as_ref().map(|name| format!("{name}, "));
        ("Workspace", view! { {name}<span class="id">{workspace.id.to_string()}</span> }.into_any())
    });
    team.into_iter().chain(workspace).collect()
}

fn target(target: &Target, operation: &OperationSummary, viewer: PortalRole) -> AnyView {
    let name = targets::label(target);
    let name = match target_path(target, operation.team_slug.as_ref(), viewer) {
        Some(path) => view! { <a href=path>{name}</a> }.into_any(),
        None => name.into_any(),
    };
    view! { {name}" "<span class="soft">{format!("{} ", target.kind)}<span class="id">{target.id.clone()}</span></span> }
        .into_any()
}

/// The parameters, one per line.
fn parameters(parameters: &Map<String, Value>) -> Option<Fact> {
    let lines: Vec<_> = parameters
        .iter()
        .map(|(name, value)| view! { <li>{format!("{}: {}", values::key(name), values::plain(value))}</li> })
        .collect();
    (!lines.is_empty()).then(|| ("Parameters", view! { <ul>{lines}</ul> }.into_any()))
}

fn workato(entry: &Entry) -> Vec<Fact> {
    let Some(answer) = &entry.workato else { return Vec::new() };
    let status = match (answer.http_status, &answer.status) {
        (Some(http), Some(word)) => format!("{http}, {word}"),
        (Some(http), None) => http.to_string(),
        (None, _) => "no answer".to_owned(),
    };
    let message = answers::of_entry(entry).map(|message| ("Message", text(message)));
    let detail = ("Call", text(values::key(&answer.detail)));
    let waited = answer.waited_seconds.map(|seconds| ("Queued", text(format!("{seconds} s in the queue"))));
    [("Workato", text(status))].into_iter().chain(message).chain([detail]).chain(waited).collect()
}
