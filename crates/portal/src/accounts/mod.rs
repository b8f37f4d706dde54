//! People: who they are, how they come in, and how they prove it.

mod invitation;
mod password;
mod people;
mod refused_sign_ins;
mod session;
mod sign_in;

pub use invitation::{Invitation, Secret};
pub(crate) use password::Hasher;
pub use password::{Password, PasswordError};
pub use people::PersonInput;
pub(crate) use refused_sign_ins::RefusedSignIns;
pub use session::{GoodSession, Proof, SESSION_LENGTH, session_key};
pub use store::{Person, SessionFacts, SessionKey};
