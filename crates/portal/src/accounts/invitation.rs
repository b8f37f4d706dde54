//! Using one-time links: setting up the portal, and choosing a password.

use std::{fs, io, path::PathBuf};

use secrecy::ExposeSecret;
use store::{InvitationFor, Link, Person, Read, Release};

use super::{
    FirstStep, Password, PersonInput, Proof,
    attempts::{Account, Guess, GuessedSecret},
    hasher::Turn,
    influence::with_authors,
    one_time_link::{Resets, Secret, VALID_FOR, hash, issue},
    password_rules::Chooser,
    people::about,
};
use crate::{
    Error, Origin, Portal, PortalRole, Problem, Result,
    actor::signed_out,
    audit::{Action, Draft, append},
};

/// Who a valid link is for.
#[derive(Clone, Debug)]
pub enum Invitation {
    /// The first admin, who enters a name and an e-mail.
    FirstAdmin,
    /// An existing person, who chooses a password.
    Person(Person),
    /// An existing person, who chooses a password and loses the second factors.
    Recovers(Person),
    /// An existing person, once another admin has released the link.
    AwaitsRelease(Person),
}

impl Portal {
    /// Makes the one-time link for the first admin. Earlier links become invalid. `None` if there are people already.
    ///
    /// # Errors
    /// `Store` if the database cannot be written.
    pub async fn setup_secret(&self) -> Result<Option<Secret>> {
        let mut tx = self.store.write().await?;
        if store::people::were_any(&mut tx).await? {
            return Ok(None);
        }
        let expires_at = self.now() + VALID_FOR;
        let secret =
            issue(self, &mut tx, InvitationFor::FirstAdmin, expires_at, None, Release::NotNeeded, Resets::Password)
                .await?;
        tx.commit().await?;
        Ok(Some(secret))
    }

    /// The file for the link of the first admin, where standard output is no terminal.
    #[must_use]
    pub fn setup_link_file(&self) -> PathBuf {
        self.settings.data_dir.join("setup-link")
    }

