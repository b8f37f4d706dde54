//! What people read when the portal refuses something: the heading and text of a refusal page, and the JSON that
//! programs get. What is wrong with a field is worded in `problems`.

use portal::{Error, PublicError};
use serde_json::Value;

use super::{numbers::grouped_i64, problems, read_failures, times::wait};

/// The heading of the page that shows `error`.
pub fn heading(error: &PublicError) -> &'static str {
    match error {
        PublicError::SignedOut => "You are signed out",
        PublicError::Forbidden { .. } => "You have no right to this",
        PublicError::FactorNeeded => "Confirm that it is you",
        PublicError::FactorMissing => "Set up a second factor first",
        PublicError::NotFound => "There is no such page",
        PublicError::Conflict { .. } => "This form was used before",
        PublicError::Invalid(_) | PublicError::Malformed => "The portal does not understand this",
        PublicError::Elsewhere => "This came from another site",
        PublicError::WrongMethod => "This address does not take such a request",
        PublicError::TooLarge => "This is too much at once",
        PublicError::TooSlow => "This arrived too slowly",
        PublicError::UrlTooLong => "This address is too long",
        PublicError::WrongHost => "The portal has another address",
        PublicError::LogUnavailable | PublicError::HistoryInDoubt => "Nothing was done",
        PublicError::EntryChanged { .. } => "The audit log was changed",
        PublicError::QueueFull { .. } => "Nothing was sent: the queue is full",
        PublicError::WorkatoRateLimited { .. } => "Workato is asked too often",
        PublicError::WorkatoDown { .. } => "Workato does not answer",
        PublicError::WorkatoTimedOut { .. } => "Workato did not answer in time",
        PublicError::WorkatoFailed { .. } => "Workato could not be read",
        PublicError::NoToken => "This team has no token yet",
        PublicError::TokenNotUsed => "This team's token is not used",
        PublicError::TokenRefused => "Workato refuses this team's token",
        PublicError::TeamRetired => "This team is retired",
        PublicError::RowNotUsed => "The portal does not use this",
        PublicError::TooManyAttempts { .. } => "Too many attempts",
        PublicError::TooManyRequests { .. } => "Too many requests",
        PublicError::Busy { .. } => "The portal is busy",
        PublicError::DiskAlmostFull => "Nothing was changed: the disk is almost full",
        PublicError::Internal => "Something went wrong here",
    }
}

/// The text of the page that shows `error`.
pub fn message(error: &PublicError) -> String {
    let text = match error {
        PublicError::SignedOut => "You are signed out.",
        PublicError::Forbidden { .. } => "You have no right to do this.",
        PublicError::FactorNeeded => "Nothing was done. Confirm first that it is you, then try again.",
        PublicError::FactorMissing => {
            "Nothing was done. Your role needs a second factor. Set one up under Account, then try again."
        }
        PublicError::NotFound => "The address leads nowhere, or what stood here is gone.",
        PublicError::Conflict { .. } => {
            "The portal received this form before, with other content. Nothing was sent this time."
        }
        PublicError::Invalid(_) => "Some fields need another look.",
        PublicError::Malformed => "The form was incomplete. Go back, reload the page and try again.",
        PublicError::Elsewhere => {
            "This was sent from another site, so the portal did nothing. Open the page here and try again."
        }
        PublicError::WrongMethod => "This address does not take such a request.",
        PublicError::TooLarge => "This is more than the portal takes at once.",
        PublicError::TooSlow => {
            "The form did not arrive in time, so the portal did nothing. Check your connection and send it again."
        }
        PublicError::UrlTooLong => "The URL is longer than the portal accepts (8 KiB).",
        PublicError::WrongHost => {
            "The portal is not served under this host name. If you run it: PORTAL_PUBLIC_URL has to be the address that \
             people open, and a proxy in front has to pass on the Host header."
        }
        PublicError::LogUnavailable => {
            "The audit log cannot be written, so nothing was done. Try again; if it stays so, tell an admin."
        }
        PublicError::HistoryInDoubt => {
            "The audit log does not match what was signed, so the portal refuses changes. Nothing was sent. You can \
             still read everything. An admin has to look into it: the audit log's page says what is wrong."
        }
        PublicError::NoToken => problems::NO_TOKEN,
        PublicError::TokenNotUsed => {
            "Somebody changed this team's token in the database without the portal, so the portal does not use it. \
             Nothing was sent to Workato. An admin can set the token again on the Teams page."
        }
        PublicError::TokenRefused => {
            "Workato refuses this team's token, so the portal does not use it. Nothing was sent to Workato. An admin can \
             test the token or replace it on the Teams page."
        }
        PublicError::TeamRetired => {
            "This team was retired: its token is destroyed, and nothing can be read or changed in its Workato. The audit \
             log keeps everything that happened."
        }
        PublicError::RowNotUsed => {
            "Somebody changed this in the database without the portal, so the portal does not use it. Tell an admin: \
             the server's log names the row, and `partner-portal audit verify` checks everything."
        }
        PublicError::DiskAlmostFull => {
            "The portal's disk is almost full, so it changes nothing until there is more space. You can still read. \
             Tell the person who runs the portal."
        }
        PublicError::Internal => "The portal failed to do this. The log has the details under the request's id.",
        PublicError::EntryChanged { entry } => {
            return format!(
                "Entry {} of the audit log is not as it was written, so it is not shown. Tell an admin: \
                 `partner-portal audit verify` shows what was changed.",
                grouped_i64(*entry)
            );
        }
        PublicError::TooManyAttempts { seconds } => {
            return match seconds.div_ceil(60) {
                0 | 1 => "Too many failed attempts. Wait a minute and try again.".to_owned(),
                minutes => format!("Too many failed attempts. Wait {minutes} minutes and try again."),
            };
        }
        PublicError::TooManyRequests { seconds } => {
            let wait = if *seconds == 1 { "1 second".to_owned() } else { format!("{seconds} seconds") };
            return format!(
                "The portal got too many requests from you at once and ignored this one. Try again in {wait}."
            );
        }
        PublicError::Busy { seconds } => {
            return format!(
                "Too many people are signing in at the moment, so the portal did nothing. Try again in {}.",
                wait(*seconds)
            );
        }
        PublicError::QueueFull { seconds } => {
            return format!(
                "Too many calls to Workato are waiting in this team; the next turn comes in {}. Nothing was sent. \
                 Try again then.",
                wait(*seconds)
            );
        }
        PublicError::WorkatoRateLimited { failure, .. }
        | PublicError::WorkatoDown { failure, .. }
        | PublicError::WorkatoTimedOut { failure }
        | PublicError::WorkatoFailed { failure } => return read_failures::sentence(failure),
    };
    text.to_owned()
}

