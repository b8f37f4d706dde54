//! Why a read of Workato could not tell what became of an operation.

use crate::words;

words! {
    /// Why an operation waits for a person: `why` in the evidence of its waiting entry.
    pub enum Doubt {
        /// Another operation touched the target since.
        LaterOperation => "later_operation",
        /// The team's token opens another workspace than it did then.
        AnotherWorkspace => "another_workspace",
        /// No call of Workato's shows it.
        NotReadable => "not_readable",
        /// What was sent cannot be read back.
        NotReadBack => "not_read_back",
        /// The intent names no target.
        NoTarget => "no_target",
        /// Workato's answer has a value or an id that cannot be read.
        Unreadable => "unreadable",
        /// The connection is no longer there.
        ConnectionGone => "connection_gone",
        /// The connector is no longer there.
        ConnectorGone => "connector_gone",
        /// The connection was not there before, either.
        ConnectionWasNotThere => "connection_was_not_there",
        /// The state before was not known.
        UnknownBefore => "unknown_before",
        /// The target was like this before.
        SameAsBefore => "same_as_before",
        /// The target is neither as before nor as asked for.
        ChangedOtherwise => "changed_otherwise",
        /// There are new connections, but none as asked for.
        NoneAsAskedFor => "none_as_asked_for",
        /// There is more than one new connection as asked for.
        SeveralAsAskedFor => "several_as_asked_for",
        /// The connection was not connected before, either.
        WasNotConnected => "was_not_connected",
        /// The connection was connected anew since.
        ConnectedSince => "connected_since",
    }
}
