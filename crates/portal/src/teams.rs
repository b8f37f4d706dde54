//! Teams, each with one Workato workspace, and the rights in them.

pub use store::{Guarded, Policy, ReasonPattern, Team, TokenFacts, Workspace};
mod input;
mod members;
mod policy;
mod refused;
mod retire;
mod rotate;
mod token;

use workato::{BaseUrl, DataCenter};

pub use input::TeamInput;
pub use members::Member;
pub(crate) use members::{give, take};
pub use policy::{PolicyInput, loosens};
pub(crate) use policy::{jobs_need_second_person, may_break_glass, needs_second_person};
pub use retire::Confirmed;
pub use rotate::Rotation;

use crate::{
    Actor, Admin, Attempt, Error, FieldProblems, OperationId, Portal, Problem, Result, TeamId, TeamOperator,
    TeamReader, TeamSlug,
    audit::{Action, Draft, EntryTeam, Outcome, Stage, Target, append},
    fields,
    gathering::{Group, Who},
    reason_pattern,
};

/// The most characters of a team's name.
const LONGEST_NAME: usize = 80;

/// The Workato data center that a team's base URL belongs to, if any.
#[must_use]
pub fn data_center(team: &Team) -> Option<DataCenter> {
    DataCenter::of_base_url(&team.workato_url)
}

