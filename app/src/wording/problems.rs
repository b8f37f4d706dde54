//! What is wrong with a field, and what would be right.

mod credentials;
mod customers;
mod factors;
mod passwords;
mod searches;

use portal::{BaseUrlFault, FieldProblem, FieldProblems, IdOf, Problem, ReasonRequired, ReviewProblem};

use super::{numbers::grouped, read_failures, reviews};

/// Said of a team without a token.
pub const NO_TOKEN: &str = "This team has no Workato token yet. An admin sets it on the Teams page.";

/// The problem of `field`, for a page that shows it beside the field.
pub fn of_field(problems: &FieldProblems, field: &str) -> Option<String> {
    problems.of(field).map(problem)
}

/// A problem with a parameter or field that has no place of its own on the page.
pub fn named(found: &FieldProblem) -> String {
    format!("{}: {}", found.field, problem(&found.problem))
}

/// What is wrong, and what would be right.
pub fn problem(problem: &Problem) -> String {
    let text = match problem {
        Problem::GivenTwice => "This is given twice; give it once.",
        Problem::NotAPage => "A page is a whole number from 1 on.",
        Problem::NotTrueOrFalse => "Give true or false.",
        Problem::NotAMoment => {
            "Give a date and time such as 2026-11-22T14:30 (UTC) or 2026-11-22T14:30:00+01:00, a date, or 24h, 7d or 30d."
        }
        Problem::NotAnId { of: IdOf::Connection } => "A connection's id is a whole number.",
        Problem::NotAnId { of: IdOf::Folder } => "A folder's id is a whole number.",
        Problem::NotAnId { of: IdOf::Recipe } => "A recipe's id is a whole number.",
        Problem::NotAnId { of: IdOf::Account } => "An account id is a whole number.",
        Problem::RecipeMissing => "Give the recipe's id: a whole number.",
        Problem::NotAStatus => "Give success, broken, failed, exception or none.",
        Problem::NotRows => "Show 50, 100 or 200 rows.",
        Problem::NotAColumn => "The list has no such column.",
        Problem::NotADensity => "A list is comfortable, or compact.",
        Problem::NotASort => "The list has no such order. Sort it by a column’s heading.",
        Problem::NotAPeriod => "Give 7, 30 or 90.",
        Problem::ChooseOne => "Choose one.",
        Problem::ChooseRole => "Choose a role.",
        Problem::ChooseTag => "Choose a tag.",
        Problem::NotATag => "This is no tag's handle.",
        Problem::ReasonControlCharacters => "This reason has control characters in it.",
        Problem::ReasonRequired { why: ReasonRequired::Destructive } => {
            "Say why: a reason is required for what cannot be taken back."
        }
        Problem::ReasonRequired { why: ReasonRequired::Production } => {
            "Say why: a reason is required for every change in a production team."
        }
        Problem::NothingDiffers => "Nothing here differs from what Workato has, so nothing was sent.",
        Problem::FindingNoteMissing => "Say how you found out: whoever reads the log has only your word for it.",
        Problem::FindingMissing => "Choose what you found in Workato.",
        Problem::NotASlug => "a slug is 1 to 40 lower-case letters, digits and single hyphens between them.",
        Problem::SlugReserved => "A team cannot be called new: that is the address at which teams are set up.",
        Problem::UnknownDataCenter => {
            "This is none of Workato's data centres, nor is it listed in PORTAL_WORKATO_HOSTS."
        }
        Problem::NotABaseUrl { fault: BaseUrlFault::NotAUrl } => "not a URL such as https://www.workato.com.",
        Problem::NotABaseUrl { fault: BaseUrlFault::Insecure } => {
            "must begin with https:// (http:// is for this machine alone)."
        }
        Problem::NotABaseUrl { fault: BaseUrlFault::TooMuch } => {
            "must end after the host: no user name, path or query."
        }
        Problem::DataCenterHasToken => {
            "This team has a token for the old data centre. Set up a new team for another workspace."
        }
        Problem::TokenOfAnotherWorkspace => {
            "This token opens another workspace than the team's. Set up a new team for it."
        }
        Problem::TokenOfUnknownWorkspace => {
            "Workato does not tell which workspace this token opens, so it may not be the team's. Try again later."
        }
        Problem::NoToken => NO_TOKEN,
        Problem::TeamRetired => "This team is retired. Set up a new team instead.",
        Problem::TokenRefused => "Workato refuses the stored token, so it cannot replace itself. Paste a new one.",
        Problem::NoSuchApiClient => "Choose one of the API clients in the list.",
        Problem::TeamGone => "There is no such team any more.",
        Problem::NoTeam => "You read no team of this name.",
        Problem::NotAnEmail => "This is no e-mail address.",
        Problem::NameReserved => "The audit log uses this name for the portal itself. Give another one.",
        Problem::EmailTaken => "There is a person with this e-mail already.",
        Problem::PersonDisabled => "This person is disabled. Enable first.",
        Problem::SignsInAtProvider => {
            "This person signs in with the identity provider, so there is no password to choose or to reset here."
        }
        Problem::LastAdmin => "This is the last admin who can sign in. Make another admin first.",
        Problem::LinkAwaitsRelease => "This link does not work yet: a second admin has to release it first.",
        Problem::NoLinkWaits => "No one-time link of this person waits for a second admin.",
        Problem::ReleasedByItsMaker => "You made this link yourself. Another admin has to release it.",
        Problem::ReleasedByOnePerson => {
            "Within the last 30 days, one person could have used both your account and the account that made this link. \
             Another admin has to release it, or `partner-portal user release-link` on the portal's machine."
        }
        Problem::NotIndependent => {
            "Your password or your role came from the person who did this, within the last 30 days. Somebody else has to \
             settle it."
        }
        Problem::WrongPassword => "This is not your password.",
        Problem::SignInRefused => "E-mail and password do not match.",
        Problem::ConnectionNameMissing => "Give it a name, by which people find it.",
        Problem::ConnectionNameRemoved => "A name can be changed, not taken away.",
        Problem::ApplicationMissing => "Say which application it connects to.",
        Problem::FolderRemoved => "Choose a folder: it cannot be taken out of all.",
        Problem::OwnParent => "A connection cannot be its own parent.",
        Problem::TooLong { most } => return format!("Give {} characters at most.", grouped(*most)),
        Problem::NotPlainText { most } => {
            return format!("Give {} characters at most, and no control characters.", grouped(*most));
        }
        Problem::NameLength { most } => return format!("A name has 1 to {most} characters."),
        Problem::NumberBetween { least, most } => return format!("Give a number from {least} to {most}."),
        Problem::ReasonTooLong { most, found } => {
            return format!("A reason has {} characters at most; this one has {found}.", grouped(*most));
        }
        Problem::HiddenCharacter { character } => {
            return format!("There is a character in this that cannot be seen ({character}). Remove it.");
        }
        Problem::TypeExactly { expected } => return format!("Type “{expected}” exactly as it stands here."),
        Problem::ShareUnreadable => {
            "The version that is shared now cannot be read in Workato's answer. Nothing was sent, because it is not known \
             what would be replaced. Check the connector in Workato."
        }
        Problem::SharedMeanwhile { version, expected, shared } => {
            let version_of = |version: &Option<i64>| {
                version.map_or_else(|| "none".to_owned(), |version| format!("version {version}"))
            };
            let (now, then) = (version_of(shared), version_of(expected));
            return format!(
                "Meanwhile {now} is shared; it was {then} when you decided. Share version {version} all the same?"
            );
        }
        Problem::SlugTaken { slug } => return format!("Another team is called {slug} already."),
        Problem::NotAToken { most } => {
            return format!(
                "Paste the API client's token: it has no spaces and {} characters at most.",
                grouped(*most)
            );
        }
        Problem::Workato { failure } => return read_failures::sentence(failure),
        Problem::PasswordTooShort { least } => return format!("A password has at least {least} characters."),
        Problem::PasswordTooLong { most } => return format!("A password has at most {most} characters."),
        Problem::ParentOfAnotherApplication { parent, application, expected } => {
            return format!(
                "Connection {parent} is of {application}; a parent is of the same application, {expected}."
            );
        }
        Problem::NoSuchConnection { connection } => {
            return format!("There is no connection {connection} in this workspace.");
        }
        Problem::BeyondTheLog { head } => {
            return format!("The log ends at {head}: since you read so far, something was cut off from it.");
        }
        Problem::EntryChanged { entry } => {
            return format!(
                "entry {entry} is not as it was written. Run `partner-portal audit verify`. To investigate, export the log \
                 without a search, as JSONL or CSV."
            );
        }
        Problem::LogChanged { size } => {
            return format!(
                "the log is not what was signed when it had {size} entries. Run `partner-portal audit verify`. To \
                 investigate, export the log without a search, as JSONL or CSV."
            );
        }
        Problem::Credentials(problem) => return credentials::problem(problem),
        Problem::Password(problem) => return passwords::problem(*problem).to_owned(),
        Problem::Customer(problem) => return customers::problem(problem),
        Problem::Search(problem) => return searches::problem(problem),
        Problem::Review(problem) => return review(*problem).to_owned(),
        Problem::Factor(problem) => return factors::problem(*problem),
    };
    text.to_owned()
}

fn review(problem: ReviewProblem) -> &'static str {
    match problem {
        ReviewProblem::NotReviewable { obstacle } => reviews::obstacle(obstacle),
        ReviewProblem::FlagNoteMissing => "Say what needs an answer.",
        ReviewProblem::NothingToFlag => "There is nothing to flag in it: it changed nothing.",
        ReviewProblem::FlagAnswerMissing => "Say what there is to say about it.",
        ReviewProblem::NoFlagWaits => "There is no flag on it that waits for an answer.",
    }
}

#[cfg(test)]
mod tests {
    use portal::Problem;

    use super::problem;

    #[test]
    fn a_share_that_was_decided_on_another_state_names_both() {
        let meanwhile = Problem::SharedMeanwhile { version: 4, expected: Some(2), shared: None };
        assert_eq!(
            problem(&meanwhile),
            "Meanwhile none is shared; it was version 2 when you decided. Share version 4 all the same?"
        );
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        assert_eq!(problem(&Problem::TooLong { most: 200 }), "Give 200 characters at most.");
        let long = Problem::ReasonTooLong { most: 1_000, found: 1_001 };
        assert_eq!(problem(&long), "A reason has 1,000 characters at most; this one has 1001.");
    }
}
