//! People: accounts, invitations, passwords, second factors, sign-in and sessions.

pub(crate) mod attempts;
mod common_passwords;
mod device;
mod ending;
mod factors;
mod fair_queue;
mod hasher;
pub(crate) mod influence;
#[cfg(test)]
mod influence_tests;
mod invitation;
mod known_device;
mod last_person;
mod link_cookie;
mod new_id;
mod notices;
mod one_time_link;
mod password;
mod password_rules;
mod people;
pub mod provider;
mod release;
mod renewal;
mod session;
mod session_entries;
mod session_settings;
#[cfg(test)]
mod session_tests;
mod session_use;
mod session_uses;
mod sign_in;

pub use attempts::GuessedSecret;
pub use device::Device;
pub(crate) use factors::FactorSetup;
#[cfg(test)]
pub(crate) use factors::code_of;
pub use factors::{
    Challenge, FRESH_FOR, FactorList, FirstStep, Given, NewTotp, SECOND_STEP_FOR, SecondFactorRule, SecondStep,
    needs_fresh_factor,
};
pub(crate) use hasher::Hasher;
pub use invitation::Invitation;
pub use known_device::{DEVICE_KNOWN_FOR, KnownDevices};
pub use last_person::{LastPerson, MARK_LENGTH};
pub use link_cookie::LINK_COOKIE_LENGTH;
pub use new_id::Renewal;
pub use notices::{Notice, NoticeOf};
pub use one_time_link::Secret;
pub use password::Password;
pub use people::PersonInput;
pub use release::WaitingLink;
pub use session::{GoodSession, MOST_SESSIONS, Proof};
pub use session_settings::SessionSettings;
pub(crate) use session_uses::SessionUses;
pub use store::{Elsewhere, Factor, FactorId, FactorKind, Person, SessionFacts, SessionKey, SignIn, SignedInWith};
