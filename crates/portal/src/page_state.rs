//! Whether a page that was drawn before is still what the portal would draw now. The data on a page comes from the database,
//! whose version shows every change, or from memory, where each change is counted. What also depends on the time is read again
//! every ten seconds, as it is for every page.

use store::Version;

use crate::{Portal, kept_reads::time_of, page_reads::changes};

/// The state that a page shows. Pages that were drawn in equal states are the same, as far as they only read what notes its
/// changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageState {
    version: Version,
    changes: u64,
    time: i64,
}

impl Portal {
    /// The state of now. `version` is the database's, as this request has seen it. Ask before you draw: what changes meanwhile
    /// makes the page newer than its state, never older.
    #[must_use]
    pub fn page_state(&self, version: Version) -> PageState {
        PageState { version, changes: changes(), time: time_of(self.now()) }
    }
}
