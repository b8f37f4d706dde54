//! The words of the audit log: actions, stages and outcomes.

use crate::words;

words! {
    /// What was attempted. The names are stable: other programs filter by them.
    pub enum Action {
        /// A released version was made the shared one.
        ConnectorShare => "connector.share",
        /// A connector's share was removed.
        ConnectorSuppress => "connector.suppress",
        /// A connector was created, with a draft.
        ConnectorCreate => "connector.create",
        /// A connector's draft was written.
        ConnectorUpdate => "connector.update",
        /// A connector's draft was released as its next version.
        ConnectorRelease => "connector.release",
        /// A connector was paired with its counterpart in another team.
        ConnectorPair => "connector.pair",
        /// A connector's version began to be promoted to another team. Each step is an operation of its own.
        ConnectorPromote => "connector.promote",
        /// The portal read back what a promotion has made.
        ConnectorPromoteCheck => "connector.promote.check",
        /// A connector was deleted. The portal cannot do this; it is only observed.
        ConnectorDelete => "connector.delete",
        /// The portal kept the code of released versions that it saw for the first time.
        ConnectorCodeKeep => "connector.code.keep",
        /// The portal began to watch a team's Workato. Later reads are compared with this first one.
        TeamWatch => "team.watch",
        /// A connection was created.
        ConnectionCreate => "connection.create",
        /// A connection's name, folder, parent, external id or credentials were changed.
        ConnectionUpdate => "connection.update",
        /// A connection was disconnected.
        ConnectionDisconnect => "connection.disconnect",
        /// Tags were added to a connection, or removed from it.
        ConnectionTag => "connection.tag",
        /// A recipe was shared with an embedded customer.
        RecipeShare => "recipe.share",
        /// A connection was deleted.
        ConnectionDelete => "connection.delete",
        /// A list of connections was exported.
        ConnectionExport => "connection.export",
        /// Several changes were asked for at once, or started after a second person agreed.
        JobCreate => "job.create",
        /// A job was paused: by a person, or by the portal, which says why.
        JobPause => "job.pause",
        /// A paused job goes on.
        JobResume => "job.resume",
        /// A job was cancelled. What was not sent never is.
        JobCancel => "job.cancel",
        /// A person signed in.
        SessionStart => "session.start",
        /// Attempts to sign in failed.
        SessionRefuse => "session.refuse",
        /// Attempts to guess a secret were not checked, because too many before had failed.
        AttemptRefuse => "attempt.refuse",
        /// A session, or every session of a person, was ended.
        SessionEnd => "session.end",
        /// A session got a new id.
        SessionRenew => "session.renew",
        /// A session was used on another network with another browser.
        SessionElsewhere => "session.elsewhere",
        /// A person got a second factor.
        FactorAdd => "factor.add",
        /// A person's second factor was removed.
        FactorRemove => "factor.remove",
        /// Wrong codes or passkeys were given for a person.
        FactorRefuse => "factor.refuse",
        /// A person got new recovery codes, which replace the earlier ones.
        RecoveryCreate => "recovery.create",
        /// A recovery code was used.
        RecoveryUse => "recovery.use",
        /// A person dismissed the notices about their account.
        NoticeDismiss => "notice.dismiss",
        /// A team was set up.
        TeamCreate => "team.create",
        /// A team's name, slug, data centre, production mark or what its reasons must contain was changed.
        TeamUpdate => "team.update",
        /// Which of a team's changes need a second person was changed.
        TeamPolicy => "team.policy",
        /// A team got its first token.
        TeamTokenSet => "team.token.set",
        /// A team's token was replaced.
        TeamTokenReplace => "team.token.replace",
        /// A team's token was withdrawn: it is destroyed, and the team has none.
        TeamTokenWithdraw => "team.token.withdraw",
        /// A team's token was replaced at Workato itself, by a new one that nobody has seen.
        TeamTokenRotate => "team.token.rotate",
        /// Workato refuses a team's token. The portal does not use it until it is tested or replaced.
        TeamTokenRefuse => "team.token.refuse",
        /// Workato accepts a token again that it had refused.
        TeamTokenAccept => "team.token.accept",
        /// A team was retired: its token is destroyed, and only its past is left.
        TeamRetire => "team.retire",
        /// A person was given a role in a team.
        MemberSet => "member.set",
        /// A person was removed from a team.
        MemberRemove => "member.remove",
        /// A person was invited by a one-time link.
        PersonInvite => "person.invite",
        /// A person was created with a password, by the command line or the set-up.
        PersonCreate => "person.create",
        /// Another admin released a one-time link for a person who has a password already.
        PersonRelease => "person.release",
        /// A person accepted an invitation.
        PersonJoin => "person.join",
        /// A person signed in at an OpenID Connect provider for the first time, and has that account from then on.
        PersonProvider => "person.provider",
        /// A person's role in the portal was changed.
        PersonRole => "person.role",
        /// A person was disabled.
        PersonDisable => "person.disable",
        /// A person was enabled again.
        PersonEnable => "person.enable",
        /// A person changed the password.
        PersonPassword => "person.password",
        /// A person without the right tried to settle an operation. Settling itself is an entry of that operation.
        OperationSettle => "operation.settle",
        /// An operation was marked reviewed.
        OperationReview => "operation.review",
        /// An operation was flagged.
        OperationFlag => "operation.flag",
        /// The flag on an operation was answered.
        OperationAnswer => "operation.answer",
        /// A view was shared with everybody who sees its list.
        ViewShare => "view.share",
        /// A shared view was renamed.
        ViewRename => "view.rename",
        /// A shared view was deleted.
        ViewDelete => "view.delete",
        /// A token of the feed was created.
        FeedCreate => "feed.create",
        /// A token of the feed was revoked.
        FeedRevoke => "feed.revoke",
        /// A person without the right tried to read a team's page.
        TeamRead => "team.read",
        /// A person without the right tried to read an operation.
        OperationRead => "operation.read",
        /// A person without the right tried to read a page for admins.
        AdminRead => "admin.read",
        /// Somebody without a valid token tried to read the feed.
        FeedRead => "feed.read",
        /// Somebody read a log by their right as an auditor or admin.
        AuditRead => "audit.read",
        /// The audit log was exported.
        AuditExport => "audit.export",
        /// A key began to sign the audit log's checkpoints.
        AuditKeySet => "audit.key.set",
        /// An admin acknowledged that the log contradicts what was signed.
        AuditAcknowledge => "audit.alarm.acknowledge",
        /// The clock was set back by more than a minute.
        AuditClockSet => "audit.clock.set",
        /// The keys in the database began to be replaced.
        KeyRotateBegin => "key.rotate.begin",
        /// The keys in the database were replaced.
        KeyRotateEnd => "key.rotate.end",
        /// Contents of entries were removed because they were too old.
        AuditExpire => "audit.expire",
    }
}

