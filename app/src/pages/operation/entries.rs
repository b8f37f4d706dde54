//! The entries of an operation on a time line, oldest first: what each adds, and the exact bytes that are hashed.

use leptos::prelude::*;
use portal::audit::{Entry, Logged, LoggedEntry, Outcome, RemovedEntry, Stage, State};
use serde_json::Value;

use crate::{
    components::{Moment, OutcomePill, Standing, grouped},
    islands::CopyButton,
};

/// The time line.
pub fn entries(logged: &Logged) -> AnyView {
    let kept = logged.entries.iter().map(|logged| (logged.entry.sequence, item(logged)));
    let removed = logged.removed.iter().map(|removed| (removed.sequence, removed_item(removed)));
    let mut line: Vec<_> = kept.chain(removed).collect();
    line.sort_by_key(|(sequence, _)| *sequence);
    view! {
        <section aria-labelledby="entries">
            <h2 id="entries">"Entries"</h2>
            <ol class="line">{line.into_iter().map(|(_, item)| item).collect_view()}</ol>
        </section>
    }
    .into_any()
}

/// What is left of an entry whose contents retention has removed.
fn removed_item(removed: &RemovedEntry) -> AnyView {
    let told = removed.told.map(|operation| view! { " "<a href=format!("/audit/{operation}")>"The removal"</a> });
    view! {
        <li id=format!("entry-{}", removed.sequence)>
            <div class="row">
                <strong>"Contents removed"</strong>
                <span class="soft"><Moment at=removed.at/></span>
                <span class="soft push">{format!("entry {}", sequence(removed.sequence))}</span>
            </div>
            <p class="soft">
                {format!("Contents of entries are kept for {} days. Its place in the log and its hash stay.", removed.days)}
                {told}
            </p>
            <p class="soft">"Leaf hash "<code class="id">{hex(&removed.leaf)}</code></p>
        </li>
    }
    .into_any()
}

fn item(logged: &LoggedEntry) -> AnyView {
    let LoggedEntry { entry, json, leaf } = logged;
    let sequence = sequence(entry.sequence);
    let pill = entry
        .outcome
        .map(|outcome| view! { <OutcomePill standing=Standing::new(Some(outcome), State::after(entry.stage, entry.outcome))/> });
    let rests_on = rests_on(entry).map(|words| view! { <p>{words}</p> });
    let approved = entry.approved_by.as_ref().map(|actor| view! { <p>{format!("Approved by {}.", actor.name)}</p> });
    let (json_id, bytes_id) = (format!("json-{}", entry.sequence), format!("bytes-{}", entry.sequence));
    let pretty_name = format!("Entry {sequence}, readable");
    let bytes_name = format!("Entry {sequence}, exact bytes");
    let pretty = serde_json::from_str::<Value>(json).and_then(|value| serde_json::to_string_pretty(&value));
    // What cannot be read as JSON is shown as it is.
    let pretty = pretty.unwrap_or_else(|_| json.clone());
    view! {
        <li id=format!("entry-{}", entry.sequence)>
            <div class="row">
                <strong>{stage(entry.stage)}</strong>
                {pill}
                <span class="soft"><Moment at=entry.at/></span>
                <span class="soft">{format!("by {}", entry.actor.name)}</span>
                <span class="soft push">{format!("entry {sequence}")}</span>
            </div>
            <p class="soft">{meaning(entry)}</p>
            {rests_on}
            {approved}
            <details>
                <summary>"Raw JSON"</summary>
                <pre class="id" id=json_id.clone() tabindex="0" role="region" aria-label=pretty_name>{pretty}</pre>
                <CopyButton of=json_id label="Copy the JSON"/>
                <details>
                    <summary>"Exact bytes, as they are hashed"</summary>
                    <pre class="id" id=bytes_id.clone() tabindex="0" role="region" aria-label=bytes_name>{json.clone()}</pre>
                    <CopyButton of=bytes_id label="Copy the bytes"/>
                </details>
            </details>
            <p class="soft">"Leaf hash "<code class="id">{hex(leaf)}</code></p>
        </li>
    }
    .into_any()
}

