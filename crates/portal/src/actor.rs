//! Actors and their rights. Rights are values: code that needs a right takes it as a parameter. Only this file makes
//! them, from a session, from the command line, or from an actor who has the right.

use std::collections::BTreeMap;

use store::{
    Alive, Entry, EntryActor, OperationSummary, Origin, Person, Read, SessionFacts, SessionKey, SignIn, StoreError,
    Team, jobs::Job, sessions::SessionRow,
};

use crate::{Error, PersonId, PortalRole, Result, TeamId, TeamRole, accounts::Renewal};

/// The signed-in person, as of when the request arrived.
#[derive(Clone, Debug)]
pub struct Actor {
    id: PersonId,
    name: String,
    email: String,
    role: PortalRole,
    memberships: BTreeMap<TeamId, TeamRole>,
    origin: Origin,
    sign_in: SignIn,
    /// The new id that the session gets if this request changes what the person may do.
    renewal: Option<Renewal>,
    has_factor: bool,
    at_provider: bool,
}

impl Actor {
    /// The person of a session that has not ended, and the session.
    pub(crate) async fn load(
        conn: &mut Read,
        key: &SessionKey,
        alive: Alive,
    ) -> Result<Option<(Self, SessionFacts)>, StoreError> {
        let Some(row) = store::sessions::load(conn, key, alive).await? else { return Ok(None) };
        let SessionRow { person, name, email, role, memberships, has_factor, at_provider, session } = row;
        let origin = Origin { session: Some(session.label.clone()), ..Origin::default() };
        let sign_in = session.sign_in;
        Ok(Some((
            Self {
                id: person,
                name,
                email,
                role,
                memberships,
                origin,
                sign_in,
                has_factor,
                at_provider,
                renewal: None,
            },
            session,
        )))
    }

    /// The person's id.
    #[must_use]
    pub fn id(&self) -> PersonId {
        self.id
    }

    /// The person's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The person's e-mail.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The person's role in the whole portal.
    #[must_use]
    pub fn role(&self) -> PortalRole {
        self.role
    }

    /// Where the request came from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// How the person signed in to this session, and when they last gave a factor.
    #[must_use]
    pub fn sign_in(&self) -> &SignIn {
        &self.sign_in
    }

    /// Whether the person has a second factor.
    #[must_use]
    pub fn has_factor(&self) -> bool {
        self.has_factor
    }

    /// Whether the person signs in at an OpenID Connect provider and has no password.
    #[must_use]
    pub fn signs_in_at_provider(&self) -> bool {
        self.at_provider
    }

    /// Whether the person has this role in any team.
    #[must_use]
    pub fn has_team_role(&self, role: TeamRole) -> bool {
        self.memberships.values().any(|of_team| *of_team == role)
    }

    /// The same person and session, with the origin of this request.
    #[must_use]
    pub fn coming_from(self, origin: Origin) -> Self {
        let session = self.origin.session;
        Self { origin: Origin { session, ..origin }, ..self }
    }

    /// The same person and session. If the request changes what the person may do, the session gets this id.
    #[must_use]
    pub fn renewing(self, renewal: Renewal) -> Self {
        Self { renewal: Some(renewal), ..self }
    }

    pub(crate) fn renewal(&self) -> Option<&Renewal> {
        self.renewal.as_ref()
    }

    /// The person's role in a team, if they are a member.
    #[must_use]
    pub fn role_in(&self, team: TeamId) -> Option<TeamRole> {
        self.memberships.get(&team).copied()
    }

    /// Whether the person may read this team.
    #[must_use]
    pub fn reads(&self, team: TeamId) -> bool {
        self.role.reads_every_team() || self.memberships.contains_key(&team)
    }

    /// Whether the person may change things in this team.
    #[must_use]
    pub fn operates(&self, team: TeamId) -> bool {
        self.role_in(team) == Some(TeamRole::Operator)
    }

