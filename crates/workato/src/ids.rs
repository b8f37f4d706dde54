//! The numbers and handles by which Workato names things, each a type of its own.
//! They are parsed once at the edge; nothing here says whether the thing exists.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// Why a text or number is no id of Workato's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Something other than the digits 0 to 9, or nothing at all.
    #[error("{what} consists of digits only")]
    NotDigits {
        /// What was to be parsed, with its article: `a connection id`.
        what: &'static str,
    },
    /// Zero, negative, or more than a signed 64-bit number holds.
    #[error("{what} is a whole number from 1 to 9223372036854775807")]
    OutOfRange {
        /// What was to be parsed, with its article: `a connection id`.
        what: &'static str,
    },
}

fn parse_digits(text: &str, what: &'static str) -> Result<i64, IdError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(IdError::NotDigits { what });
    }
    match text.parse::<i64>() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(IdError::OutOfRange { what }),
    }
}

/// Reads an id from a reply: integers there, but the documents type the same ids as strings elsewhere.
struct NumberOrDigits(&'static str);

impl Visitor<'_> for NumberOrDigits {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: a number, or its digits as a string", self.0)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<i64, E> {
        if number > 0 { Ok(number) } else { Err(E::custom(IdError::OutOfRange { what: self.0 })) }
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<i64, E> {
        match i64::try_from(number) {
            Ok(number) => self.visit_i64(number),
            Err(_) => Err(E::custom(IdError::OutOfRange { what: self.0 })),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<i64, E> {
        parse_digits(text, self.0).map_err(E::custom)
    }
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        ///
        /// Always above zero. Serialises as a number; deserialises from a number or from its digits in a string.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Takes a number as it is.
            ///
            /// # Errors
            /// [`IdError::OutOfRange`] when the number is zero or negative.
            pub const fn new(number: i64) -> Result<Self, IdError> {
                if number > 0 { Ok(Self(number)) } else { Err(IdError::OutOfRange { what: $what }) }
            }

            /// The number itself.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            /// Parses plain digits: no sign, no white space.
            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_digits(text, $what).map(Self)
            }
        }

        impl TryFrom<i64> for $name {
            type Error = IdError;

            fn try_from(number: i64) -> Result<Self, IdError> {
                Self::new(number)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(NumberOrDigits($what)).map(Self)
            }
        }
    };
}

number!(
    /// Names a connection of a workspace.
    ConnectionId,
    "a connection id"
);
number!(
    /// Names a custom connector of a workspace.
    ConnectorId,
    "a connector id"
);
number!(
    /// A custom connector's version: 1, 2, 3 …
    ConnectorVersion,
    "a connector version"
);
number!(
    /// Names a folder, the root of a project included.
    FolderId,
    "a folder id"
);
number!(
    /// Names a project.
    ProjectId,
    "a project id"
);
number!(
    /// Names a recipe.
    RecipeId,
    "a recipe id"
);
number!(
    /// Names an embedded customer (a managed user, in Workato's paths) by its account id.
    CustomerId,
    "a customer id"
);
number!(
    /// Names a workspace: what a token belongs to.
    WorkspaceId,
    "a workspace id"
);

/// Names a tag: `tag-ANgeffPL-3gxQwA`. Opaque, compared byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TagHandle(String);

impl TagHandle {
    /// Takes a handle as it is; whether a tag has it only Workato knows.
    pub fn new(handle: impl Into<String>) -> Self {
        Self(handle.into())
    }

    /// The handle's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TagHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::a_number("36", 36)]
    #[case::digits_in_a_string("\"36\"", 36)]
    #[case::the_largest("9223372036854775807", i64::MAX)]
    fn an_id_is_read_from_a_number_or_its_digits(#[case] json: &str, #[case] expected: i64) {
        let id: ConnectionId = serde_json::from_str(json).expect("a valid id");
        assert_eq!(id.get(), expected);
        assert_eq!(serde_json::to_string(&id).expect("a number"), expected.to_string());
    }

    #[rstest]
    #[case("0")]
    #[case("-36")]
    #[case("36.5")]
    #[case("9223372036854775808")]
    #[case("\"\"")]
    #[case("\"E36\"")]
    #[case("true")]
    fn what_is_no_id_is_refused_in_a_reply(#[case] json: &str) {
        assert!(serde_json::from_str::<ConnectionId>(json).is_err());
    }

    #[rstest]
    #[case("", IdError::NotDigits { what: "a folder id" })]
    #[case(" 7", IdError::NotDigits { what: "a folder id" })]
    #[case("+7", IdError::NotDigits { what: "a folder id" })]
    #[case("-7", IdError::NotDigits { what: "a folder id" })]
    #[case("٧", IdError::NotDigits { what: "a folder id" })]
    #[case("0", IdError::OutOfRange { what: "a folder id" })]
    #[case("99999999999999999999", IdError::OutOfRange { what: "a folder id" })]
    fn what_a_person_types_is_digits_or_an_error_that_says_so(#[case] text: &str, #[case] expected: IdError) {
        assert_eq!(text.parse::<FolderId>(), Err(expected));
    }

    #[test]
    fn an_id_reads_back_what_it_shows() {
        let id = ConnectorId::new(3066).expect("above zero");
        assert_eq!(id.to_string().parse(), Ok(id));
    }
}
