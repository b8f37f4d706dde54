//! The entries about a job. Each says all there is to say of it, since its row is compared with the newest alone.

use store::{Team, jobs::Job};

use crate::audit::{Draft, Target, TargetType};

/// An entry about a job.
pub(super) fn about(draft: Draft, job: &Job, team: &Team) -> Draft {
    draft
        .team(team.entry_team())
        .target(Target::new(TargetType::Job, job.id, None))
        .parameter("act", job.act)
        .parameter("argument", &job.argument)
        .parameter("retries", job.retries)
        .parameter("items", job.items)
        .parameter("items_sha256", &job.items_sha256)
        .parameter("created_by", job.person)
}
