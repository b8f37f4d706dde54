//! The verbs of operations.

use portal::audit::{Action, Outcome};

/// The verb of a sentence about a request that nobody has approved.
pub fn asked(action: Action) -> String {
    format!("asked to {}", done_and_bare(action).1)
}

/// The verb of a sentence, depending on whether the operation was done, attempted or denied.
pub fn verb(action: Action, outcome: Option<Outcome>) -> String {
    let (done, bare) = done_and_bare(action);
    match outcome {
        Some(Outcome::Succeeded) => done.to_owned(),
        Some(Outcome::Rejected | Outcome::Failed | Outcome::Unknown) | None => format!("tried to {bare}"),
        Some(Outcome::Denied) => format!("wasn't allowed to {bare}"),
    }
}

const fn done_and_bare(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::ConnectorShare => ("shared", "share"),
        Action::ConnectorSuppress => ("suppressed", "suppress"),
        Action::ConnectorDelete => ("deleted", "delete"),
        Action::OperationSettle => ("recorded the outcome of", "record the outcome of"),
        Action::OperationReview => ("reviewed", "review"),
        Action::OperationFlag => ("flagged", "flag"),
        Action::TeamRead => ("read a page of", "read a page of"),
        Action::OperationRead => ("read", "read"),
        Action::AdminRead => ("read a page for admins", "read a page for admins"),
        Action::FeedRead => ("read the log stream", "read the log stream"),
        Action::AuditRead => ("read the audit log", "read the audit log"),
        Action::FeedCreate => ("created the log stream token", "create a log stream token"),
        Action::FeedRevoke => ("revoked the log stream token", "revoke a log stream token"),
        Action::ViewShare => ("shared the view", "share the view"),
        Action::ViewRename => ("renamed the view", "rename the view"),
        Action::ViewDelete => ("deleted the view", "delete the view"),
        Action::OperationAnswer => ("answered the flag on", "answer the flag on"),
        Action::ConnectorCreate => ("created", "create"),
        Action::ConnectorUpdate => ("wrote the draft of", "write the draft of"),
        Action::ConnectorRelease => ("released the draft of", "release the draft of"),
        Action::ConnectorPair => ("chose the counterpart of", "choose the counterpart of"),
        Action::ConnectorPromote => ("started to promote", "promote"),
        Action::ConnectorPromoteCheck => ("checked the promotion of", "check the promotion of"),
        Action::ConnectorCodeKeep => {
            ("kept the code of newly released versions of team", "keep the code of newly released versions of team")
        }
        Action::TeamWatch => (
            "started checking for outside changes in team",
            "start checking for outside changes in \
                                                                               team",
        ),
        Action::ConnectionCreate => ("created", "create"),
        Action::ConnectionUpdate => ("updated", "update"),
        Action::ConnectionDisconnect => ("disconnected", "disconnect"),
        Action::ConnectionTag => ("changed the tags of", "change the tags of"),
        Action::ConnectionDelete => ("deleted", "delete"),
        Action::RecipeShare => ("shared", "share"),
        Action::JobCreate => ("started a job to", "start a job to"),
        Action::JobPause => ("paused the job to", "pause the job to"),
        Action::JobResume => ("resumed the job to", "resume the job to"),
        Action::JobCancel => ("cancelled the job to", "cancel the job to"),
        Action::ConnectionExport => ("exported", "export"),
        Action::SessionStart => ("signed in", "sign in"),
        Action::SessionRefuse => ("was refused", "sign in"),
        Action::AttemptRefuse => ("was refused", "guess a secret"),
        Action::SessionEnd => ("signed out", "sign out"),
        Action::SessionRenew => ("got a new session ID", "get a new session ID"),
        Action::SessionElsewhere => ("used a session elsewhere", "use a session elsewhere"),
        Action::FactorAdd => ("added", "add"),
        Action::FactorRemove => ("removed", "remove"),
        Action::FactorRefuse => ("was refused", "give a second factor"),
        Action::RecoveryCreate => ("created new recovery codes", "create new recovery codes"),
        Action::RecoveryUse => ("used a recovery code", "use a recovery code"),
        Action::NoticeDismiss => {
            ("dismissed the notices about their account", "dismiss the notices about their account")
        }
        Action::TeamCreate => ("created team", "created team"),
        Action::TeamUpdate => ("changed team", "change team"),
        Action::TeamPolicy => ("changed what needs approval in team", "change what needs approval in team"),
        Action::TeamTokenSet => ("set the token of", "set the token of"),
        Action::TeamTokenReplace => ("replaced the token of", "replace the token of"),
        Action::TeamTokenWithdraw => ("withdrew the token of", "withdraw the token of"),
        Action::TeamTokenRotate => ("replaced the token in Workato of", "replace the token in Workato of"),
        Action::TeamTokenRefuse => ("stopped using the rejected token of", "stop using the token of"),
        Action::TeamTokenAccept => ("resumed using the token of", "resume using the token of"),
        Action::TeamRetire => ("retired team", "retire team"),
        Action::KeyRotateBegin => ("started rotating the portal's keys", "rotate the portal's keys"),
        Action::KeyRotateEnd => ("finished rotating the portal's keys", "finish rotating the portal's keys"),
        Action::MemberSet => ("made", "make"),
        Action::MemberRemove => ("removed", "remove"),
        Action::PersonInvite => ("invited", "invite"),
        Action::PersonCreate => ("created", "create"),
        Action::PersonRelease => ("released the one-time link of", "release the one-time link of"),
        Action::PersonJoin => ("accepted the invitation", "accept the invitation"),
        Action::PersonProvider => {
            ("signed in with the identity provider for the first time", "sign in with the identity provider")
        }
        Action::PersonRole => ("changed the role of", "change the role of"),
        Action::PersonDisable => ("disabled", "disable"),
        Action::PersonEnable => ("enabled", "enable"),
        Action::PersonPassword => ("changed the password", "change the password"),
        Action::AuditExport => ("exported the audit log", "export the audit log"),
        Action::AuditClockSet => ("noticed that the clock was set back", "notice that the clock was set back"),
        Action::AuditExpire => ("removed the contents of old entries", "remove the contents of old entries"),
        Action::AuditAcknowledge => (
            "acknowledged that the audit log contradicts what was signed",
            "acknowledge that the audit log contradicts what was signed",
        ),
        Action::AuditKeySet => ("started signing the audit log with a new key", "sign the audit log with a new key"),
    }
}

/// Names the target of an operation that has none, by its kind.
pub fn unnamed_target(action: Action) -> &'static str {
    match action {
        Action::TeamPolicy
        | Action::TeamTokenSet
        | Action::TeamTokenReplace
        | Action::TeamTokenWithdraw
        | Action::TeamTokenRotate
        | Action::TeamTokenRefuse
        | Action::TeamTokenAccept
        | Action::TeamRetire => "a team",
        Action::TeamCreate | Action::TeamUpdate => "of the portal",
        Action::ConnectorShare
        | Action::ConnectorSuppress
        | Action::ConnectorCreate
        | Action::ConnectorUpdate
        | Action::ConnectorRelease
        | Action::ConnectorPair
        | Action::ConnectorPromote
        | Action::ConnectorPromoteCheck
        | Action::ConnectorDelete => "a connector",
        Action::ConnectionCreate
        | Action::ConnectionUpdate
        | Action::ConnectionDisconnect
        | Action::ConnectionTag
        | Action::ConnectionDelete => "a connection",
        Action::RecipeShare => "a recipe",
        Action::JobCreate | Action::JobPause | Action::JobResume | Action::JobCancel => "a job",
        _ => "someone",
    }
}
