//! People: creating, inviting, changing roles, disabling. For admins and the command line.

use time::OffsetDateTime;

use super::{
    Password,
    attempts::{Guess, GuessedSecret},
    hasher::Turn,
    one_time_link::{Resets, Secret, VALID_FOR, issue},
    password_rules::Chooser,
    renewal::Renewing,
};
use crate::{
    Actor, Admin, Error, FieldProblems, PersonId, Portal, PortalRole, Problem, Result,
    audit::{Action, Draft, Entry, Outcome, Target, TargetType, append, instant_text},
    fields,
    gathering::{Group, Who},
    names::look_alike,
};
use store::{EntryActor, InvitationFor, Person, Release, Write};

/// A person, as entered in a form or on the command line.
#[derive(Clone, Debug)]
pub struct PersonInput {
    /// The e-mail.
    pub email: String,
    /// The name.
    pub name: String,
    /// The role in the whole portal.
    pub role: PortalRole,
}

/// The most characters of a person's name.
const LONGEST_NAME: usize = 80;

/// A new person, if the input is valid.
pub(super) fn new_person(input: &PersonInput, now: OffsetDateTime) -> Result<Person> {
    let mut problems = FieldProblems::default();
    let email = normal_email(&input.email);
    if email.is_none() {
        problems.add("email", Problem::NotAnEmail);
    }
    let name = fields::name(&input.name, LONGEST_NAME)
        .and_then(|name| if is_reserved(&name) { Err(Problem::NameReserved) } else { Ok(name) });
    let name = name.map_err(|problem| problems.add("name", problem)).ok();
    match (email, name) {
        (Some(email), Some(name)) if problems.is_empty() => Ok(Person {
            id: PersonId::new(),
            email,
            name,
            role: input.role,
            joined: false,
            subject: None,
            disabled_at: None,
            factors: Vec::new(),
            created_at: now,
        }),
        _ => Err(Error::Invalid(problems)),
    }
}

/// Whether entries use this name for an actor who is no person.
fn is_reserved(name: &str) -> bool {
    let name = look_alike(name);
    EntryActor::RESERVED.iter().any(|reserved| *reserved == name)
}

/// An e-mail as it is stored: trimmed and in lower case. `None` if the text cannot be an e-mail.
pub(crate) fn normal_email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.rsplit_once('@')?;
    // ASCII only: addresses that look the same would be two people to the portal and one to everybody else.
    let fine = !local.is_empty()
        && !domain.is_empty()
        && text.len() <= 254
        && text.bytes().all(|it| it.is_ascii_graphic() && !matches!(it, b',' | b';' | b'<' | b'>'));
    fine.then_some(text)
}

