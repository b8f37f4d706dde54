//! A sealed secret, as rows have it. What it is sealed with and for is decided by the portal.

/// A sealed secret.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// The id of the data key that sealed it.
    pub key_id: String,
    /// 24 random bytes.
    pub nonce: Vec<u8>,
    /// The ciphertext.
    pub bytes: Vec<u8>,
}
