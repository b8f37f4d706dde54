//! Watching: comparing each team's workspace with the log. A change in Workato that no operation explains becomes an
//! entry. Changes nothing in Workato, and settles no operations.

mod compare;
mod lists;
mod record;

use std::sync::{Arc, atomic::Ordering};

use store::{Team, seen::Watch};
use time::OffsetDateTime;
use workato::ActivityQuery;

use self::{
    compare::{Difference, Explained, SKEW},
    lists::Lists,
    record::{Findings, View, explained},
};
use crate::{
    Error, Portal, Result, TeamReader,
    instances::Work,
    upstream::{Asker, TeamWorkato},
};

/// The most unexplained differences that one comparison records. The next comparison records the rest.
const MOST_OBSERVED: usize = 500;

/// The result of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// The first comparison with this token, so there was nothing to compare with.
    Begun,
    /// The number of changes that no operation explains. Each is an entry now.
    Observed(usize),
}

/// Whether Workato can be asked for the team.
fn has_usable_token(team: &Team) -> bool {
    team.token.as_ref().is_some_and(|token| token.refused_at.is_none())
}

impl Portal {
    /// Compares every team's workspace with the log, all teams at the same time. Skips a team that is being compared
    /// already. If a team's Workato cannot be read, the next call tries again. Does nothing while the log contradicts what
    /// was signed.
    ///
    /// # Errors
    /// `Store` if the teams cannot be read, `Internal` if the work on a team panicked.
    pub async fn compare_due(self: &Arc<Self>) -> Result<()> {
        let compared = self.compare_all().await;
        self.has_compared.store(true, Ordering::Relaxed);
        compared
    }

    async fn compare_all(self: &Arc<Self>) -> Result<()> {
        // What it notices is recorded. That must wait until there is more space, and until the history is not in doubt.
        if self.alarms.history_is_in_doubt() || self.check_free_space().is_err() {
            return Ok(());
        }
        let teams = store::teams::list(&mut self.store.read().await?).await?;
        let compare = |team: Team| {
            let portal = Arc::clone(self);
            async move {
                match portal.compare(&team, Asker::Background).await {
                    Ok(Some(_)) => {}
                    Ok(None) => tracing::info!(team = %team.slug, "the token was replaced during a comparison"),
                    Err(error) => {
                        tracing::warn!(team = %team.slug, %error, "cannot compare a team with the log");
                        portal.note_if_refused(&team, &error).await;
                    }
                }
            }
        };
        let teams = teams.into_iter().filter(has_usable_token).map(|team| (team.id, team));
        self.watching.for_each(teams, compare, self.settings.watch_every, &self.running, &self.leaving).await
    }

    /// Whether the first comparison since the process began will read this team's Workato, and has not ended.
    pub(crate) fn awaits_first_read(&self, team: &Team) -> bool {
        let is_ours = self.instance.does(Work::Watch);
        is_ours && has_usable_token(team) && !self.has_compared.load(Ordering::Relaxed)
    }

    /// Compares a team's workspace with the log now.
    ///
    /// # Errors
    /// `Workato` if it cannot be read, `NoToken` if the team has no token, `LogUnavailable` if the log cannot be
    /// written.
    pub async fn watch(&self, reader: &TeamReader) -> Result<Compared> {
        let _alone = self.watching.lock(reader.team().id).await;
        let mut team = reader.team().clone();
        loop {
            if let Some(compared) = self.compare(&team, reader.actor().into()).await? {
                return Ok(compared);
            }
            team = self.team_by_id(team.id).await?;
        }
    }

    /// When a team was last compared with the log.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn watched_at(&self, reader: &TeamReader) -> Result<Option<OffsetDateTime>> {
        let watch = store::seen::watch(&mut self.store.read().await?, reader.team().id).await?;
        Ok(watch.map(|watch| watch.compared_at))
    }

    /// Compares a team. `None` if its token was replaced meanwhile: what one token shows must not be compared with what
    /// another has shown. The next comparison begins anew.
    ///
    /// The caller holds the team's lock, since two comparisons at the same time would record the same change twice.
    async fn compare(&self, team: &Team, asker: Asker) -> Result<Option<Compared>> {
        let workato = self.workato(team, asker).await?;
        let lists = Lists::read(&workato).await?;
        let view = View { team: team.id, fingerprint: workato.fingerprint().to_owned(), began_at: lists.began_at() };
        let known = store::seen::watch_and_all(&mut self.store.snapshot().await?, team.id).await?;
        let Some((watch, known)) = known.filter(|(watch, _)| watch.fingerprint == view.fingerprint) else {
            let begun = self.begin_watch(&view, &lists).await.map_err(Error::LogUnavailable)?;
            return Ok(begun.then_some(Compared::Begun));
        };
        let mut differences = lists.differences_from(known).await;
        if differences.iter().any(Difference::is_gone) {
            // One read alone does not prove that something no longer exists.
            let again = Lists::read(&workato).await?;
            let keys = again.keys().await;
            let may_be_there = |key| keys.contains(&key) || again.left_out(key.0) > 0;
            differences.retain(|difference| !difference.is_gone() || !may_be_there(difference.key()));
        }
        let findings = self.judge(team, differences, &watch, &workato).await?;
        let observed = self.record_findings(&view, &watch, &findings).await.map_err(Error::LogUnavailable)?;
        Ok(observed.map(Compared::Observed))
    }

    /// Decides what to record, without the write lock.
    async fn judge(
        &self,
        team: &Team,
        differences: Vec<Difference>,
        watch: &Watch,
        workato: &TeamWorkato<'_>,
    ) -> Result<Findings> {
        let since = watch.compared_at - SKEW;
        let mut findings = Findings { since, ..Findings::default() };
        let mut unexplained = 0;
        for difference in differences {
            let explained = match difference {
                Difference::Noted(_) => Explained::ByAnOperation,
                _ => explained(&mut self.store.read().await?, team.id, &difference, since).await?,
            };
            match explained {
                Explained::NotYet => findings.has_pending = true,
                Explained::ByNothing { .. } if unexplained == MOST_OBSERVED => {}
                Explained::ByNothing { .. } => {
                    unexplained += 1;
                    findings.differences.push(difference);
                }
                Explained::ByAnOperation => findings.differences.push(difference),
            }
        }
        if unexplained > 0 {
            let activity = workato.activity(ActivityQuery { from: since, to: self.now() }).await;
            // The token may lack the privilege to read it.
            findings.events = activity.unwrap_or_else(|error| {
                tracing::debug!(team = %team.slug, %error, "cannot read Workato's activity log");
                Vec::new()
            });
        }
        Ok(findings)
    }
}
