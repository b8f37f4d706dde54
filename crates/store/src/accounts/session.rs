//! A session: its key, its label, how its person signed in, and when it ends.

use std::net::IpAddr;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::{PersonId, rows::cells::Cell, words};

/// The keyed hash of a session's id. It finds the session's row and cannot be used to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// The key with this hash.
    #[must_use]
    pub const fn from_hash(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    pub(super) fn cell(&self) -> [Cell; 1] {
        [self.as_bytes().into()]
    }

    /// The first 16 hexadecimal digits: the label of a session that begins with this key.
    #[must_use]
    pub fn label(&self) -> String {
        hex::encode(&self.0[..8])
    }
}

words! {
    /// What a person signed in with.
    pub enum SignedInWith {
        /// A password.
        Password => "password",
        /// A passkey.
        Passkey => "passkey",
        /// An account at an OpenID Connect provider.
        Provider => "provider",
    }
}

/// How the person of a session signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// With what.
    pub with: SignedInWith,
    /// Whether a second factor was given as well.
    pub second_factor: bool,
    /// When a factor was last given.
    pub factor_at: OffsetDateTime,
    /// Whether the person wants to stay signed in when the browser is closed.
    pub kept: bool,
}

/// A session that begins.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    pub key: &'a SessionKey,
    pub person: PersonId,
    pub sign_in: SignIn,
    pub origin: &'a Origin,
    pub expires_at: OffsetDateTime,
}

/// A session, as its person sees it.
#[derive(Clone, Debug)]
pub struct SessionFacts {
    /// Its present key.
    pub key: SessionKey,
    /// Its label in lists and in the log: 16 hexadecimal digits.
    pub label: String,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it was last used, to the minute.
    pub last_used_at: OffsetDateTime,
    /// When it expires, however much it is used.
    pub expires_at: OffsetDateTime,
    /// How its person signed in.
    pub sign_in: SignIn,
    /// The address that it began from, or from which its person last gave a factor.
    pub ip: Option<String>,
    /// The browser there.
    pub user_agent: Option<String>,
    /// Its last use on another network with another browser.
    pub elsewhere: Option<Elsewhere>,
}

/// A session's use on another network with another browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// When.
    pub at: OffsetDateTime,
    /// The address.
    pub ip: Option<String>,
    /// The browser.
    pub user_agent: Option<String>,
}

/// Where a request came from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The session's label.
    pub session: Option<String>,
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The browser's User-Agent, cut to 200 characters.
    pub user_agent: Option<String>,
    /// The path of the request, cut to 200 characters. Never the query, which may hold secrets.
    pub path: Option<String>,
    /// Whose session this browser had last, if nobody is signed in.
    pub last_person: Option<PersonId>,
    /// Who has signed in on the device before, each with the device's id. Not in the log.
    pub devices: Vec<(PersonId, Uuid)>,
}

impl Origin {
    /// Whether this person was signed in on the device before.
    #[must_use]
    pub fn knows(&self, person: PersonId) -> bool {
        self.last_person == Some(person) || self.devices.iter().any(|(known, _)| *known == person)
    }
}

/// Which sessions have not ended by time. A session that was used or began at one of these instants has ended.
#[derive(Clone, Copy, Debug)]
pub struct Alive {
    /// Now.
    pub now: OffsetDateTime,
    /// Sessions that are not kept were used after this.
    pub used_after: OffsetDateTime,
    /// Sessions that are not kept began after this.
    pub begun_after: OffsetDateTime,
    /// Sessions that are kept began after this.
    pub kept_begun_after: OffsetDateTime,
}

impl Alive {
    /// Whether a session has not ended by time, as the statements that read sessions ask.
    #[must_use]
    pub fn holds(&self, session: &SessionFacts) -> bool {
        let is_recent = match session.sign_in.kept {
            true => session.created_at > self.kept_begun_after,
            false => session.last_used_at > self.used_after && session.created_at > self.begun_after,
        };
        session.expires_at > self.now && is_recent
    }
}
