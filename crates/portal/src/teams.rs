//! Teams: one Workato workspace each. Who may do what in one is decided here, too.

pub use store::{Team, TokenFacts, Workspace};
mod members;
mod token;

use time::OffsetDateTime;
use workato::{BaseUrl, DataCenter};

pub use members::Member;
pub(crate) use token::MasterKeyError;

use crate::{
    Actor, Admin, Attempt, Error, FieldProblems, OperationId, Portal, Result, TeamId, TeamOperator, TeamReader,
    TeamSlug,
    audit::{Action, Draft, EntryTeam, Outcome, Stage, append},
};

/// A team as a form gives it.
#[derive(Clone, Debug, Default)]
pub struct TeamInput {
    /// Its short name in URLs.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Workato's base URL for its workspace.
    pub workato_url: String,
    /// Whether customers depend on it.
    pub production: bool,
}

/// The data centre that a team's base URL belongs to, if it is one of Workato's.
#[must_use]
pub fn data_center(team: &Team) -> Option<DataCenter> {
    DataCenter::of_base_url(&team.workato_url)
}

impl Portal {
    /// The teams that the actor may read, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn teams(&self, actor: &Actor) -> Result<Vec<Team>> {
        let mut teams = store::teams::list(&mut self.store.read().await?).await?;
        teams.retain(|team| actor.reads(team.id));
        Ok(teams)
    }

    /// The right to read a team's things.
    ///
    /// # Errors
    /// `NotFound` when there is no such team, `Forbidden` when it is another's.
    pub async fn team(&self, actor: &Actor, slug: &str) -> Result<TeamReader> {
        TeamReader::new(actor, self.team_by_slug(slug).await?).ok_or(Error::Forbidden { operation: None })
    }

    async fn team_by_slug(&self, slug: &str) -> Result<Team> {
        let slug: TeamSlug = slug.parse().map_err(|_| Error::NotFound)?;
        let mut conn = self.store.read().await?;
        store::teams::by_slug(&mut conn, &slug).await?.ok_or(Error::NotFound)
    }

    /// The right to read a team's things in a way that is written down. So is a refusal, naming what was attempted.
    ///
    /// # Errors
    /// `NotFound` when there is no such team, `Forbidden` when it is another's.
    pub async fn team_reader(&self, actor: &Actor, slug: &str, attempt: impl Into<Attempt>) -> Result<TeamReader> {
        let team = self.team_by_slug(slug).await?;
        let entry_team = team.entry_team();
        match TeamReader::new(actor, team) {
            Some(reader) => Ok(reader),
            None => Err(self.deny(actor, Some(entry_team), attempt.into()).await),
        }
    }

    /// The right to change a team's things. A refusal is an entry of its own, naming what was attempted.
    ///
    /// # Errors
    /// `NotFound` when there is no such team, `Forbidden` for everybody but the team's operators.
    pub async fn team_operator(&self, actor: &Actor, slug: &str, attempt: impl Into<Attempt>) -> Result<TeamOperator> {
        let team = self.team_by_slug(slug).await?;
        let entry_team = team.entry_team();
        match TeamOperator::new(actor, team) {
            Some(operator) => Ok(operator),
            None => Err(self.deny(actor, Some(entry_team), attempt.into()).await),
        }
    }

    /// The right to set up the portal. A refusal is an entry of its own, naming what was attempted.
    ///
    /// # Errors
    /// `Forbidden` for everybody but admins.
    pub async fn admin(&self, actor: &Actor, attempt: impl Into<Attempt>) -> Result<Admin> {
        match actor.admin() {
            Ok(admin) => Ok(admin),
            Err(_) => Err(self.deny(actor, None, attempt.into()).await),
        }
    }

    /// Writes down that somebody attempted what he or she has no right to.
    pub(crate) async fn deny(&self, actor: &Actor, team: Option<EntryTeam>, attempt: Attempt) -> Error {
        let operation = OperationId::new();
        // Whoever cannot open the entry is not led to it.
        let may_open = team.as_ref().is_none_or(|team| actor.reads(team.id)).then_some(operation);
        let mut draft = Draft::new(operation, Stage::Denied, actor.entry_actor(), attempt.action).team(team);
        draft.outcome = Some(Outcome::Denied);
        draft.targets.extend(attempt.target);
        draft.parameters = attempt.parameters;
        match self.record(draft).await {
            Ok(()) => Error::Forbidden { operation: may_open },
            Err(error) => {
                tracing::error!(%error, "a refusal could not be written to the audit log");
                Error::Forbidden { operation: None }
            }
        }
    }

    /// Sets up a team, without a token yet.
    ///
    /// # Errors
    /// What is wrong with the input, field by field.
    pub async fn create_team(&self, admin: &Admin, input: &TeamInput) -> Result<Team> {
        let mut tx = self.store.write().await?;
        let team = self.read_team(input, TeamId::new())?;
        if store::teams::by_slug(&mut tx, &team.slug).await?.is_some() {
            return Err(taken(&team.slug));
        }
        store::teams::insert(&mut tx, &team, OffsetDateTime::now_utc()).await?;
        let draft = Draft::recorded(admin.entry_actor(), Action::TeamCreate)
            .team(team.entry_team())
            .target(team.target())
            .parameter("slug", &team.slug)
            .parameter("name", &team.name)
            .parameter("production", team.production)
            .parameter("workato_url", &team.workato_url);
        append(&mut tx, draft).await?;
        tx.commit().await?;
        Ok(team)
    }

    /// Changes a team's name, slug, data centre or production mark.
    /// A team with a token keeps its base URL: the token was given for that one and must reach no other.
    ///
    /// # Errors
    /// What is wrong with the input, field by field; `NotFound` when there is no such team.
    pub async fn update_team(&self, admin: &Admin, id: TeamId, input: &TeamInput) -> Result<Team> {
        let mut tx = self.store.write().await?;
        let Some(old) = store::teams::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        let mut team = self.read_team(input, id)?;
        if team.slug != old.slug && store::teams::by_slug(&mut tx, &team.slug).await?.is_some() {
            return Err(taken(&team.slug));
        }
        if team.workato_url != old.workato_url && old.token.is_some() {
            return Err(Error::Invalid(FieldProblems::from([(
                "workato_url",
                "This team has a token for the old data centre. Set up a new team for another workspace.",
            )])));
        }
        team.workspace = old.workspace.clone();
        team.token = old.token.clone();
        if team == old {
            return Ok(team);
        }
        store::teams::update(&mut tx, &team).await?;
        let before = serde_json::json!({
            "slug": old.slug, "name": old.name, "production": old.production, "workato_url": old.workato_url,
        });
        let draft = Draft::recorded(admin.entry_actor(), Action::TeamUpdate)
            .team(team.entry_team())
            .target(team.target())
            .parameter("slug", &team.slug)
            .parameter("name", &team.name)
            .parameter("production", team.production)
            .parameter("workato_url", &team.workato_url)
            .before(before);
        append(&mut tx, draft).await?;
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
    /// `NotFound` when there is no such team.
    pub async fn team_for_admin(&self, _admin: &Admin, slug: &str) -> Result<Team> {
        self.team_by_slug(slug).await
    }

    fn read_team(&self, input: &TeamInput, id: TeamId) -> Result<Team> {
        let mut problems = FieldProblems::default();
        let slug: Option<TeamSlug> = input
            .slug
            .trim()
            .parse()
            .map_err(|error| {
                problems.add("slug", format!("{error}."));
            })
            .ok();
        // Where a team's page stands among the admin's pages, `new` is the page that sets one up.
        if slug.as_ref().is_some_and(|slug| slug.as_str() == "new") {
            problems.add("slug", "A team cannot be called new: that is the address at which teams are set up.");
        }
        let name = input.name.trim();
        if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
            problems.add("name", "A name has 1 to 80 characters.");
        }
        let url = input.workato_url.trim().trim_end_matches('/');
        let known =
            DataCenter::of_base_url(url).is_some() || self.settings.workato_hosts.iter().any(|host| host == url);
        if !known {
            problems.add(
                "workato_url",
                "This is none of Workato's data centres, nor is it listed in PORTAL_WORKATO_HOSTS.",
            );
        } else if let Err(error) = url.parse::<BaseUrl>() {
            problems.add("workato_url", format!("{error}."));
        }
        match slug {
            Some(slug) if problems.is_empty() => Ok(Team {
                id,
                slug,
                name: name.to_owned(),
                production: input.production,
                workato_url: url.to_owned(),
                workspace: None,
                token: None,
            }),
            _ => Err(Error::Invalid(problems)),
        }
    }
}

fn taken(slug: &TeamSlug) -> Error {
    let mut problems = FieldProblems::default();
    problems.add("slug", format!("Another team is called {slug} already."));
    Error::Invalid(problems)
}
