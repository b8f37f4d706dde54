//! What an operation id is bound to. The same id with the same content is the same request, sent again.

use crate::{Error, OperationId, Result};

/// Whether `operation` was used before with the content that `wanted` stands for. `used` is what the store has for it:
/// `None` if the id is unused, `Some(None)` if it belongs to an operation without a binding.
///
/// # Errors
/// `Conflict` if the id was used with other content.
pub(crate) fn was_used_for(operation: OperationId, used: Option<Option<String>>, wanted: &str) -> Result<bool> {
    match used {
        None => Ok(false),
        Some(Some(binding)) if binding == wanted => Ok(true),
        Some(_) => Err(Error::Conflict { operation }),
    }
}
