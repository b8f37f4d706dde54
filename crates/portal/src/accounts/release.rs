//! Releasing one-time links: a link for somebody who has a password works only once a second admin has agreed, so that
//! no admin alone can become somebody else.

use store::{PersonId, Release};
use time::OffsetDateTime;

use super::{Person, influence, people::about};
use crate::{
    Admin, Error, Portal, Problem, Result,
    audit::{Action, Draft, append},
};

/// A link that waits for a second admin.
#[derive(Clone, Debug)]
pub struct WaitingLink {
    /// Who made it.
    pub made_by: Option<PersonId>,
    /// That person's name then.
    pub made_by_name: String,
    /// When it was made.
    pub at: OffsetDateTime,
    /// Whether it also removes the person's second factors.
    pub recovers: bool,
}

impl Portal {
    /// The link of this person that waits for a second admin, if there is one.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn waiting_link(&self, _admin: &Admin, person: PersonId) -> Result<Option<WaitingLink>> {
        let mut conn = self.store.read().await?;
        let found = store::invitations::of_person(&mut conn, person, self.now()).await?;
        let Some((link, at)) = found.filter(|(link, _)| link.release == Release::Needed) else { return Ok(None) };
        let maker = match link.made_in {
            Some(operation) => store::operations::find(&mut conn, operation).await?,
            None => None,
        };
        let (made_by, made_by_name) = maker.map(|maker| (maker.actor_id, maker.actor_name)).unwrap_or_default();
        Ok(Some(WaitingLink { made_by, made_by_name, at, recovers: link.recovers }))
    }

    /// Releases the link of a person that waits for a second admin.
    ///
    /// # Errors
    /// `Invalid` if no link waits, for the admin who made it, and if one person could have been both admins; `NotFound`
    /// if there is no such person.
    pub async fn release_link(&self, admin: &Admin, id: PersonId) -> Result<Person> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let person = store::people::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let link = store::invitations::of_person(&mut tx, id, now).await?.map(|(link, _)| link);
        let link = link.filter(|link| link.release == Release::Needed);
        let no_link = || Problem::NoLinkWaits.of("release");
        let link = link.ok_or_else(no_link)?;
        let made_in = link.made_in.ok_or_else(no_link)?;
        let maker = store::operations::find(&mut tx, made_in).await?.and_then(|made| made.actor_id);
        match (admin.person(), maker) {
            (Some(releaser), Some(maker)) if releaser == maker => {
                return Err(Problem::ReleasedByItsMaker.of("release"));
            }
            (Some(releaser), Some(maker)) => {
                if !influence::are_two(&mut tx, releaser, maker, now).await? {
                    return Err(Problem::ReleasedByOnePerson.of("release"));
                }
            }
            // The command line.
            (None, _) => {}
            // Only people make links that wait.
            (Some(_), None) => return Err(no_link()),
        }
        let draft = about(Draft::recorded(admin.entry_actor(), Action::PersonRelease), &person);
        let told = append(&mut tx, draft.parameter("link", made_in)).await?;
        store::people::note(&mut tx, id, &told).await?;
        store::invitations::release(&mut tx, &link, &told).await?;
        tx.commit().await?;
        Ok(person)
    }
}
