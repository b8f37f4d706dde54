//! What people read when the portal refuses something: the heading and text of a refusal page, and the JSON that
//! programs get. What is wrong with a field is worded in `problems`.

use portal::{Error, PublicError};
use serde_json::Value;

use super::{numbers::grouped_i64, problems, read_failures, times::wait};

/// The heading of the page that shows `error`.
pub fn heading(error: &PublicError) -> &'static str {
    match error {
        PublicError::SignedOut => "You are signed out",
        PublicError::Forbidden { .. } => "You don't have permission",
        PublicError::FactorNeeded => "Confirm that it's you",
        PublicError::FactorMissing => "Set up a second factor first",
        PublicError::NotFound => "Page not found",
        PublicError::Conflict { .. } => "Already submitted",
        PublicError::Invalid(_) | PublicError::Malformed => "This request isn't valid",
        PublicError::Elsewhere => "Request from another site",
        PublicError::WrongMethod => "This address doesn't accept this kind of request",
        PublicError::TooLarge => "Request too large",
        PublicError::TooSlow => "Request too slow",
        PublicError::UrlTooLong => "Address too long",
        PublicError::WrongHost => "Wrong address",
        PublicError::LogUnavailable | PublicError::HistoryInDoubt => "Nothing was done",
        PublicError::EntryChanged { .. } => "The audit log was changed",
        PublicError::QueueFull { .. } => "Not sent: the queue is full",
        PublicError::WorkatoRateLimited { .. } => "Workato is limiting requests",
        PublicError::WorkatoDown { .. } => "Workato isn't responding",
        PublicError::WorkatoTimedOut { .. } => "Workato took too long to answer",
        PublicError::WorkatoFailed { .. } => "Workato returned an error",
        PublicError::NoToken => "This team has no token yet",
        PublicError::TokenNotUsed => "This team's token is blocked",
        PublicError::TokenRefused => "Workato rejects this team's token",
        PublicError::TeamRetired => "This team is retired",
        PublicError::RowNotUsed => "This record is blocked",
        PublicError::TooManyAttempts { .. } => "Too many attempts",
        PublicError::TooManyRequests { .. } => "Too many requests",
        PublicError::Busy { .. } => "The portal is busy",
        PublicError::DiskAlmostFull => "Nothing was changed: the disk is almost full",
        PublicError::Internal => "Something went wrong",
    }
}

