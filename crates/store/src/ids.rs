//! Ids that the portal itself gives out. Workato's ids are in the crate `workato`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not an id of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct InvalidId;

macro_rules! uuid_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);


        impl $name {
            /// A new id. It begins with the time (UUID version 7), so that rows are stored in the order of their
            /// creation.
            #[expect(clippy::new_without_default, reason = "a default that differs each time would surprise")]
            #[must_use]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Accepts only the spelling that `Display` gives, so that an id has one URL.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let id = Uuid::try_parse(text).map_err(|_| InvalidId)?;
                if text == id.hyphenated().to_string() { Ok(Self(id)) } else { Err(InvalidId) }
            }
        }
    };
}

uuid_id! {
    /// A team. It stays the same if the slug changes.
    TeamId
}
uuid_id! {
    /// A person. It stays the same if name or e-mail change.
    PersonId
}
uuid_id! {
    /// An operation. It is made when the form is drawn, so that a second submit is recognised.
    OperationId
}

impl OperationId {
    /// An id of these bytes (UUID version 8), for an operation that must be found again by what it is derived from.
    #[must_use]
    pub fn derived(bytes: [u8; 16]) -> Self {
        Self(
            uuid::Builder::from_bytes(bytes)
                .with_version(uuid::Version::Custom)
                .with_variant(uuid::Variant::RFC4122)
                .into_uuid(),
        )
    }
}
uuid_id! {
    /// A saved view of a list.
    SavedViewId
}
uuid_id! {
    /// A person's second factor.
    FactorId
}
uuid_id! {
    /// A token of the audit log's feed.
    FeedTokenId
}
