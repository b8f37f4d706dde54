//! The accounts of people who sign in at the provider. A person is known by issuer and subject alone; an e-mail links
//! nobody but somebody who was invited and has chosen no password yet.

use store::{EntryActor, InvitationFor, Person, Write};
use time::OffsetDateTime;

use super::{
    ProviderError, ProviderRefusal,
    mapping::Granted,
    oidc::{Identity, Provider},
};
use crate::{
    Error, Origin, Portal, PortalRole, Result,
    accounts::{
        FirstStep, PersonInput, Proof,
        people::{about, create, new_person, normal_email},
        session_entries::{Ended, end_all},
    },
    actor::{signed_out, signing_in},
    audit::{Action, Draft, Outcome, append},
    gathering::{Group, Who},
    teams::{give, take},
};

impl Portal {
    /// The first step of a person whom the provider has just vouched for, with the rights that their groups give.
    pub(super) async fn sign_in_at_provider(
        &self,
        provider: &Provider,
        identity: &Identity,
        origin: &Origin,
    ) -> Result<FirstStep, ProviderError> {
        let found = self.let_in(provider, identity, origin).await;
        if let Err(ProviderError::Refused(why)) = &found {
            let person = store::people::by_subject(&mut self.store.read().await?, &identity.key()).await?;
            self.note_not_let_in(person.as_ref(), *why, origin);
        }
        found
    }

    async fn let_in(
        &self,
        provider: &Provider,
        identity: &Identity,
        origin: &Origin,
    ) -> Result<FirstStep, ProviderError> {
        let _place = self.hasher.place().await?;
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        let (person, refused) = match store::people::by_subject(&mut tx, &identity.key()).await? {
            Some(person) => self.known(&mut tx, provider, identity, person).await?,
            None => (self.newcomer(&mut tx, provider, identity, origin).await?, None),
        };
        let as_of = store::people::recorded_in(&mut tx, person.id).await?.ok_or(Error::NotFound)?;
        // What somebody has lost is recorded although they are not let in.
        tx.commit().await.map_err(Error::LogUnavailable)?;
        if let Some(why) = refused {
            return Err(why.into());
        }
        let proof = Proof::by_provider(person.id, as_of, provider.gave_second_factor(identity));
        Ok(FirstStep::of(person, proof))
    }

    /// Somebody who has signed in at the provider before.
    async fn known(
        &self,
        tx: &mut Write,
        provider: &Provider,
        identity: &Identity,
        person: Person,
    ) -> Result<(Person, Option<ProviderRefusal>), ProviderError> {
        if person.disabled_at.is_some() {
            return Err(ProviderRefusal::Disabled.into());
        }
        let Some(granted) = granted(provider, identity)? else { return Ok((person, None)) };
        let refused = (!granted.lets_in).then_some(ProviderRefusal::NoGroup);
        Ok((self.grant(tx, person, &granted).await?, refused))
    }

    /// Somebody who signs in at the provider for the first time: invited before, or new.
    async fn newcomer(
        &self,
        tx: &mut Write,
        provider: &Provider,
        identity: &Identity,
        origin: &Origin,
    ) -> Result<Person, ProviderError> {
        let email = identity.email.as_deref().and_then(normal_email).ok_or(ProviderRefusal::NoEmail)?;
        let invited = store::people::by_email(tx, &email).await?;
        match &invited {
            Some(person) if person.joined => return Err(ProviderRefusal::EmailTaken.into()),
            Some(person) if person.disabled_at.is_some() => return Err(ProviderRefusal::Disabled.into()),
            None if !provider.settings.creates_people => return Err(ProviderRefusal::NoAccount.into()),
            _ => {}
        }
        if !identity.email_verified.unwrap_or(provider.settings.trusts_emails) {
            return Err(ProviderRefusal::EmailNotVerified.into());
        }
        let granted = granted(provider, identity)?;
        if granted.as_ref().is_some_and(|granted| !granted.lets_in) {
            return Err(ProviderRefusal::NoGroup.into());
        }
        let person = match invited {
            Some(person) => link(tx, person, identity, origin).await?,
            None => {
                let role = granted.as_ref().and_then(|granted| granted.role).unwrap_or(PortalRole::Member);
                new(tx, email, role, identity, origin, self.now()).await?
            }
        };
        Ok(match granted {
            Some(granted) => self.grant(tx, person, &granted).await?,
            None => person,
        })
    }

