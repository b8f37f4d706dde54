//! The entries of an operation on a time line, oldest first, with the exact bytes that are hashed.

use leptos::prelude::*;
use portal::audit::{Entry, Logged, LoggedEntry, Outcome, RemovedEntry, Stage};
use serde_json::Value;

use crate::{
    components::{Glyph, Moment, glyph},
    islands::CopyButton,
    wording::{answers, approvals, devices, doubts, numbers::grouped_i64, outcomes, values},
};

/// The entries as a time line, oldest first.
pub fn card(logged: &Logged) -> AnyView {
    let kept = logged.entries.iter().map(|logged| (logged.entry.sequence, item(logged)));
    let removed = logged.removed.iter().map(|removed| (removed.sequence, removed_item(removed)));
    let mut line: Vec<_> = kept.chain(removed).collect();
    line.sort_by_key(|(sequence, _)| *sequence);
    view! {
        <section class="card" aria-labelledby="entries">
            <div class="card-head"><h2 id="entries">"What happened"</h2></div>
            <div class="card-body"><ol class="line">{line.into_iter().map(|(_, item)| item).collect_view()}</ol></div>
        </section>
    }
    .into_any()
}

/// An entry whose contents retention removed.
fn removed_item(removed: &RemovedEntry) -> AnyView {
    let removal =
        removed.told.map(|operation| view! { " "<a href=format!("/audit/{operation}")>"View the removal"</a> });
    view! {
        <li id=format!("entry-{}", removed.sequence)>
            {glyph(Glyph::None)}
            <strong>"Contents removed"</strong>
            <Moment at=removed.at/>
            <div class="sub">
                {format!(
                    "Entry {}. Contents of entries are kept for {} days. The entry's position in the log and its hash stay.",
                    grouped_i64(removed.sequence),
                    removed.days
                )}
                {removal}
            </div>
        </li>
    }
    .into_any()
}

fn item(logged: &LoggedEntry) -> AnyView {
    let LoggedEntry { entry, json, .. } = logged;
    let sequence = grouped_i64(entry.sequence);
    let basis = basis(entry).map(|words| view! { <p class="said">{words}</p> });
    let approved = entry.approved_by.as_ref().map(|actor| view! { <p>{format!("Approved by {}.", actor.name)}</p> });
    let (json_id, bytes_id) = (format!("json-{}", entry.sequence), format!("bytes-{}", entry.sequence));
    let pretty_name = format!("Entry {sequence}, readable");
    let bytes_name = format!("Entry {sequence}, exact bytes");
    let pretty = serde_json::from_str::<Value>(json).and_then(|value| serde_json::to_string_pretty(&value));
    // Bytes that are not valid JSON are shown unchanged.
    let pretty = pretty.unwrap_or_else(|_| json.clone());
    let from = from(entry).map(|from| format!(" {from}."));
    view! {
        <li id=format!("entry-{}", entry.sequence)>
            {glyph(shape(entry))}
            <strong>{outcomes::step(entry)}</strong>
            <Moment at=entry.at/>
            <div class="sub">
                <p>{outcomes::entry_meaning(entry)}{from}{format!(" Entry {sequence}.")}</p>
                {basis}
                {approved}
                <details class="fold">
                    <summary>"Raw JSON"</summary>
                    <pre class="id" id=json_id.clone() tabindex="0" role="region" aria-label=pretty_name>{pretty}</pre>
                    <CopyButton of=json_id label="Copy JSON"/>
                    <details class="no-print">
                        <summary>"Exact bytes, as hashed"</summary>
                        <pre class="id" id=bytes_id.clone() tabindex="0" role="region" aria-label=bytes_name>{json.clone()}</pre>
                        <CopyButton of=bytes_id label="Copy bytes"/>
                    </details>
                </details>
            </div>
        </li>
    }
    .into_any()
}

