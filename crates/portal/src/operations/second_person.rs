//! Whether a change needs a second person. The team's policy decides, and the one door asks it, however the change was
//! submitted.

use store::{Guarded, Read, Team};

use super::{Change, Request, Urgency, before::Before};
use crate::{Actor, ApprovalProblem, Portal, Problem, Result, teams::needs_second_person};

/// The least characters of the reason of a change that is made at once although it needs a second person.
pub const BREAK_GLASS_REASON: usize = 20;

/// Whether a change needs a second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecondPerson {
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
            Some(_) => &[Guarded::Share],
            None => &[Guarded::Share, Guarded::RollBack],
        },
        Change::SuppressConnector { .. } => &[Guarded::Suppress],
        Change::DisconnectConnection { .. } => &[Guarded::Disconnect],
        Change::DeleteConnection { .. } => &[Guarded::Delete],
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
        match (is_needed, request.urgency) {
            (false, _) => Ok(SecondPerson::NotNeeded),
            (true, Urgency::Usual) => Ok(SecondPerson::Needed),
            (true, Urgency::BreakGlass) => {
                if !team.policy.break_glass {
                    return Err(Problem::from(ApprovalProblem::BreakGlassOff).of("break_glass"));
                }
                if request.reason.trim().chars().count() < BREAK_GLASS_REASON {
                    let problem = ApprovalProblem::BreakGlassReason { least: BREAK_GLASS_REASON };
                    return Err(Problem::from(problem).of("reason"));
                }
                self.require_fresh(actor)?;
                Ok(SecondPerson::BreakGlass)
            }
        }
    }
}