    /// Gives and takes what the groups decide about. Each change is an entry, and any of them ends the person's sessions.
    async fn grant(&self, tx: &mut Write, person: Person, granted: &Granted) -> Result<Person> {
        let (by, mut person, mut changed) = (EntryActor::system(), person, None);
        if let Some(role) = granted.role.filter(|role| *role != person.role) {
            let before = serde_json::json!({ "role": person.role });
            person.role = role;
            let draft = about(because_of_groups(Draft::recorded(by.clone(), Action::PersonRole)), &person);
            let told = append(tx, draft.before(before)).await?;
            store::people::set_role(tx, person.id, role, &told).await?;
            changed = Some(Action::PersonRole);
        }
        for (slug, role) in &granted.teams {
            let Some(team) = store::teams::by_slug(tx, slug).await? else {
                tracing::warn!(team = %slug, "PORTAL_OIDC_TEAM_ROLES names a team that there is not");
                continue;
            };
            let (action, is_changed) = match role {
                Some(role) => {
                    let draft = because_of_groups(Draft::recorded(by.clone(), Action::MemberSet));
                    (Action::MemberSet, give(tx, draft, &team, &person, *role).await?)
                }
                None => {
                    let draft = because_of_groups(Draft::recorded(by.clone(), Action::MemberRemove));
                    (Action::MemberRemove, take(tx, draft, &team, &person).await?)
                }
            };
            if is_changed {
                changed = Some(action);
            }
        }
        if let Some(action) = changed {
            end_all(tx, by, &person, None, Ended::Changed(action), None).await?;
        }
        Ok(person)
    }

    /// Counts that somebody whom the provider vouches for was not let in.
    fn note_not_let_in(&self, person: Option<&Person>, why: ProviderRefusal, origin: &Origin) {
        let mut draft = Draft::recorded(signed_out(origin), Action::SessionRefuse).parameter("why", why.word());
        draft.outcome = Some(Outcome::Rejected);
        draft.targets.extend(person.map(Person::target));
        let who = Who::signed_out(person.map(|person| person.id), origin.ip);
        self.gatherer.count(Group { who, action: Action::SessionRefuse, team: None }, draft);
    }
}

/// What the groups give, if they decide about anything.
fn granted(provider: &Provider, identity: &Identity) -> Result<Option<Granted>, ProviderRefusal> {
    if !provider.settings.maps_groups() {
        return Ok(None);
    }
    let groups = identity.groups.as_ref().ok_or(ProviderRefusal::NoGroups)?;
    Ok(Some(provider.settings.granted(groups)))
}

/// Links somebody who was invited and has no password with the account at the provider. The one-time link ends.
async fn link(tx: &mut Write, person: Person, identity: &Identity, origin: &Origin) -> Result<Person> {
    let linked = Person { joined: true, subject: Some(identity.key()), ..person };
    store::invitations::remove(tx, InvitationFor::Person(linked.id)).await?;
    store::sessions::remove_all(tx, linked.id, None).await?;
    let draft = about(Draft::recorded(signing_in(&linked, origin), Action::PersonProvider), &linked);
    let told = append(tx, draft.parameter("created", false)).await?;
    store::people::set_subject(tx, linked.id, &identity.key(), &told).await?;
    Ok(linked)
}

/// Creates somebody whom the portal does not know.
async fn new(
    tx: &mut Write,
    email: String,
    role: PortalRole,
    identity: &Identity,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<Person, ProviderError> {
    let input = |name: &str| PersonInput { email: email.clone(), name: name.to_owned(), role };
    // A name that nobody can have here is no reason to keep somebody out.
    let named = new_person(&input(identity.name.as_deref().unwrap_or_default()), now);
    let person = named.or_else(|_| new_person(&input(&email), now)).map_err(|_| ProviderRefusal::NoEmail)?;
    let mut person = Person { joined: true, subject: Some(identity.key()), ..person };
    let draft = Draft::recorded(signing_in(&person, origin), Action::PersonProvider).parameter("created", true);
    create(tx, draft, &mut person, None).await?;
    Ok(person)
}

fn because_of_groups(draft: Draft) -> Draft {
    draft.parameter("because", "groups")
}
