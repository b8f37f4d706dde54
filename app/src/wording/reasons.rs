//! What a team asks of the reason for a change.

use portal::{ReasonRequired, ReasonRules, teams::Team};

/// The help below the field.
pub fn help(rules: ReasonRules<'_>, team: &Team) -> String {
    let recorded = "Recorded in the audit log with your name.";
    let pattern = team.reason_pattern.as_ref().map(|pattern| asked(&pattern.expression, pattern.hint.as_deref()));
    let required = match rules.required() {
        Some(ReasonRequired::Production) if pattern.is_none() => Some("Required for production teams.".to_owned()),
        _ => None,
    };
    match pattern.or(required) {
        Some(what) => format!("{what} {recorded}"),
        None => recorded.to_owned(),
    }
}

/// The reason does not contain what it must.
pub fn lacks(expression: &str, hint: Option<&str>) -> String {
    match hint {
        Some(_) => format!("{} Reasons in this team must contain {expression}.", asked(expression, hint)),
        None => asked(expression, None),
    }
}

/// The hint as a sentence, or the pattern itself.
fn asked(expression: &str, hint: Option<&str>) -> String {
    match hint.map(str::trim_end) {
        Some(hint) if hint.ends_with(['.', '!', '?']) => hint.to_owned(),
        Some(hint) => format!("{hint}."),
        None => format!("Must contain text that matches {expression}."),
    }
}

#[cfg(test)]
mod tests {
    use super::lacks;

    #[test]
    fn the_hint_comes_first_and_the_pattern_is_named() {
        let hint = Some("Name a ticket, such as PAY-123");
        assert_eq!(
            lacks(r"[A-Z]+-\d+", hint),
            r"Name a ticket, such as PAY-123. Reasons in this team must contain [A-Z]+-\d+."
        );
        assert_eq!(lacks(r"PAY-\d+", None), r"Must contain text that matches PAY-\d+.");
        assert!(lacks("x", Some("Name it!")).starts_with("Name it! Reasons"));
    }
}
