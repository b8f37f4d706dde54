//! Who may approve a request: somebody else than who asked, whom that person could not have been, and the other way round.

use std::collections::BTreeSet;

use store::{Action, Entry, PersonId, Read, StoreError, TargetType, TeamId};
use time::{Duration, OffsetDateTime};

use crate::{
    ApprovalObstacle,
    accounts::influence::{Party, cannot_judge, could_be},
};

/// How long a role that somebody was given counts.
const ROLE_COUNTS_FOR: Duration = Duration::days(30);

/// The most changes of a membership that are looked at. More within 30 days would end the person's sessions each time.
const MOST_CHANGES: i64 = 100;

/// Why this person cannot approve a request of the team; `None` if they can. Whether they are an operator is not asked
/// here.
pub(super) async fn obstacle(
    conn: &mut Read,
    request: &Entry,
    approver: PersonId,
    now: OffsetDateTime,
) -> Result<Option<ApprovalObstacle>, StoreError> {
    let Some(requester) = Party::of(request.actor.id, &request.actor.name) else {
        return Ok(Some(ApprovalObstacle::ApproverNotIndependent));
    };
    if requester == Party::Person(approver) {
        return Ok(Some(ApprovalObstacle::OwnRequest));
    }
    let mut not_judged = cannot_judge(conn, approver, now).await?;
    if let Some(team) = &request.team {
        not_judged.extend(gave_the_role(conn, team.id, approver, now).await?);
    }
    if not_judged.contains(&requester) {
        return Ok(Some(ApprovalObstacle::ApproverNotIndependent));
    }
    if let Party::Person(requester) = requester {
        for at in [request.at, now] {
            if could_be(conn, requester, at).await?.contains(&Party::Person(approver)) {
                return Ok(Some(ApprovalObstacle::RequesterNotIndependent));
            }
        }
    }
    Ok(None)
}

/// Who gave a person the role in the team that lets them approve, and who could have been these people.
async fn gave_the_role(
    conn: &mut Read,
    team: TeamId,
    person: PersonId,
    now: OffsetDateTime,
) -> Result<BTreeSet<Party>, StoreError> {
    let target = (TargetType::Person, &*person.to_string());
    let changes = store::operations::on_target(conn, Some(team), target, MOST_CHANGES).await?;
    let mut found = BTreeSet::new();
    for change in changes {
        if change.action != Action::MemberSet || change.at <= now - ROLE_COUNTS_FOR {
            continue;
        }
        if let Some(bad) = change.changed {
            return Err(bad.into());
        }
        let Some(giver) = Party::of(change.actor_id, &change.actor_name) else { continue };
        found.insert(giver);
        if let Party::Person(giver) = giver {
            found.extend(could_be(conn, giver, change.at).await?);
        }
    }
    found.remove(&Party::Person(person));
    Ok(found)
}
