//! What a page says about the operation that its URL names: how it ended, what Workato said, and what to do next.

mod advice;
mod phrases;

use portal::audit::{Logged, OperationSummary, Outcome};
use time::OffsetDateTime;

use self::{
    advice::{Caveat, after_rejection},
    phrases::Phrases,
};
use crate::{operation_status::OperationStatus, wording::answers};

/// The text of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub tone: Tone,
    pub text: String,
    /// Workato's words, to be quoted.
    pub quote: Option<String>,
    pub advice: Option<&'static str>,
}

/// How a notice looks, and how urgently a screen reader announces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Waiting,
    Doubtful,
    Bad,
}

const LOOKED_UP: &str =
    "The portal is checking in Workato. Reload this page to see the outcome, and don't repeat the change until then.";

impl Notice {
    /// `unrecorded` is an outcome that is known but could not be written to the log. `overtaken` says whether a later
    /// operation changed the same target.
    pub fn new(logged: &Logged, unrecorded: Option<Outcome>, overtaken: bool, now: OffsetDateTime) -> Self {
        let operation = &logged.summary;
        let change = Phrases::of(operation);
        let answered = logged.entries.iter().rev().map(|logged| &logged.entry).find(|entry| entry.workato.is_some());
        let answer = answered.and_then(|entry| entry.workato.as_ref());
        let message = answered.and_then(answers::of_entry);
        let plain = |tone, text| Self { tone, text, quote: None, advice: None };
        match OperationStatus::of(operation) {
            OperationStatus::Succeeded if overtaken => plain(Tone::Good, change.was_done),
            OperationStatus::Succeeded => match Caveat::of(operation) {
                None => plain(Tone::Good, change.done),
                Some(caveat) => Self {
                    advice: caveat.advice(),
                    quote: message.filter(|_| caveat == Caveat::NotAuthorised),
                    ..plain(
                        if caveat == Caveat::NotAuthorised { Tone::Doubtful } else { Tone::Good },
                        caveat.text(&change),
                    )
                },
            },
            OperationStatus::Rejected => Self {
                quote: message,
                advice: after_rejection(operation.action, answer),
                ..plain(Tone::Bad, format!("Workato refused to {}.", change.infinitive))
            },
            OperationStatus::Failed => Self {
                advice: Some("Nothing was changed. It is safe to try again."),
                ..plain(Tone::Bad, with_cause(format!("{}.", change.not_done), message))
            },
            OperationStatus::Unknown => Self {
                advice: Some(LOOKED_UP),
                ..plain(Tone::Doubtful, with_cause(format!("It's not known whether {}.", change.passive), message))
            },
            OperationStatus::Waiting => Self {
                advice: Some("The portal checked and could not tell. Check in Workato before you try again."),
                ..plain(Tone::Doubtful, format!("It's not known whether {}.", change.passive))
            },
            OperationStatus::Denied => {
                plain(Tone::Bad, format!("{} wasn't allowed to {}.", operation.actor_name, change.infinitive))
            }
            OperationStatus::Requested => Self {
                advice: Some("Nothing was sent to Workato. Another operator of the team has to approve it."),
                ..plain(Tone::Waiting, format!("Approval requested to {}.", change.infinitive))
            },
            OperationStatus::Declined | OperationStatus::Withdrawn | OperationStatus::Expired => {
                plain(Tone::Bad, format!("{}. The request was not approved.", change.not_done))
            }
            OperationStatus::NotRecorded => Self::unrecorded(operation, unrecorded, change, now),
        }
    }

    fn unrecorded(
        operation: &OperationSummary,
        unrecorded: Option<Outcome>,
        change: Phrases,
        now: OffsetDateTime,
    ) -> Self {
        let (tone, text, advice) = match unrecorded {
            Some(Outcome::Succeeded) => {
                (Tone::Doubtful, "Done. The log entry is late; the portal retries.".to_owned(), RECORDED_LATER)
            }
            Some(Outcome::Unknown) => (
                Tone::Doubtful,
                format!("It's not known whether {}. The log entry is late; the portal retries.", change.passive),
                RECORDED_LATER,
            ),
            Some(_) => {
                (Tone::Bad, format!("{}. The log entry is late; the portal retries.", change.not_done), RECORDED_LATER)
            }
            None if operation.deadline.is_some_and(|deadline| deadline < now) => (
                Tone::Doubtful,
                format!("No outcome was recorded, so it's not known whether {}.", change.passive),
                LOOKED_UP,
            ),
            None => (
                Tone::Waiting,
                format!("{}…", change.ongoing),
                "Workato hasn't answered yet. Reload this page to see the outcome.",
            ),
        };
        Self { tone, text, quote: None, advice: Some(advice) }
    }
}

