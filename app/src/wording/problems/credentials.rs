//! What is wrong with credentials. No sentence repeats one of them.

use portal::{CredentialsProblem, Typed};

use crate::wording::numbers::grouped;

pub fn problem(problem: &CredentialsProblem) -> String {
    let text = match problem {
        CredentialsProblem::ChooseAuthentication => "Choose how to authenticate.",
        CredentialsProblem::TypedForAnotherChoice { typed: Typed::Credentials } => {
            "You entered credentials, but this choice sends none. Choose again."
        }
        CredentialsProblem::TypedForAnotherChoice { typed: Typed::Tokens } => {
            "You entered tokens, but this choice doesn't send them. Choose again."
        }
        CredentialsProblem::TypedForAnotherChoice { typed: Typed::Fields } => {
            "You entered fields, but this choice doesn't send them. Choose again."
        }
        CredentialsProblem::NoFields => "Enter at least one field, or paste them as JSON.",
        CredentialsProblem::FieldsAndJson => "Enter either fields or JSON, not both.",
        CredentialsProblem::ValueUnnamed => "Enter a name for this value.",
        CredentialsProblem::ValueMissing => "Enter a value.",
        CredentialsProblem::FieldTwice => "This name appears twice.",
        CredentialsProblem::OauthTokenMissing => "Enter both tokens.",
        CredentialsProblem::JsonEmpty => "The object is empty.",
        CredentialsProblem::NotAJsonObject => "This isn't a JSON object of parameters and values.",
        CredentialsProblem::NotAFieldName { most } => {
            return format!("A name has at most {most} characters, and no control characters.");
        }
        CredentialsProblem::NotAValue { most } => {
            return format!(
                "A value has at most {} bytes and no line breaks. For line breaks, paste JSON.",
                grouped(*most)
            );
        }
        CredentialsProblem::TooMany { most } => return format!("Use at most {most} fields."),
        CredentialsProblem::NotAnOauthToken { most } => {
            return format!("A token has at most {} bytes and no spaces.", grouped(*most));
        }
        CredentialsProblem::JsonTooLong { most } => {
            return format!("Use at most {} bytes of JSON.", grouped(*most));
        }
        CredentialsProblem::JsonTooDeep { most } => {
            return format!("Use at most {most} levels of objects and lists.");
        }
        CredentialsProblem::JsonNameTwice { line, column } => {
            return format!("A name appears twice (line {line}, column {column}).");
        }
        CredentialsProblem::NotWholeJson { line, column } => {
            return format!("This cannot be read: it is not complete JSON (line {line}, column {column}).");
        }
        CredentialsProblem::JsonNotAFieldName { most } => {
            return format!("A name is empty, has more than {most} characters, or contains a control character.");
        }
    };
    text.to_owned()
}
