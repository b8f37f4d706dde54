//! The words that operations are filtered by, and the tokens that stand for them in the columns of the index that no
//! text reaches.

use std::net::IpAddr;

use crate::{Action, OperationId, Outcome, TargetType, TeamId, Took, words};

/// The facet of every document.
pub(super) const ALL: &str = "all";
words! {
    /// The values of the outcome filter.
    pub enum OutcomeFilter {
        /// It was done.
        Succeeded => "succeeded",
        /// Workato refused it.
        Rejected => "rejected",
        /// It did not happen.
        Failed => "failed",
        /// It may or may not have happened.
        Unknown => "unknown",
        /// The person did not have the right.
        Denied => "denied",
        /// It has no outcome yet.
        None => "none",
        /// It may or may not have happened, and a person has to find out.
        Waiting => "waiting",
        /// It waits for a second person.
        Requested => "requested",
        /// Nobody approved it: it was declined, withdrawn, or has expired.
        Unapproved => "unapproved",
    }
}

impl From<Option<Outcome>> for OutcomeFilter {
    fn from(outcome: Option<Outcome>) -> Self {
        match outcome {
            Some(Outcome::Succeeded) => Self::Succeeded,
            Some(Outcome::Rejected) => Self::Rejected,
            Some(Outcome::Failed) => Self::Failed,
            Some(Outcome::Unknown) => Self::Unknown,
            Some(Outcome::Denied) => Self::Denied,
            None => Self::None,
        }
    }
}

words! {
    /// The values of the review filter.
    pub enum ReviewFilter {
        /// It is reviewed.
        Yes => "yes",
        /// It can be reviewed and is not, whether or not it is flagged.
        No => "no",
        /// It is flagged, and the flag has no answer.
        Flagged => "flagged",
        /// Its flag is answered, and it was not reviewed since.
        Answered => "answered",
    }
}

/// The facet of operations of this team.
#[must_use]
pub fn facet_of_team(team: TeamId) -> String {
    format!("team:{team}")
}

/// The facet of operations with this action.
#[must_use]
pub fn facet_of_action(action: Action) -> String {
    format!("action:{action}")
}

/// The facet of operations with this outcome.
#[must_use]
pub fn facet_of_outcome(outcome: OutcomeFilter) -> String {
    format!("outcome:{outcome}")
}

/// The facet of operations with this standing.
#[must_use]
pub fn facet_of_review(review: ReviewFilter) -> String {
    format!("reviewed:{review}")
}

/// The facet of operations that took this long.
#[must_use]
pub fn facet_of_took(took: Took) -> String {
    format!("took:{took}")
}

/// The token that stands for a facet: a mark that no word has, and one character. The index keeps lists of the beginnings
/// of longer tokens, which nobody needs of these.
pub(super) fn facet_token(code: i64) -> String {
    const FIRST: u32 = 0x100;
    let letter = u32::try_from(code).ok().and_then(|code| char::from_u32(FIRST.checked_add(code)?));
    // There are a few dozen facets and one for each team, so this is never needed.
    letter.map_or_else(|| format!("%{code}"), |letter| format!("%{letter}"))
}

/// What is found only as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Exact {
    /// A target, by its type and id.
    Target(TargetType, String),
    /// An IP address.
    Address(IpAddr),
    /// The operation that asked for several at once.
    Batch(OperationId),
}

impl Exact {
    /// Its token. The tokenizer ignores case and splits at most punctuation, and ids may differ in either.
    pub(super) fn token(&self) -> String {
        let (kind, id) = match self {
            Self::Target(kind, id) => (kind.as_str(), id.clone()),
            Self::Address(address) => ("address", address.to_string()),
            Self::Batch(batch) => ("batch", batch.to_string()),
        };
        let mut token = format!("{kind}:");
        for letter in id.chars() {
            match letter {
                'a'..='z' | '0'..='9' | '\u{80}'.. => token.push(letter),
                letter => token.push_str(&format!("%{:02x}", u32::from(letter))),
            }
        }
        token
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::{Exact, facet_token};
    use crate::TargetType;

    #[test]
    fn ids_that_differ_have_tokens_that_differ() {
        let token = |id: &str| Exact::Target(TargetType::Customer, id.to_owned()).token();
        assert_eq!(token("3066"), "customer:3066");
        assert_eq!(token("gid://a/B"), "customer:gid%3a%2f%2fa%2f%42");
        assert_ne!(token("gid://a/1"), token("gid%3a%2f%2fa%2f1"));
        assert_ne!(token("A"), token("a"));
        assert_eq!(Exact::Address(Ipv4Addr::LOCALHOST.into()).token(), "address:127%2e0%2e0%2e1");
    }

    #[test]
    fn facets_have_short_tokens() {
        assert_eq!([1, 35, 50_000].map(|code| facet_token(code).chars().count()), [2, 2, 2]);
        assert_eq!(facet_token(i64::MAX), format!("%{}", i64::MAX));
    }
}