const RECORDED_LATER: &str = "Reload this page to see the entry.";

fn with_cause(text: String, cause: Option<String>) -> String {
    match cause {
        Some(cause) => format!("{text} {}.", cause.trim_end_matches('.')),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use portal::audit::{Logged, LoggedEntry, Outcome, State, WorkatoSaid};
    use serde_json::{Value, json};
    use time::{Duration, OffsetDateTime, macros::datetime};

    use super::{Notice, Tone};
    use crate::fixture;

    const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

    /// An operation that shares version 4 of Acme Connector while `before` is shared.
    fn shared(outcome: Option<Outcome>, state: State, message: Option<&str>, before: Value) -> Logged {
        let mut summary = fixture::share_of(4, NOW);
        (summary.outcome, summary.state) = (outcome, state);
        let mut entries = Vec::new();
        if let Some(intent) = &mut summary.first {
            intent.before = Some(json!({ "shared_version": before }));
            entries.push(intent.clone());
        }
        if let Some(last) = &mut summary.last {
            last.outcome = outcome;
            last.workato = message.map(|message| WorkatoSaid {
                message: Some(message.to_owned()),
                detail: "answered".to_owned(),
                ..WorkatoSaid::default()
            });
            entries.push(last.clone());
        }
        let logged = |entry| LoggedEntry { entry, json: String::new(), leaf: [0; 32] };
        Logged { summary, entries: entries.into_iter().map(logged).collect(), removed: Vec::new() }
    }

    fn notice(logged: &Logged, unrecorded: Option<Outcome>) -> Notice {
        Notice::new(logged, unrecorded, false, NOW)
    }

    #[test]
    fn a_share_says_what_is_shared_now_and_what_was_before() {
        let text = |before| notice(&shared(Some(Outcome::Succeeded), State::Closed, None, before), None).text;
        assert_eq!(text(json!(2)), "Version 4 of Acme Connector is now shared (was 2).");
        assert_eq!(text(Value::Null), "Version 4 of Acme Connector is now shared (none was before).");
        assert_eq!(text(json!(4)), "Version 4 of Acme Connector is now shared (it already was).");
    }

    #[test]
    fn a_share_that_was_overtaken_is_not_called_shared_now() {
        let old = shared(Some(Outcome::Succeeded), State::Closed, None, json!(2));
        assert!(!Notice::new(&old, None, true, NOW).text.contains("is now shared"));
    }

    #[test]
    fn a_rejection_quotes_workato() {
        let notice = notice(&shared(Some(Outcome::Rejected), State::Closed, Some("Not released"), json!(2)), None);
        assert_eq!(notice.text, "Workato refused to share version 4 of Acme Connector.");
        assert_eq!(notice.quote.as_deref(), Some("Not released"));
        assert_eq!(notice.tone, Tone::Bad);
    }

    #[test]
    fn only_an_operation_that_did_not_happen_is_safe_to_try_again() {
        let failed = notice(&shared(Some(Outcome::Failed), State::Closed, Some("429."), json!(2)), None);
        assert_eq!(failed.text, "Version 4 of Acme Connector was not shared. 429.");
        assert!(failed.advice.is_some_and(|advice| advice.contains("safe to try again")));
        let unknown =
            notice(&shared(Some(Outcome::Unknown), State::Unsettled, Some("No answer in time"), json!(2)), None);
        assert_eq!(unknown.text, "It's not known whether version 4 of Acme Connector was shared. No answer in time.");
        assert!(unknown.advice.is_some_and(|advice| !advice.contains("safe")));
        let waiting = notice(&shared(Some(Outcome::Unknown), State::Waiting, None, json!(2)), None);
        assert!(waiting.advice.is_some_and(|advice| advice.contains("could not tell")));
    }

    #[test]
    fn a_known_but_unrecorded_outcome_is_called_done_and_never_failed() {
        let open = shared(None, State::Open, None, json!(2));
        let done = notice(&open, Some(Outcome::Succeeded));
        assert_eq!(done.text, "Done. The log entry is late; the portal retries.");
        for outcome in Outcome::ALL {
            assert!(!notice(&open, Some(*outcome)).text.contains("failed"), "{outcome}");
        }
    }

    #[test]
    fn an_open_operation_is_under_way_until_its_deadline() {
        let open = shared(None, State::Open, None, json!(2));
        let under_way = notice(&open, None);
        assert_eq!((under_way.tone, under_way.text.as_str()), (Tone::Waiting, "Sharing version 4 of Acme Connector…"));
        let late = Notice::new(&open, None, false, NOW + Duration::seconds(48));
        assert_eq!(late.tone, Tone::Doubtful);
        assert_eq!(
            late.text,
            "No outcome was recorded, so it's not known whether version 4 of Acme Connector was \
                               shared."
        );
    }
}
