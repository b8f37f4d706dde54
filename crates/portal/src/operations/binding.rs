//! What an operation id is bound to. The same id with the same content is the same request, sent again.

use secrecy::ExposeSecret;
use serde_json::json;

use super::{Request, Urgency};
use crate::{TeamOperator, vault::Vault};

/// A keyed hash of actor, team, action, target, parameters, reason and credentials: of everything that is sent to
/// Workato or recorded as the operator's own. Leaves out the typed name, which only confirms, and the version that a
/// share replaces: a form that was refused comes back with another one and the same id.
pub(super) fn binding(vault: &Vault, operator: &TeamOperator, request: &Request) -> String {
    let change = &request.change;
    let mut parameters = request.parameters();
    parameters.remove("replaces");
    let target = change.target(None);
    let reason = request.reason.trim();
    let bound = json!([
        operator.actor().id(),
        operator.team().id,
        request.operation,
        change.action(),
        target.kind,
        target.id,
        parameters,
        reason,
        request.urgency == Urgency::BreakGlass,
        request.batch,
    ]);
    let credentials = request.credentials.as_ref().map_or("", |credentials| credentials.json().expose_secret());
    hex::encode(vault.keyed_hash("operation binding", [bound.to_string().as_bytes(), credentials.as_bytes()]))
}