/// The entry's place in the log: "48,112".
fn sequence(sequence: i64) -> String {
    usize::try_from(sequence).map_or_else(|_| sequence.to_string(), grouped)
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Intent => "Intent",
        Stage::Outcome => "Outcome",
        Stage::Settled => "Settled",
        Stage::Waiting => "Waiting",
        Stage::Observed => "Observed",
        Stage::Recorded => "Recorded",
        Stage::Denied => "Denied",
    }
}

/// What an entry of this stage tells.
fn meaning(entry: &Entry) -> &'static str {
    match (entry.stage, entry.outcome) {
        (Stage::Intent, _) => "Written before anything was sent to Workato.",
        (Stage::Outcome, Some(Outcome::Unknown)) => "Workato's answer did not tell whether it was done.",
        (Stage::Outcome, Some(Outcome::Failed)) => "It did not happen.",
        (Stage::Outcome, _) => "What Workato answered.",
        (Stage::Settled, _) if entry.reason.is_some() => {
            "A person looked into Workato and wrote down what became of it."
        }
        (Stage::Settled, _) => "A later read of Workato showed what became of it.",
        (Stage::Waiting, _) => "A later read of Workato could not show what became of it: a person has to.",
        (Stage::Observed, _) => {
            "Changed outside the portal: a read of Workato showed it, and no operation explains it."
        }
        (Stage::Recorded, _) => "A change of the portal's own, written together with it.",
        (Stage::Denied, _) => "The actor had no right to it; nothing was sent.",
    }
}

/// What the entry rests on: Workato's words, or what was seen when it was looked up.
fn rests_on(entry: &Entry) -> Option<String> {
    if let Some(said) = &entry.workato {
        return said.message.as_ref().map(|message| match entry.outcome {
            Some(Outcome::Rejected) => format!("Workato said: “{message}”"),
            _ => message.clone(),
        });
    }
    if let (Stage::Settled, Some(note)) = (entry.stage, &entry.reason) {
        return Some(format!("“{note}”"));
    }
    let evidence = entry.evidence.as_ref()?;
    let seen = evidence.get("seen").and_then(Value::as_object).map(|seen| {
        seen.iter().map(|(name, value)| format!("{} {}", name.replace('_', " "), seen_value(value))).collect::<Vec<_>>()
    });
    let seen = seen.filter(|seen| !seen.is_empty()).map(|seen| format!("Seen: {}.", seen.join(", ")));
    let why = evidence.get("why").and_then(Value::as_str).map(|why| format!("Not certain, because {why}."));
    let parts: Vec<_> = seen.into_iter().chain(why).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn seen_value(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use portal::audit::{Entry, Outcome, Stage, WorkatoSaid};
    use serde_json::json;
    use time::macros::datetime;

    use super::{hex, rests_on};
    use crate::components::fixture;

    fn entry(stage: Stage, outcome: Outcome) -> Entry {
        let last = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC)).last.expect("an entry");
        Entry { stage, outcome: Some(outcome), ..last }
    }

    #[test]
    fn a_rejection_rests_on_workatos_own_words() {
        let mut rejected = entry(Stage::Outcome, Outcome::Rejected);
        rejected.workato = Some(WorkatoSaid {
            http_status: Some(200),
            status: Some("rejected".to_owned()),
            message: Some("Version is not released".to_owned()),
            detail: "answered".to_owned(),
            waited_seconds: None,
        });
        assert_eq!(rests_on(&rejected).as_deref(), Some("Workato said: “Version is not released”"));
    }

    #[test]
    fn a_settled_entry_rests_on_what_was_seen() {
        let mut settled = entry(Stage::Settled, Outcome::Succeeded);
        settled.evidence = Some(json!({ "seen": { "shared_version": 4, "shared_at": null } }));
        assert_eq!(rests_on(&settled).as_deref(), Some("Seen: shared at none, shared version 4."));
        let mut waiting = entry(Stage::Waiting, Outcome::Unknown);
        waiting.evidence = Some(json!({ "seen": null, "why": "the connector is no longer there" }));
        assert_eq!(rests_on(&waiting).as_deref(), Some("Not certain, because the connector is no longer there."));
    }

    #[test]
    fn a_hash_is_shown_in_lower_case_digits_two_a_byte() {
        assert_eq!(hex(&[0x00, 0x0a, 0xff]), "000aff");
    }
}