impl Action {
    /// Whether it is sent to Workato, and not a change of the portal's own.
    #[must_use]
    pub const fn is_upstream(self) -> bool {
        matches!(
            self,
            Self::ConnectorShare
                | Self::ConnectorSuppress
                | Self::ConnectorCreate
                | Self::ConnectorUpdate
                | Self::ConnectorRelease
                | Self::ConnectionCreate
                | Self::ConnectionUpdate
                | Self::ConnectionDisconnect
                | Self::ConnectionTag
                | Self::ConnectionDelete
                | Self::RecipeShare
                | Self::TeamTokenRotate
        )
    }

    /// Whether it can be reviewed: it changes Workato or the portal, or exports connections. Signing in and out,
    /// reading and exporting the log, and reviews themselves cannot.
    #[must_use]
    pub const fn is_reviewable(self) -> bool {
        !matches!(
            self,
            Self::SessionStart
                | Self::SessionRefuse
                | Self::AttemptRefuse
                | Self::SessionEnd
                | Self::SessionRenew
                | Self::SessionElsewhere
                | Self::FactorRefuse
                | Self::RecoveryUse
                | Self::NoticeDismiss
                | Self::AuditExport
                // Only attempts without the right have these actions.
                | Self::OperationSettle
                | Self::TeamRead
                | Self::OperationRead
                | Self::AdminRead
                | Self::FeedRead
                | Self::OperationReview
                | Self::OperationFlag
                | Self::OperationAnswer
                | Self::AuditRead
                | Self::ConnectorCodeKeep
                | Self::ConnectorPromoteCheck
                | Self::ViewShare
                | Self::ViewRename
                | Self::ViewDelete
        )
    }
}

words! {
    /// The stage of its operation at which an entry is written.
    pub enum Stage {
        /// Written when a change needs a second person. Nothing is sent until somebody approves.
        Requested => "requested",
        /// Written when a second person approved. The intent follows in the same transaction.
        Approved => "approved",
        /// Written when a second person declined.
        Declined => "declined",
        /// Written when the person who asked took the request back.
        Withdrawn => "withdrawn",
        /// Written when nobody approved in time.
        Expired => "expired",
        /// Written before anything is sent to Workato.
        Intent => "intent",
        /// Written when Workato's answer is known, or known to be missing.
        Outcome => "outcome",
        /// Written when a later read of Workato showed what became of an operation.
        Settled => "settled",
        /// Written when no read could show it, and a person has to find out.
        Waiting => "waiting",
        /// Written when a read of Workato showed a change that no operation explains.
        Observed => "observed",
        /// Written in one transaction with a change in the portal itself.
        Recorded => "recorded",
        /// Written when somebody attempted something without the right.
        Denied => "denied",
    }
}

words! {
    /// How an operation ended.
    pub enum Outcome {
        /// It was done.
        Succeeded => "succeeded",
        /// Workato refused it.
        Rejected => "rejected",
        /// It did not happen: it never reached Workato, or Workato refused to process it.
        Failed => "failed",
        /// It may or may not have happened.
        Unknown => "unknown",
        /// The person did not have the right; nothing was sent.
        Denied => "denied",
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Outcome, Stage};

    #[test]
    fn whoever_checks_the_log_finds_every_word_of_it_explained() {
        const FORMAT: &str = include_str!("../../../../docs/audit-format.md");
        let words = Action::ALL.iter().map(|action| action.as_str());
        let words = words.chain(Stage::ALL.iter().map(|stage| stage.as_str()));
        let words = words.chain(Outcome::ALL.iter().map(|outcome| outcome.as_str()));
        let missing: Vec<_> = words.filter(|word| !FORMAT.contains(&format!("`{word}`"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
