//! Whether a change needs a second person. The team's policy decides, and the one door asks it, however the change was
//! submitted.

use store::{Guarded, Read, Team};

use super::{Change, Request, Urgency, before::Before};
use crate::{
    Actor, ApprovalProblem, Portal, Problem, Result,
    teams::{may_break_glass, needs_second_person},
};

/// The least characters of the reason of a change that is made at once although it needs a second person.
pub const BREAK_GLASS_REASON: usize = 20;

/// Whether a change needs a second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecondPerson {
    NotNeeded,
    Needed,
    /// It does, and the operator acts at once all the same.
    BreakGlass,
}

/// What this change may be of what a policy names. Whether a share is a roll back is not known if the shared version is
/// not; what the form says of it comes from the browser.
pub(super) fn kinds(change: &Change, before: &Before) -> &'static [Guarded] {
    match change {
        Change::ShareConnector { version, .. } => match before.shared_version() {
            Some(Some(shared)) if version.get() < shared => &[Guarded::RollBack],
            // A newer version may have been shared until somebody suppressed the connector.
            Some(None) if before.latest_version().is_none_or(|latest| version.get() < latest) => {
                &[Guarded::Share, Guarded::RollBack]
            }
            Some(_) => &[Guarded::Share],
            None => &[Guarded::Share, Guarded::RollBack],
        },
        Change::SuppressConnector { .. } => &[Guarded::Suppress],
        Change::DisconnectConnection { .. } => &[Guarded::Disconnect],
        Change::DeleteConnection { .. } => &[Guarded::Delete],
        // A draft changes nothing, and its release only the team's own recipes; what customers get is a share.
        Change::CreateConnector { .. } | Change::UpdateConnector { .. } | Change::ReleaseConnector { .. } => &[],
        // They can carry credentials, which never wait in a request, or harm nobody.
        Change::CreateConnection { .. }
        | Change::UpdateConnection { .. }
        | Change::TagConnection { .. }
        | Change::ShareRecipe { .. } => &[],
    }
}

impl Portal {
    /// Whether this change needs a second person if this person makes it in this team, as it is in the database now.
    ///
    /// # Errors
    /// `Invalid` if the person may not act at once, `FactorNeeded` if that takes a fresh factor.
    pub(super) async fn second_person(
        &self,
        conn: &mut Read,
        team: &Team,
        actor: &Actor,
        request: &Request,
        kinds: &[Guarded],
    ) -> Result<SecondPerson> {
        let mut is_needed = false;
        for kind in kinds {
            is_needed |= needs_second_person(conn, team, actor, *kind).await?;
        }
        self.wait_or_break_glass(conn, team, actor, is_needed, (request.urgency, &request.reason)).await
    }

    /// Whether what needs a second person waits for one, or is done at once all the same.
    ///
    /// # Errors
    /// `Invalid` if the person may not act at once, `FactorNeeded` if that takes a fresh factor.
    pub(crate) async fn wait_or_break_glass(
        &self,
        conn: &mut Read,
        team: &Team,
        actor: &Actor,
        is_needed: bool,
        (urgency, reason): (Urgency, &str),
    ) -> Result<SecondPerson> {
        match (is_needed, urgency) {
            (false, _) => Ok(SecondPerson::NotNeeded),
            (true, Urgency::Usual) => Ok(SecondPerson::Needed),
            (true, Urgency::BreakGlass) => {
                if !may_break_glass(conn, team, actor).await? {
                    return Err(Problem::from(ApprovalProblem::BreakGlassOff).of("break_glass"));
                }
                if reason.trim().chars().count() < BREAK_GLASS_REASON {
                    let problem = ApprovalProblem::BreakGlassReason { least: BREAK_GLASS_REASON };
                    return Err(Problem::from(problem).of("reason"));
                }
                self.require_fresh(actor)?;
                Ok(SecondPerson::BreakGlass)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::Guarded;
    use workato::{ConnectorId, ConnectorVersion};

    use super::kinds;
    use crate::operations::{Change, before::Before};

    #[test]
    fn an_older_version_may_be_a_roll_back_even_if_nothing_is_shared() {
        let connector = ConnectorId::new(1).expect("an id");
        let share = |version, shared: Option<i64>| {
            let version = ConnectorVersion::new(version).expect("a version");
            let change = Change::ShareConnector { connector, version, replaces: None };
            let state = json!({ "found": true, "shared_version": shared, "latest_released_version": 7 });
            kinds(&change, &Before { state: Some(state), ..Before::default() })
        };
        assert_eq!(share(7, None), [Guarded::Share]);
        assert_eq!(share(3, None), [Guarded::Share, Guarded::RollBack]);
        assert_eq!(share(3, Some(5)), [Guarded::RollBack]);
        assert_eq!(share(6, Some(5)), [Guarded::Share]);
    }
}
