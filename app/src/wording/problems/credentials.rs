//! What is wrong with credentials. No sentence repeats one of them.

use portal::{CredentialsProblem, Typed};

use crate::wording::numbers::grouped;

pub fn problem(problem: &CredentialsProblem) -> String {
    let text = match problem {
        CredentialsProblem::ChooseAuthentication => "Choose what it is authenticated with.",
        CredentialsProblem::TypedForAnotherChoice { typed: Typed::Credentials } => {
            "Credentials were typed, but this choice sends none. Choose again."
        }
        CredentialsProblem::TypedForAnotherChoice { typed: Typed::Tokens } => {
            "Tokens were typed, but this choice does not send them. Choose again."
        }
        CredentialsProblem::TypedForAnotherChoice { typed: Typed::Fields } => {
            "Fields were typed, but this choice does not send them. Choose again."
        }
        CredentialsProblem::NoFields => "Give at least one field, or paste them as JSON.",
        CredentialsProblem::FieldsAndJson => "Fields were typed, too: give fields or JSON, not both.",
        CredentialsProblem::ValueUnnamed => "Name this value.",
        CredentialsProblem::ValueMissing => "Its value is missing.",
        CredentialsProblem::FieldTwice => "This name stands twice.",
        CredentialsProblem::OauthTokenMissing => "This token is missing: both are needed.",
        CredentialsProblem::JsonEmpty => "There is nothing in it.",
        CredentialsProblem::NotAJsonObject => {
            "This cannot be read: it is no JSON object of parameters and their values."
        }
        CredentialsProblem::NotAFieldName { most } => {
            return format!("A name has {most} characters at most, and no control characters.");
        }
        CredentialsProblem::NotAValue { most } => {
            return format!(
                "A value has {} bytes at most, and no line breaks: paste JSON for one that has.",
                grouped(*most)
            );
        }
        CredentialsProblem::TooMany { most } => return format!("These are too many: {most} fields at most."),
        CredentialsProblem::NotAnOauthToken { most } => {
            return format!("A token has {} bytes at most, without spaces.", grouped(*most));
        }
        CredentialsProblem::JsonTooLong { most } => {
            return format!("This is too long: {} bytes of JSON at most.", grouped(*most));
        }
        CredentialsProblem::JsonTooDeep { most } => {
            return format!("This is nested too deeply: {most} levels of objects and lists at most.");
        }
        CredentialsProblem::JsonNameTwice { line, column } => {
            return format!("A name stands twice in it (line {line}, column {column}).");
        }
        CredentialsProblem::NotWholeJson { line, column } => {
            return format!("This cannot be read: it is not whole JSON (line {line}, column {column}).");
        }
        CredentialsProblem::JsonNotAFieldName { most } => {
            return format!("A name in it is empty, has more than {most} characters or a control character.");
        }
    };
    text.to_owned()
}
