//! One-time links: the first admin's, and those by which people choose their password.

use crate::actor::signed_out;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{TryRngCore, rngs::OsRng};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use super::{Password, PersonInput, Proof};
use crate::{
    Error, Origin, Portal, PortalRole, Result,
    audit::{Action, Draft, append},
    vault::VaultError,
};
use store::Write;
use store::{InvitationFor, Person};

/// How long a link is good.
const GOOD_FOR: Duration = Duration::days(7);

/// What stands in a one-time link; only its hash is kept.
pub type Secret = SecretString;

/// What a good link shows to whoever opens it.
#[derive(Clone, Debug)]
pub enum Invitation {
    /// The first admin, who says who he or she is.
    FirstAdmin,
    /// A person who is there already and chooses a password.
    Person(Person),
}

/// Makes a link and uses up every earlier one for the same.
pub(super) async fn issue(tx: &mut Write, purpose: InvitationFor) -> Result<Secret> {
    let mut bytes = [0_u8; 32];
    OsRng.try_fill_bytes(&mut bytes).map_err(|_| VaultError::NoRandomness)?;
    let secret = SecretString::from(URL_SAFE_NO_PAD.encode(bytes));
    let now = OffsetDateTime::now_utc();
    store::invitations::remove(tx, purpose).await?;
    store::invitations::insert(tx, &hash(&secret), purpose, now, now + GOOD_FOR).await?;
    Ok(secret)
}

fn hash(secret: &Secret) -> [u8; 32] {
    Sha256::digest(secret.expose_secret().as_bytes()).into()
}

impl Portal {
    /// The one-time link of the first admin, while there is nobody yet. Earlier ones open nothing from now on.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn setup_secret(&self) -> Result<Option<Secret>> {
        let mut tx = self.store.write().await?;
        if store::people::count(&mut tx).await? > 0 {
            return Ok(None);
        }
        let secret = issue(&mut tx, InvitationFor::FirstAdmin).await?;
        tx.commit().await?;
        Ok(Some(secret))
    }

    /// Whom a link is for.
    ///
    /// # Errors
    /// `NotFound` when the link is not good: wrong, used, replaced or too old.
    pub async fn invitation(&self, secret: &Secret) -> Result<Invitation> {
        let mut conn = self.store.read().await?;
        match store::invitations::find(&mut conn, &hash(secret), OffsetDateTime::now_utc()).await? {
            None => Err(Error::NotFound),
            Some(InvitationFor::FirstAdmin) => match store::people::count(&mut conn).await? {
                0 => Ok(Invitation::FirstAdmin),
                _ => Err(Error::NotFound),
            },
            Some(InvitationFor::Person(id)) => {
                let person = store::people::by_id(&mut conn, id).await?.ok_or(Error::NotFound)?;
                if person.disabled_at.is_some() { Err(Error::NotFound) } else { Ok(Invitation::Person(person)) }
            }
        }
    }

    /// Makes the first admin.
    ///
    /// # Errors
    /// `NotFound` when the link is not good; what is wrong with the input, field by field.
    pub async fn set_up(
        &self,
        secret: &Secret,
        email: String,
        name: String,
        password: Password,
        origin: &Origin,
    ) -> Result<Proof> {
        let mut person = super::people::new_person(&PersonInput { email, name, role: PortalRole::Admin })?;
        person.joined = true;
        let hashed = self.hasher.hash(password).await?;
        let mut tx = self.store.write().await?;
        let found = store::invitations::find(&mut tx, &hash(secret), OffsetDateTime::now_utc()).await?;
        if found != Some(InvitationFor::FirstAdmin) || store::people::count(&mut tx).await? > 0 {
            return Err(Error::NotFound);
        }
        super::people::insert(&mut tx, &person, Some(&hashed)).await?;
        store::invitations::remove(&mut tx, InvitationFor::FirstAdmin).await?;
        let draft = Draft::recorded(signed_out(origin), Action::PersonCreate)
            .target(person.target())
            .parameter("email", &person.email)
            .parameter("role", person.role);
        append(&mut tx, draft).await?;
        tx.commit().await?;
        Ok(Proof { person: person.id })
    }

    /// Sets the password of the person whom the link is for, and ends every session that person had.
    ///
    /// # Errors
    /// `NotFound` when the link is not good.
    pub async fn join(&self, secret: &Secret, password: Password, origin: &Origin) -> Result<Proof> {
        let hashed = self.hasher.hash(password).await?;
        let mut tx = self.store.write().await?;
        let found = store::invitations::find(&mut tx, &hash(secret), OffsetDateTime::now_utc()).await?;
        let Some(InvitationFor::Person(id)) = found else { return Err(Error::NotFound) };
        let Some(person) = store::people::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        if person.disabled_at.is_some() {
            return Err(Error::NotFound);
        }
        store::people::set_password(&mut tx, id, &hashed).await?;
        store::invitations::remove(&mut tx, InvitationFor::Person(id)).await?;
        store::sessions::remove_all(&mut tx, id, None).await?;
        let mut actor = signed_out(origin);
        (actor.id, actor.email) = (Some(person.id), Some(person.email.clone()));
        actor.name.clone_from(&person.name);
        append(&mut tx, Draft::recorded(actor, Action::PersonJoin).target(person.target())).await?;
        tx.commit().await?;
        Ok(Proof { person: id })
    }
}
