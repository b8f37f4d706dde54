//! A new id for a session whose person has given a factor again, or has changed what they may do or how they sign in. The
//! person's other sessions end, and the old id is worth nothing.
//!
//! Each request brings the id that its session would get. Whether it was used is known only when its change is committed.

use store::{EntryActor, Person, SessionFacts, SessionKey, SignIn, SignedInWith, Write};

use super::{
    new_id::Renewal,
    session_entries::{Ended, described, end_all},
};
use crate::{
    Error, PersonId, Portal, Result,
    audit::{Action, Draft, append, instant_text},
};

/// What a person has just proved again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Proved {
    /// With what they would have signed in.
    pub with: SignedInWith,
    /// Whether it was a second factor, or a first and a second one.
    pub second_factor: bool,
}

/// A session that gets its new id with the change that is under way.
#[derive(Debug)]
pub(crate) struct Renewing<'a> {
    renewal: &'a Renewal,
    session: SessionFacts,
}

impl Renewing<'_> {
    /// The session's present key.
    pub fn key(&self) -> &SessionKey {
        &self.session.key
    }

    /// Gives the session its new id, and notes what its person has just proved again.
    ///
    /// # Errors
    /// `Store` if that cannot be written.
    pub async fn finish(self, tx: &mut Write, by: EntryActor, because: Action, proved: Option<Proved>) -> Result<()> {
        let Self { renewal, session } = self;
        let now = store::instant_now(tx).await?;
        let sign_in = proved.map_or(session.sign_in, |proved| SignIn {
            // A passkey or a provider is not less for what is given after it.
            with: if session.sign_in.with == SignedInWith::Password { proved.with } else { session.sign_in.with },
            second_factor: session.sign_in.second_factor || proved.second_factor,
            factor_at: now,
            kept: session.sign_in.kept,
        });
        let draft = Draft::recorded(by, Action::SessionRenew);
        let draft = described(draft, &session.label, renewal.to(), &sign_in, session.expires_at)
            .parameter("began_at", instant_text(session.created_at))
            .parameter("factor_at", instant_text(sign_in.factor_at))
            .parameter("because", because.as_str());
        let told = append(tx, draft).await?;
        store::sessions::renew(tx, &session.key, renewal.to(), &sign_in, &told).await?;
        renewal.set_used();
        Ok(())
    }
}

impl Portal {
    /// The session of a request that is about to get its new id. Called before any entry that ends the person's sessions.
    ///
    /// # Errors
    /// `SignedOut` if the session has ended or got another id meanwhile.
    pub(crate) async fn begin_renewal<'a>(
        &self,
        tx: &mut Write,
        person: PersonId,
        renewal: Option<&'a Renewal>,
    ) -> Result<Option<Renewing<'a>>> {
        let Some(renewal) = renewal else { return Ok(None) };
        let sessions = store::sessions::list(tx, person, self.alive()).await?;
        let session = sessions.into_iter().find(|session| session.key == *renewal.from()).ok_or(Error::SignedOut)?;
        Ok(Some(Renewing { renewal, session }))
    }

    /// Ends a person's sessions after `because` changed what they may do or how they sign in. If they did it themselves, the
    /// session in which they did it goes on under a new id.
    ///
    /// # Errors
    /// `SignedOut` if that session has ended or got another id meanwhile.
    pub(crate) async fn end_after_change(
        &self,
        tx: &mut Write,
        by: EntryActor,
        renewal: Option<&Renewal>,
        person: &Person,
        because: Action,
        proved: Option<Proved>,
    ) -> Result<()> {
        let own = renewal.filter(|_| by.id == Some(person.id));
        let own = self.begin_renewal(tx, person.id, own).await?;
        end_all(tx, by.clone(), person, own.as_ref().map(Renewing::key), Ended::Changed(because), None).await?;
        match own {
            Some(own) => own.finish(tx, by, because, proved).await,
            None => Ok(()),
        }
    }
}