/// The message of an error that a page shows in place of one of its parts. A fault of the portal's own is logged.
pub fn message_of(error: &Error) -> String {
    message(&error.public())
}

/// What programs get: the codes and parameters, each with a `message` for people.
pub fn json(error: &PublicError) -> Value {
    let mut json = serde_json::to_value(error).unwrap_or_default();
    json["message"] = message(error).into();
    if let PublicError::Invalid(found) = error {
        for (at, problem) in found.iter().enumerate() {
            json["problems"][at]["message"] = problems::problem(&problem.problem).into();
        }
    }
    json
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use portal::{FieldProblems, Problem, PublicError, ReadFailure};
    use serde_json::json;
    use workato::{Call, Denial, ReadError, ReplyError};

    use super::{json, message};
    use crate::wording::read_failures;

    #[test]
    fn a_program_gets_codes_and_a_message_for_people() {
        let error =
            PublicError::Invalid(FieldProblems::from([("after", Problem::NumberBetween { least: 0, most: 9 })]));
        let expected = json!({
            "error": "invalid",
            "message": "Some fields need another look.",
            "problems": [{
                "field": "after", "code": "number_between", "least": 0, "most": 9,
                "message": "Give a number from 0 to 9.",
            }],
        });
        assert_eq!(json(&error), expected);
        assert_eq!(serde_json::from_value::<PublicError>(expected).expect("an error"), error);
    }

    #[test]
    fn a_failed_read_says_what_failed_why_and_what_to_do() {
        let call = Call::Connections;
        let said = |words: &str| Some(words.to_owned());
        let after = Duration::from_millis(6_200);
        for (error, sentence) in [
            (
                ReadError::Denied { call, status: 403, said: None, denial: Denial::TokenOrPrivilege },
                "GET /api/connections was refused (403): it gave no reason. Either the token is not valid, or its role \
                 lacks the privilege for this call; check both in Workato.",
            ),
            (
                ReadError::NotFound { call, said: said("Not found") },
                "GET /api/connections found nothing: Not found. It may have been deleted since, or the token cannot see \
                 it.",
            ),
            (
                ReadError::Broken { call, status: 500, said: said("Server error") },
                "GET /api/connections failed at Workato (500): Server error. Try again in a while.",
            ),
            (
                ReadError::TimedOut { call, after },
                "GET /api/connections had no answer within 7 s. Try again; a narrower filter makes it quicker.",
            ),
            (
                ReadError::Down { call, retry_in: Duration::ZERO },
                "GET /api/connections was not sent, because Workato has not answered the last calls to this workspace. \
                 It is being asked again; reload in a moment.",
            ),
            (
                ReadError::Unreadable { call, why: ReplyError::WrongShape { expected: "a list of connections" } },
                "GET /api/connections was answered, but the answer cannot be read: it does not hold a list of \
                 connections. Try again; if it stays, Workato's API has changed.",
            ),
        ] {
            assert_eq!(read_failures::sentence(&ReadFailure::from(&error)), sentence);
            assert_eq!(message(&PublicError::from(&error)), sentence);
            assert_eq!(error.to_string(), sentence, "the log and the page say the same");
        }
    }
}
