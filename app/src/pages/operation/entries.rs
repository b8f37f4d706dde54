//! The entries of an operation on a time line, oldest first, with the exact bytes that are hashed.

use leptos::prelude::*;
use portal::audit::{Entry, Logged, LoggedEntry, Outcome, RemovedEntry, Stage, State};
use serde_json::Value;

use crate::{
    components::{Moment, OutcomePill},
    islands::CopyButton,
    operation_status::OperationStatus,
    wording::{answers, doubts, numbers::grouped_i64, outcomes, values},
};

pub fn entries(logged: &Logged) -> AnyView {
    let kept = logged.entries.iter().map(|logged| (logged.entry.sequence, item(logged)));
    let removed = logged.removed.iter().map(|removed| (removed.sequence, removed_item(removed)));
    let mut line: Vec<_> = kept.chain(removed).collect();
    line.sort_by_key(|(sequence, _)| *sequence);
    view! {
        <section aria-labelledby="entries">
            <h2 id="entries">"Entries"</h2>
            <ol class="trail">{line.into_iter().map(|(_, item)| item).collect_view()}</ol>
        </section>
    }
    .into_any()
}

/// An entry whose contents retention removed.
fn removed_item(removed: &RemovedEntry) -> AnyView {
    let removal = removed.told.map(|operation| view! { " "<a href=format!("/audit/{operation}")>"The removal"</a> });
    view! {
        <li id=format!("entry-{}", removed.sequence)>
            <div class="row">
                <strong>"Contents removed"</strong>
                <span class="soft"><Moment at=removed.at/></span>
                <span class="soft push">{format!("entry {}", grouped_i64(removed.sequence))}</span>
            </div>
            <p class="soft">
                {format!("Contents of entries are kept for {} days. The entry's position in the log and its hash stay.", removed.days)}
                {removal}
            </p>
            <p class="soft">"Leaf hash "<code class="id">{hex(&removed.leaf)}</code></p>
        </li>
    }
    .into_any()
}

fn item(logged: &LoggedEntry) -> AnyView {
    let LoggedEntry { entry, json, leaf } = logged;
    let sequence = grouped_i64(entry.sequence);
    let pill = entry
        .outcome
        .map(|outcome| view! { <OutcomePill status=OperationStatus::new(Some(outcome), State::after(entry.stage, entry.outcome))/> });
    let basis = basis(entry).map(|words| view! { <p>{words}</p> });
    let approved = entry.approved_by.as_ref().map(|actor| view! { <p>{format!("Approved by {}.", actor.name)}</p> });
    let (json_id, bytes_id) = (format!("json-{}", entry.sequence), format!("bytes-{}", entry.sequence));
    let pretty_name = format!("Entry {sequence}, readable");
    let bytes_name = format!("Entry {sequence}, exact bytes");
    let pretty = serde_json::from_str::<Value>(json).and_then(|value| serde_json::to_string_pretty(&value));
    // Bytes that are not valid JSON are shown unchanged.
    let pretty = pretty.unwrap_or_else(|_| json.clone());
    view! {
        <li id=format!("entry-{}", entry.sequence)>
            <div class="row">
                <strong>{outcomes::stage(entry.stage)}</strong>
                {pill}
                <span class="soft"><Moment at=entry.at/></span>
                <span class="soft">{format!("by {}", entry.actor.name)}</span>
                <span class="soft push">{format!("entry {sequence}")}</span>
            </div>
            <p class="soft">{outcomes::entry_meaning(entry)}</p>
            {basis}
            {approved}
            <details>
                <summary>"Raw JSON"</summary>
                <pre class="id" id=json_id.clone() tabindex="0" role="region" aria-label=pretty_name>{pretty}</pre>
                <CopyButton of=json_id label="Copy JSON"/>
                <details>
                    <summary>"Exact bytes, as hashed"</summary>
                    <pre class="id" id=bytes_id.clone() tabindex="0" role="region" aria-label=bytes_name>{json.clone()}</pre>
                    <CopyButton of=bytes_id label="Copy bytes"/>
                </details>
            </details>
            <p class="soft">"Leaf hash "<code class="id">{hex(leaf)}</code></p>
        </li>
    }
    .into_any()
}

/// What the entry is based on: Workato's words, a person's note, or what a later read of Workato showed.
fn basis(entry: &Entry) -> Option<String> {
    if entry.workato.is_some() {
        return answers::of_entry(entry).map(|message| match entry.outcome {
            Some(Outcome::Rejected) => format!("Workato said: “{message}”"),
            _ => message,
        });
    }
    if let (Stage::Settled, Some(note)) = (entry.stage, &entry.reason) {
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
        let because = why.parse().map_or_else(|_| values::key(why), |doubt| doubts::because(doubt).to_owned());
        format!("Not certain, because {because}.")
    });
    let parts: Vec<_> = seen.into_iter().chain(why).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use portal::audit::{Entry, Outcome, Stage, WorkatoSaid};
    use serde_json::json;
    use time::macros::datetime;

    use super::{basis, hex};
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

    #[test]
    fn a_hash_is_shown_in_lower_case_hex() {
        assert_eq!(hex(&[0x00, 0x0a, 0xff]), "000aff");
    }
}
