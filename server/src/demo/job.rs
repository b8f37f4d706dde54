//! A job in the demo's month: somebody tags what is broken, all at once, through the portal's own dry run and worker.

use std::ops::Range;

use portal::{
    Attempt,
    audit::Action,
    jobs::{Act, JobInput, JobState, Selection, StartInput},
    operations::Urgency,
};

use super::{
    cast::{TEAMS, Who},
    scene::{Pick, Team},
    stage::Stage,
};
use crate::command_error::CommandError;

impl Stage<'_> {
    /// Tags these dead connections with the workspace's first tag. Leaves it out where the sandbox has too few.
    pub(super) async fn tag_dead(
        &mut self,
        by: Who,
        team: Team,
        dead: Range<usize>,
        reason: &str,
    ) -> Result<(), CommandError> {
        let rows: Vec<String> =
            dead.filter_map(|number| self.connection(team, Pick::Dead(number))).map(|it| it.id.to_string()).collect();
        let tag = self.workspace(team).and_then(|workspace| workspace.tags().first().map(|tag| tag.handle.clone()));
        let (Some(tag), false) = (tag, rows.is_empty()) else { return Ok(()) };
        let actor = self.actor(by).await?;
        let slug = TEAMS[team].0;
        let operator = self.portal.team_operator(&actor, slug, Attempt::new(Action::JobCreate, None)).await?;
        let input =
            JobInput { act: Act::Tag.to_string(), tag, folder: String::new(), selection: Selection::Rows(rows) };
        let id = self.portal.dry_run(&operator, &input).await?;
        let reader = self.portal.team(&actor, slug).await?;
        let found = self.portal.job(&reader, id, None, 1).await?;
        if found.counts.in_job() == 0 {
            return Ok(());
        }
        let typed = found.counts.in_job().to_string();
        let items_sha256 = found.items_sha256.unwrap_or_default();
        self.portal
            .start_job(
                &operator,
                &StartInput { job: id, reason: reason.to_owned(), typed, items_sha256, urgency: Urgency::Usual },
            )
            .await?;
        loop {
            self.portal.run_jobs_due().await?;
            let found = self.portal.job(&reader, id, None, 1).await?;
            if found.job.state != JobState::Running {
                self.unreviewed.push(id);
                self.unreviewed.extend(found.items.iter().filter_map(|row| Some(row.operation.as_ref()?.id)));
                return Ok(());
            }
        }
    }
}
