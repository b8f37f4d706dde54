//! What came of a call that changes something in Workato: Workato's own words, or what its answer means where it had
//! none, and what to do about it.

use portal::audit::{Entry, Outcome, WorkatoSaid};
use workato::Denial;

use super::{denials, read_failures::asked_again, times::wait};

/// What an outcome says of Workato's answer. `None` if there is nothing to add to the outcome.
pub fn of_entry(entry: &Entry) -> Option<String> {
    let answer = entry.workato.as_ref()?;
    let said = answer.message.clone().or_else(|| without_words(answer, entry.outcome));
    match (said, advice(answer)) {
        (Some(said), Some(advice)) => Some(format!("{}. {advice}", said.trim_end_matches('.'))),
        (said, advice) => said.or(advice),
    }
}

fn without_words(answer: &WorkatoSaid, outcome: Option<Outcome>) -> Option<String> {
    let seconds = answer.retry_after_seconds.unwrap_or_default();
    let text = match (answer.http_status, answer.detail.as_str()) {
        (None, "not_sent") => {
            return Some(format!(
                "Nothing was sent, because Workato didn't answer the last calls to this workspace. {}",
                asked_again(seconds)
            ));
        }
        (None, "rate_limited") => {
            return Some(format!(
                "Nothing was sent: too many calls to Workato are queued. The next one can start in {}",
                wait(seconds)
            ));
        }
        (None, "unreachable") => {
            let cause = answer.cause.as_deref().map(|cause| format!(": {cause}")).unwrap_or_default();
            return Some(format!("Workato could not be reached, so nothing was sent{cause}"));
        }
        (None, "timed_out") => "Workato took too long to answer. It may have made the change.",
        (None, "reset") => "The connection to Workato broke before it answered. It may have made the change.",
        (Some(_), "timed_out") => "Workato's answer was cut off by the timeout. It may have made the change.",
        (Some(_), "rate_limited") => "Workato refused the call because too many were made in this workspace.",
        (Some(_), "unreadable") => "Workato's answer does not say whether it made the change.",
        (Some(_), "server_error") => "Workato returned a server error. It may have made the change.",
        (Some(_), "redirected") => "Workato redirected the call, which was not followed. It may have made the change.",
        _ if outcome != Some(Outcome::Rejected) => return None,
        (Some(401 | 403), _) if answer.denial.is_some() => "Workato refused the call.",
        (Some(404), _) => "Workato found nothing to change.",
        _ => "Workato refused the change and gave no reason.",
    };
    Some(text.to_owned())
}

fn advice(answer: &WorkatoSaid) -> Option<String> {
    if answer.http_status == Some(429) {
        return answer.retry_after_seconds.map(|seconds| format!("Try again in {}.", wait(seconds)));
    }
    let denial = answer.denial.clone()?;
    Some(denials::meaning(&serde_json::from_value::<Denial>(denial).ok()?))
}

#[cfg(test)]
mod tests {
    use portal::audit::{Entry, Outcome, Stage, WorkatoSaid};
    use serde_json::json;
    use time::macros::datetime;

    use super::of_entry;
    use crate::fixture;

    fn text(outcome: Outcome, answer: serde_json::Value) -> Option<String> {
        let last = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC)).last.expect("an entry");
        let workato: WorkatoSaid = serde_json::from_value(answer).expect("an answer");
        of_entry(&Entry { stage: Stage::Outcome, outcome: Some(outcome), workato: Some(workato), ..last })
    }

    #[test]
    fn an_answer_without_words_says_what_it_means() {
        for (outcome, answer, expected) in [
            (Outcome::Succeeded, json!({ "http_status": 200, "detail": "answered" }), None),
            (
                Outcome::Rejected,
                json!({ "http_status": 200, "detail": "answered" }),
                Some("Workato refused the change and gave no reason."),
            ),
            (
                Outcome::Rejected,
                json!({ "http_status": 404, "detail": "answered" }),
                Some("Workato found nothing to change."),
            ),
            (
                Outcome::Rejected,
                json!({
                    "http_status": 403, "detail": "answered", "denial": { "meaning": "token_or_privilege" }
                }),
                Some(
                    "Workato refused the call. Either the token is invalid, or its role lacks the privilege for this \
                     call. Check both in Workato.",
                ),
            ),
            (
                Outcome::Failed,
                json!({ "detail": "unreachable", "cause": "Connection refused (os error 111)" }),
                Some("Workato could not be reached, so nothing was sent: Connection refused (os error 111)"),
            ),
            (
                Outcome::Failed,
                json!({ "detail": "not_sent", "retry_after_seconds": 3 }),
                Some(
                    "Nothing was sent, because Workato didn't answer the last calls to this workspace. Next try in 3 \
                     s.",
                ),
            ),
            (
                Outcome::Failed,
                json!({ "http_status": 429, "detail": "rate_limited", "retry_after_seconds": 5 }),
                Some("Workato refused the call because too many were made in this workspace. Try again in 5 s."),
            ),
            (
                Outcome::Unknown,
                json!({ "detail": "timed_out" }),
                Some("Workato took too long to answer. It may have made the change."),
            ),
            (
                Outcome::Unknown,
                json!({ "http_status": 502, "detail": "server_error" }),
                Some("Workato returned a server error. It may have made the change."),
            ),
        ] {
            assert_eq!(text(outcome, answer.clone()).as_deref(), expected, "{answer}");
        }
    }

    #[test]
    fn workatos_words_come_first() {
        let slow = json!({
            "http_status": 429, "detail": "rate_limited", "message": "Slow down.", "retry_after_seconds": 5
        });
        assert_eq!(text(Outcome::Failed, slow).as_deref(), Some("Slow down. Try again in 5 s."));
        let broken = json!({ "http_status": 500, "detail": "server_error", "message": "Server error" });
        assert_eq!(text(Outcome::Unknown, broken).as_deref(), Some("Server error"));
    }
}
