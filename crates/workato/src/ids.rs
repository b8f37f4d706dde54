//! Workato's ids, each kind as a type of its own, so that they cannot be mixed up.
//! An id is well-formed; whether the object exists is not checked.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use crate::row::FromField;

/// Why a text or number is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Empty, or with characters other than the digits 0 to 9.
    #[error("{what} consists of digits only")]
    NotDigits {
        /// The kind of id, with its article: `a connection id`.
        what: &'static str,
    },
    /// Zero, negative, or larger than a signed 64-bit number.
    #[error("{what} is a whole number from 1 to 9223372036854775807")]
    OutOfRange {
        /// The kind of id, with its article: `a connection id`.
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

/// Deserializes an id. Answers have integers; the API reference types the same ids as strings elsewhere.
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

macro_rules! numeric_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        ///
        /// Always above zero. Serialized as a number; deserialized from a number or a string of digits.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// The id with this number.
            ///
            /// # Errors
            /// [`IdError::OutOfRange`] if the number is zero or negative.
            pub const fn new(number: i64) -> Result<Self, IdError> {
                if number > 0 { Ok(Self(number)) } else { Err(IdError::OutOfRange { what: $what }) }
            }

            /// The number.
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

            /// Parses digits without sign or white space.
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

        impl FromField for $name {
            fn text(text: Cow<'_, str>) -> Option<Self> {
                text.parse().ok()
            }

            fn integer(number: i64) -> Option<Self> {
                Self::new(number).ok()
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(NumberOrDigits($what)).map(Self)
            }
        }
    };
}

numeric_id!(
    /// The id of a connection.
    ConnectionId,
    "a connection id"
);
numeric_id!(
    /// The id of an API client, which has one token.
    ApiClientId,
    "an API client id"
);
numeric_id!(
    /// The id of a custom connector.
    ConnectorId,
    "a connector id"
);
numeric_id!(
    /// The version number of a custom connector, from 1.
    ConnectorVersion,
    "a connector version"
);
numeric_id!(
    /// The id of a folder.
    FolderId,
    "a folder id"
);
numeric_id!(
    /// The id of a project.
    ProjectId,
    "a project id"
);
numeric_id!(
    /// The id of a recipe.
    RecipeId,
    "a recipe id"
);
numeric_id!(
    /// The account id of an embedded customer.
    CustomerId,
    "a customer id"
);
numeric_id!(
    /// The id of a workspace.
    WorkspaceId,
    "a workspace id"
);

/// The handle of a tag: `tag-ANgeffPL-3gxQwA`. Opaque.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TagHandle(String);

impl TagHandle {
    /// A handle with this text.
    pub fn new(handle: impl Into<String>) -> Self {
        Self(handle.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromField for TagHandle {
    fn text(text: Cow<'_, str>) -> Option<Self> {
        Some(Self(text.into_owned()))
    }

    fn integer(number: i64) -> Option<Self> {
        String::integer(number).map(Self)
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
    fn an_id_is_a_number_or_a_string_of_digits(#[case] json: &str, #[case] expected: i64) {
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
    fn anything_else_in_a_reply_is_refused(#[case] json: &str) {
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
    fn a_typed_id_must_be_plain_digits(#[case] text: &str, #[case] expected: IdError) {
        assert_eq!(text.parse::<FolderId>(), Err(expected));
    }

    #[test]
    fn a_displayed_id_parses_back() {
        let id = ConnectorId::new(3066).expect("above zero");
        assert_eq!(id.to_string().parse(), Ok(id));
    }
}
