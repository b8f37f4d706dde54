//! Who needs a second factor, and which actions need a fresh one.

use std::time::Duration;

use store::Action;

/// The longest that a factor counts as fresh.
pub const FRESH_FOR: Duration = Duration::from_secs(600);

/// Whether people who can do harm need a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactorRule {
    /// Operators, auditors and admins need one. Others may have one.
    Required,
    /// Everybody may have one.
    Optional,
}

/// Whether an action needs a fresh factor: what concerns tokens, keys, feeds, roles, and ways to sign in.
#[must_use]
pub const fn needs_fresh_factor(action: Action) -> bool {
    match action {
        Action::TeamCreate
        | Action::TeamUpdate
        | Action::TeamPolicy
        | Action::TeamTokenSet
        | Action::TeamTokenReplace
        | Action::TeamTokenWithdraw
        | Action::TeamTokenRotate
        | Action::TeamRetire
        | Action::MemberSet
        | Action::MemberRemove
        | Action::PersonInvite
        | Action::PersonCreate
        | Action::PersonRelease
        | Action::PersonRole
        | Action::PersonDisable
        | Action::PersonEnable
        | Action::FeedCreate
        | Action::FeedRevoke
        | Action::FactorAdd
        | Action::FactorRemove
        | Action::RecoveryCreate => true,
        // Changes in Workato have a confirmation and a reason of their own. Changing the password takes the old one.
        Action::ConnectorShare
        | Action::ConnectorSuppress
        | Action::ConnectorDelete
        | Action::TeamWatch
        | Action::ConnectorCodeKeep
        | Action::ConnectorCreate
        | Action::ConnectorUpdate
        | Action::ConnectorRelease
        | Action::ConnectorPair
        | Action::ConnectorPromote
        | Action::ConnectorPromoteCheck
        | Action::ConnectionCreate
        | Action::ConnectionUpdate
        | Action::ConnectionDisconnect
        | Action::ConnectionTag
        | Action::RecipeShare
        | Action::JobCreate
        | Action::JobPause
        | Action::JobResume
        | Action::JobCancel
        | Action::ConnectionDelete
        | Action::ConnectionExport
        | Action::SessionStart
        | Action::SessionRefuse
        | Action::AttemptRefuse
        | Action::SessionEnd
        | Action::SessionRenew
        | Action::SessionElsewhere
        | Action::FactorRefuse
        | Action::RecoveryUse
        | Action::NoticeDismiss
        | Action::PersonJoin
        | Action::PersonProvider
        | Action::PersonPassword
        | Action::OperationSettle
        | Action::OperationReview
        | Action::OperationFlag
        | Action::OperationAnswer
        | Action::ViewShare
        | Action::ViewRename
        | Action::ViewDelete
        | Action::TeamRead
        | Action::OperationRead
        | Action::AdminRead
        | Action::FeedRead
        | Action::AuditRead
        | Action::AuditExport
        // The portal itself or the command line.
        | Action::TeamTokenRefuse
        | Action::TeamTokenAccept
        | Action::KeyRotateBegin
        | Action::KeyRotateEnd
        | Action::AuditKeySet
        | Action::AuditAcknowledge
        | Action::AuditClockSet
        | Action::AuditExpire => false,
    }
}
