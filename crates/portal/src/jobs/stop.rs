//! Why the portal pauses a job by itself.

store::words! {
    /// Why the portal paused a job by itself.
    pub enum Stop {
        /// Workato refused several items in a row.
        Refusals => "refusals",
        /// Who made it is no longer an operator of the team, or was disabled.
        Creator => "creator",
        /// The team's policy asks for a second person by now.
        Policy => "policy",
        /// The team's token belongs to another workspace.
        Workspace => "workspace",
        /// Its items, or the entry that started it, are not as they were written.
        Altered => "altered",
    }
}
