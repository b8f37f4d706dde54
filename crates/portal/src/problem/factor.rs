//! What is wrong with a second factor.

use serde::{Deserialize, Serialize};

/// What is wrong with a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum FactorProblem {
    /// A code that is wrong, or that was used before.
    WrongCode,
    /// The first code of an authenticator app is wrong.
    WrongFirstCode,
    /// The key that was shown is no longer good: a new one is.
    KeyExpired,
    /// The passkey is unknown, or its answer is wrong.
    PasskeyRefused,
    /// The passkey is registered already.
    PasskeyKnown,
    /// The challenge for a passkey was used, or is more than five minutes old.
    ChallengeOver,
    /// Browsers have no passkeys at the portal's address.
    NoPasskeysHere,
    /// The person needs a second factor, and this is the last one.
    LastFactor,
    /// The person has no second factor.
    NoFactor,
    /// The person has `most` second factors.
    TooManyFactors {
        /// The most factors.
        most: usize,
    },
}
