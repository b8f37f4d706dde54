//! How kept code is named: by team, workspace, connector and version, and by its hash.

use sha2::{Digest, Sha256};
use store::{CodeOf, ConnectorIn, Team};
use workato::{ConnectorId, ConnectorVersion};

/// What code is sealed for: it can be opened for its row alone.
pub(crate) fn sealed_for(of: &CodeOf) -> String {
    format!("code v1 {}", of.row())
}

/// The SHA-256 of code, in hexadecimal digits.
pub(crate) fn sha256_of(code: &str) -> String {
    hex::encode(Sha256::digest(code.as_bytes()))
}

/// The workspace of a team, for rows.
pub(crate) fn workspace_of(team: &Team) -> i64 {
    team.workspace.as_ref().map_or(0, |workspace| workspace.id)
}

/// Which code it is.
pub(crate) fn code_of(team: &Team, connector: ConnectorId, version: ConnectorVersion) -> CodeOf {
    CodeOf { team: team.id, workspace: workspace_of(team), connector: connector.get(), version: version.get() }
}

/// The code of a version of a connector.
pub(crate) fn code_with(of: ConnectorIn, version: ConnectorVersion) -> CodeOf {
    CodeOf { team: of.team, workspace: of.workspace, connector: of.connector, version: version.get() }
}