    /// Whether the person may see an operation: of a team that they read, or of nobody's team if it is their own.
    pub(crate) fn sees(&self, operation: &OperationSummary) -> bool {
        match operation.team_id {
            Some(team) => self.reads(team),
            None => self.role.reads_every_team() || operation.actor_id == Some(self.id),
        }
    }

    /// The teams that the person may read. `None` means all teams.
    pub(crate) fn readable_teams(&self) -> Option<Vec<TeamId>> {
        (!self.role.reads_every_team()).then(|| self.memberships.keys().copied().collect())
    }

    /// The person's role in each of their teams.
    pub(crate) fn memberships(&self) -> Vec<(TeamId, TeamRole)> {
        self.memberships.iter().map(|(team, role)| (*team, *role)).collect()
    }

    /// The right to administer the portal.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if the person is not an admin.
    pub fn admin(&self) -> Result<Admin> {
        match self.role {
            PortalRole::Admin => Ok(Admin { actor: self.entry_actor(), renewal: self.renewal.clone() }),
            PortalRole::Member | PortalRole::Auditor => Err(Error::Forbidden { operation: None }),
        }
    }

    /// The teams that the person operates; `None` for people who answer for every team.
    pub(crate) fn responsible_for(&self) -> Option<Vec<TeamId>> {
        let operated = self.memberships.iter().filter(|(_, role)| **role == TeamRole::Operator);
        (!self.role.reads_every_team()).then(|| operated.map(|(team, _)| *team).collect())
    }

    /// The actor in log entries.
    pub(crate) fn entry_actor(&self) -> EntryActor {
        from(
            &self.origin,
            EntryActor { id: Some(self.id), email: Some(self.email.clone()), ..EntryActor::named(&self.name) },
        )
    }
}

/// The actor in the log entry of a request without a session.
pub(crate) fn signed_out(origin: &Origin) -> EntryActor {
    from(origin, EntryActor::named(EntryActor::SIGNED_OUT))
}

/// The actor in the log entry of a sign-in.
pub(crate) fn signing_in(person: &Person, origin: &Origin) -> EntryActor {
    from(
        origin,
        EntryActor { id: Some(person.id), email: Some(person.email.clone()), ..EntryActor::named(&person.name) },
    )
}

fn from(origin: &Origin, actor: EntryActor) -> EntryActor {
    EntryActor {
        session: origin.session.clone(),
        ip: origin.ip.map(|ip| ip.to_string()),
        user_agent: origin.user_agent.clone(),
        ..actor
    }
}

/// The right to administer the portal: teams, tokens and people.
#[derive(Clone, Debug)]
pub struct Admin {
    actor: EntryActor,
    renewal: Option<Renewal>,
}

impl Actor {
    /// The person in whose name a job's items are carried out: who made it. `None` if they were disabled or are gone.
    pub(crate) async fn of_job(conn: &mut Read, started: &Entry, job: &Job) -> Result<Option<Self>, StoreError> {
        match started.actor.id == Some(job.person) {
            true => Self::of_entry(conn, &started.actor, &[job.team]).await,
            false => Ok(None),
        }
    }

    /// The person in whose name the portal goes on with what an entry began, as the database has them now in these teams,
    /// with the session and address with which they began it. They gave no factor. `None` if they were disabled or are
    /// gone. The entry has to be one that the portal appended.
    pub(crate) async fn of_entry(
        conn: &mut Read,
        by: &EntryActor,
        teams: &[TeamId],
    ) -> Result<Option<Self>, StoreError> {
        let Some(person) = by.id else { return Ok(None) };
        let person = store::people::by_id(conn, person).await?.filter(|person| person.disabled_at.is_none());
        let Some(person) = person else { return Ok(None) };
        let mut memberships = BTreeMap::new();
        for team in teams {
            memberships.extend(store::members::role_of(conn, *team, person.id).await?.map(|role| (*team, role)));
        }
        Ok(Some(Self {
            id: person.id,
            name: by.name.clone(),
            email: by.email.clone().unwrap_or(person.email),
            role: person.role,
            memberships,
            origin: Origin {
                session: by.session.clone(),
                ip: by.ip.as_deref().and_then(|ip| ip.parse().ok()),
                user_agent: by.user_agent.clone(),
                ..Origin::default()
            },
            sign_in: SignIn {
                with: store::SignedInWith::Password,
                second_factor: false,
                factor_at: time::OffsetDateTime::UNIX_EPOCH,
                kept: false,
            },
            renewal: None,
            has_factor: false,
            at_provider: false,
        }))
    }
}

