//! Who acts, and what he or she may do. Rights are values: without one there is no way to call what needs it.

use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::{
    Error, PersonId, PortalRole, Result, TeamId, TeamRole,
    audit::{EntryActor, EntryTeam},
    teams::Team,
};

/// Where a request came from.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Origin {
    /// A name for the session that opens nothing.
    pub session: Option<String>,
    /// The address that the request came from.
    pub ip: Option<IpAddr>,
    /// The browser's description of itself, cut to 200 characters.
    pub user_agent: Option<String>,
}

impl Origin {
    /// As the log names somebody who is not signed in.
    pub(crate) fn signed_out(&self) -> EntryActor {
        self.entry_actor(EntryActor::named("signed out"))
    }

    fn entry_actor(&self, actor: EntryActor) -> EntryActor {
        EntryActor {
            session: self.session.clone(),
            ip: self.ip.map(|ip| ip.to_string()),
            user_agent: self.user_agent.clone(),
            ..actor
        }
    }
}

/// The signed-in person, as he or she was when the request came in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Actor {
    pub(crate) id: PersonId,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) role: PortalRole,
    pub(crate) memberships: BTreeMap<TeamId, TeamRole>,
    pub(crate) origin: Origin,
}

impl Actor {
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

    /// The same person, in a request from elsewhere.
    #[must_use]
    pub fn coming_from(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The person's role in a team, if a member.
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

    /// The teams that the person may read; none stands for all of them.
    pub(crate) fn readable_teams(&self) -> Option<Vec<TeamId>> {
        (!self.role.reads_every_team()).then(|| self.memberships.keys().copied().collect())
    }

    /// The right to set up teams, tokens and people.
    ///
    /// # Errors
    /// `Forbidden` for everybody but admins.
    pub fn admin(&self) -> Result<Admin> {
        match self.role {
            PortalRole::Admin => Ok(Admin { actor: self.entry_actor() }),
            PortalRole::Member | PortalRole::Auditor => Err(Error::Forbidden { operation: None }),
        }
    }

    /// The actor as the log writes him or her.
    pub(crate) fn entry_actor(&self) -> EntryActor {
        self.origin.entry_actor(EntryActor {
            id: Some(self.id),
            email: Some(self.email.clone()),
            ..EntryActor::named(&self.name)
        })
    }
}

/// The right to set up teams, tokens and people.
#[derive(Clone, Debug)]
pub struct Admin {
    pub(crate) actor: EntryActor,
}

impl Admin {
    /// Whoever can run the command line on the portal's own machine has this right.
    #[must_use]
    pub fn command_line(account: &str) -> Self {
        Self { actor: EntryActor::command_line(account) }
    }
}

/// The right to read one team's things.
#[derive(Clone, Debug)]
pub struct TeamReader {
    actor: Actor,
    team: Team,
}

impl TeamReader {
    /// # Errors
    /// `Forbidden` unless the actor may read the team.
    pub(crate) fn new(actor: &Actor, team: Team) -> Result<Self> {
        if actor.reads(team.id) {
            Ok(Self { actor: actor.clone(), team })
        } else {
            Err(Error::Forbidden { operation: None })
        }
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

    /// Whether the person may change things in this team: for pages, which only hide.
    #[must_use]
    pub fn may_operate(&self) -> bool {
        self.actor.operates(self.team.id)
    }
}

/// The right to change one team's things. Made by [`crate::Portal::team_operator`], which writes a refusal down.
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

    /// An operator reads, too.
    #[must_use]
    pub fn reader(&self) -> TeamReader {
        TeamReader { actor: self.actor.clone(), team: self.team.clone() }
    }

    pub(crate) fn entry_team(&self) -> EntryTeam {
        self.team.entry_team()
    }
}