fn shape(entry: &Entry) -> Glyph {
    match (entry.stage, entry.outcome) {
        (Stage::Requested, _) => Glyph::Wait,
        (Stage::Declined, _) => Glyph::Bad,
        (Stage::Withdrawn | Stage::Expired, _) => Glyph::None,
        (Stage::Intent | Stage::Recorded, _) if entry.break_glass => Glyph::Exc,
        (Stage::Intent, _) => Glyph::Dot,
        (Stage::Observed, _) => Glyph::Out,
        (Stage::Denied, _) => Glyph::Exc,
        (Stage::Waiting, _) | (_, Some(Outcome::Unknown)) => Glyph::Unk,
        (_, Some(Outcome::Rejected | Outcome::Failed | Outcome::Denied)) => Glyph::Bad,
        (_, Some(Outcome::Succeeded) | None) => Glyph::Ok,
    }
}

/// Where the actor was: the address and the device.
fn from(entry: &Entry) -> Option<String> {
    let address = entry.actor.ip.as_ref()?;
    let device = entry.actor.user_agent.as_deref().map(|agent| format!(", {}", devices::device(Some(agent))));
    Some(format!("From {address}{}", device.unwrap_or_default()))
}

/// What the entry is based on: Workato's words, a person's note, or what a later read of Workato showed.
fn basis(entry: &Entry) -> Option<String> {
    if entry.workato.is_some() {
        return answers::of_entry(entry).map(|message| match entry.outcome {
            Some(Outcome::Rejected) => format!("Workato said: “{message}”"),
            _ => message,
        });
    }
    if let (Stage::Settled | Stage::Approved | Stage::Declined, Some(note)) = (entry.stage, &entry.reason) {
        return Some(format!("“{note}”"));
    }
    let evidence = entry.evidence.as_ref()?;
    let seen = evidence.get("seen").and_then(Value::as_object).map(|seen| {
        seen.iter()
            .map(|(name, value)| format!("{} {}", values::key(name), values::in_sentence(value)))
            .collect::<Vec<_>>()
    });
    let seen = seen.filter(|seen| !seen.is_empty()).map(|seen| format!("Seen: {}.", seen.join(", ")));
    let why = evidence.get("why").and_then(Value::as_str).map(|why| {
        if let Some(closed) = approvals::closed_because(why) {
            return closed.to_owned();
        }
        let because = why.parse().map_or_else(|_| values::key(why), |doubt| doubts::because(doubt).to_owned());
        format!("Not certain, because {because}.")
    });
    let parts: Vec<_> = seen.into_iter().chain(why).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use portal::audit::{Entry, Outcome, Stage, WorkatoSaid};
    use serde_json::json;
    use time::macros::datetime;

    use super::basis;
    use crate::fixture;

    fn entry(stage: Stage, outcome: Outcome) -> Entry {
        let last = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC)).last.expect("an entry");
        Entry { stage, outcome: Some(outcome), ..last }
    }

    #[test]
    fn a_rejection_is_based_on_workatos_words() {
        let mut rejected = entry(Stage::Outcome, Outcome::Rejected);
        rejected.workato = Some(WorkatoSaid {
            http_status: Some(200),
            status: Some("rejected".to_owned()),
            message: Some("Version is not released".to_owned()),
            detail: "answered".to_owned(),
            ..WorkatoSaid::default()
        });
        assert_eq!(basis(&rejected).as_deref(), Some("Workato said: “Version is not released”"));
    }

    #[test]
    fn a_settled_entry_is_based_on_what_a_read_showed() {
        let mut settled = entry(Stage::Settled, Outcome::Succeeded);
        settled.evidence = Some(json!({ "seen": { "shared_version": 4, "shared_at": null } }));
        assert_eq!(basis(&settled).as_deref(), Some("Seen: shared at none, shared version 4."));
        let mut waiting = entry(Stage::Waiting, Outcome::Unknown);
        waiting.evidence = Some(json!({ "seen": null, "why": "connector_gone" }));
        assert_eq!(basis(&waiting).as_deref(), Some("Not certain, because the connector is no longer there."));
    }
}
