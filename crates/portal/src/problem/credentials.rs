//! What is wrong with credentials. No code repeats one of them.

use serde::{Deserialize, Serialize};

/// What is wrong with the credentials of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum CredentialsProblem {
    /// No kind of authentication is chosen.
    ChooseAuthentication,
    /// Something was typed that the chosen kind does not send.
    TypedForAnotherChoice {
        /// What was typed.
        typed: Typed,
    },
    /// Neither fields nor JSON.
    NoFields,
    /// Fields and JSON.
    FieldsAndJson,
    /// A value without a name.
    ValueUnnamed,
    /// Not the name of a field.
    NotAFieldName {
        /// The most characters.
        most: usize,
    },
    /// A name without a value.
    ValueMissing,
    /// Not a value that a field takes.
    NotAValue {
        /// The most bytes.
        most: usize,
    },
    /// Two fields of one name.
    FieldTwice,
    /// Too many fields.
    #[serde(rename = "too_many_credentials")]
    TooMany {
        /// The most fields.
        most: usize,
    },
    /// One of the two tokens is missing.
    OauthTokenMissing,
    /// Not an OAuth token.
    NotAnOauthToken {
        /// The most bytes.
        most: usize,
    },
    /// Too much JSON.
    JsonTooLong {
        /// The most bytes.
        most: usize,
    },
    /// JSON in JSON in JSON.
    JsonTooDeep {
        /// The most levels.
        most: usize,
    },
    /// A name is used twice in one object.
    JsonNameTwice {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// An object without fields.
    JsonEmpty,
    /// Not whole JSON.
    NotWholeJson {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
    },
    /// JSON, but not an object.
    NotAJsonObject,
    /// A name in the JSON is not the name of a field.
    JsonNotAFieldName {
        /// The most characters.
        most: usize,
    },
}

/// What was typed for another choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Typed {
    /// Any credentials, where none are sent.
    Credentials,
    /// Tokens, where fields are sent.
    Tokens,
    /// Fields, where tokens are sent.
    Fields,
}