impl Portal {
    /// Everybody, sorted by name.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn people(&self, _admin: &Admin) -> Result<Vec<Person>> {
        Ok(store::people::list(&mut self.store.read().await?).await?)
    }

    /// A person.
    ///
    /// # Errors
    /// `NotFound` if there is no such person.
    pub async fn person(&self, _admin: &Admin, id: PersonId) -> Result<Person> {
        store::people::by_id(&mut self.store.read().await?, id).await?.ok_or(Error::NotFound)
    }

    /// A person by e-mail, for the command line.
    ///
    /// # Errors
    /// `NotFound` if there is no such person.
    pub async fn person_by_email(&self, _admin: &Admin, email: &str) -> Result<Person> {
        let email = normal_email(email).ok_or(Error::NotFound)?;
        store::people::by_email(&mut self.store.read().await?, &email).await?.ok_or(Error::NotFound)
    }

    /// Creates a person with a password.
    ///
    /// # Errors
    /// `Invalid` with the problems of the input, or of the password.
    pub async fn create_person(&self, admin: &Admin, input: &PersonInput, password: Password) -> Result<Person> {
        let mut person = new_person(input, self.now())?;
        person.joined = true;
        let turn = admin.person().map_or_else(Turn::of_command_line, Turn::of_person);
        let hash = self.hash_chosen(turn, password, Chooser { name: &person.name, email: &person.email }).await?;
        let mut tx = self.store.write().await?;
        create(&mut tx, Draft::recorded(admin.entry_actor(), Action::PersonCreate), &mut person, Some(&hash)).await?;
        tx.commit().await?;
        Ok(person)
    }

    /// Creates a person without a password, and the one-time link to choose one.
    ///
    /// # Errors
    /// `Invalid` with the problems of the input.
    pub async fn invite(&self, admin: &Admin, input: &PersonInput) -> Result<(Person, Secret)> {
        let mut person = new_person(input, self.now())?;
        let mut tx = self.store.write().await?;
        let expires_at = self.now() + VALID_FOR;
        let told = create(&mut tx, invitation(admin, expires_at), &mut person, None).await?;
        let purpose = InvitationFor::Person(person.id);
        let secret =
            issue(self, &mut tx, purpose, expires_at, Some(&told), Release::NotNeeded, Resets::Password).await?;
        tx.commit().await?;
        Ok((person, secret))
    }

    /// Makes a new one-time link for a person. Earlier links become invalid. The old password is valid until the link
    /// is used. If the person has a password, the link works only once another admin has released it; the command line,
    /// which can read every key, needs nobody else.
    ///
    /// # Errors
    /// `Invalid` if the person is disabled or signs in at the provider, `NotFound` if there is no such person.
    pub async fn invite_again(&self, admin: &Admin, id: PersonId) -> Result<(Person, Secret)> {
        self.link_for(admin, id, Resets::Password).await
    }

    /// Makes a one-time link for a person who has lost every second factor: it lets them choose a password, and removes the
    /// factors. As with [`Portal::invite_again`], another admin has to release it, except on the command line.
    ///
    /// # Errors
    /// `Invalid` if the person is disabled or signs in at the provider, `NotFound` if there is no such person.
    pub async fn recover(&self, admin: &Admin, id: PersonId) -> Result<(Person, Secret)> {
        self.link_for(admin, id, Resets::PasswordAndFactors).await
    }

    async fn link_for(&self, admin: &Admin, id: PersonId, resets: Resets) -> Result<(Person, Secret)> {
        let mut tx = self.store.write().await?;
        let Some(person) = store::people::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        if person.disabled_at.is_some() {
            return Err(Problem::PersonDisabled.of("link"));
        }
        if person.subject.is_some() {
            return Err(Problem::SignsInAtProvider.of("link"));
        }
        let is_reset = person.joined && admin.person().is_some();
        let release = if is_reset { Release::Needed } else { Release::NotNeeded };
        let expires_at = self.now() + VALID_FOR;
        let mut draft = about(invitation(admin, expires_at), &person);
        if is_reset {
            draft = draft.parameter("release", "needed");
        }
        if person.joined || resets == Resets::PasswordAndFactors {
            draft = draft.parameter("resets", resets.as_str());
        }
        let told = append(&mut tx, draft).await?;
        store::people::note(&mut tx, id, &told).await?;
        let secret = issue(self, &mut tx, InvitationFor::Person(id), expires_at, Some(&told), release, resets).await?;
        tx.commit().await?;
        Ok((person, secret))
    }

    /// Changes a person's role in the whole portal, and ends their sessions.
    ///
    /// # Errors
    /// `Invalid` if the portal would have no admin left, `NotFound` if there is no such person.
    pub async fn set_role(&self, admin: &Admin, id: PersonId, role: PortalRole) -> Result<()> {
        let mut tx = self.store.write().await?;
        let Some(person) = store::people::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        if person.role == role {
            return Ok(());
        }
        if person.role == PortalRole::Admin && store::people::other_admins(&mut tx, id).await? == 0 {
            return Err(last_admin("role"));
        }
        let before = serde_json::json!({ "role": person.role });
        let changed = Person { role, ..person };
        let draft = about(Draft::recorded(admin.entry_actor(), Action::PersonRole), &changed).before(before);
        let told = append(&mut tx, draft).await?;
        store::people::set_role(&mut tx, id, role, &told).await?;
        self.end_after_change(&mut tx, admin.entry_actor(), admin.renewal(), &changed, Action::PersonRole, None)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Disables a person and ends all of their sessions.
    ///
    /// # Errors
    /// `Invalid` if the portal would have no admin left, `NotFound` if there is no such person.
    pub async fn disable(&self, admin: &Admin, id: PersonId) -> Result<()> {
        let mut tx = self.store.write().await?;
        let Some(person) = store::people::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        if person.disabled_at.is_some() {
            return Ok(());
        }
        if person.role == PortalRole::Admin && store::people::other_admins(&mut tx, id).await? == 0 {
            return Err(last_admin("disabled"));
        }
        store::invitations::remove(&mut tx, InvitationFor::Person(id)).await?;
        let sessions = store::sessions::remove_all(&mut tx, id, None).await?;
        let draft = about(Draft::recorded(admin.entry_actor(), Action::PersonDisable), &person)
            .parameter("sessions_ended", sessions)
            .parameter("disabled", true);
        let told = append(&mut tx, draft).await?;
        store::people::set_disabled(&mut tx, id, true, &told).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Lets a disabled person sign in again.
    ///
    /// # Errors
    /// `NotFound` if there is no such person.
    pub async fn enable(&self, admin: &Admin, id: PersonId) -> Result<()> {
        let mut tx = self.store.write().await?;
        let Some(person) = store::people::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        if person.disabled_at.is_none() {
            return Ok(());
        }
        let draft = about(Draft::recorded(admin.entry_actor(), Action::PersonEnable), &person);
        let told = append(&mut tx, draft.parameter("disabled", false)).await?;
        store::people::set_disabled(&mut tx, id, false, &told).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Changes the actor's own password and ends all of their other sessions. The present one gets a new id.
    ///
    /// # Errors
    /// `Invalid` if the old password is wrong or the actor signs in at the provider, `TooManyAttempts` after too many wrong
    /// ones.
    pub async fn change_password(&self, actor: &Actor, old: secrecy::SecretString, new: Password) -> Result<()> {
        if actor.signs_in_at_provider() {
            return Err(Problem::SignsInAtProvider.of("old_password"));
        }
        let group = Group { who: Who::Person(actor.id()), action: Action::PersonPassword, team: None };
        let attempt = self.attempt(Guess::signed_in(GuessedSecret::OldPassword, &self.vault, actor))?;
        let target = Target::new(TargetType::Person, actor.id(), Some(actor.name()));
        let stored = store::people::password_hash(&mut self.store.read().await?, actor.id()).await?;
        let matches = match self.hasher.verify(Turn::of_person(actor.id()), old, stored).await {
            Ok(matches) => matches,
            Err(error) => {
                // Nothing was checked.
                attempt.give_back();
                return Err(error);
            }
        };
        if !matches {
            let mut draft = Draft::recorded(actor.entry_actor(), Action::PersonPassword).target(target);
            draft.outcome = Some(Outcome::Rejected);
            self.record_gathered(group, draft).await;
            return Err(Problem::WrongPassword.of("old_password"));
        }
        attempt.give_back();
        let chooser = Chooser { name: actor.name(), email: actor.email() };
        let hash = self.hash_chosen(Turn::of_person(actor.id()), new, chooser).await?;
        let mut tx = self.store.write().await?;
        let Some(person) = store::people::by_id(&mut tx, actor.id()).await? else { return Err(Error::SignedOut) };
        let own = self.begin_renewal(&mut tx, actor.id(), actor.renewal()).await?;
        let ended = store::sessions::remove_all(&mut tx, actor.id(), own.as_ref().map(Renewing::key)).await?;
        let draft = about(Draft::recorded(actor.entry_actor(), Action::PersonPassword), &person)
            .parameter("sessions_ended", ended);
        let told = append(&mut tx, draft).await?;
        store::people::set_password(&mut tx, actor.id(), &hash, &told).await?;
        if let Some(own) = own {
            own.finish(&mut tx, actor.entry_actor(), Action::PersonPassword, None).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Creates a person, and the entry that records it.
pub(super) async fn create(tx: &mut Write, draft: Draft, person: &mut Person, hash: Option<&str>) -> Result<Entry> {
    if store::people::by_email(tx, &person.email).await?.is_some() {
        return Err(Problem::EmailTaken.of("email"));
    }
    let told = append(tx, about(draft, person)).await?;
    person.created_at = told.at;
    store::people::insert(tx, person, hash, &told).await?;
    Ok(told)
}

/// The entry of a one-time link.
fn invitation(admin: &Admin, expires_at: OffsetDateTime) -> Draft {
    Draft::recorded(admin.entry_actor(), Action::PersonInvite).parameter("expires_at", instant_text(expires_at))
}

/// An entry about a person, with everything that the log says of them: who they are is derived from the newest entry
/// alone.
pub(super) fn about(draft: Draft, person: &Person) -> Draft {
    let draft = draft.target(person.target());
    let draft = match &person.subject {
        Some(subject) => draft.parameter("subject", subject),
        None => draft,
    };
    draft
        .parameter("email", &person.email)
        .parameter("role", person.role)
        .parameter("disabled", person.disabled_at.is_some())
        .parameter("factors", person.factors_text())
}

fn last_admin(field: &str) -> Error {
    Problem::LastAdmin.of(field)
}

#[cfg(test)]
mod tests {
    use super::{PersonInput, new_person, normal_email};
    use crate::{Error, PortalRole, Problem};

    #[test]
    fn nobody_has_the_name_of_an_actor_who_is_no_person() {
        for name in
            ["system", "System", "  Command  Line", "signed\u{a0}out", "ＳＥＶＥＲＡＬ people", "outside the portal"]
        {
            let input =
                PersonInput { email: "a@example.com".to_owned(), name: name.to_owned(), role: PortalRole::Member };
            let Err(Error::Invalid(problems)) = new_person(&input, time::OffsetDateTime::UNIX_EPOCH) else {
                panic!("{name} is somebody")
            };
            assert_eq!(problems.of("name"), Some(&Problem::NameReserved), "{name}");
        }
    }

    #[test]
    fn emails_are_stored_trimmed_and_in_lower_case() {
        assert_eq!(normal_email("  Ops@Example.COM "), Some("ops@example.com".into()));
        for bad in ["", "ops", "@example.com", "ops@", "a b@example.com", "<a@b>", "a@b,c@d", "\u{43e}ps@example.com"] {
            assert_eq!(normal_email(bad), None, "{bad}");
        }
    }
}
