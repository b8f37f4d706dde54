//! An entry's bytes: JSON in the one form that RFC 8785 allows, so that equal entries have equal hashes.

use serde::Serialize;

/// The value cannot be written as RFC 8785 JSON, for example because it holds a number that JSON has no form for.
#[derive(Debug, thiserror::Error)]
#[error("the value has no canonical JSON: {0}")]
pub struct CanonicalError(#[from] serde_json::Error);

/// The value as canonical JSON: keys sorted by UTF-16 code units, no white space, shortest numbers.
///
/// ```
/// let entry = serde_json::json!({ "sequence": 1, "action": "connector.share" });
/// let bytes = evidence::canonical::to_bytes(&entry)?;
/// assert_eq!(bytes, br#"{"action":"connector.share","sequence":1}"#);
/// # Ok::<_, evidence::canonical::CanonicalError>(())
/// ```
///
/// # Errors
/// If the value has no canonical form.
pub fn to_bytes(value: &impl Serialize) -> Result<Vec<u8>, CanonicalError> {
    Ok(serde_json_canonicalizer::to_vec(value)?)
}
