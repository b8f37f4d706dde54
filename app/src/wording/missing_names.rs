//! Why folders or tags show their ids.

use portal::upstream::NoNames;

use super::read_failures;

pub fn why(missing: &NoNames) -> String {
    match missing {
        NoNames::StillReading => "Workato has not told the names yet; reload in a moment.".to_owned(),
        NoNames::NotAllFolders => "There are more folders than could be read; some show their ids.".to_owned(),
        NoNames::Unreadable(1) => "One has no readable id in Workato's answer and is left out.".to_owned(),
        NoNames::Unreadable(count) => format!("{count} have no readable id in Workato's answer and are left out."),
        NoNames::Failed(failure) => read_failures::sentence(failure),
    }
}
