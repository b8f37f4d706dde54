//! What is wrong with a field, and what would be right.

mod credentials;
mod customers;
mod factors;
mod passwords;
pub mod patterns;
mod promotions;
mod searches;
mod views;

use portal::{BaseUrlFault, FieldProblem, FieldProblems, IdOf, Problem, ReasonRequired, ReviewProblem};

use super::{approvals, numbers::grouped, read_failures, reasons, reviews};

/// Said of a team without a token.
pub const NO_TOKEN: &str = "This team has no Workato token yet. An admin can set it on the Teams page.";

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
        Problem::GivenTwice => "This filter appears twice. Remove one.",
        Problem::NotAPage => "Enter a page number from 1.",
        Problem::NotTrueOrFalse => "Enter true or false.",
        Problem::NotAMoment => {
            "Enter a date and time such as 2026-11-22T14:30 (UTC) or 2026-11-22T14:30:00+01:00, a date, or 24h, 7d or \
             30d."
        }
        Problem::NotAnId { of: IdOf::Connection } => "A connection ID is a whole number.",
        Problem::NotAnId { of: IdOf::Folder } => "A folder ID is a whole number.",
        Problem::NotAnId { of: IdOf::Recipe } => "A recipe ID is a whole number.",
        Problem::NotAnId { of: IdOf::Account } => "An account ID is a whole number.",
        Problem::RecipeMissing => "Enter the recipe ID, a whole number.",
        Problem::NotAUsage => "Give unused, active or broken_in_use.",
        Problem::NotAStatus => "Give success, broken, failed, exception or none.",
        Problem::NotARelease => "Choose update available or never released.",
        Problem::NotRows => "Show 50, 100 or 200 rows.",
        Problem::NotAColumn => "The list has no such column.",
        Problem::NotADensity => "A list is comfortable, or compact.",
        Problem::NotASort => "The list has no such order. Sort it by a column’s heading.",
        Problem::NotAPeriod => "Enter 7, 30 or 90.",
        Problem::ChooseOne => "Choose one.",
        Problem::ChooseRole => "Choose a role.",
        Problem::ChooseTag => "Choose a tag.",
        Problem::NotATag => "Enter a valid tag handle.",
        Problem::ReasonControlCharacters => "The reason can't contain control characters.",
        Problem::ReasonRequired { why: ReasonRequired::Destructive } => "Enter a reason. This can't be undone.",
        Problem::ReasonRequired { why: ReasonRequired::Production } => {
            "Enter a reason. Production teams require one for every change."
        }
        Problem::ReasonRequired { why: ReasonRequired::Pattern } => "Enter a reason. This team requires one.",
        Problem::ReasonLacksPattern { expression, hint } => return reasons::lacks(expression, hint.as_deref()),
        Problem::ReasonRequired { why: ReasonRequired::Policy } => "Enter a reason. Everyone responsible can read it.",
        Problem::NothingDiffers => "Nothing was changed here, so nothing was sent.",
        Problem::FindingNoteMissing => "Enter how you know. It is the only evidence in the log.",
        Problem::FindingMissing => "Choose what you found in Workato.",
        Problem::NotASlug => "Use 1 to 40 characters: a–z, 0–9 and single hyphens between them.",
        Problem::SlugReserved => "Choose another slug. “new” is reserved.",
        Problem::UnknownDataCenter => "This isn't a Workato data centre, and it isn't listed in PORTAL_WORKATO_HOSTS.",
        Problem::NotABaseUrl { fault: BaseUrlFault::NotAUrl } => "Enter a URL such as https://www.workato.com.",
        Problem::NotABaseUrl { fault: BaseUrlFault::Insecure } => {
            "The URL must begin with https:// (http:// is allowed for this machine only)."
        }
        Problem::NotABaseUrl { fault: BaseUrlFault::TooMuch } => {
            "The URL must end after the host, without user name, path or query."
        }
        Problem::DataCenterHasToken => {
            "This team has a token for its current data centre. Create a new team for another workspace."
        }
        Problem::TokenOfAnotherWorkspace => "This token belongs to another workspace. Create a new team for it.",
        Problem::TokenOfUnknownWorkspace => {
            "Workato did not say which workspace this token belongs to, so it may not be the team's. Try again later."
        }
        Problem::NoToken => NO_TOKEN,
        Problem::TeamRetired => "This team is retired. Create a new team instead.",
        Problem::TokenRefused => {
            "Workato rejects the stored token, so it can't be used to replace itself. Paste a new \
                                  one."
        }
        Problem::NoSuchApiClient => "Choose one of the API clients in the list.",
        Problem::TeamGone => "This team no longer exists.",
        Problem::NoTeam => "You have no access to a team with this name.",
        Problem::NotAnEmail => "Enter a valid email.",
        Problem::NameReserved => "The audit log uses this name for the portal itself. Choose another one.",
        Problem::EmailTaken => "Someone with this email already exists.",
        Problem::PersonDisabled => "This person is disabled. Enable them first.",
        Problem::SignsInAtProvider => {
            "This person signs in with the identity provider, so there is no password to choose or reset here."
        }
        Problem::LastAdmin => "This is the last admin who can sign in. Make someone else an admin first.",
        Problem::LinkAwaitsRelease => "This link doesn't work yet. A second admin has to release it first.",
        Problem::NoLinkWaits => "This person has no one-time link that needs a second admin.",
        Problem::ReleasedByItsMaker => "You created this link. Another admin has to release it.",
        Problem::ReleasedByOnePerson => {
            "Within the last 30 days, one person could have used both your account and the account that created this \
             link. Another admin has to release it, or run `partner-portal user release-link` on the portal's machine."
        }
        Problem::NotIndependent => {
            "Your password or your role was set within the last 30 days by the person who did this. Someone else has \
             to record the outcome."
        }
        Problem::WrongPassword => "This password is incorrect.",
        Problem::SignInRefused => "Email or password is incorrect.",
        Problem::ConnectionNameMissing => "Enter a name.",
        Problem::ConnectionNameRemoved => "A connection needs a name.",
        Problem::ApplicationMissing => "Enter the application.",
        Problem::FolderRemoved => "Choose a folder. A connection can't be without one.",
        Problem::OwnParent => "A connection cannot be its own parent.",
        Problem::TooLong { most } => return format!("Use at most {} characters.", grouped(*most)),
        Problem::NotPlainText { most } => {
            return format!("Use at most {} characters, and no control characters.", grouped(*most));
        }
        Problem::NameLength { most } => return format!("Use 1 to {most} characters."),
        Problem::NumberBetween { least, most } => return format!("Enter a number from {least} to {most}."),
        Problem::ReasonTooLong { most, found } => {
            return format!("Use at most {} characters. This reason has {found}.", grouped(*most));
        }
        Problem::HiddenCharacter { character } => {
            return format!("Remove the invisible character ({character}).");
        }
        Problem::TypeExactly { expected } => return format!("Type “{expected}” exactly as shown."),
        Problem::ShareUnreadable => {
            "Workato's answer doesn't say which version is shared now. Nothing was sent, because the portal can't tell \
             what this would replace. Check the connector in Workato."
        }
        Problem::SharedMeanwhile { version, expected, shared } => {
            let version_of =
                |version: &Option<i64>| version.map_or_else(|| "none".to_owned(), |version| version.to_string());
            let (now, then) = (version_of(shared), version_of(expected));
            return format!("The shared version changed from {then} to {now}. Share {version} anyway?");
        }
        Problem::SlugTaken { slug } => return format!("Another team already uses {slug}."),
        Problem::NotAToken { most } => {
            return format!(
                "Paste the API client's token. It has no spaces and at most {} characters.",
                grouped(*most)
            );
        }
        Problem::Workato { failure } => return read_failures::sentence(failure),
        Problem::PasswordTooShort { least } => return format!("Use at least {least} characters."),
        Problem::PasswordTooLong { most } => return format!("Use at most {most} characters."),
        Problem::ParentOfAnotherApplication { parent, application, expected } => {
            return format!(
                "Connection {parent} is for {application}. A parent must be for the same application, {expected}."
            );
        }
        Problem::NoSuchConnection { connection } => {
            return format!("This workspace has no connection {connection}.");
        }
        Problem::BeyondTheLog { head } => {
            return format!("The log ends at {head}, before the point you read up to. Entries were removed from it.");
        }
        Problem::EntryChanged { entry } => {
            return format!(
                "Entry {entry} was changed after it was written. Run `partner-portal audit verify`. To investigate, \
                 export the log without a search, as JSONL or CSV."
            );
        }
        Problem::LogChanged { size } => {
            return format!(
                "The log differs from what was signed at {size} entries. Run `partner-portal audit verify`. To \
                 investigate, export the log without a search, as JSONL or CSV."
            );
        }
        Problem::Credentials(problem) => return credentials::problem(problem),
        Problem::Password(problem) => return passwords::problem(*problem).to_owned(),
        Problem::Customer(problem) => return customers::problem(problem),
        Problem::Pattern(problem) => return patterns::problem(problem),
        Problem::Search(problem) => return searches::problem(problem),
        Problem::View(problem) => return views::problem(problem),
        Problem::Review(problem) => return review(*problem).to_owned(),
        Problem::Factor(problem) => return factors::problem(*problem),
        Problem::Job(problem) => return crate::wording::jobs::problem(*problem),
        Problem::Approval(problem) => return approvals::problem(*problem),
        Problem::Promotion(problem) => promotions::problem(*problem),
    };
    text.to_owned()
}

fn review(problem: ReviewProblem) -> &'static str {
    match problem {
        ReviewProblem::NotReviewable { obstacle } => reviews::obstacle(obstacle),
        ReviewProblem::FlagNoteMissing => "Enter a question.",
        ReviewProblem::NothingToFlag => "There is nothing to flag: nothing was changed.",
        ReviewProblem::FlagAnswerMissing => "Enter an answer.",
        ReviewProblem::NoFlagWaits => "It has no flag that needs an answer.",
    }
}

#[cfg(test)]
mod tests {
    use portal::Problem;

    use super::problem;

    #[test]
    fn a_share_that_was_decided_on_another_state_names_both() {
        let meanwhile = Problem::SharedMeanwhile { version: 4, expected: Some(2), shared: None };
        assert_eq!(problem(&meanwhile), "The shared version changed from 2 to none. Share 4 anyway?");
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        assert_eq!(problem(&Problem::TooLong { most: 200 }), "Use at most 200 characters.");
        let long = Problem::ReasonTooLong { most: 1_000, found: 1_001 };
        assert_eq!(problem(&long), "Use at most 1,000 characters. This reason has 1001.");
    }
}
