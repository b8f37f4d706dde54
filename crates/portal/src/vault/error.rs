//! Why the vault cannot seal or open something.

use store::private_file::SecretFileError;

/// Why the vault cannot seal or open a secret. No message has a secret in it.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key file cannot be read, or others can read it as well.
    #[error("cannot use the master key file {path}: {cause}")]
    KeyFile {
        /// The file.
        path: String,
        /// The cause.
        cause: SecretFileError,
    },
    /// The key file has no key in it.
    #[error("the master key file {path} has no key in it; `partner-portal keygen` prints one")]
    NotAKey {
        /// The file.
        path: String,
    },
    /// The data keys were sealed with another master key.
    #[error(
        "the keys in the database were sealed with master key {sealed_with}, but PORTAL_MASTER_KEY_FILE has {given}"
    )]
    WrongKey {
        /// The id of the key that sealed them.
        sealed_with: String,
        /// The ids of the keys in the file.
        given: String,
    },
    /// The sealed secret was changed or belongs to something else.
    #[error("a sealed secret cannot be opened")]
    Damaged,
    /// A data key is missing, or there are two.
    #[error("the database does not have one current key of purpose {0}")]
    MissingKey(store::KeyPurpose),
    /// The system provides no random bytes.
    #[error("the system provides no random bytes")]
    NoRandomness,
}
