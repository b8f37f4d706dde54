//! The entries about sessions: what gave one a key, and what ended one or all of a person's.

use store::{EntryActor, Person, SessionKey, SignIn, Write};
use time::OffsetDateTime;

use crate::{
    Reason, Result,
    audit::{Action, Draft, Target, TargetType, append, instant_text},
};

/// Why a session ended, as the log says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Its person signed out there.
    SignedOut,
    /// Its person ended it from another session.
    Revoked,
    /// An admin ended it.
    ByAdmin,
    /// The person has as many sessions as anybody may have, and began another.
    TooMany,
    /// What the person may do, or how they sign in, changed.
    Changed(Action),
}

impl Ended {
    const fn word(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Revoked => "revoked",
            Self::ByAdmin => "admin",
            Self::TooMany => "too_many",
            Self::Changed(action) => action.as_str(),
        }
    }
}

/// The entry about the end of a session, or with a person as the target, of all of theirs.
pub(super) fn ended(actor: EntryActor, target: Target, why: Ended) -> Draft {
    Draft::recorded(actor, Action::SessionEnd).target(target).parameter("why", why.word())
}

/// Ends every session of a person except `keep`, and records that if there were any.
pub(super) async fn end_all(
    tx: &mut Write,
    by: EntryActor,
    person: &Person,
    keep: Option<&SessionKey>,
    why: Ended,
    reason: Option<&Reason>,
) -> Result<u64> {
    let sessions = store::sessions::remove_all(tx, person.id, keep).await?;
    if sessions > 0 {
        let draft = ended(by, person.target(), why)
            .parameter("sessions_ended", sessions)
            .reason(reason.map(|reason| reason.as_str().to_owned()));
        append(tx, draft).await?;
    }
    Ok(sessions)
}

/// An entry that gives a session a key, with everything that the log says of the session. `id_hash` are the first 16
/// digits of the keyed hash of its id.
pub(super) fn described(
    draft: Draft,
    label: &str,
    key: &SessionKey,
    sign_in: &SignIn,
    expires_at: OffsetDateTime,
) -> Draft {
    draft
        .target(session_target(label))
        .parameter("id_hash", key.label())
        .parameter("expires_at", instant_text(expires_at))
        .parameter("signed_in_with", sign_in.with)
        .parameter("second_factor", sign_in.second_factor)
        .parameter("kept", sign_in.kept)
}

pub(super) fn session_target(label: &str) -> Target {
    Target::new(TargetType::Session, label, None)
}
