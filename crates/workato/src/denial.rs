//! What it means that Workato denies a call.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Call;

/// What a 401 or 403 means, as far as the token's other calls can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "meaning", rename_all = "snake_case")]
pub enum Denial {
    /// The token is valid, because another call succeeded; its role lacks the privilege for this call.
    Privilege {
        /// The call that succeeded.
        answered: Call,
        /// How many seconds ago it succeeded, rounded up.
        seconds_before: u64,
    },
    /// Either the token is not valid, or its role lacks the privilege.
    TokenOrPrivilege,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Privilege { answered, seconds_before } => write!(
                f,
                "The token works ({answered} succeeded {seconds_before} s before), so its role lacks the privilege for \
                 this call. Add it to the role in Workato."
            ),
            Self::TokenOrPrivilege => f.write_str(
                "Either the token is invalid, or its role lacks the privilege for this call. Check both in Workato.",
            ),
        }
    }
}
