//! Clauses about promotions.

use portal::audit::Action;

use crate::wording::operations::part::Part;

impl super::Clause<'_> {
    /// Which version of which team is promoted; and of a check, whether something else was found.
    pub(super) fn promotion(&self) -> Vec<Part> {
        let version = self.number("version");
        let after = match (self.operation.action, version, self.parameter_text("source_team_name")) {
            (Action::ConnectorPromote, Some(version), Some(team)) => format!(", version {version} of {team}"),
            (Action::ConnectorPromoteCheck, Some(version), _) => {
                let differs = self.parameter("matches").and_then(serde_json::Value::as_bool) == Some(false);
                let found = if differs { ": it is not what was promoted" } else { "" };
                format!(", version {version}{found}")
            }
            _ => String::new(),
        };
        self.to_target("", &after)
    }
}
