//! What others did to a person's ways to sign in, and which recovery codes were used, until the person dismisses it. The log
//! knows; nothing else is stored.

use serde_json::Value;
use store::{OperationSummary, about_person};
use time::OffsetDateTime;

use super::one_time_link::Resets;
use crate::{
    Actor, OperationId, Portal, Result,
    audit::{Action, Draft, Target, TargetType, append},
};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeOf {
    /// Somebody made a one-time link that replaces the password.
    LinkMade {
        /// Whether it also removes the second factors.
        recovers: bool,
    },
    /// Somebody released such a link.
    LinkReleased,
    /// Such a link was used.
    LinkUsed {
        /// Whether it removed the second factors.
        recovered: bool,
    },
    /// A recovery code was used.
    RecoveryCodeUsed {
        /// How many are left.
        left: Option<u64>,
    },
}

/// Something that a person should know about their account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub what: NoticeOf,
    /// Who did it.
    pub by: String,
    /// When.
    pub at: OffsetDateTime,
    /// The operation that records it.
    pub operation: OperationId,
}

impl Portal {
    /// What the actor should know about their account and has not dismissed yet, newest first.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn notices(&self, actor: &Actor) -> Result<Vec<Notice>> {
        let found = about_person::unseen(&mut self.store.read().await?, actor.id()).await?;
        Ok(found.iter().filter_map(notice).collect())
    }

    /// Dismisses the notices that the actor has seen.
    ///
    /// # Errors
    /// `Store` if the database cannot be written.
    pub async fn dismiss_notices(&self, actor: &Actor) -> Result<()> {
        let mut tx = self.store.write().await?;
        if about_person::unseen(&mut tx, actor.id()).await?.iter().any(|operation| notice(operation).is_some()) {
            let target = Target::new(TargetType::Person, actor.id(), Some(actor.name()));
            append(&mut tx, Draft::recorded(actor.entry_actor(), Action::NoticeDismiss).target(target)).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// The notice of an operation. The first link of a person replaces nothing.
fn notice(operation: &OperationSummary) -> Option<Notice> {
    let parameters = operation.first.as_ref().map(|entry| &entry.parameters);
    let parameter = |name: &str| parameters.and_then(|parameters| parameters.get(name));
    let what = match operation.action {
        Action::PersonInvite => {
            let resets = parameter("resets").and_then(Value::as_str)?;
            NoticeOf::LinkMade { recovers: resets == Resets::PasswordAndFactors.as_str() }
        }
        Action::PersonRelease => NoticeOf::LinkReleased,
        Action::PersonJoin => {
            parameter("resets")?;
            NoticeOf::LinkUsed { recovered: parameter("factors_removed").is_some() }
        }
        Action::RecoveryUse => NoticeOf::RecoveryCodeUsed { left: parameter("left").and_then(Value::as_u64) },
        _ => return None,
    };
    Some(Notice { what, by: operation.actor_name.clone(), at: operation.at, operation: operation.id })
}
