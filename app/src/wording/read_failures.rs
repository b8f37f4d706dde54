//! Why Workato could not be read, as a sentence.

use portal::{ReadCause, ReadFailure};

use super::{denials, times::wait};

/// Why a read of Workato failed: the call, what Workato said, and what to do.
pub fn sentence(failure: &ReadFailure) -> String {
    let call = failure.call;
    let words = |said: &Option<String>| said.clone().unwrap_or_else(|| "it gave no reason".to_owned());
    match &failure.cause {
        ReadCause::QueueFull { seconds } => {
            format!("{call} was not sent: this workspace's limit is used up. Try again in {}.", wait(*seconds))
        }
        ReadCause::RateLimited { seconds } => {
            let when = seconds.map_or_else(|| "later".to_owned(), |seconds| format!("in {}", wait(seconds)));
            format!("{call} was refused because too many calls were made in this workspace. Try again {when}.")
        }
        ReadCause::TimedOut { seconds } => {
            format!("{call} got no answer within {}. Try again, or use a narrower filter.", wait(*seconds))
        }
        ReadCause::Unreachable => format!(
            "{call} got no answer: Workato could not be reached, or the connection broke. Check the network and the \
             workspace's data centre, then try again."
        ),
        ReadCause::Down { seconds } => format!(
            "{call} was not sent, because Workato didn't answer the last calls to this workspace. {}",
            asked_again(*seconds)
        ),
        ReadCause::Denied { status, said, denial } => {
            format!("{call} was refused ({status}): {}. {}", words(said), denials::meaning(denial))
        }
        ReadCause::NotFound { said } => {
            format!(
                "{call} found nothing: {}. It may have been deleted, or the token has no access to it.",
                words(said)
            )
        }
        ReadCause::Refused { status, said } => format!("{call} was refused ({status}): {}.", words(said)),
        ReadCause::Broken { status, said } => {
            format!("{call} failed at Workato ({status}): {}. Try again later.", words(said))
        }
        ReadCause::NotJson { line, column } => {
            unreadable(failure, &format!("it is not complete JSON (line {line}, column {column})"))
        }
        ReadCause::WrongShape { expected } => unreadable(failure, &format!("it does not hold {expected}")),
        ReadCause::IdsUnreadable { count } => {
            format!("{call} returned {count} rows with unreadable IDs. What you asked for may be one of them.")
        }
        ReadCause::TooLarge { most } => {
            format!("{call} returned more than {most} bytes. Use a narrower filter.")
        }
        ReadCause::Other => format!("{call} failed. Try again later."),
    }
}

fn unreadable(failure: &ReadFailure, why: &str) -> String {
    format!(
        "{} returned an answer that can't be read: {why}. Try again. If this keeps happening, Workato's API has \
         changed.",
        failure.call
    )
}

/// When a Workato that is down is asked again, as a sentence.
pub(super) fn asked_again(seconds: u64) -> String {
    match seconds {
        0 => "The portal is trying again. Reload in a moment.".to_owned(),
        seconds => format!("Next try in {}.", wait(seconds)),
    }
}
