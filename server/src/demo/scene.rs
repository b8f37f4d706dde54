//! What can happen in the demo's month. The script says when and to what.

use portal::views::ViewedList;

use super::cast::Who;

/// The number of a team.
pub type Team = usize;

/// Which version of a connector.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// The newest released one.
    Newest,
    /// The newest one that is older than the shared one.
    Previous,
}

/// Which connection: the n-th of a kind, in the order of ids.
#[derive(Clone, Copy, Debug)]
pub enum Pick {
    /// One that works and has a usual name.
    Working(usize),
    /// One that is broken and that no active recipe uses.
    Dead(usize),
    /// One that active recipes use, which Workato does not delete.
    InUse(usize),
}

/// A change in Workato that a person asks the portal for.
#[derive(Clone, Copy, Debug)]
pub enum Ask {
    /// Share a version of the connector with this title.
    Share(&'static str, Which),
    /// Suppress the connector with this title.
    Suppress(&'static str),
    /// Create a connection without credentials for the n-th customer, who will connect it.
    Create(usize),
    /// Add a note to a connection's name.
    Rename(Pick, &'static str),
    /// Tag a connection with the n-th tag.
    Tag(Pick, usize),
    /// Disconnect a connection.
    Disconnect(Pick),
    /// Delete a connection.
    Delete(Pick),
    /// Share the n-th recipe with the n-th customer.
    ShareRecipe(usize, usize),
}

/// What becomes of a call to Workato.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Workato answers.
    Answered,
    /// The connection is reset after the change was made, so that its outcome is unknown.
    AnswerLost,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
pub enum Scene {
    /// Somebody tags the dead connections from one to another with the first tag, as one job.
    Job { by: Who, team: Team, from: usize, to: usize, reason: &'static str },
    /// Somebody takes the newest release of a connector from one team to another, and shares it there.
    Promote { by: Who, from: Team, to: Team, connector: &'static str, note: &'static str, reason: &'static str },
    /// A person signs in.
    SignIn(Who),
    /// Somebody tries a wrong password, this often.
    WrongPassword(Who, usize),
    /// Somebody asks for a change, and gives a reason. Later scenes refer to it by the label.
    Ask { by: Who, team: Team, ask: Ask, reason: &'static str, fate: Fate, label: &'static str },
    /// A person without the right asks to suppress a connector.
    Denied { by: Who, team: Team, connector: &'static str },
    /// A person records what became of the labelled operation.
    Settle { by: Who, label: &'static str, note: &'static str },
    /// An auditor flags the labelled operation.
    Flag { by: Who, label: &'static str, note: &'static str },
    /// Somebody answers the flag on the labelled operation.
    Answer { by: Who, label: &'static str, answer: &'static str },
    /// An auditor reviews the labelled operation.
    Review { by: Who, label: &'static str },
    /// An auditor reviews what was asked for so far and has no label.
    ReviewTheRest(Who),
    /// Somebody exports the connections of a team.
    ExportConnections(Who, Team),
    /// An auditor exports the log.
    ExportLog(Who),
    /// Somebody shares a search of the audit log with everybody.
    SaveSearch(Who, &'static str, &'static str),
    /// Somebody shares a view of a team's list with the team.
    SaveView { by: Who, team: Team, list: ViewedList, name: &'static str, query: &'static str },
    /// Somebody releases the next version of a connector in Workato.
    Released { team: Team, connector: &'static str, note: &'static str },
    /// Somebody shares a version in Workato's console.
    SharedOutside { team: Team, connector: &'static str, which: Which },
    /// Somebody deletes a connection in Workato's console.
    DeletedOutside { team: Team, pick: Pick },
    /// A connection stops working.
    Lost { team: Team, pick: Pick, cause: &'static str },
    /// Suppressing and deleting in a team begin to need a second person.
    Policy { team: Team, reason: &'static str },
    /// The workers do what is due: settle, compare, sign.
    Workers,
    /// The worker that signs does what is due.
    Evening,
}
