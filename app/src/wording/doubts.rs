//! Why a read of Workato could not tell what became of an operation.

use portal::audit::Doubt;

/// The end of the sentence "Not certain, because …".
pub const fn because(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::LaterOperation => "another operation touched the target since",
        Doubt::AnotherWorkspace => "the team's token opens another workspace than it did then",
        Doubt::NotReadable => "no call of Workato's tells it",
        Doubt::NotReadBack => "what was sent cannot be read back",
        Doubt::Unreadable => "a part of Workato's answer that it depends on cannot be read",
        Doubt::NoTarget => "the intent names no target",
        Doubt::ConnectionGone => "the connection is no longer there",
        Doubt::ConnectorGone => "the connector is no longer there",
        Doubt::ConnectionWasNotThere => "the connection was not there before, either",
        Doubt::UnknownBefore => "the state before was not known",
        Doubt::SameAsBefore => "it was like this before, so the read cannot tell",
        Doubt::ChangedOtherwise => "it is neither as before nor as asked for",
        Doubt::NoneAsAskedFor => "there are new connections, but none is as asked for",
        Doubt::SeveralAsAskedFor => "more than one new connection is as asked for",
        Doubt::WasNotConnected => "it was not connected before, either",
        Doubt::ConnectedSince => "it was connected anew since",
    }
}
