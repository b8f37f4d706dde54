//! Why folders or tags show their ids.

use portal::upstream::NoNames;

use super::read_failures;

pub fn why(missing: &NoNames) -> String {
    match missing {
        NoNames::StillReading => "The names are still loading. Reload in a moment.".to_owned(),
        NoNames::NotAllFolders => "Not all folders could be read, so some show their IDs.".to_owned(),
        NoNames::Unreadable(1) => "1 was left out because its ID is unreadable.".to_owned(),
        NoNames::Unreadable(count) => format!("{count} were left out because their IDs are unreadable."),
        NoNames::Failed(failure) => read_failures::sentence(failure),
    }
}
