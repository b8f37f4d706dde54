//! What the tests are made of: a portal in a box, people by name, browsers without JavaScript, and the log read past
//! the portal.

mod browser;
mod changes;
mod child;
mod holding;
mod house;
mod page;
mod portal_in_a_box;

use std::{future::Future, time::Duration};

pub use browser::{Browser, Seen};
pub use changes::{Asked, Kind, Targets};
pub use child::Child;
pub use holding::Holding;
pub use house::{House, LENDING, PAYMENTS, email, password};
pub use page::{Form, Page};
pub use portal_in_a_box::TestPortal;

/// Looks again and again until there is something to see.
///
/// # Panics
/// When there is nothing after `within`.
pub async fn eventually<T, F>(what: &str, within: Duration, look: impl Fn() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = tokio::time::Instant::now() + within;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(tokio::time::Instant::now() < deadline, "not within {within:?}: {what}");
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}
