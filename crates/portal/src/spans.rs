//! The span of an operation in a trace. It holds the operation's id, which the audit log has as well, and neither its target
//! nor its reason nor who asked for it.

use store::{Action, OperationId};
use tracing::{Span, info_span};
use workato::TRACES;

/// The span of what follows an operation's intent.
pub(crate) fn of_operation(action: Action, operation: OperationId) -> Span {
    info_span!(target: TRACES, "operation", otel.name = action.as_str(), operation.id = %operation)
}
