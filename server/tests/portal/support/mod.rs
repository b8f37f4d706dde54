//! What the tests are built from: an installed portal, people by name, browsers without JavaScript, and the database as
//! somebody with write access to its file sees it.

mod approvals;
mod breakpoint;
mod browser;
mod changes;
mod child;
pub mod database;
mod form;
mod installation;
mod page;
mod program;
pub mod provider;
mod second_factor;
mod template;
mod test_portal;

use std::{future::Future, time::Duration};

pub use approvals::ALL_GUARDED;
pub use breakpoint::Breakpoint;
pub use browser::{Browser, Transcript};
pub use changes::{ChangeKind, PreparedChange, Targets};
pub use child::Child;
pub use database::Database;
pub use form::Form;
pub use installation::{Installation, LENDING, PAYMENTS, email, password};
pub use page::Page;
pub use program::{accepted, text};
pub use second_factor::{
    AuthenticatorApp, PAGE as FACTOR_PAGE, add_app, add_passkey, give_passkey, new_passkey, recovery_codes,
};
pub use template::people_and_teams;
pub use test_portal::TestPortal;

/// Looks every 40 ms until there is something to see.
///
/// # Panics
/// If there is nothing within the time.
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
