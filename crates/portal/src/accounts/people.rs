//! People: creating, inviting, changing roles, disabling. For admins and the command line.

use time::OffsetDateTime;

use super::{
    Password,
    one_time_link::{Secret, issue},
};
use crate::{
    Actor, Admin, Error, FieldProblems, PersonId, Portal, PortalRole, Problem, Result,
    audit::{Action, Draft, Target, TargetType, append},
    fields,
};
use store::{InvitationFor, Person, Write};

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
pub(super) fn new_person(input: &PersonInput) -> Result<Person> {
    let mut problems = FieldProblems::default();
    let email = normal_email(&input.email);
    if email.is_none() {
        problems.add("email", Problem::NotAnEmail);
    }
    let name = fields::name(&input.name, LONGEST_NAME).map_err(|problem| problems.add("name", problem)).ok();
    match (email, name) {
        (Some(email), Some(name)) if problems.is_empty() => Ok(Person {
            id: PersonId::new(),
            email,
            name,
            role: input.role,
            joined: false,
            disabled_at: None,
            created_at: OffsetDateTime::now_utc(),
        }),
        _ => Err(Error::Invalid(problems)),
    }
}

/// An e-mail as it is stored: trimmed and in lower case. `None` if the text cannot be an e-mail.
pub(crate) fn normal_email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.rsplit_once('@')?;
    let fine = !local.is_empty()
        && !domain.is_empty()
        && text.len() <= 254
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>'));
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
    /// `Invalid` with the problems of the input.
    pub async fn create_person(&self, admin: &Admin, input: &PersonInput, password: Password) -> Result<Person> {
        let mut person = new_person(input)?;
        person.joined = true;
        let hash = self.hasher.hash(password).await?;
        let mut tx = self.store.write().await?;
        insert(&mut tx, &person, Some(&hash)).await?;
        append(&mut tx, created(Draft::recorded(admin.entry_actor(), Action::PersonCreate), &person)).await?;
        tx.commit().await?;
        Ok(person)
    }

    /// Creates a person without a password, and the one-time link to choose one.
    ///
    /// # Errors
    /// `Invalid` with the problems of the input.
    pub async fn invite(&self, admin: &Admin, input: &PersonInput) -> Result<(Person, Secret)> {
        let person = new_person(input)?;
        let mut tx = self.store.write().await?;
        insert(&mut tx, &person, None).await?;
        let secret = issue(&mut tx, InvitationFor::Person(person.id)).await?;
        append(&mut tx, created(Draft::recorded(admin.entry_actor(), Action::PersonInvite), &person)).await?;
        tx.commit().await?;
        Ok((person, secret))
    }

    /// Makes a new one-time link for a person. Earlier links become invalid. The old password is valid until the link
    /// is used.
    ///
    /// # Errors
    /// `Invalid` if the person is disabled, `NotFound` if there is no such person.
    pub async fn invite_again(&self, admin: &Admin, id: PersonId) -> Result<(Person, Secret)> {
        let mut tx = self.store.write().await?;
        let Some(person) = store::people::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        if person.disabled_at.is_some() {
            return Err(Problem::PersonDisabled.of("link"));
        }
        let secret = issue(&mut tx, InvitationFor::Person(id)).await?;
        append(&mut tx, created(Draft::recorded(admin.entry_actor(), Action::PersonInvite), &person)).await?;
        tx.commit().await?;
        Ok((person, secret))
    }

    /// Changes a person's role in the whole portal.
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
        store::people::set_role(&mut tx, id, role).await?;
        let draft = Draft::recorded(admin.entry_actor(), Action::PersonRole)
            .target(person.target())
            .parameter("role", role)
            .before(serde_json::json!({ "role": person.role }));
        append(&mut tx, draft).await?;
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
        store::people::set_disabled(&mut tx, id, Some(OffsetDateTime::now_utc())).await?;
        store::invitations::remove(&mut tx, InvitationFor::Person(id)).await?;
        let sessions = store::sessions::remove_all(&mut tx, id, None).await?;
        let draft = Draft::recorded(admin.entry_actor(), Action::PersonDisable)
            .target(person.target())
            .parameter("sessions_ended", sessions);
        append(&mut tx, draft).await?;
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
        store::people::set_disabled(&mut tx, id, None).await?;
        let draft = Draft::recorded(admin.entry_actor(), Action::PersonEnable).target(person.target());
        append(&mut tx, draft).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Changes the actor's own password and ends all of their other sessions.
    ///
    /// # Errors
    /// `Invalid` if the old password is wrong.
    pub async fn change_password(
        &self,
        actor: &Actor,
        key: &super::SessionKey,
        old: secrecy::SecretString,
        new: Password,
    ) -> Result<()> {
        let stored = store::people::password_hash(&mut self.store.read().await?, actor.id()).await?;
        if !self.hasher.verify(old, stored).await? {
            return Err(Problem::WrongPassword.of("old_password"));
        }
        let hash = self.hasher.hash(new).await?;
        let mut tx = self.store.write().await?;
        store::people::set_password(&mut tx, actor.id(), &hash).await?;
        let ended = store::sessions::remove_all(&mut tx, actor.id(), Some(key)).await?;
        let draft = Draft::recorded(actor.entry_actor(), Action::PersonPassword)
            .target(Target::new(TargetType::Person, actor.id(), Some(actor.name())))
            .parameter("sessions_ended", ended);
        append(&mut tx, draft).await?;
        tx.commit().await?;
        Ok(())
    }
}

pub(super) async fn insert(tx: &mut Write, person: &Person, hash: Option<&str>) -> Result<()> {
    if store::people::by_email(tx, &person.email).await?.is_some() {
        return Err(Problem::EmailTaken.of("email"));
    }
    Ok(store::people::insert(tx, person, hash).await?)
}

fn created(draft: Draft, person: &Person) -> Draft {
    draft.target(person.target()).parameter("email", &person.email).parameter("role", person.role)
}

fn last_admin(field: &str) -> Error {
    Problem::LastAdmin.of(field)
}

#[cfg(test)]
mod tests {
    use super::normal_email;

    #[test]
    fn emails_are_stored_trimmed_and_in_lower_case() {
        assert_eq!(normal_email("  Ops@Example.COM "), Some("ops@example.com".into()));
        for bad in ["", "ops", "@example.com", "ops@", "a b@example.com", "<a@b>", "a@b,c@d"] {
            assert_eq!(normal_email(bad), None, "{bad}");
        }
    }
}
