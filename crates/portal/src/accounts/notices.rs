//! What others did to a person's ways to sign in, which recovery codes were used, and what was done without the second person
//! whom a team that the person is responsible for asks for, until the person dismisses it. The log knows; nothing else is
//! stored.

use serde_json::Value;
use store::{OperationSummary, Read, about_person};
use time::{Duration, OffsetDateTime};

use super::one_time_link::Resets;
use crate::{
    Actor, OperationId, Portal, Result,
    audit::{Action, Draft, Target, TargetType, append},
    kept_reads::time_of,
    teams::loosens,
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
    /// Somebody changed something at once although it needed a second person.
    BreakGlass {
        /// The team's name.
        team: String,
    },
    /// Somebody made fewer of a team's changes need a second person.
    PolicyLoosened {
        /// The team's name.
        team: String,
    },
    /// A recovery code was used.
    RecoveryCodeUsed {
        /// How many are left.
        left: Option<u64>,
    },
}

impl NoticeOf {
    /// Whether it is about the person's own account, and not about a team.
    #[must_use]
    pub const fn is_about_account(&self) -> bool {
        !matches!(self, Self::BreakGlass { .. } | Self::PolicyLoosened { .. })
    }
}

/// Something that a person should know about their account or their teams.
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
        let asked = ("notices", actor.id(), actor.responsible_for(), time_of(self.now()));
        let read = async {
            let mut conn = self.store.read().await?;
            let mut found = about_person::unseen(&mut conn, actor.id()).await?;
            found.extend(self.for_responsible(&mut conn, actor).await?);
            found.sort_by_key(|operation| std::cmp::Reverse(operation.sequence));
            Ok(found.iter().filter_map(notice).collect::<Vec<_>>())
        };
        Ok(self.kept.get(&self.store, asked, read).await?.to_vec())
    }

    /// Dismisses the notices that the actor has seen.
    ///
    /// # Errors
    /// `Store` if the database cannot be written.
    pub async fn dismiss_notices(&self, actor: &Actor) -> Result<()> {
        let mut tx = self.store.write().await?;
        let mut unseen = about_person::unseen(&mut tx, actor.id()).await?;
        unseen.extend(self.for_responsible(&mut tx, actor).await?);
        if unseen.iter().any(|operation| notice(operation).is_some()) {
            let target = Target::new(TargetType::Person, actor.id(), Some(actor.name()));
            append(&mut tx, Draft::recorded(actor.entry_actor(), Action::NoticeDismiss).target(target)).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// What operators of a team, auditors and admins should know of what others did in it.
    async fn for_responsible(&self, conn: &mut Read, actor: &Actor) -> Result<Vec<OperationSummary>> {
        let teams = actor.responsible_for();
        if teams.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let since = self.now() - TOLD_FOR;
        Ok(store::requests::for_responsible(conn, actor.id(), teams.as_deref(), since).await?)
    }
}

/// For how long somebody who becomes responsible is still told of what happened before.
const TOLD_FOR: Duration = Duration::days(30);

/// The notice of an operation. The first link of a person replaces nothing.
fn notice(operation: &OperationSummary) -> Option<Notice> {
    let parameters = operation.first.as_ref().map(|entry| &entry.parameters);
    let parameter = |name: &str| parameters.and_then(|parameters| parameters.get(name));
    let team = || operation.team_name.clone().unwrap_or_default();
    let what = match operation.action {
        _ if operation.break_glass => NoticeOf::BreakGlass { team: team() },
        Action::TeamPolicy if loosens(operation) => NoticeOf::PolicyLoosened { team: team() },
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