    /// Removes the file for the link of the first admin, if there is one: the link has been used.
    pub fn remove_setup_link_file(&self) {
        let file = self.setup_link_file();
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(file = %file.display(), %error, "the file of a used link cannot be removed");
            }
            _ => {}
        }
    }

    /// Who a link is for.
    ///
    /// # Errors
    /// `NotFound` if the link is unknown, used, replaced or expired, `TooManyAttempts` after too many such links.
    pub async fn invitation(&self, secret: &Secret, origin: &Origin) -> Result<Invitation> {
        let mut conn = self.store.read().await?;
        let link = self.link(&mut conn, secret, origin).await?;
        match link.purpose {
            InvitationFor::FirstAdmin => match store::people::were_any(&mut conn).await? {
                false => Ok(Invitation::FirstAdmin),
                true => Err(Error::NotFound),
            },
            InvitationFor::Person(id) => {
                let person = store::people::by_id(&mut conn, id).await?.ok_or(Error::NotFound)?;
                match link.release {
                    _ if person.disabled_at.is_some() || person.subject.is_some() => Err(Error::NotFound),
                    Release::Needed => Ok(Invitation::AwaitsRelease(person)),
                    Release::NotNeeded | Release::Done(_) if link.recovers => Ok(Invitation::Recovers(person)),
                    Release::NotNeeded | Release::Done(_) => Ok(Invitation::Person(person)),
                }
            }
        }
    }

    /// Creates the first admin.
    ///
    /// # Errors
    /// `NotFound` if the link is invalid, `Invalid` with the problems of the input.
    pub async fn set_up(
        &self,
        secret: &Secret,
        email: String,
        name: String,
        password: Password,
        origin: &Origin,
    ) -> Result<Proof> {
        let mut person = super::people::new_person(&PersonInput { email, name, role: PortalRole::Admin }, self.now())?;
        person.joined = true;
        let Invitation::FirstAdmin = self.invitation(secret, origin).await? else { return Err(Error::NotFound) };
        let chooser = Chooser { name: &person.name, email: &person.email };
        let hashed = self.hash_chosen(Turn::of_known(None, origin), password, chooser).await?;
        let _place = self.hasher.place().await?;
        let mut tx = self.store.write().await?;
        // Again: much can happen while a password waits.
        let link = self.link(&mut tx, secret, origin).await?;
        if link.purpose != InvitationFor::FirstAdmin || store::people::were_any(&mut tx).await? {
            return Err(Error::NotFound);
        }
        store::invitations::remove(&mut tx, InvitationFor::FirstAdmin).await?;
        let draft = Draft::recorded(signed_out(origin), Action::PersonCreate);
        let told = super::people::create(&mut tx, draft, &mut person, Some(&hashed)).await?;
        tx.commit().await?;
        self.remove_setup_link_file();
        Ok(Proof::by_password(person.id, told.sequence))
    }

    /// Sets the password of the person that the link is for, and ends all of their sessions. Second factors stay, and one
    /// has to be given next, unless the link was made to remove them.
    ///
    /// # Errors
    /// `NotFound` if the link is invalid, `Invalid` if another admin has to release it first.
    pub async fn join(&self, secret: &Secret, password: Password, origin: &Origin) -> Result<FirstStep> {
        let invited = match self.invitation(secret, origin).await? {
            Invitation::Person(person) | Invitation::Recovers(person) => person,
            Invitation::AwaitsRelease(_) => return Err(Problem::LinkAwaitsRelease.of("password")),
            Invitation::FirstAdmin => return Err(Error::NotFound),
        };
        let chooser = Chooser { name: &invited.name, email: &invited.email };
        let hashed = self.hash_chosen(Turn::of_known(Some(invited.id), origin), password, chooser).await?;
        let _place = self.hasher.place().await?;
        let mut tx = self.store.write().await?;
        let link = self.link(&mut tx, secret, origin).await?;
        let InvitationFor::Person(id) = link.purpose else { return Err(Error::NotFound) };
        let Some(person) = store::people::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        if person.disabled_at.is_some() || person.subject.is_some() {
            return Err(Error::NotFound);
        }
        if link.release == Release::Needed {
            return Err(Problem::LinkAwaitsRelease.of("password"));
        }
        store::invitations::remove(&mut tx, InvitationFor::Person(id)).await?;
        store::sessions::remove_all(&mut tx, id, None).await?;
        let mut actor = signed_out(origin);
        (actor.id, actor.email) = (Some(person.id), Some(person.email.clone()));
        actor.name.clone_from(&person.name);
        let (had, person_had_password) = (person.factors.len(), person.joined);
        let factors = if link.recovers { Vec::new() } else { person.factors };
        let joined = Person { joined: true, factors, ..person };
        let mut draft = about(Draft::recorded(actor, Action::PersonJoin), &joined);
        if person_had_password {
            draft = draft.parameter("resets", link_resets(&link).as_str());
        }
        if link.recovers {
            draft = draft.parameter("factors_removed", had);
        }
        let draft = with_authors(&mut tx, draft, &link).await?;
        let told = append(&mut tx, draft).await?;
        store::people::set_password(&mut tx, id, &hashed, &told).await?;
        if link.recovers {
            store::people::set_factors(&mut tx, &joined, &told).await?;
            store::factors::remove_all(&mut tx, id).await?;
            store::recovery_codes::remove(&mut tx, id).await?;
        }
        tx.commit().await?;
        Ok(FirstStep::of(joined, Proof::by_password(id, told.sequence)))
    }

    /// The link with this secret.
    async fn link(&self, conn: &mut Read, secret: &Secret, origin: &Origin) -> Result<Link> {
        if secret.expose_secret().is_empty() {
            return Err(Error::NotFound);
        }
        let account = Account::token(&self.vault, secret);
        let attempt = self.attempt(Guess::signed_out(GuessedSecret::OneTimeLink, account, None, origin))?;
        let found = store::invitations::find(conn, &hash(&self.vault, secret), self.now()).await?;
        if found.is_some() {
            attempt.give_back();
        }
        found.ok_or(Error::NotFound)
    }
}

fn link_resets(link: &Link) -> Resets {
    if link.recovers { Resets::PasswordAndFactors } else { Resets::Password }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use secrecy::SecretString;
    use tokio::time::timeout;

    use crate::{
        Error, Origin,
        accounts::{Hasher, Password},
        audit::test_log::TestLog,
    };

    #[tokio::test]
    async fn a_password_is_hashed_only_for_a_good_link() {
        let mut log = TestLog::empty().await;
        let good = log.portal.setup_secret().await.unwrap().expect("there is nobody yet");
        // From now on, what is hashed waits for ever.
        Arc::get_mut(&mut log.portal).expect("nobody else has it").hasher = Hasher::without_threads();
        let password = || Password::try_from(SecretString::from("four words or five")).unwrap();
        let (bad, origin) = (SecretString::from("made up"), Origin::default());
        let set_up = |secret| log.portal.set_up(secret, "a@example.com".into(), "A".into(), password(), &origin);
        assert!(matches!(log.portal.join(&bad, password(), &origin).await, Err(Error::NotFound)));
        assert!(matches!(log.portal.join(&good, password(), &origin).await, Err(Error::NotFound)));
        assert!(matches!(set_up(&bad).await, Err(Error::NotFound)));
        assert!(timeout(Duration::from_millis(50), set_up(&good)).await.is_err(), "it did not wait to be hashed");
    }
}
