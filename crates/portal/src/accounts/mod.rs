//! People: accounts, invitations, passwords, sign-in and sessions.

pub(crate) mod attempts;
mod common_passwords;
mod fair_queue;
mod hasher;
pub(crate) mod influence;
#[cfg(test)]
mod influence_tests;
mod invitation;
mod known_device;
mod last_person;
mod link_cookie;
mod one_time_link;
mod password;
mod password_rules;
mod people;
mod release;
mod session;
mod sign_in;

pub use attempts::GuessedSecret;
pub(crate) use hasher::Hasher;
pub use invitation::Invitation;
pub use known_device::{DEVICE_KNOWN_FOR, KnownDevices};
pub use last_person::{LastPerson, MARK_LENGTH};
pub use link_cookie::LINK_COOKIE_LENGTH;
pub use one_time_link::Secret;
pub use password::Password;
pub use people::PersonInput;
pub use release::WaitingLink;
pub use session::{GoodSession, Proof, SESSION_LENGTH};
pub use store::{Person, SessionFacts, SessionKey, SignIn, SignedInWith};