impl Portal {
    /// The teams that the actor may read, sorted by name.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn teams(&self, actor: &Actor) -> Result<Vec<Team>> {
        let read = async { Ok(store::teams::list(&mut self.store.read().await?).await?) };
        let teams = self.kept.get(&self.store, "teams", read).await?;
        Ok(teams.iter().filter(|team| actor.reads(team.id)).cloned().collect())
    }

    /// The right to read a team. A refusal is recorded.
    ///
    /// # Errors
    /// `NotFound` if there is no such team, `Forbidden` if the actor may not read it.
    pub async fn team(&self, actor: &Actor, slug: &str) -> Result<TeamReader> {
        let team = self.team_by_slug(slug).await?;
        let (entry_team, target) = (team.entry_team(), team.target());
        match TeamReader::new(actor, team) {
            Some(reader) => Ok(reader),
            None => Err(self.deny(actor, Some(entry_team), reading(actor, Action::TeamRead, Some(target))).await),
        }
    }

    /// The right to read a team, for what surrounds a page and nobody asked for. `None` without the right or the team.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn team_if_readable(&self, actor: &Actor, slug: &str) -> Result<Option<TeamReader>> {
        match self.team_by_slug(slug).await {
            Ok(team) => Ok(TeamReader::new(actor, team)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Checks that the reader may see a page for the team's operators. A refusal is recorded.
    ///
    /// # Errors
    /// `Forbidden` if the reader is not an operator of the team.
    pub async fn page_for_operators(&self, reader: &TeamReader) -> Result<()> {
        if reader.may_operate() {
            return Ok(());
        }
        let (actor, team) = (reader.actor(), reader.team());
        let attempt = reading(actor, Action::TeamRead, Some(team.target()));
        Err(self.deny(actor, Some(team.entry_team()), attempt).await)
    }

    /// Checks that the actor may see a page for admins. A refusal is recorded.
    ///
    /// # Errors
    /// `Forbidden` if the actor is not an admin.
    pub async fn page_for_admins(&self, actor: &Actor) -> Result<Admin> {
        self.admin(actor, reading(actor, Action::AdminRead, None)).await
    }

    async fn team_by_slug(&self, slug: &str) -> Result<Team> {
        let slug: TeamSlug = slug.parse().map_err(|_| Error::NotFound)?;
        let read = async { Ok(store::teams::by_slug(&mut self.store.read().await?, &slug).await?) };
        let team = self.kept.find(&self.store, slug.clone(), read).await?.ok_or(Error::NotFound)?;
        Ok(Team::clone(&team))
    }

    /// The right to read a team, for an action that is recorded, such as an export. A refusal is recorded as well.
    ///
    /// # Errors
    /// `NotFound` if there is no such team, `Forbidden` if the actor may not read it.
    pub async fn team_reader(&self, actor: &Actor, slug: &str, attempt: impl Into<Attempt>) -> Result<TeamReader> {
        let team = self.team_by_slug(slug).await?;
        let entry_team = team.entry_team();
        match TeamReader::new(actor, team) {
            Some(reader) => Ok(reader),
            None => Err(self.deny(actor, Some(entry_team), attempt.into()).await),
        }
    }

    /// The right to change things in a team. A refusal is recorded.
    ///
    /// # Errors
    /// `NotFound` if there is no such team, `Forbidden` if the actor is not an operator of it.
    pub async fn team_operator(&self, actor: &Actor, slug: &str, attempt: impl Into<Attempt>) -> Result<TeamOperator> {
        let team = self.team_by_slug(slug).await?;
        let entry_team = team.entry_team();
        match TeamOperator::new(actor, team) {
            Some(operator) => Ok(operator),
            None => Err(self.deny(actor, Some(entry_team), attempt.into()).await),
        }
    }

    /// The right to administer the portal. A refusal is recorded.
    ///
    /// # Errors
    /// `Forbidden` if the actor is not an admin, `FactorNeeded` if the action needs a fresh factor and there is none.
    pub async fn admin(&self, actor: &Actor, attempt: impl Into<Attempt>) -> Result<Admin> {
        let attempt = attempt.into();
        match actor.admin() {
            Ok(admin) => self.require_fresh_factor(actor, attempt.action).map(|()| admin),
            Err(_) => Err(self.deny(actor, None, attempt).await),
        }
    }

    /// Records an attempt without the right to it. The error names its entry, if it has one already: of many attempts
    /// within a minute, most are counted.
    pub(crate) async fn deny(&self, actor: &Actor, team: Option<EntryTeam>, attempt: Attempt) -> Error {
        let group =
            Group { who: Who::Person(actor.id()), action: attempt.action, team: team.as_ref().map(|team| team.id) };
        let mut draft = Draft::new(OperationId::new(), Stage::Denied, actor.entry_actor(), attempt.action).team(team);
        draft.outcome = Some(Outcome::Denied);
        draft.targets.extend(attempt.target);
        draft.parameters = attempt.parameters;
        let operation = self.record_gathered(group, draft).await;
        // Only people who may open the entry get a link to it.
        let may_open = group.team.is_none_or(|team| actor.reads(team));
        Error::Forbidden { operation: operation.filter(|_| may_open) }
    }

    /// Creates a team without a token.
    ///
    /// # Errors
    /// `Invalid` with the problems of the input.
    pub async fn create_team(&self, admin: &Admin, input: &TeamInput) -> Result<Team> {
        let mut tx = self.store.write().await?;
        let team = self.read_team(input, TeamId::new())?;
        if store::teams::by_slug(&mut tx, &team.slug).await?.is_some() {
            return Err(taken(&team.slug));
        }
        let told = append(&mut tx, about(Draft::recorded(admin.entry_actor(), Action::TeamCreate), &team)).await?;
        store::teams::insert(&mut tx, &team, &told).await?;
        tx.commit().await?;
        Ok(team)
    }

    /// Changes a team's name, slug, data center, production mark or the pattern of its reasons. The base URL of a team with a token cannot change,
    /// since the token must not reach another host.
    ///
    /// # Errors
    /// `Invalid` with the problems of the input, `NotFound` if there is no such team.
    pub async fn update_team(&self, admin: &Admin, id: TeamId, input: &TeamInput) -> Result<Team> {
        let mut tx = self.store.write().await?;
        let Some(old) = store::teams::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        let mut team = self.read_team(input, id)?;
        if team.slug != old.slug && store::teams::by_slug(&mut tx, &team.slug).await?.is_some() {
            return Err(taken(&team.slug));
        }
        if team.workato_url != old.workato_url && (old.token.is_some() || old.token_is_bad) {
            return Err(Problem::DataCenterHasToken.of("workato_url"));
        }
        team.policy = old.policy.clone();
        team.workspace = old.workspace.clone();
        team.token = old.token.clone();
        team.token_is_bad = old.token_is_bad;
        if old.retired_at.is_some() {
            return Err(Problem::TeamRetired.of("slug"));
        }
        if team == old {
            return Ok(team);
        }
        let before = serde_json::json!({
            "slug": old.slug, "name": old.name, "production": old.production, "workato_url": old.workato_url,
            "reason_pattern": old.reason_pattern.as_ref().map(|pattern| &pattern.expression),
            "reason_hint": old.reason_pattern.as_ref().and_then(|pattern| pattern.hint.as_deref()),
        });
        let draft = about(Draft::recorded(admin.entry_actor(), Action::TeamUpdate), &team).before(before);
        let told = append(&mut tx, draft).await?;
        store::teams::update(&mut tx, &team, &told).await?;
        tx.commit().await?;
        self.upstream.forget(id);
        Ok(team)
    }

    pub(crate) async fn team_by_id(&self, id: TeamId) -> Result<Team> {
        let mut conn = self.store.read().await?;
        store::teams::by_id(&mut conn, id).await?.ok_or(Error::NotFound)
    }

    /// A team by its slug, for an admin.
    ///
    /// # Errors
    /// `NotFound` if there is no such team.
    pub async fn team_for_admin(&self, _admin: &Admin, slug: &str) -> Result<Team> {
        self.team_by_slug(slug).await
    }

    fn read_team(&self, input: &TeamInput, id: TeamId) -> Result<Team> {
        let mut problems = FieldProblems::default();
        let slug: Option<TeamSlug> =
            input.slug.trim().parse().map_err(|_| problems.add("slug", Problem::NotASlug)).ok();
        // `/admin/teams/new` is the page that creates a team.
        if slug.as_ref().is_some_and(|slug| slug.as_str() == "new") {
            problems.add("slug", Problem::SlugReserved);
        }
        let name = fields::name(&input.name, LONGEST_NAME).map_err(|problem| problems.add("name", problem)).ok();
        let url = input.workato_url.trim().trim_end_matches('/');
        let known =
            DataCenter::of_base_url(url).is_some() || self.settings.workato_hosts.iter().any(|host| host == url);
        if !known {
            problems.add("workato_url", Problem::UnknownDataCenter);
        } else if let Err(error) = url.parse::<BaseUrl>() {
            problems.add("workato_url", Problem::NotABaseUrl { fault: error.into() });
        }
        let reason_pattern = reason_pattern::read(&input.reason_pattern, &input.reason_hint, &mut problems);
        match (slug, name) {
            (Some(slug), Some(name)) if problems.is_empty() => Ok(Team {
                id,
                slug,
                name,
                production: input.production,
                policy: Policy::of_new_team(input.production),
                workato_url: url.to_owned(),
                reason_pattern,
                workspace: None,
                token: None,
                retired_at: None,
                token_is_bad: false,
            }),
            _ => Err(Error::Invalid(problems)),
        }
    }
}

/// An entry about a team, with everything that the log says of it: what it is is derived from the newest entry alone.
fn about(draft: Draft, team: &Team) -> Draft {
    draft
        .team(team.entry_team())
        .target(team.target())
        .parameter("slug", &team.slug)
        .parameter("name", &team.name)
        .parameter("production", team.production)
        .parameter("approval", team.policy.words())
        .parameter("approval_items", team.policy.items)
        .parameter("break_glass", team.policy.break_glass)
        .parameter("workato_url", &team.workato_url)
        .parameter("reason_pattern", team.reason_pattern.as_ref().map(|pattern| &pattern.expression))
        .parameter("reason_hint", team.reason_pattern.as_ref().and_then(|pattern| pattern.hint.as_deref()))
        .parameter("workspace_id", team.workspace.as_ref().map(|workspace| workspace.id))
        .parameter("workspace_name", team.workspace.as_ref().and_then(|workspace| workspace.name.as_deref()))
        .parameter("token", team.token.as_ref().map(|token| &token.fingerprint))
}

/// An attempt to read something by a page's address.
pub(crate) fn reading(actor: &Actor, action: Action, target: Option<Target>) -> Attempt {
    Attempt::new(action, target).with("path", actor.origin().path.as_deref())
}

fn taken(slug: &TeamSlug) -> Error {
    Problem::SlugTaken { slug: slug.to_string() }.of("slug")
}
