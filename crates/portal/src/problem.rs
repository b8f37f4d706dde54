//! What is wrong with a field, as codes with parameters: `app` words them, and programs get them as JSON.

mod approval;
mod credentials;
mod customer;
mod factor;
mod fields;
mod id_of;
mod job;
mod password;
mod pattern;
mod promotion;
mod review;
mod search;
mod view;

use serde::{Deserialize, Serialize};

pub use self::{
    approval::{ApprovalObstacle, ApprovalProblem},
    credentials::{CredentialsProblem, Typed},
    customer::CustomerProblem,
    factor::FactorProblem,
    fields::{FieldProblem, FieldProblems},
    id_of::IdOf,
    job::JobProblem,
    password::{Guessable, PasswordProblem},
    pattern::PatternProblem,
    promotion::PromotionProblem,
    review::{ReviewObstacle, ReviewProblem},
    search::SearchProblem,
    view::ViewProblem,
};
use crate::ReadFailure;

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Problem {
    /// The parameter is given twice, so that either value could be meant.
    GivenTwice,
    /// More characters than `most`, or a control character.
    TooLong {
        /// The most characters.
        most: usize,
    },
    /// More characters than `most`, or a control character; the form says both.
    NotPlainText {
        /// The most characters.
        most: usize,
    },
    /// Not a name: empty, more characters than `most`, or a control character.
    NameLength {
        /// The most characters.
        most: usize,
    },
    /// A name that entries use for an actor who is no person.
    NameReserved,
    /// Not a whole number in this range.
    NumberBetween {
        /// The least.
        least: i64,
        /// The greatest.
        most: i64,
    },
    /// Not the number of a page.
    NotAPage,
    /// Not a number of rows that a page can have.
    NotRows,
    /// Neither `true` nor `false`.
    NotTrueOrFalse,
    /// Not a date and time.
    NotAMoment,
    /// Not an id of this kind.
    NotAnId {
        /// What the id should be of.
        of: IdOf,
    },
    /// No recipe is named.
    RecipeMissing,
    /// Not the status of a connection.
    NotAStatus,
    /// Not one of the words for how recipes use a connection.
    NotAUsage,
    /// Not how a connector's releases stand to its shared version.
    NotARelease,
    /// Not a column that connections are sorted by.
    NotASort,
    /// Not a column of the list.
    NotAColumn,
    /// Neither of the two densities of a list.
    NotADensity,
    /// Not a period of the figures.
    NotAPeriod,
    /// Nothing is chosen.
    ChooseOne,
    /// No role is chosen.
    ChooseRole,
    /// No tag is chosen.
    ChooseTag,
    /// Not the handle of a tag.
    NotATag,

    /// More characters than `most` in a reason or note.
    ReasonTooLong {
        /// The most characters.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// A character that nobody sees, or that changes how the text around it looks.
    HiddenCharacter {
        /// Its code point, such as `U+202E`.
        character: String,
    },
    /// Control characters in a reason or note.
    ReasonControlCharacters,
    /// A reason is required.
    ReasonRequired {
        /// Why it is required.
        why: ReasonRequired,
    },
    /// The reason does not contain what the team's reasons must contain.
    ReasonLacksPattern {
        /// The regular expression.
        expression: String,
        /// What people should write.
        hint: Option<String>,
    },
    /// The name that confirms a destructive change was not typed.
    TypeExactly {
        /// What has to be typed.
        expected: String,
    },
    /// Nothing would change.
    NothingDiffers,
    /// Another version is shared than when the operator decided.
    SharedMeanwhile {
        /// The version to share.
        version: i64,
        /// The version that the form showed.
        expected: Option<i64>,
        /// The version that is shared now.
        shared: Option<i64>,
    },
    /// Workato's answer does not say in a readable way which version is shared.
    ShareUnreadable,
    /// Somebody settles an operation without saying how they found out.
    FindingNoteMissing,
    /// Somebody settles an operation without saying what they found.
    FindingMissing,

    /// Not a slug.
    NotASlug,
    /// The slug `new` is the address of a page.
    SlugReserved,
    /// Another team has this slug.
    SlugTaken {
        /// The slug.
        slug: String,
    },
    /// Not one of Workato's data centres, nor listed in `PORTAL_WORKATO_HOSTS`.
    UnknownDataCenter,
    /// A listed host that is not a base URL.
    NotABaseUrl {
        /// What is wrong with it.
        fault: BaseUrlFault,
    },
    /// The team's token is for the old data centre.
    DataCenterHasToken,
    /// Not a token.
    NotAToken {
        /// The most characters.
        most: usize,
    },
    /// The token opens another workspace than the team's.
    TokenOfAnotherWorkspace,
    /// Workato does not say which workspace the token opens.
    TokenOfUnknownWorkspace,
    /// The team has no token that could be tested.
    NoToken,
    /// The team is retired.
    TeamRetired,
    /// The token is refused by Workato.
    TokenRefused,
    /// No such API client in the workspace.
    NoSuchApiClient,
    /// Workato could not be read.
    Workato {
        /// Why.
        failure: ReadFailure,
    },
    /// There is no such team any more.
    TeamGone,
    /// There is no such team, or the person does not read it: the two look the same.
    NoTeam,

    /// Not an e-mail address.
    NotAnEmail,
    /// Another person has this e-mail address.
    EmailTaken,
    /// The person is disabled.
    PersonDisabled,
    /// The person signs in at an OpenID Connect provider, so there is no password to choose.
    SignsInAtProvider,
    /// The portal would be left without an admin.
    LastAdmin,
    /// A one-time link that another admin has to release first.
    LinkAwaitsRelease,
    /// No one-time link of the person waits for a second admin.
    NoLinkWaits,
    /// The admin who made a link releases it.
    ReleasedByItsMaker,
    /// One person could have been both the admin who made a link and the one who releases it.
    ReleasedByOnePerson,
    /// The person cannot judge what the other did.
    NotIndependent,
    /// Not the person's password.
    WrongPassword,
    /// E-mail and password do not match.
    SignInRefused,
    /// Fewer characters than `least` in a password.
    PasswordTooShort {
        /// The fewest characters.
        least: usize,
    },
    /// More characters than `most` in a password.
    PasswordTooLong {
        /// The most characters.
        most: usize,
    },

    /// A new connection has no name.
    ConnectionNameMissing,
    /// A connection's name is taken away.
    ConnectionNameRemoved,
    /// A new connection has no application.
    ApplicationMissing,
    /// A connection is taken out of all folders.
    FolderRemoved,
    /// The connection is its own parent.
    OwnParent,
    /// The parent is of another application.
    ParentOfAnotherApplication {
        /// The parent.
        parent: i64,
        /// The parent's application.
        application: String,
        /// The connection's application.
        expected: String,
    },
    /// There is no such connection in the workspace.
    NoSuchConnection {
        /// The connection.
        connection: i64,
    },

    /// A collector has read beyond the end of the log.
    BeyondTheLog {
        /// The last sequence.
        head: i64,
    },
    /// An entry is not as it was written.
    EntryChanged {
        /// Its sequence.
        entry: i64,
    },
    /// The log is not what was signed.
    LogChanged {
        /// The newest checkpoint's size.
        size: i64,
    },

    /// Credentials.
    #[serde(untagged)]
    Credentials(CredentialsProblem),
    /// The customer that a form names.
    #[serde(untagged)]
    Customer(CustomerProblem),
    /// A password that is too easy to guess.
    #[serde(untagged)]
    Password(PasswordProblem),
    /// The pattern of a team's reasons.
    #[serde(untagged)]
    Pattern(PatternProblem),
    /// A search of the audit log.
    #[serde(untagged)]
    Search(SearchProblem),
    /// A saved view of a list.
    #[serde(untagged)]
    View(ViewProblem),
    /// The review of an operation.
    #[serde(untagged)]
    Review(ReviewProblem),
    /// A job.
    #[serde(untagged)]
    Job(JobProblem),
    /// A second factor.
    #[serde(untagged)]
    Factor(FactorProblem),
    /// A change that needs a second person.
    #[serde(untagged)]
    Approval(ApprovalProblem),
    /// A connector that is paired, promoted or released.
    #[serde(untagged)]
    Promotion(PromotionProblem),
}

/// Why a change needs a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonRequired {
    /// The change cannot be taken back.
    Destructive,
    /// The team is in production.
    Production,
    /// The team's reasons must contain something.
    Pattern,
    /// It decides what needs a second person.
    Policy,
}

/// What is wrong with a base URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BaseUrlFault {
    /// Not a URL with a host.
    NotAUrl,
    /// Another scheme than `https`.
    Insecure,
    /// More than scheme, host and port.
    TooMuch,
}

impl From<workato::BaseUrlError> for BaseUrlFault {
    fn from(error: workato::BaseUrlError) -> Self {
        match error {
            workato::BaseUrlError::NotAUrl => Self::NotAUrl,
            workato::BaseUrlError::Insecure => Self::Insecure,
            workato::BaseUrlError::TooMuch => Self::TooMuch,
        }
    }
}

/// Codes of a file of their own are problems.
macro_rules! kinds {
    ($($kind:ident: $problem:ident,)+) => {
        $(impl From<$problem> for Problem {
            fn from(problem: $problem) -> Self {
                Self::$kind(problem)
            }
        })+
    };
}

kinds! {
    Approval: ApprovalProblem,
    Credentials: CredentialsProblem,
    Customer: CustomerProblem,
    Password: PasswordProblem,
    Pattern: PatternProblem,
    Promotion: PromotionProblem,
    Search: SearchProblem,
    Factor: FactorProblem,
    Job: JobProblem,
    Review: ReviewProblem,
    View: ViewProblem,
}
