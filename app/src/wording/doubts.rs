//! Why a read of Workato could not tell what became of an operation.

use portal::audit::Doubt;

/// The end of the sentence "Not certain, because …".
pub const fn because(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::LaterOperation => "another operation has changed the target since",
        Doubt::AnotherWorkspace => "the team's token now belongs to another workspace",
        Doubt::NotReadable => "Workato has no call that shows it",
        Doubt::NotReadBack => "what was sent cannot be read back",
        Doubt::Unreadable => "the relevant part of Workato's answer is unreadable",
        Doubt::NoTarget => "the intent names no target",
        Doubt::ConnectionGone => "the connection is no longer there",
        Doubt::ConnectorGone => "the connector is no longer there",
        Doubt::ConnectionWasNotThere => "the connection did not exist before either",
        Doubt::UnknownBefore => "the state before was not known",
        Doubt::SameAsBefore => "it was like this before, so the read cannot tell",
        Doubt::ChangedOtherwise => "it matches neither the earlier state nor the requested one",
        Doubt::NoneAsAskedFor => "there are new connections, but none matches the request",
        Doubt::SeveralAsAskedFor => "more than one new connection matches the request",
        Doubt::WasNotConnected => "it was not connected before either",
        Doubt::ConnectedSince => "it has been connected again since",
    }
}
