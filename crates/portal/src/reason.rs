//! Why somebody changes something, in their own words, and what a team asks of it.

use store::Team;

use crate::{Problem, ReasonRequired, fields::no_hidden, reason_pattern};

/// 1 to 1,000 characters that show something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// The most characters a reason may have.
    pub const LONGEST: usize = 1_000;

    /// Reads a reason. A blank one counts as missing. The reason for a change in a team is read by [`ReasonRules`].
    ///
    /// # Errors
    /// `ReasonTooLong`, `ReasonControlCharacters` or `HiddenCharacter`.
    pub fn read(text: &str) -> Result<Option<Self>, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let length = text.chars().count();
        if length > Self::LONGEST {
            return Err(Problem::ReasonTooLong { most: Self::LONGEST, found: length });
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(Problem::ReasonControlCharacters);
        }
        no_hidden(text)?;
        Ok(Some(Self(text.to_owned())))
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a team asks of the reason for a change: whether there must be one, and what it must contain.
#[derive(Clone, Copy, Debug)]
pub struct ReasonRules<'a> {
    team: &'a Team,
    is_destructive: bool,
}

impl<'a> ReasonRules<'a> {
    /// For a change that can be undone.
    #[must_use]
    pub const fn of(team: &'a Team) -> Self {
        Self { team, is_destructive: false }
    }

    /// For a change that cannot be undone.
    #[must_use]
    pub const fn for_destructive(team: &'a Team) -> Self {
        Self { team, is_destructive: true }
    }

    /// Why there must be a reason. `None` if the reason is optional.
    #[must_use]
    pub const fn required(self) -> Option<ReasonRequired> {
        match self {
            Self { is_destructive: true, .. } => Some(ReasonRequired::Destructive),
            Self { team: Team { production: true, .. }, .. } => Some(ReasonRequired::Production),
            // No reason at all would get around the pattern.
            Self { team: Team { reason_pattern: Some(_), .. }, .. } => Some(ReasonRequired::Pattern),
            _ => None,
        }
    }

    /// Reads the reason for a change in the team.
    ///
    /// # Errors
    /// `ReasonRequired`, `ReasonLacksPattern`, or one of [`Reason::read`].
    pub fn read(self, text: &str) -> Result<Option<Reason>, Problem> {
        let pattern = self.team.reason_pattern.as_ref().and_then(|pattern| {
            let compiled = reason_pattern::compile(&pattern.expression);
            // Another version of the portal has accepted it. Nobody is locked out, and the team's settings say so.
            let compiled = compiled.inspect_err(|problem| {
                tracing::warn!(team = %self.team.slug, ?problem, "the pattern of a team's reasons is not checked");
            });
            Some((pattern, compiled.ok()?))
        });
        let Some(reason) = Reason::read(text)? else {
            return match self.required() {
                Some(ReasonRequired::Pattern) if pattern.is_none() => Ok(None),
                Some(why) => Err(Problem::ReasonRequired { why }),
                None => Ok(None),
            };
        };
        match pattern {
            Some((pattern, compiled)) if !compiled.is_match(reason.as_str()) => {
                Err(Problem::ReasonLacksPattern { expression: pattern.expression.clone(), hint: pattern.hint.clone() })
            }
            _ => Ok(Some(reason)),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use store::{ReasonPattern, Team};

    use super::ReasonRules;
    use crate::{Problem, ReasonRequired, TeamId};

    fn team(production: bool, expression: Option<&str>) -> Team {
        let hint = Some("Name a ticket, such as PAY-123".to_owned());
        let pattern = |expression: &str| ReasonPattern { expression: expression.to_owned(), hint: hint.clone() };
        Team {
            policy: store::Policy::of_new_team(false),
            id: TeamId::new(),
            slug: "payments".parse().expect("a slug"),
            name: "Payments".to_owned(),
            production,
            workato_url: "https://www.workato.com".to_owned(),
            reason_pattern: expression.map(pattern),
            workspace: None,
            token: None,
            retired_at: None,
            token_is_bad: false,
        }
    }

    const TICKET: Option<&str> = Some(r"[A-Z]+-\d+");

    #[rstest]
    #[case::nothing_asked(false, None, None)]
    #[case::production(true, None, Some(ReasonRequired::Production))]
    #[case::pattern(false, TICKET, Some(ReasonRequired::Pattern))]
    #[case::both(true, TICKET, Some(ReasonRequired::Production))]
    fn a_reason_is_required_by_production_teams_and_by_a_pattern(
        #[case] production: bool,
        #[case] pattern: Option<&str>,
        #[case] expected: Option<ReasonRequired>,
    ) {
        let team = team(production, pattern);
        assert_eq!(ReasonRules::of(&team).required(), expected);
        let refused = ReasonRules::of(&team).read("  ").err();
        assert_eq!(refused, expected.map(|why| Problem::ReasonRequired { why }));
        assert_eq!(ReasonRules::for_destructive(&team).required(), Some(ReasonRequired::Destructive));
    }

    #[test]
    fn the_pattern_is_found_anywhere_in_the_reason() {
        let team = team(false, TICKET);
        for accepted in ["PAY-123", "Fix for expired keys, INC-4812.", "see\nOPS-1"] {
            assert!(ReasonRules::of(&team).read(accepted).expect("accepted").is_some(), "{accepted}");
        }
        for refused in ["pay-123", "Fix for expired keys", "PAY 123"] {
            let lacks = Problem::ReasonLacksPattern {
                expression: r"[A-Z]+-\d+".to_owned(),
                hint: Some("Name a ticket, such as PAY-123".to_owned()),
            };
            assert_eq!(ReasonRules::for_destructive(&team).read(refused), Err(lacks), "{refused}");
        }
    }

    #[test]
    fn a_pattern_that_no_longer_compiles_locks_nobody_out() {
        let team = team(false, Some("[A-Z"));
        assert!(ReasonRules::of(&team).read("They asked").expect("accepted").is_some());
        assert_eq!(ReasonRules::of(&team).read(""), Ok(None));
        let missing = ReasonRules::for_destructive(&team).read("").err();
        assert_eq!(missing, Some(Problem::ReasonRequired { why: ReasonRequired::Destructive }));
    }
}
