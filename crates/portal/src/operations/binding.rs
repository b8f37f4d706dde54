//! What an operation id is bound to. The same id with the same content is the same request, sent again.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::Request;
use crate::TeamOperator;

/// A hash of actor, team, action, target and parameters. Leaves out the reason, the typed name and the version that a
/// share replaces: a person who corrects these sends the form again with the same id.
pub(super) fn binding(operator: &TeamOperator, request: &Request) -> String {
    let change = &request.change;
    let mut parameters = request.parameters();
    parameters.remove("replaces");
    let bound = json!([operator.actor().id(), operator.team().id, change.action(), change.target(None), parameters]);
    hex::encode(Sha256::digest(bound.to_string()))
}