impl Admin {
    /// The right of a person who runs the command line, who can read the portal's keys and database anyway.
    pub(crate) fn command_line(account: &str) -> Self {
        Self { actor: EntryActor::command_line(account), renewal: None }
    }

    pub(crate) fn renewal(&self) -> Option<&Renewal> {
        self.renewal.as_ref()
    }

    /// The admin in log entries.
    pub(crate) fn entry_actor(&self) -> EntryActor {
        self.actor.clone()
    }

    /// The admin's id. `None` on the command line.
    pub(crate) fn person(&self) -> Option<PersonId> {
        self.actor.id
    }
}

/// The right to read a team.
#[derive(Clone, Debug)]
pub struct TeamReader {
    actor: Actor,
    team: Team,
}

impl TeamReader {
    /// The right, if the actor has it.
    pub(crate) fn new(actor: &Actor, team: Team) -> Option<Self> {
        actor.reads(team.id).then(|| Self { actor: actor.clone(), team })
    }

    /// The team.
    #[must_use]
    pub fn team(&self) -> &Team {
        &self.team
    }

    /// The person.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whether the person may change things in this team. Pages use it to hide forms; it is not the check.
    #[must_use]
    pub fn may_operate(&self) -> bool {
        self.actor.operates(self.team.id)
    }
}

/// The right to change things in a team.
#[derive(Clone, Debug)]
pub struct TeamOperator {
    actor: Actor,
    team: Team,
}

impl TeamOperator {
    /// The right, if the actor has it.
    pub(crate) fn new(actor: &Actor, team: Team) -> Option<Self> {
        actor.operates(team.id).then(|| Self { actor: actor.clone(), team })
    }

    /// The team.
    #[must_use]
    pub fn team(&self) -> &Team {
        &self.team
    }

    /// The person.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The right to read the team, which every operator has.
    #[must_use]
    pub fn reader(&self) -> TeamReader {
        TeamReader { actor: self.actor.clone(), team: self.team.clone() }
    }
}

#[cfg(test)]
impl Actor {
    pub(crate) fn for_test(name: &str, email: &str, role: PortalRole, memberships: BTreeMap<TeamId, TeamRole>) -> Self {
        Self {
            id: PersonId::new(),
            name: name.to_owned(),
            email: email.to_owned(),
            role,
            memberships,
            origin: Origin::default(),
            sign_in: SignIn {
                with: store::SignedInWith::Password,
                second_factor: false,
                factor_at: time::OffsetDateTime::now_utc(),
                kept: false,
            },
            renewal: None,
            has_factor: false,
            at_provider: false,
        }
    }

    pub(crate) fn with_memberships<const N: usize>(self, memberships: [(TeamId, TeamRole); N]) -> Self {
        Self { memberships: memberships.into(), ..self }
    }

    pub(crate) fn with_id(self, id: PersonId) -> Self {
        Self { id, ..self }
    }

    /// As if a factor had last been given this long ago.
    pub(crate) fn with_factor_given(self, ago: time::Duration) -> Self {
        Self { sign_in: SignIn { factor_at: time::OffsetDateTime::now_utc() - ago, ..self.sign_in }, ..self }
    }

    pub(crate) fn in_session(self, session: &str) -> Self {
        Self { origin: Origin { session: Some(session.to_owned()), ..Origin::default() }, ..self }
    }
}
