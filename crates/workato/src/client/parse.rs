//! Parses the bodies of answers; large ones on a thread for blocking work, so that the runtime's threads stay free.

use std::future::pending;
use std::panic::resume_unwind;

use super::error::ReadError;
use crate::{Call, ReplyError, reply};

/// Bodies of this size and above are parsed on a thread for blocking work, in bytes.
///
/// Measured on two cores with lists of connections: 64 KiB take 0.3 ms to parse and 64 MiB 300 ms, and handing work to
/// such a thread and back takes 10 µs. So a task never holds its thread for longer than 0.3 ms, and the hand-over adds
/// 3 % at most.
const LARGE: usize = 64 * 1024;

/// Parses the body of a read's answer.
pub(super) async fn reply<T: Send + 'static>(
    call: Call,
    body: Vec<u8>,
    parse: impl FnOnce(&[u8]) -> Result<T, ReplyError> + Send + 'static,
) -> Result<T, ReadError> {
    off_thread(body, parse).await.map_err(|why| ReadError::Unreadable { call, why })
}

/// Parses the body of any other answer. `None` if it is not JSON.
pub(super) async fn json(body: Vec<u8>) -> Option<serde_json::Value> {
    off_thread(body, reply::json).await
}

async fn off_thread<T: Send + 'static>(body: Vec<u8>, parse: impl FnOnce(&[u8]) -> T + Send + 'static) -> T {
    if body.len() < LARGE {
        return parse(&body);
    }
    match tokio::task::spawn_blocking(move || parse(&body)).await {
        Ok(parsed) => parsed,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime is shutting down and drops this future, too.
            Err(_) => pending().await,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn only_large_bodies_leave_the_threads_of_the_runtime() {
        let this = thread::current().id();
        let parsed_on = |size| off_thread(vec![b' '; size], |_| thread::current().id());
        assert_eq!(parsed_on(LARGE - 1).await, this);
        assert_ne!(parsed_on(LARGE).await, this);
    }

    #[tokio::test]
    #[should_panic(expected = "a bug in a parser")]
    async fn a_panic_in_a_parser_is_not_swallowed() {
        off_thread(vec![b' '; LARGE], |_| panic!("a bug in a parser")).await
    }
}