/// The text of the page that shows `error`.
pub fn message(error: &PublicError) -> String {
    let text = match error {
        PublicError::SignedOut => "You are signed out.",
        PublicError::Forbidden { .. } => {
            "You don't have permission to do this. Nothing was done. Ask an admin for \
                                          access."
        }
        PublicError::FactorNeeded => "Nothing was done. Confirm that it's you, then try again.",
        PublicError::FactorMissing => {
            "Nothing was done. Your role needs a second factor. Set one up under Account, then try again."
        }
        PublicError::NotFound => {
            "Nothing exists at this address, or it was removed. Check the address, or start from \
                                  home."
        }
        PublicError::Conflict { .. } => {
            "The portal already received this form with other content. Nothing was sent this time. Reload the page."
        }
        PublicError::Invalid(_) => "Not sent. Fix the fields below.",
        PublicError::Malformed => {
            "The form was incomplete, so nothing was done. Go back, reload the page and try \
                                   again."
        }
        PublicError::Elsewhere => {
            "This request came from another site, so nothing was done. Open the page here and try again."
        }
        PublicError::WrongMethod => "This address doesn't accept this kind of request. Nothing was done.",
        PublicError::TooLarge => "The request is larger than the portal accepts, so nothing was done. Send less.",
        PublicError::TooSlow => {
            "The form didn't arrive in time, so nothing was done. Check your connection and send it again."
        }
        PublicError::UrlTooLong => {
            "The URL is longer than the portal accepts (8 KiB), so nothing was done. Use a \
                                    shorter search or filter."
        }
        PublicError::WrongHost => {
            "The portal isn't served under this host name, so nothing was done. If you run it: set PORTAL_PUBLIC_URL \
             to the address that people open, and let the proxy pass on the Host header."
        }
        PublicError::LogUnavailable => {
            "The audit log can't be written, so nothing was sent or changed. Try again. If it keeps happening, tell an \
             admin."
        }
        PublicError::HistoryInDoubt => {
            "The audit log doesn't match what was signed, so the portal refuses changes. Nothing was sent. You can \
             still read everything. Tell an admin: the audit log page shows what is wrong."
        }
        PublicError::NoToken => problems::NO_TOKEN,
        PublicError::TokenNotUsed => {
            "This team's token was changed in the database, outside the portal, so the portal doesn't use it. Nothing \
             was sent to Workato. An admin can set the token again on the Teams page."
        }
        PublicError::TokenRefused => {
            "Workato rejects this team's token, so the portal doesn't use it. Nothing was sent to Workato. An admin \
             can test the token or replace it on the Teams page."
        }
        PublicError::TeamRetired => {
            "This team is retired and its token destroyed, so nothing can be read or changed in its Workato. Its \
             history stays in the audit log."
        }
        PublicError::RowNotUsed => {
            "This record was changed in the database, outside the portal, so the portal doesn't use it. Nothing was \
             done. Tell an admin: the server log names the row, and `partner-portal audit verify` checks everything."
        }
        PublicError::DiskAlmostFull => {
            "The portal's disk is almost full, so nothing was changed. You can still read everything. Tell the person \
             who runs the portal."
        }
        PublicError::Internal => {
            "The portal couldn't finish this request. Try again. If it keeps happening, give your \
                                  admin this request ID."
        }
        PublicError::EntryChanged { entry } => {
            return format!(
                "Entry {} of the audit log was changed after it was written, so it isn't shown. Tell an admin: \
                 `partner-portal audit verify` shows what was changed.",
                grouped_i64(*entry)
            );
        }
        PublicError::TooManyAttempts { seconds } => {
            return match seconds.div_ceil(60) {
                0 | 1 => "Too many failed attempts. Nothing was checked. Wait a minute and try again.".to_owned(),
                minutes => format!(
                    "Too many failed attempts. Nothing was checked. Wait {minutes} minutes and try \
                                    again."
                ),
            };
        }
        PublicError::TooManyRequests { seconds } => {
            let wait = if *seconds == 1 { "1 second".to_owned() } else { format!("{seconds} seconds") };
            return format!("You sent too many requests, so this one was ignored. Try again in {wait}.");
        }
        PublicError::Busy { seconds } => {
            return format!(
                "Too many people are signing in right now, so nothing was done. Try again in {}.",
                wait(*seconds)
            );
        }
        PublicError::QueueFull { seconds } => {
            return format!(
                "Too many of this team's calls to Workato are queued. Nothing was sent. Try again in {}.",
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

/// What the error means for the reader's data, where the message does not say it.
pub fn consequence(error: &PublicError) -> Option<&'static str> {
    match error {
        PublicError::WorkatoRateLimited { .. }
        | PublicError::WorkatoDown { .. }
        | PublicError::WorkatoTimedOut { .. }
        | PublicError::WorkatoFailed { .. } => Some("Nothing was changed."),
        _ => None,
    }
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
            "message": "Not sent. Fix the fields below.",
            "problems": [{
                "field": "after", "code": "number_between", "least": 0, "most": 9,
                "message": "Enter a number from 0 to 9.",
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
                "GET /api/connections was refused (403): it gave no reason. Either the token is invalid, or its role \
                 lacks the privilege for this call. Check both in Workato.",
            ),
            (
                ReadError::NotFound { call, said: said("Not found") },
                "GET /api/connections found nothing: Not found. It may have been deleted, or the token has no access \
                 to it.",
            ),
            (
                ReadError::Broken { call, status: 500, said: said("Server error") },
                "GET /api/connections failed at Workato (500): Server error. Try again later.",
            ),
            (
                ReadError::TimedOut { call, after },
                "GET /api/connections got no answer within 7 s. Try again, or use a narrower filter.",
            ),
            (
                ReadError::Down { call, retry_in: Duration::ZERO },
                "GET /api/connections was not sent, because Workato didn't answer the last calls to this workspace. \
                 The portal is trying again. Reload in a moment.",
            ),
            (
                ReadError::Unreadable { call, why: ReplyError::WrongShape { expected: "a list of connections" } },
                "GET /api/connections returned an answer that can't be read: it does not hold a list of connections. \
                 Try again. If this keeps happening, Workato's API has changed.",
            ),
        ] {
            assert_eq!(read_failures::sentence(&ReadFailure::from(&error)), sentence);
            assert_eq!(message(&PublicError::from(&error)), sentence);
            assert_eq!(error.to_string(), sentence, "the log and the page say the same");
        }
    }
}
