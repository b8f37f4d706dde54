//! The steps of setting a portal up, and which are done.

use store::{PortalRole, Team, TeamRole};

use crate::{Admin, Portal, Result, accounts::SecondFactorRule, upstream::NoNames};

/// A step of setting a portal up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupStep {
    /// There is a team.
    Team,
    /// Every team has a token that Workato accepts. These have none.
    Tokens(Vec<Team>),
    /// The tokens have every privilege. Those of these teams lack some, as far as a page has tried to use them.
    Privileges(Vec<(Team, Vec<Lacking>)>),
    /// Every team has an operator who has joined. These have none.
    Operators(Vec<Team>),
    /// There is an auditor, so that somebody else reviews what operators and admins do.
    Auditor,
    /// Somebody else keeps the log's checkpoints.
    Checkpoints,
    /// Everybody who needs a second factor has one. So many have not.
    SecondFactors(usize),
}

/// What a token cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lacking {
    /// Folders and projects.
    Folders,
    /// Tags.
    Tags,
}

/// The steps, and whether each is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupProgress {
    /// In the order in which they are best done.
    pub steps: Vec<(SetupStep, bool)>,
}

impl SetupProgress {
    /// How many are done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.steps.iter().filter(|(_, done)| *done).count()
    }
}

impl Portal {
    /// The steps of setting the portal up. `None` once all are done.
    pub(super) async fn setup_progress(&self, admin: &Admin) -> Result<Option<SetupProgress>> {
        let mut conn = self.store.read().await?;
        let teams = store::teams::list(&mut conn).await?;
        let people = store::people::list(&mut conn).await?;
        drop(conn);
        let memberships = self.memberships(admin).await?;
        let teams: Vec<Team> = teams.into_iter().filter(|team| team.retired_at.is_none()).collect();
        let people: Vec<_> = people.into_iter().filter(|person| person.disabled_at.is_none()).collect();
        let has_token = |team: &&Team| team.token.as_ref().is_some_and(|token| token.refused_at.is_none());
        let operates = |team: &Team| {
            memberships.iter().any(|(person, of, role)| {
                *of == team.id && *role == TeamRole::Operator && people.iter().any(|it| it.id == *person && it.joined)
            })
        };
        let without =
            |has: &dyn Fn(&&Team) -> bool| -> Vec<Team> { teams.iter().filter(|team| !has(team)).cloned().collect() };
        let tokens = without(&has_token);
        let operators = without(&|team| operates(team));
        let mut lacking = Vec::new();
        for team in &teams {
            let of_team = self.lacking(team).await;
            if !of_team.is_empty() {
                lacking.push((team.clone(), of_team));
            }
        }
        let mut steps = vec![(SetupStep::Team, !teams.is_empty())];
        let (has_teams, all_tokens) = (!teams.is_empty(), tokens.is_empty());
        steps.push((SetupStep::Tokens(tokens), has_teams && all_tokens));
        if has_teams && all_tokens {
            let all = lacking.is_empty();
            steps.push((SetupStep::Privileges(lacking), all));
        }
        let all_operated = operators.is_empty();
        steps.push((SetupStep::Operators(operators), has_teams && all_operated));
        steps.push((SetupStep::Auditor, people.iter().any(|it| it.role == PortalRole::Auditor && it.joined)));
        steps.push((SetupStep::Checkpoints, self.trust().await?.is_delivered));
        if self.settings.second_factor == SecondFactorRule::Required {
            let needs = |it: &&store::Person| {
                it.role.reads_every_team()
                    || memberships.iter().any(|(who, _, role)| *who == it.id && *role == TeamRole::Operator)
            };
            let missing = people.iter().filter(|it| it.joined && it.factors.is_empty()).filter(needs).count();
            steps.push((SetupStep::SecondFactors(missing), missing == 0));
        }
        let progress = SetupProgress { steps };
        Ok((progress.done() < progress.steps.len()).then_some(progress))
    }

    /// What a team's token was denied when names were last read.
    async fn lacking(&self, team: &Team) -> Vec<Lacking> {
        let Some(names) = self.upstream.names_in_copy(team).await else { return Vec::new() };
        let denied = |why: &Option<NoNames>| match why {
            Some(NoNames::Failed(failure)) => failure.is_lack_of_privilege(),
            _ => false,
        };
        let all = [(Lacking::Folders, denied(&names.no_folders)), (Lacking::Tags, denied(&names.no_tags))];
        all.into_iter().filter(|(_, denied)| *denied).map(|(lacking, _)| lacking).collect()
    }
}
